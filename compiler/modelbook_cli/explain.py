"""`modelbook explain`."""

from __future__ import annotations

import click

from .shared import fail, needs


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a diagnostic code; without one, list them all.

    \b
    Examples:
      modelbook explain MB301
      modelbook explain
    """
    with needs("compiler"):
        import modelbook_compiler.credentials
        import modelbook_compiler.link
        import modelbook_compiler.rules  # noqa: F401  # each registers its codes
        from modelbook_compiler.codes import REGISTER
        from modelbook_compiler.report.explain import contents, page
    if code is None:
        click.echo(contents(), nl=False)
        return
    known = REGISTER.get(code.upper())
    if known is None:
        fail(f"there is no code `{code}`", "run `modelbook explain` for the list")
    click.echo(page(known), nl=False)
