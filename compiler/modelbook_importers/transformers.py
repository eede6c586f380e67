"""Wheel of transformers -> release: its auto mappings, and the heads that stand in none of them.

Both layouts are read: version 5 keeps the types of configurations in a file of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from .tables import Table, Tables, exported, is_class, tables
from .wheels import CannotImportError, Wheel

AUTO = "transformers/models/auto/"
MODELING = r"transformers/models/(?:deprecated/)?[a-z0-9_]+/modeling_[a-z0-9_]+\.py"
OTHER_FRAMEWORKS = ("modeling_tf_", "modeling_flax_")


@dataclass(frozen=True, slots=True)
class Release:
    """What one release of transformers says of its model classes."""

    version: str
    tables: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Name of an auto mapping to model type to classes, in the order of the source."""
    config: Mapping[str, str]
    """Model type to the class of its configuration."""
    modules: Mapping[str, str]
    """Model type to the folder of its code, where that is not its own name."""
    video: frozenset[str]
    """Model types with a video processor."""
    audio: frozenset[str]
    """Model types with an audio feature extractor."""
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Folder of code to the classes it exports that stand in no auto mapping."""

    @property
    def named(self) -> str:
        """Return how files call this release."""
        return f"transformers {self.version}"

    def folder(self, model_type: str) -> str:
        """Return the folder that holds the code of a model type."""
        return self.modules.get(model_type, model_type.replace("-", "_"))


def release(path: Path) -> Release:
    """Return what a wheel says. Raises `CannotImportError`."""
    with closing(Wheel(path, "transformers")) as wheel:
        return _release(wheel)


def _release(wheel: Wheel) -> Release:
    """Return what an open wheel says."""
    shared = _module(wheel, "auto_mappings", {}) if wheel.find(f"{AUTO}auto_mappings.py") else {}
    config = _module(wheel, "configuration_auto", shared)
    modeling = _module(wheel, "modeling_auto", {})
    video = _module(wheel, "video_processing_auto", shared)
    audio = _module(wheel, "feature_extraction_auto", shared)
    mappings = {name: _classes(name, table) for name, table in modeling.items()}
    if "MODEL_MAPPING_NAMES" not in mappings or "CONFIG_MAPPING_NAMES" not in config:
        message = f"`{wheel.path.name}` declares no MODEL_MAPPING_NAMES or CONFIG_MAPPING_NAMES"
        raise CannotImportError(message, "is its layout a new one?")
    known = {one for table in mappings.values() for classes in table.values() for one in classes}
    return Release(
        wheel.version,
        mappings,
        config["CONFIG_MAPPING_NAMES"],
        config.get("SPECIAL_MODEL_TYPE_TO_MODULE_NAME", {}),
        frozenset(video.get("VIDEO_PROCESSOR_MAPPING_NAMES", ())),
        frozenset(audio.get("FEATURE_EXTRACTOR_MAPPING_NAMES", ())),
        _heads(wheel, known),
    )


def _module(wheel: Wheel, name: str, known: Mapping[str, Table]) -> Tables:
    """Return the tables of a module of the auto classes."""
    path = f"{AUTO}{name}.py"
    return tables(wheel.text(path), f"{wheel.path.name}:{path}", known)


def _classes(name: str, table: Table) -> dict[str, tuple[str, ...]]:
    """Return an auto mapping with a tuple of classes for each model type."""
    found = {key: value if isinstance(value, tuple) else (value,) for key, value in table.items()}
    odd = [key for key, value in found.items() if not all(map(is_class, value))]
    if odd:
        raise CannotImportError(f"`{name}` holds something besides names of classes: {odd[:3]}")
    return found


def _heads(wheel: Wheel, known: set[str]) -> dict[str, tuple[str, ...]]:
    """Return folders with the classes they export that no auto mapping holds."""
    found: dict[str, tuple[str, ...]] = {}
    for path in wheel.names(MODELING):
        folder, _, file = path.removeprefix("transformers/models/").rpartition("/")
        if file.startswith(OTHER_FRAMEWORKS) or folder == "auto":
            continue
        names = exported(wheel.text(path), f"{wheel.path.name}:{path}")
        heads = tuple(
            name for name in names if name not in known and is_class(name) and _is_head(name)
        )
        folder = folder.removeprefix("deprecated/")
        if heads:
            found[folder] = (*found.get(folder, ()), *heads)
    return found


def _is_head(name: str) -> bool:
    """Tell whether a class does a task by itself, going by its name."""
    _, _, task = name.partition("For")
    ends = ("EncoderModel", "LMHeadModel", "DoubleHeadsModel", "WithProjection")
    return task[:1].isupper() or name.endswith(ends)
