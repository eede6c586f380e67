"""The lookup in one screen: models that write text, self-hosted and at APIs, under a price cap."""

from modelbook_catalog import get_models_for_pipeline

models = get_models_for_pipeline(
    "text-generation",
    include_api=True,
    include_self_hosted=True,
    min_context_length=8192,
    max_cost_per_1k=0.01,
)
print(f"{'model':32} {'source':12} {'provider':12} {'context':>9} {'input $/1M':>11}")
for m in (*models[:8], *[m for m in models if m.source_type == "self-hosted"][:8]):
    price = m.price("input")  # None: not known, or nothing to pay per token
    print(
        f"{m.model_name:32} {m.source_type:12} {m.provider:12} "
        f"{m.limits.context:>9,} {'-' if price is None else f'{price:.2f}':>11}"
    )
print(f"{len(models)} deployments; {len(models.excluded)} left out")
