"""`modelbook secrets rotate --vendor`: the steps of a rotation, each told once it is kept."""

from __future__ import annotations

from pathlib import Path

import click

from . import here
from .telling import refuse, told


def by_vendor(
    id: str, overlap: int | None, root: Path | None, environment: str | None, *, revoke: bool
) -> None:
    """Rotate a key at its vendor, or revoke the previous one there."""
    with told():
        from modelbook.secrets import changes, get, rotation

        declaration = here.declaration(id, root)
        if declaration.rotation is None:
            hint = "make a key at the vendor's console, then `rotate --stage`"
            refuse("secret-state", f"no API that makes keys is known for `{id}`", hint)
        folder = here.folder(root, environment)
        with here.chosen(folder.root):
            managing = declaration.rotation.secret
            admin = get(managing, environment=folder.environment, catalog=here.catalog(folder.root))
        if revoke:
            rotation.revoke(folder, declaration, admin, tell=click.echo)
            return
        days = changes.OVERLAP if overlap is None else overlap
        rotation.rotate(
            folder, declaration, admin, today=here.today(), overlap=days, tell=click.echo
        )
