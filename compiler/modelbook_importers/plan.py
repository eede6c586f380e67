"""What was derived and what the catalog has -> the files to write, and what that changes.

Nothing is ever deleted: a class that the newest release lacks stays, with the release it was last
seen in. Files that people keep, or have edited since the last import, are never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelbook.scan.naming import slug
from modelbook_compiler.discover import NAME
from modelbook_compiler.imported import digest_of
from packaging.version import Version

from .derive import Derived, Found, home
from .flow import file_text
from .known import Known
from .wheels import CannotImportError, version_of

KIND = "architecture"


@dataclass(frozen=True, slots=True)
class Origin:
    """The library that is imported."""

    library: str
    url: str
    versions: tuple[str, ...]
    """Releases that were read, the newest first."""
    checked: str
    """The day of the import, UTC."""
    own_file: bool = False
    """Its classes have no model type and stand in one file."""


@dataclass(slots=True)
class Changes:
    """What an import would do."""

    files: dict[str, str] = field(default_factory=dict)
    """Path inside the catalog to text, of files to write."""
    new: list[str] = field(default_factory=list)
    """Classes that were not there."""
    changed: list[str] = field(default_factory=list)
    """Classes that say something else now, in words."""
    gone: list[str] = field(default_factory=list)
    """Classes that the newest release has no more; they stay."""
    kept: list[str] = field(default_factory=list)
    """Classes in files that people keep, of which the import says something else."""
    same: int = 0
    """Classes that stay as they are."""


def plan(derived: Derived, known: Known, origin: Origin) -> Changes:
    """Return what an import changes. The same input makes the same files, byte for byte."""
    out = Changes()
    newest = max(map(version_of, _versions(known, origin)))
    held = {name: id for id, one in known.files.items() for name in one.data["classes"]}
    ours = _ours(known, origin)
    files: dict[str, list[Found]] = {}
    for found in derived.classes.values():
        kept_in = held.get(found.name)
        if kept_in is not None and kept_in not in ours:
            _report_kept(found, kept_in, known, out)
            continue
        id = origin.library if origin.own_file else _file_of(found, kept_in)
        if id in known.files and id not in ours:
            out.kept.append(f"{found.name}: catalog/architectures/{id}.yaml is not of this import")
        else:
            files.setdefault(id, []).append(found)
    for id in sorted({*files, *ours}):
        _file(id, files.get(id, []), known, origin, newest, out)
    return out


def _ours(known: Known, origin: Origin) -> list[str]:
    """Return the files that earlier imports of the same library wrote."""
    return [
        id
        for id, one in known.owned.items()
        if one.data.get("library", "transformers") == origin.library
    ]


def _file(
    id: str, classes: list[Found], known: Known, origin: Origin, newest: Version, out: Changes
) -> None:
    """Add one file to the changes, if what it says of its classes is new."""
    old = known.owned[id].data if id in known.owned else {}
    before: Mapping[str, Any] = old.get("classes", {})
    stale = version_of(origin.versions[0]) < newest
    after: dict[str, Any] = {}
    order = sorted(classes, key=lambda one: (one.position, one.name))
    for found in sorted(order, key=lambda one: version_of(one.seen), reverse=True):
        after[found.name] = _facts(found, id, newest, before.get(found.name, {}))
    for name, facts in before.items():
        if name not in after:
            last = {"last_seen": facts.get("last_seen", str(_last(known, origin)))}
            after[name] = facts if stale else {**facts, **last}
    if stale:  # an older release adds, and changes nothing
        after = {**before, **{name: after[name] for name in after if name not in before}}
    _compare(before, after, out)
    if after != before or [*after] != [*before]:
        out.files[f"architectures/{id}.yaml"] = _text(id, after, old, classes, origin)


def _facts(found: Found, id: str, newest: Version, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file says of a class; model types it named before are still there."""
    named = {*map(_id, found.model_types), *before.get("model_types", ())}
    further = sorted(named - {id})
    facts = dict(found.facts)
    if further:
        facts["model_types"] = further
    version = found.seen.rpartition(" ")[2]
    if version_of(version) < newest:
        facts["last_seen"] = version
    return facts


def _compare(before: Mapping[str, Any], after: Mapping[str, Any], out: Changes) -> None:
    """Report what becomes of the classes of a file."""
    for name, facts in after.items():
        was = before.get(name)
        if was is None:
            out.new.append(name)
        elif was == facts:
            out.same += 1
        elif "last_seen" in facts and "last_seen" not in was:
            out.gone.append(f"{name}: last seen in {facts['last_seen']}")
        else:
            named = ("pipelines", "basis", "reason", "model_types", "last_seen")
            parts = [one for one in named if was.get(one) != facts.get(one)]
            words = "; ".join(f"{one} {_said(was, one)} -> {_said(facts, one)}" for one in parts)
            out.changed.append(f"{name}: {words}")


def _said(facts: Mapping[str, Any], name: str) -> str:
    """Return a field in words."""
    value = facts.get(name, "nothing")
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)


def _report_kept(found: Found, id: str, known: Known, out: Changes) -> None:
    """Report a class in a file that people keep, if the import says something else of it."""
    says = known.files[id].data["classes"][found.name]["pipelines"]
    if says != found.facts["pipelines"]:
        derived = ", ".join(found.facts["pipelines"])
        where = f"catalog/architectures/{id}.yaml"
        out.kept.append(f"{found.name}: {where} says {', '.join(says)}; {found.seen} {derived}")


def _text(
    id: str,
    classes: Mapping[str, Any],
    old: Mapping[str, Any],
    found: Iterable[Found],
    origin: Origin,
) -> str:
    """Return the text of a file: facts, where they come from, and who wrote it."""
    spoke = {one.seen.rpartition(" ")[2] for one in found}
    before = {one.rpartition(" ")[2] for one in old.get("imported", {}).get("from", ())}
    versions = sorted(spoke or before, key=version_of, reverse=True)
    named = [f"{origin.library} {version}" for version in versions]
    source = {"url": origin.url, "checked": origin.checked, "note": ", ".join(named)}
    data: dict[str, Any] = {"library": origin.library} if origin.own_file else {}
    data |= {"classes": dict(classes), "sources": [source]}
    data["imported"] = {"from": named, "digest": digest_of(data)}
    return file_text(f"catalog/architectures/{id}.yaml", KIND, data)


def _file_of(found: Found, kept: str | None) -> str:
    """Return the file that a class stands in; it never moves."""
    return kept or _id(home(found.name, found.model_types))


def _id(model_type: str) -> str:
    """Return a model type as an id. Raises `CannotImportError` where it is none."""
    id = slug(model_type)
    if not NAME.fullmatch(id):
        raise CannotImportError(f"no file can be named after the model type `{model_type}`")
    return id


def _versions(known: Known, origin: Origin) -> list[str]:
    """Return the releases of a library that are read now, or were read before."""
    files = (known.owned[id].data["imported"]["from"] for id in _ours(known, origin))
    return [*origin.versions, *(one.rpartition(" ")[2] for named in files for one in named)]


def _last(known: Known, origin: Origin) -> Version:
    """Return the newest release that was read before."""
    return max(map(version_of, _versions(known, origin)[len(origin.versions) :]))
