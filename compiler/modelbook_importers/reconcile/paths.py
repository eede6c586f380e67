"""What a file speaks of -> where it stands in a catalog folder: `discover.place` the other way."""

from __future__ import annotations

from modelbook_compiler.values import Subject

FOLDERS = {"model": "models", "secret": "secrets"}
IMPORTED = "disputes/imported"


def path_of(subject: Subject) -> str:
    """Return the path of a file inside a catalog folder."""
    kind, id = subject
    if kind == "provider":
        return f"providers/{id}/provider.yaml"
    if kind == "deployment":
        provider, wire = _wire(id)
        return f"providers/{provider}/deployments/{wire}.yaml"
    if kind == "imported-dispute":
        if ":" in id:
            return f"{IMPORTED}/deployments/{'/'.join(_wire(id))}.yaml"
        return f"{IMPORTED}/models/{id}.yaml"
    return f"{FOLDERS[kind]}/{id}.yaml"


def _wire(id: str) -> tuple[str, str]:
    """Return the provider of a deployment, and its wire name as a path."""
    provider, _, wire = id.partition(":")
    return provider, wire.replace(":", "%3A")
