"""`modelbook completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .shared import fail

SHELLS = ("bash", "zsh", "fish")


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
