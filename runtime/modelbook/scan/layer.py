"""A report -> the files of a catalog folder that holds what was found, and compiles by itself.

Facts that are not known are left out. Pipeline types, units and the classes in use come from the
generated package, since an installed one has no catalog files.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..names import fold
from . import book, naming
from .found import Found, Problem
from .yaml_text import document, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from ..catalog import Catalog
    from .found import Report

MARK = "# Written by `modelbook scan`, which writes the whole folder anew: do not edit."
"""Last line of the manifest of such a folder."""
NOWHERE = "https://modelbook.invalid/scan"
"""Source of what is on this machine alone: sources are https:// addresses, and this is none's."""
DTYPES = frozenset({"float32", "float16", "bfloat16", "float8", "int8", "int4"})
PACKAGES = {
    "transformers": "transformers",
    "sentence-transformers": "sentence-transformers",
    "diffusers": "diffusers",
    "llama-cpp": "llama-cpp-python",
    "onnxruntime": "onnxruntime",
}
"""Runtime to the Python package that loads models in process."""
LICENSES = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "gpl-3.0": "GPL-3.0-only",
    "agpl-3.0": "AGPL-3.0-only",
    "lgpl-3.0": "LGPL-3.0-only",
    "cc0-1.0": "CC0-1.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "cc-by-nc-nd-4.0": "CC-BY-NC-ND-4.0",
    "openrail": "LicenseRef-OpenRAIL",
}
"""Licences as cards write them, to SPDX; others are left out."""
HERE = r"localhost|127(\.\d{1,3}){3}|\[::1\]"
PRIVATE = (
    r"10(\.\d{1,3}){3}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|192\.168(\.\d{1,3}){2}"
    r"|\[f[cd][0-9a-f]{2}:[0-9a-f:]+\]|([A-Za-z0-9-]+\.)+(local|internal)"
    r"|[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?"
)
BASE_URL = re.compile(rf"(https://|http://({HERE})(:\d+)?(/|$))\S*")
"""Addresses that a catalog may hold: http:// only on this machine."""
OWN_URL = re.compile(rf"(https://|http://({HERE}|{PRIVATE})(:\d+)?(/|$))\S*")
"""Those of a self-hosted provider: http:// to private addresses too."""
NAME = "local-models"


class Layer(NamedTuple):
    """The files of a catalog folder by path, and what could not be put in."""

    files: Mapping[str, str]
    problems: tuple[Problem, ...]
    models: int
    deployments: int


class Group(NamedTuple):
    """One model, and the ways in which it is here."""

    id: str
    found: tuple[Found, ...]


def layer(report: Report, catalog: Catalog, day: str) -> Layer:
    """Return the catalog of what a report found complete; `day` (UTC, ISO) dates its sources."""
    problems: list[Problem] = []
    groups = _groups(report.models, problems)
    files = {**_manifest(), **book.files(catalog, day)}
    classes: set[str] = set()
    providers = _Providers(day, problems)
    count = 0
    for group in groups:
        deployments = dict(_deployments(group, providers, day, problems))
        if not deployments:
            continue
        path = f"models/{group.id}.yaml"
        files[path] = document(path, "model", model_fields(group, catalog, day, classes))
        files |= deployments
        count += 1
    files |= providers.files
    files |= book.architectures(catalog, sorted(classes), day)
    told = sum("/deployments/" in path for path in files)
    return Layer(files, tuple(dict.fromkeys(problems)), count, told)


def _manifest() -> dict[str, str]:
    """Return the manifest of the folder."""
    fields = {"schema": 1, "name": NAME, "title": "Models on this machine, as `modelbook scan` saw"}
    return {"catalog.yaml": document("catalog.yaml", "manifest", fields) + MARK + "\n"}


def _groups(models: Iterable[Found], problems: list[Problem]) -> list[Group]:
    """Return what can be put in, by model; names that cannot be told apart are reported."""
    members: dict[tuple[str, str], list[Found]] = {}
    for one in models:
        if one.state in ("complete", None):
            alone = one.where if one.kind in ("folder", "gguf") else ""
            members.setdefault((one.repo or one.name, alone), []).append(one)
    groups: list[Group] = []
    taken: dict[str, str] = {}
    for (name, _), found in members.items():
        id = naming.model_id(name)
        folded = "/".join(map(fold, (id or "").split("/")))
        if id is None:
            text = "has a name of which no id can be made; left out of the layer"
            problems.append(Problem(place=found[0].where, text=text))
        elif folded in taken:
            text = f"`{name}` would be taken for `{taken[folded]}`; left out of the layer"
            problems.append(Problem(place=found[0].where, text=text))
        else:
            taken[folded] = name
            groups.append(Group(id, tuple(found)))
    return groups


def model_fields(group: Group, catalog: Catalog, day: str, classes: set[str]) -> dict[str, Any]:
    """Return the fields of a model's file; the class it uses, if the book knows it, is noted."""
    one = _best(group.found)
    known = catalog.find_architecture(one.architecture or "")
    pipelines = [id for id in one.pipelines if id in catalog.pipeline_ids()]
    if known is not None:
        classes.add(known.id)
    return {
        "name": _title(one),
        "limits": {"context": one.context} if one.context else None,
        "pipelines": pipelines or None,
        "architecture": known.id if known else None,
        "parameters": {"total": one.parameters} if _within(one.parameters, 10**14) else None,
        "license": LICENSES.get((one.license or "").lower()),
        "weights": _weights(group.found) or None,
        "sources": [_source(one, day)],
        "exceptions": _exceptions(pipelines, known.pipelines if known else None) or None,
    }


def _best(found: tuple[Found, ...]) -> Found:
    """Return the one of several that says most of the model: files before servers."""
    return min(found, key=lambda one: (one.kind == "server", one.parameters is None, one.name))


def _title(one: Found) -> str:
    """Return the name that people read."""
    plain = (one.repo or one.name).rpartition("/")[2]
    return one_line(one.title or plain) or naming.slug(plain)


def _weights(found: tuple[Found, ...]) -> dict[str, Any]:
    """Return where the weights are; their size and format only where there is one of them."""
    held = [one for one in found if one.kind != "server"]
    out: dict[str, Any] = {}
    if held and held[0].repo and naming.is_repository(held[0].repo):
        out["hf"] = held[0].repo
    if len(held) == 1 and _within(held[0].weight_bytes, 10**15):
        out["bytes"] = held[0].weight_bytes
    if len(held) == 1 and held[0].dtype in DTYPES and held[0].quantization is None:
        out["dtype"] = held[0].dtype
    return out


def _within(value: int | None, most: int) -> bool:
    """Tell whether a number is known, and one that a catalog allows."""
    return value is not None and 0 < value <= most


def _source(one: Found, day: str) -> dict[str, str]:
    """Return what a file's facts come from."""
    commit = one.revision or ""
    if one.repo and naming.is_repository(one.repo) and commit.isalnum() and commit.isascii():
        url, note = (
            f"https://huggingface.co/{one.repo}/tree/{commit}",
            "its files in the cache here",
        )
    elif one.kind == "server":
        url, note = NOWHERE, "the list of a server"
    else:
        url, note = NOWHERE, "files on this machine"
    return {"url": url, "checked": day, "note": f"{note}, read by modelbook scan"}


def _exceptions(pipelines: list[str], of_class: tuple[str, ...] | None) -> list[dict[str, str]]:
    """Return the rules that a model's file must break, each with the reason."""
    if not pipelines and of_class is None:
        return [{"rule": "MB309", "reason": "Nothing that the scan read says what it is for"}]
    if pipelines and of_class and not set(pipelines) & set(of_class):
        return [{"rule": "MB308", "reason": "Its own files state what this class is used for here"}]
    return []


def _deployments(
    group: Group, providers: _Providers, day: str, problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    """Yield path and text of the file for each way in which a model is here."""
    base = _best(group.found).context
    for one in group.found:
        provider = providers.of(one)
        if provider is None:
            continue
        name = naming.wire_path(one.name)
        path = f"providers/{provider}/deployments/{name}.yaml"
        if not providers.take(f"{provider}:{fold(name)}"):
            text = f"`{one.name}` is there already; left out of the layer"
            problems.append(Problem(place=one.where, text=text))
            continue
        wire = naming.wire_name(name)
        if one.name.lower() != wire:
            text = f"`{one.name}` is no name for a file; it is `{wire}` in the layer"
            problems.append(Problem(place=one.where, text=text))
        fields = deployment_fields(one, wire, base, day)
        yield path, document(path, "deployment", {"model": group.id, **fields})


def deployment_fields(one: Found, wire: str, base: int | None, day: str) -> dict[str, Any]:
    """Return the fields of a deployment's file but for its model, whose context is `base`."""
    return {
        "wire_name": one.name if one.name.lower() == wire != one.name else None,
        "lifecycle": {"status": "active"},
        "limits": {"context": one.context} if one.context and one.context != base else None,
        "quantization": "gguf" if one.quantization == "gguf" else None,
        "sources": [_source(one, day)],
    }


class _Providers:
    """The providers that a layer needs, made when first asked for."""

    def __init__(self, day: str, problems: list[Problem]) -> None:
        self.day = day
        self.problems = problems
        self.files: dict[str, str] = {}
        self.ids: dict[tuple[str | None, str], str] = {}
        self.taken: set[str] = set()

    def take(self, name: str) -> bool:
        """Note that a name is in use; tell whether it was free."""
        free = name not in self.taken
        self.taken.add(name)
        return free

    def of(self, one: Found) -> str | None:
        """Return the id of the provider that runs a model; None where nobody knows what would."""
        url = one.where if one.kind == "server" else ""
        if not url and one.runtime not in PACKAGES:
            text = "no runtime is known to run it; left out of the layer"
            self.problems.append(Problem(place=one.where, text=text))
            return None
        key = (one.runtime, url)
        if key not in self.ids:
            self.ids[key] = self._new(one, url)
        return self.ids[key]

    def _new(self, one: Found, url: str) -> str:
        """Return the id of a provider that is not there yet, and write its file."""
        base = f"local-{one.runtime or 'server'}"
        same = sum(id == base or id.startswith(f"{base}-no-") for id in self.ids.values())
        id = f"{base}-no-{same + 1}" if same else base
        path = f"providers/{id}/provider.yaml"
        self.files[path] = document(path, "provider", provider_fields(one, url, self.day))
        return id


def provider_fields(one: Found, url: str, day: str) -> dict[str, Any]:
    """Return the fields of a provider's file."""
    what = one.runtime or "A server of unknown software"
    fields: dict[str, Any] = {
        "name": f"{what} at {one_line(url)}" if url else f"{what} on this machine",
        "kind": "self-hosted" if one.runtime else "api",
        "runtime": one.runtime,
    }
    if not url:
        fields["access"] = [{"method": "in-process", "package": PACKAGES[one.runtime or ""]}]
    elif (OWN_URL if one.runtime else BASE_URL).fullmatch(url):
        fields["access"] = [{"method": "api", "protocol": one.protocol, "base_url": url}]
    else:
        reason = "Its address is http:// on another machine, and it is not known to be one of ours"
        fields["exceptions"] = [{"rule": "MB326", "reason": reason}]
    source = {"url": NOWHERE, "checked": day, "note": "made by modelbook scan"}
    return {**fields, "sources": [source]}
