"""What a scan found, or a `config.json` -> the facts that a catalog file would state."""

from __future__ import annotations

import json
from pathlib import Path

from ..decision import decide
from ..errors import RegistrationError
from ..names import hint, nearest, shown
from ..scan import config, naming
from ..scan.folder import Papers, evidence
from ..scan.layer import (
    DTYPES,
    PACKAGES,
    Group,
    deployment_fields,
    model_fields,
    provider_fields,
)
from ..scan.reader import Reader
from ..scan.yaml_text import seen
from .facts import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..catalog import Catalog
    from ..scan.found import Found
    from .state import State

LARGEST = 20 * 1024 * 1024
"""Bytes of a `config.json` that is read."""

BESIDES = frozenset({"sources", "exceptions"})
"""Fields of files that a registration has no use for."""


def described(id: str, given: object, provider: str | None, catalog: Catalog) -> dict[str, Any]:
    """Return the facts of a model by its `config.json`; see `ModelManager.register_config`."""
    known = naming.model_id(id) if isinstance(id, str) else None
    if known is None:
        raise RegistrationError(f"of {shown(id)} no id can be made; it is `org/name`")
    values = _config(id, given)
    root, none = Reader(values, id, []), Reader(None, id, [])
    papers = Papers(root, none, none, none, none, (), {})
    decision = decide(evidence(papers, {}), catalog)
    context = config.context(root, none, none, encodes=False)
    dtype = None if root.has("quantization_config") else config.dtype(root)
    named = (catalog.find_architecture(name) for name in root.texts("architectures"))
    known_class = next((one.id for one in named if one), None)
    _enough(id, root, known=bool(known_class or decision.pipelines), catalog=catalog)
    repository = id if "/" in id and naming.is_repository(id) else None
    facts: dict[str, Any] = {
        "name": id.rpartition("/")[2],
        "architecture": known_class,
        "pipelines": decision.pipelines or None,
        "limits": {"context": context.length} if context else None,
        "weights": _stated({"hf": repository, "dtype": dtype if dtype in DTYPES else None}) or None,
        "deployments": None if provider is None else {f"{provider}:{id}": {}},
    }
    return {"id": known, **_stated(facts)}


def _enough(id: str, root: Reader, *, known: bool, catalog: Catalog) -> None:
    """Raise `RegistrationError` for a configuration that does not say what the model is for.

    Nor may it state a context that is no number. `known` tells whether its class or type is.
    """
    text = config.text_part(root)
    found: list[str] = []
    near: tuple[str, ...] = ()
    for key in config.LENGTH_KEYS:
        value = text.values.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            found.append(f"`{id}`, `{key}` is {shown(value)}, which is no number")
    names = root.texts("architectures")
    if not known and names:
        classes = catalog.table("_architectures").ARCHITECTURES
        near = nearest(names[0], classes)
        found.append(f"`{id}`, `architectures` names the unknown class `{names[0]}`{hint(near)}")
    elif not known:
        found.append(
            f"`{id}` has a configuration that says nothing of what it serves: "
            "use `register`, and state `pipelines`"
        )
    if found:
        problems = tuple(found)
        raise RegistrationError("\n".join(problems), id=id, nearest=near, problems=problems)


def _config(id: str, given: object) -> Mapping[str, Any]:
    """Return a configuration: itself, or what its file holds."""
    from collections.abc import Mapping

    if isinstance(given, Mapping):
        return dict(given)
    try:
        path = Path(given)  # type: ignore[arg-type]
        path = path / "config.json" if path.is_dir() else path
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise ValueError("it is no file, or far too large")
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError, RecursionError) as error:
        text = f"the configuration {shown(given)} cannot be read: {error}"
        raise RegistrationError(text, id=id) from None
    if not isinstance(values, dict):
        raise RegistrationError(f"`{path}` holds no JSON object", id=id)
    return values


def found_here(one: Found, state: State) -> list[dict[str, Any]]:
    """Return the facts of what a scan found: provider and model where they are new, deployment.

    Raises `RegistrationError` for what is not whole, and what nothing is known to run.
    """
    id = naming.model_id(one.repo or one.name)
    if one.state not in ("complete", None) or id is None:
        raise RegistrationError(
            f"`{one.name}` is {one.state or 'without a usable name'}", id=one.name
        )
    url = one.where if one.kind == "server" else ""
    if not url and one.runtime not in PACKAGES:
        text = f"no runtime is known to run `{one.name}`"
        raise RegistrationError(text, id=one.name)
    provider = _provider(one, url, state)
    found = [provider] if state.find("provider", provider["id"]) is None else []
    below = state.find("model", id)
    if below is None:
        fields = model_fields(Group(id, (one,)), state.base.catalog, "", set())
        found.append({"id": id, **_stated(fields)})
    wire = naming.wire_name(naming.wire_path(one.name))
    base = one.context if below is None else below.get("limits", {}).get("context")
    fields = deployment_fields(one, wire, base, "")
    return [*found, {"id": f"{provider['id']}:{wire}", "model": id, **_stated(fields)}]


def _provider(one: Found, url: str, state: State) -> dict[str, Any]:
    """Return the provider that runs what was found: one that is there and the same, or a new one.

    Its id has a number where another one has it without.
    """
    facts = plain(_stated(provider_fields(one, url, "")))
    base = f"local-{one.runtime or 'server'}"
    number = 1
    while True:
        id = base if number == 1 else f"{base}-no-{number}"
        there = state.find("provider", id)
        if there is None or {**there, **facts} == there:
            return {"id": id, **facts}
        number += 1


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are known, without those of files alone; each text on one line."""
    return {
        name: seen(value)
        for name, value in fields.items()
        if value is not None and name not in BESIDES
    }
