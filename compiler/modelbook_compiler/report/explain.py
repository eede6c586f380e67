"""Codes -> the pages of `modelbook explain`."""

from __future__ import annotations

import textwrap

from .. import codes


def page(code: codes.Code) -> str:
    """Return the page of one code as Markdown."""
    why = textwrap.fill(code.why, 88)
    return (
        f"# {code.id}: {code.title}\n\n{why}\n\n"
        f"## Wrong\n\n```yaml\n{code.bad}\n```\n\n## Right\n\n```yaml\n{code.good}\n```\n"
        f"{_exception(code.id)}"
    )


def contents() -> str:
    """Return a line for every code."""
    return "".join(f"{id}  {codes.REGISTER[id].title}\n" for id in sorted(codes.REGISTER))


def _exception(id: str) -> str:
    """Return how to excuse a rule, for the codes that can be excused."""
    from ..rules.exceptions import excusable

    if not excusable(id):
        return ""
    example = f"exceptions:\n  - {{rule: {id}, reason: Why it is right here}}"
    return f"\n## If it is right all the same\n\n```yaml\n{example}\n```\n"
