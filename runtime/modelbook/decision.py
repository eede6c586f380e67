"""What is known about a model -> its pipeline types, with the reasons."""

from __future__ import annotations

from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog


class Evidence(Record):
    """What a model's files say of what it does; what is not known is absent."""

    pipeline_tag: str | None = None
    library: str | None = None
    tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    model_index_class: str | None = None
    """`_class_name` of diffusers' `model_index.json`."""
    architectures: tuple[str, ...] = ()
    auto_map: tuple[str, ...] = ()
    """The `AutoModelFor…` keys of `auto_map`."""
    model_type: str | None = None
    sub_configs: tuple[str, ...] = ()
    """Names of the parts of `config.json`, such as `vision_config`."""
    num_labels: int | None = None
    sentence_transformers_modules: tuple[str, ...] = ()


class Decision(Record):
    """The pipeline types of a model."""

    pipelines: tuple[str, ...]
    """The primary one first; empty where not known."""
    confidence: str
    """certain, high, medium, low or unknown."""
    reasons: tuple[str, ...]


def decide(evidence: Evidence, catalog: Catalog) -> Decision:
    """Return the pipeline types that evidence speaks for."""
    if evidence.pipeline_tag in catalog.pipeline_ids():
        tag = str(evidence.pipeline_tag)
        return Decision(pipelines=(tag,), confidence="certain", reasons=("the card says so",))
    for name in evidence.architectures:
        known = catalog.find_architecture(name)
        if known is not None:
            reason = f"{name} in the table of architectures"
            return Decision(pipelines=known.pipelines, confidence="high", reasons=(reason,))
    return Decision(pipelines=(), confidence="unknown", reasons=())
