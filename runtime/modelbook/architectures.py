"""Model classes, model types and categories of pipeline types: what is asked of them together."""

from __future__ import annotations

from .decision import class_pipelines
from .errors import NotFoundError
from .names import fold, hint, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog

CATEGORIES = {
    "nlp": ("text", "Natural Language Processing"),
    "audio": ("audio", "Audio"),
    "cv": ("vision", "Computer Vision"),
    "multimodal": ("multimodal", "Multimodal"),
    "tabular": ("tabular", "Tabular"),
    "rl": ("rl", "Reinforcement Learning"),
    "other": ("other", "Other"),
}
"""Official family of pipeline types to the word for it here, and its official name."""


def pipelines_for(catalog: Catalog, name: str) -> tuple[str, ...]:
    """Return the pipeline types of a model class; raise `NotFoundError` for an unknown one."""
    found = (
        class_pipelines(name, catalog.table("_architectures").ARCHITECTURES)
        if (isinstance(name, str))
        else ()
    )
    return found or catalog.get_architecture(name).pipelines  # which raises, with the nearest


def architectures_for(catalog: Catalog, pipeline: str) -> tuple[str, ...]:
    """Return the model classes of a pipeline type in any spelling, by name.

    Those whose primary type it is come first.
    """
    id = catalog.pipeline_id(pipeline)
    rows = catalog.table("_architectures").ARCHITECTURES.items()
    users = [(row["pipelines"][0] != id, name) for name, row in rows if id in row["pipelines"]]
    return tuple(name for _, name in sorted(users))


def classes_of(catalog: Catalog, model_type: str) -> tuple[str, ...]:
    """Return the model classes that a `model_type` of `config.json` uses, by name."""
    rows = catalog.table("_architectures").ARCHITECTURES.items()
    return tuple(name for name, row in rows if model_type in row.get("model_types", ()))


def pipelines_in(catalog: Catalog, category: str) -> tuple[str, ...]:
    """Return the pipeline types of a category; raise `NotFoundError` for an unknown one."""
    family = family_of(category)
    rows = catalog.table("_pipelines").PIPELINES.items()
    return tuple(id for id, row in rows if row["modality"] == family)


def family_of(category: str) -> str:
    """Return the official family that a word or official name stands for."""
    if not isinstance(category, str):
        raise NotFoundError(f"a category is text, not {type(category).__name__}")
    for id, names in CATEGORIES.items():
        if fold(category) in {fold(one) for one in (id, *names)}:
            return id
    words = tuple(word for word, _ in CATEGORIES.values())
    found = nearest(category, words)
    end = hint(found) or f"; they are {', '.join(words)}"
    raise NotFoundError(f"unknown category `{category}`{end}", id=category, nearest=found or words)
