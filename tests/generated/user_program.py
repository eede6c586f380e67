"""A program as a user writes it: strictly typed, and it runs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from modelbook.errors import ModelbookError
from modelbook.records import Deployment, Model
from modelbook.requirements import Requirements
from modelbook.selection import Selection
from modelbook_catalog import (
    DeploymentId,
    find_deployment,
    find_model,
    get_deployment,
    get_models_by_capability,
    get_models_by_provider,
    get_models_for_pipeline,
    get_pipeline,
    search,
    select,
)


def cheapest(name: str, most: float) -> Deployment | None:
    """Return the cheapest deployment for a pipeline type under a cap."""
    found: Selection = get_models_for_pipeline(
        name,
        include_api=True,
        min_context_length=8192,
        max_cost_per_1k=most,
        requires={"tools"},
        at=date(2026, 6, 1),
    )
    return found[0] if found else None


def cost(id: DeploymentId, tokens: int, tier: str | None = None) -> Decimal:
    """Return what input tokens cost in USD."""
    price = get_deployment(id).price("input", "2026-06-01", tier=tier)
    if price is None:
        raise ValueError("no known price")
    return price * tokens / 1_000_000


def main() -> None:
    """Ask a bit of everything."""
    known: Model = find_model("openai/gpt-4o")
    context: int | None = known.limits.context
    name: str = find_deployment("openai:gpt-4o").model_name
    unknown: Model | None = find_model(name + "?")
    best = cheapest("causal_lm", 0.01)
    batch = cost("openai:gpt-4o", 1_000_000, "batch")
    words: tuple[str, ...] = get_pipeline("ner").aliases
    first: list[Deployment] = list(get_models_by_provider(["openai", "groq"], limit=3))
    own = Requirements(pipeline="asr", licenses=["MIT"], requires={"streaming": False}, sort="name")
    names: tuple[str, ...] = select(own, at="2026-06-01").ids + search("whisper", limit=1).ids
    reasons = {one.reason for one in get_models_by_capability("vision", "tools").excluded}
    try:
        get_deployment("nobody:nothing")
    except ModelbookError as error:
        nearest: tuple[str, ...] = error.nearest
        print(error.code, nearest)
    print(name, context, unknown, best is not None, batch, "ner" in words, len(first), *reasons, len(names))


if __name__ == "__main__":
    main()
