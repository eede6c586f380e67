"""`modelbook completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .shared import fail, package

SHELLS = ("bash", "zsh", "fish")

WHOLE_IDS = "COMP_WORDBREAKS=${COMP_WORDBREAKS//:}"
"""Bash takes `openai:gpt-4o` for three words, unless it is told that a colon is not the end."""


def deployments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of deployments that begin like what was typed, for the shell."""
    return [id for id in package().catalog().deployment_ids() if id.startswith(incomplete)]


def providers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of providers that begin like what was typed, for the shell."""
    return [id for id in package().catalog().provider_ids() if id.startswith(incomplete)]


def pipelines(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the pipeline types that begin like what was typed, for the shell."""
    return [id for id in package().catalog().pipeline_ids() if id.startswith(incomplete)]


def policies(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the policies that begin like what was typed, for the shell."""
    return [id for id in package().policy_ids() if id.startswith(incomplete)]


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      modelbook completion bash > ~/.local/share/bash-completion/completions/modelbook
      source <(modelbook completion zsh)
      modelbook completion fish > ~/.config/fish/completions/modelbook.fish
    """
    from .commands import cli

    completion = get_completion_class(shell)
    if completion is None:
        fail(f"no completion for `{shell}`")
    script = completion(cli, {}, "modelbook", "_MODELBOOK_COMPLETE").source_vars()
    click.echo(completion.source_template % script)
    if shell == "bash":
        click.echo(WHOLE_IDS)
