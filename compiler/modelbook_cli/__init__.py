"""The command line. May import everything; nothing imports it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


def main() -> None:
    """Run `modelbook`; say what to install where a part of it is not there."""
    if sys.stdout is None:  # closed by whoever started this: `modelbook … >&-`
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for good
    try:
        from .commands import cli
    except ImportError as error:
        if error.name not in ("click", "rich"):
            raise
        print("error: the command line needs `click` and `rich`", file=sys.stderr)
        print("hint: pip install 'modelbook[cli,compiler]'", file=sys.stderr)
        raise SystemExit(2) from None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name no terminal of ASCII can show
    try:
        cli(prog_name="modelbook")
    except OSError as error:
        place = f" `{error.filename}`" if error.filename else ""
        print(f"error: the system refused{place}: {error.strerror}", file=sys.stderr)
        raise SystemExit(2) from None
