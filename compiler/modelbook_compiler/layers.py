"""A catalog's manifest -> the layers it stands on, the weakest first, and what is wrong with them.

A layer that has layers brings them along; one that is reached twice counts once, where it is
weakest. Nothing is fetched: packages are installed, folders and git repositories are here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from os.path import isdir, isfile  # which never raise, whatever the name
from pathlib import Path
from posixpath import normpath
from typing import TypeAlias

from . import codes, git, packed
from .diagnostics import Diagnostic
from .discover import LINK, MAX_BYTES, Read, folder, read_file
from .files import Stamp, stamp, walk
from .manifests import may_name_layers
from .parse import parse
from .shape import Shapes
from .values import Document, Json, Layer, Origin, Pointer, SourceFile

MANIFEST = "catalog.yaml"
FETCH = "fetch it there: nothing is fetched from here"
START = "the path starts at this catalog's folder"
DEEPEST = 30
"""Most layers of which each names the next."""
Key: TypeAlias = tuple[str, str, str]


class NoLayerError(Exception):
    """A layer cannot be read; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass
class Resolved:
    """The layers of a catalog."""

    layers: list[Layer] = field(default_factory=list)
    """The weakest first; the last is the catalog itself."""
    problems: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    """The manifests that were read, by path."""

    @property
    def order(self) -> tuple[str, ...]:
        """Return the names of the layers."""
        return tuple(one.name for one in self.layers)


def resolve(root: Path) -> Resolved:
    """Return the layers of the catalog in a folder."""
    found = Resolved()
    own = folder(root)
    stated = _manifest(own, found)
    _visit(_named(own, stated), stated, found, [])
    return found


def manifest(root: Path) -> Mapping[str, Json]:
    """Return what the manifest of a catalog folder says, as far as that can be told."""
    return _manifest(folder(root.resolve()), Resolved())


def _visit(layer: Layer, said: Mapping[str, Json], found: Resolved, above: list[Layer]) -> None:
    """Take note of a layer, after those that it stands on."""
    listed: dict[Key, int] = {}
    for position, stated in enumerate(said.get("layers", ())):
        place: Pointer = ("layers", position)
        try:
            below, its = _read(_below(layer, stated), found)
        except NoLayerError as error:
            found.problems.append(
                _problem(layer, codes.MISSING_LAYER, str(error), place, error.hint)
            )
            continue
        fault = _unfit(below, [*above, layer], found, listed)
        listed[_key(below)] = position
        if fault:
            found.problems.append(
                _problem(layer, codes.UNFIT_LAYERS, fault, place, "take it out of the list")
            )
        elif _key(below) not in map(_key, found.layers):
            _visit(below, its, found, [*above, layer])
    found.layers.append(layer)


def _unfit(
    layer: Layer, above: list[Layer], found: Resolved, listed: Mapping[Key, int]
) -> str | None:
    """Return why a layer cannot stand where it does, if it cannot."""
    if len(above) > DEEPEST:
        return f"more than {DEEPEST} layers stand on each other"
    if _key(layer) in map(_key, above):
        return f"the layer `{layer.name}` stands on itself"
    if _key(layer) in listed:
        return f"the layer `{layer.name}` is in the list twice"
    for other in [*found.layers, *above]:
        if other.name == layer.name and _key(other) != _key(layer):
            return f"two layers have the name `{layer.name}`: `{other.shown}` and `{layer.shown}`"
    return None


def _manifest(layer: Layer, found: Resolved) -> Mapping[str, Json]:
    """Return what the manifest of a folder says; problems only where it names layers."""
    path = layer.shown + MANIFEST
    raw = _bytes(layer)
    if not isinstance(raw, bytes):
        return {}
    source = SourceFile(path, "manifest", "manifest", layer.name, raw, layer.above)
    read = parse(source)
    wrong = [read] if isinstance(read, Diagnostic) else list(Shapes(None).problems(read))
    if wrong and may_name_layers(raw):  # else it is told with everything else
        found.problems += wrong
        found.texts[path] = raw
    if not isinstance(read, Document):
        return {}
    found.texts[path] = raw
    return {name: one for name, one in read.data.items() if not wrong or name == "name"}


def _bytes(layer: Layer) -> bytes | str:
    """Return the bytes of the manifest of a layer that is not packed."""
    if layer.kind == "git":
        try:
            return git.read(layer.place, layer.tree, [MANIFEST]).get(MANIFEST, LINK)
        except git.GitError as error:
            raise NoLayerError(f"`{layer.shown}` cannot be read: {error}", FETCH) from None
    return read_file(layer.place / MANIFEST)


def _named(layer: Layer, manifest: Mapping[str, Json]) -> Layer:
    """Return a layer under the name that its manifest gives it."""
    name = manifest.get("name")
    return replace(layer, name=name) if isinstance(name, str) else layer


def _below(layer: Layer, stated: Mapping[str, Json]) -> Layer:
    """Return where a layer is that another one names."""
    if "package" in stated:
        return package(stated["package"])
    if layer.kind == "packed":
        hint = "such a package stands on packages alone: ask whoever made it"
        raise NoLayerError(f"`{layer.shown}` stands on a folder that it does not bring", hint)
    inside = layer.kind == "git" and "folder" in stated
    if inside:
        return _in_git(layer, stated["folder"])
    path = stated.get("folder") or stated["git"]
    shown = normpath(f"{layer.shown}{path}")
    place = layer.place / path
    if "git" in stated:
        return _git(place, shown, stated)
    return Layer(place.name, f"{shown}/", place.resolve())


def _read(layer: Layer, found: Resolved) -> tuple[Layer, Mapping[str, Json]]:
    """Return a layer with its name, and its manifest."""
    if layer.kind == "packed":
        said = _head(layer)
        return replace(_named(layer, said.manifest), files=said.files), said.manifest
    if layer.kind == "folder" and not isfile(layer.place / MANIFEST):  # noqa: PTH113
        there = "holds no `catalog.yaml`" if isdir(layer.place) else "is not there"  # noqa: PTH112
        raise NoLayerError(f"the folder `{layer.shown}` {there}", START)
    stated = _manifest(layer, found)
    return _named(layer, stated), stated


def _head(layer: Layer) -> packed.Head:
    """Return what a packed catalog says of itself; raise `NoLayerError` where it says nothing."""
    try:
        said = packed.head(layer.place)
        origin = Origin(layer.shown + MANIFEST, "manifest", "manifest", layer.name)
        if Shapes(None).problems(Document(origin, said.manifest)):
            raise packed.DamagedError
    except packed.DamagedError as error:
        raise NoLayerError(f"the catalog of `{layer.name}`: {error}", error.hint) from None
    return said


def installed(name: str) -> Layer:
    """Return the catalog that a package brings, under its own name; raise `NoLayerError`."""
    return _read(package(name), Resolved())[0]


def package(name: str) -> Layer:
    """Return the catalog that a package brings, or, in a checkout, stands beside."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # something half imported has the name
        spec = None
    if spec is None or not spec.origin:
        hint = f"pip install {name.replace('_', '-')}"
        if name == "modelbook_catalog":
            hint = "pip install modelbook, which brings it"
        raise NoLayerError(f"there is no package `{name}` here", hint)
    home = Path(spec.origin).parent
    layer = Layer(name, f"{name}:", home / packed.NAME, "packed")
    beside = home.parent.parent / "catalog"
    if layer.place.is_file():
        return layer
    if home.parent.name == "generated" and (beside / MANIFEST).is_file():
        return replace(layer, place=beside, kind="folder")
    hint = "modelbook_catalog does; name other catalogs by their folder, or by a commit"
    raise NoLayerError(f"the package `{name}` brings no catalog", hint)


def _git(place: Path, shown: str, stated: Mapping[str, Json]) -> Layer:
    """Return a folder at a commit of a git repository."""
    commit, path = stated["revision"], normpath(stated.get("path", "catalog"))
    if not isdir(place):  # noqa: PTH112
        raise NoLayerError(f"the repository `{shown}` is not there", START)
    tree = f"{commit}:" if path == "." else f"{commit}:{path}"
    _has_commit(place, shown, commit)
    layer = Layer(path, f"{shown}@{commit[:12]}:{path}/", place.resolve(), "git", tree=tree)
    _has_manifest(layer)
    return layer


def _has_commit(place: Path, shown: str, commit: str) -> None:
    """Raise `NoLayerError` where a folder is no git repository that has a commit."""
    try:
        git.run(place, "rev-parse", "--git-dir")
    except git.NoGitError as error:
        raise NoLayerError(f"`{shown}` cannot be read: {error}", "install git") from None
    except git.GitError as error:
        raise NoLayerError(f"`{shown}` is no repository to read: {error}", START) from None
    try:
        found = git.run(place, "cat-file", "-t", commit).decode().strip()
    except git.GitError as error:
        raise NoLayerError(f"`{shown}` has no commit `{commit[:12]}`: {error}", FETCH) from None
    if found not in ("commit", "tag"):
        hint = "`git rev-parse HEAD` there prints the id of a commit"
        raise NoLayerError(f"`{commit[:12]}` in `{shown}` is a {found} and no commit", hint)


def _in_git(layer: Layer, path: str) -> Layer:
    """Return the catalog in another folder of the same commit."""
    commit, _, own = layer.tree.partition(":")
    target = normpath(f"{own}/{path}")
    shown = f"{layer.shown.partition(':')[0]}:{target}/"
    found = replace(layer, name=target, shown=shown, tree=f"{commit}:{target}")
    _has_manifest(found)
    return found


def _has_manifest(layer: Layer) -> None:
    """Raise `NoLayerError` where a folder of a commit holds no catalog."""
    hint = "state the folder of the catalog in that commit: `path: …`"
    try:
        git.run(layer.place, "cat-file", "-e", layer.tree)
    except git.GitError as error:
        raise NoLayerError(f"`{layer.shown}` is no folder there: {error}", hint) from None
    try:
        there = MANIFEST in git.walk(layer.place, layer.tree)
    except git.GitError as error:
        raise NoLayerError(f"`{layer.shown}` cannot be read: {error}", FETCH) from None
    if not there:
        raise NoLayerError(f"`{layer.shown}` holds no `catalog.yaml`", hint)


def _key(layer: Layer) -> Key:
    """Return what makes two layers the same: where they are, whatever they are called."""
    return layer.kind, str(layer.place.resolve()), layer.tree


def _problem(layer: Layer, code: str, message: str, place: Pointer, hint: str) -> Diagnostic:
    """Return what is wrong with a layer, at the manifest that names it."""
    return Diagnostic(layer.shown + MANIFEST, code, message, place, hint=hint)


# What a layer holds


def stamps(layer: Layer, now: int | None = None) -> dict[str, Stamp]:
    """Return the shown path and stamp of every file; of a packed catalog one, without a path."""
    if layer.kind == "packed":
        try:
            return {layer.shown: stamp(layer.place.stat())}
        except OSError:  # it went away just now, and is missed when it is read
            return {}
    found = git.walk(layer.place, layer.tree) if layer.kind == "git" else walk(layer.place, now)
    return {layer.shown + path: one for path, one in found.items()}


def reader(layer: Layer, paths: Iterator[str]) -> Read:
    """Return what reads files of a layer that is not packed; git is asked for all `paths` once."""
    if layer.kind == "folder":
        return lambda path: read_file(layer.place / path)
    try:
        found = git.read(layer.place, layer.tree, paths)
    except git.GitError as error:
        raise git.GitError(f"`{layer.shown}`: {error}") from None
    return lambda path: _bounded(found[path]) if path in found else LINK


def _bounded(raw: bytes) -> bytes | str:
    """Return the bytes of a file, or that they are too many."""
    return raw if len(raw) <= MAX_BYTES else f"it has more than {MAX_BYTES:,} bytes"


def text(layer: Layer, path: str) -> bytes | str:
    """Return the text of one file of a layer."""
    if layer.kind == "packed":
        return packed.texts(layer.place).get(path, b"")
    return reader(layer, iter([path]))(path)
