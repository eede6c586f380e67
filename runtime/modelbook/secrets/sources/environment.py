"""Environment variables: the names that the catalog declares -> the first that is set."""

from __future__ import annotations

from .. import variables
from . import Found, differing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..declared import Declaration
    from . import Context


class Environment:
    """Asks this process's environment, always anew. A variable that is blank is absent."""

    name = "environment"
    fresh = 0.0

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return the first variable's value, with a note if another one holds something else."""
        found: tuple[str, Found] | None = None
        for name in declaration.env:
            value = variables.read(name)
            if value is None:
                continue
            if found is None:
                found = name, Found(value=value, where=f"environment: {name}")
            elif value != found[1].value:
                return found[1].changed(note=differing(found[0], name))
        return found[1] if found else None

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return the names of the variables, and which of them are set but blank."""
        import os

        blank = [name for name in declaration.env if name in os.environ]
        told = ", ".join(declaration.env) or "no variable is declared"
        return f"{told} ({', '.join(blank)} set, but blank)" if blank else told


SOURCE = Environment()
