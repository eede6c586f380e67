"""`LazyGroup`: a group of commands, each of whose modules loads when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used.

    `package` is where the modules are, `modules` says which one holds the `command` of a name, in
    the order of the help page, and `summaries` says what that page says of it.
    """

    def __init__(
        self,
        *args: Any,
        package: str,
        modules: Mapping[str, str],
        summaries: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.package = package
        self.modules = modules
        self.summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        if cmd_name not in self.modules:
            return None
        module = import_module(f".{self.modules[cmd_name]}", self.package)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; name the nearest one if there is none."""
        if args and args[0] not in self.modules and not args[0].startswith("-"):
            self.unknown(ctx, args[0])
        return super().resolve_command(ctx, args)

    def unknown(self, ctx: click.Context, name: str) -> None:
        """End with a message about a command that there is not."""
        from modelbook.names import hint, nearest

        ctx.fail(f"there is no command `{name}`{hint(nearest(name, self.modules))}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))
