"""Commands that repeat nothing of what was typed wrongly: it may be a key in the wrong place."""

from __future__ import annotations

from typing import NoReturn

import click

from ..lazy import LazyGroup
from .telling import refuse

BY_HAND = "a value is read from standard input, a hidden prompt, --from-env or --from-file"


class Quiet(click.Command):
    """A command whose usage errors name what it knows, never what it was given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; end with a message that does not repeat them."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            refuse_usage(ctx, error)


class QuietGroup(LazyGroup):
    """A group that does not repeat the name of a command that there is not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; end with a message that does not repeat them."""
        if not args:
            return super().parse_args(ctx, args)  # which shows the help page
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            refuse_usage(ctx, error)

    def unknown(self, ctx: click.Context, name: str) -> NoReturn:
        """End with a message about a command that there is not."""
        from modelbook.names import hint, nearest

        near = hint(nearest(name, self.modules)).removeprefix("; ")
        refuse("usage", "there is no such command", near or f"see `{ctx.command_path} --help`")


def refuse_usage(ctx: click.Context, error: click.UsageError) -> NoReturn:
    """End with what was wrong about the arguments of a command, in words of our own."""
    page = f"see `{ctx.command_path} --help`"
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(f"`{one}`" for one in error.possibilities or ())
        refuse("usage", "there is no such option", f"did you mean {near}?" if near else page)
    if isinstance(error, click.MissingParameter | click.BadOptionUsage):
        message = error.format_message().rstrip(".")
        refuse("usage", message[:1].lower() + message[1:], page)
    if isinstance(error, click.BadParameter):
        refuse("usage", f"{_named(error)} cannot be what was given", _form(error.param) or page)
    takes = any(one.name == "from_file" for one in ctx.command.params)
    message = "there is an argument too many; it is not shown, since it may be a key"
    refuse("usage", message, f"{BY_HAND}; revoke a key that is in your history" if takes else page)


def _named(error: click.BadParameter) -> str:
    """Return how a message calls the parameter that is wrong."""
    param = error.param
    if param is None:
        return "an argument"
    return f"`{max(param.opts, key=len)}`" if isinstance(param, click.Option) else param.name or ""


def _form(param: click.Parameter | None) -> str | None:
    """Return what a parameter must look like, where its type says so."""
    kind = param.type if param is not None else None
    if isinstance(kind, click.Choice):
        return f"give one of {', '.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange):
        return f"give a whole number from {kind.min} to {kind.max}"
    return None
