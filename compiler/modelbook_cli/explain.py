"""`modelbook explain`."""

from __future__ import annotations

import click

from .shared import fail, known_codes


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a diagnostic code; without one, list them all.

    \b
    Examples:
      modelbook explain MB301
      modelbook explain
    """
    register = known_codes()
    from modelbook_compiler.report.explain import contents, page

    if code is None:
        click.echo(contents(), nl=False)
        return
    known = register.get(code.upper())
    if known is None:
        fail(f"there is no code `{code}`", "run `modelbook explain` for the list")
    click.echo(page(known), nl=False)
