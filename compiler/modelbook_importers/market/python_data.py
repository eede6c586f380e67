"""Source of a Python module that holds data -> that data, without running it.

`Call(name=…)` becomes a `Made` with its name and arguments; `Decimal('0.1')` the exact number;
dates and times become ISO text. Anything that is not data is a `CannotImportError` with its line.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from ..wheels import CannotImportError


@dataclass(frozen=True, slots=True)
class Made:
    """A call with named arguments, such as `Tier(start=1, price=…)`."""

    name: str
    fields: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """Return an argument, None if it is not there."""
        return self.fields.get(name)


def assigned(text: str, name: str, file: str) -> Any:
    """Return the value that a module assigns to a name. Raises `CannotImportError`."""
    try:
        tree = ast.parse(text)
        for node in tree.body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if (
                isinstance(target, ast.Name)
                and target.id == name
                and isinstance(node, ast.AnnAssign)
            ):
                return _Reader(file).value(node.value)
    except SyntaxError as error:
        raise CannotImportError(
            f"`{file}` is no Python: {error.msg}, line {error.lineno}", "is the file whole?"
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise CannotImportError(f"`{file}` cannot be read as Python") from None
    raise CannotImportError(f"`{file}` assigns nothing to `{name}`", "is its layout a new one?")


class _Reader:
    """Turns expressions into data."""

    def __init__(self, file: str) -> None:
        self._file = file

    def value(self, node: ast.expr | None) -> Any:
        """Return the value of an expression."""
        if isinstance(node, ast.Constant) and not isinstance(node.value, float | complex | bytes):
            return node.value
        if isinstance(node, ast.List | ast.Tuple):
            return [self.value(one) for one in node.elts]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return {self.value(key): self.value(value) for key, value in pairs}
        if isinstance(node, ast.Call):
            return self._call(node)
        raise self._fault(node)

    def _call(self, node: ast.Call) -> Any:
        """Return what a call makes."""
        name = ast.unparse(node.func)
        if name == "Decimal":
            return self._decimal(node)
        if name in ("datetime.date", "datetime.time"):
            return self._moment(name, node)
        if node.args or any(one.arg is None for one in node.keywords):
            raise self._fault(node)
        return Made(name, {one.arg or "": self.value(one.value) for one in node.keywords})

    def _decimal(self, node: ast.Call) -> Decimal:
        """Return a number that is given as text."""
        text = node.args[0] if len(node.args) == 1 else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and len(text.value) < 60:
            try:
                return Decimal(text.value)
            except InvalidOperation:
                pass
        raise self._fault(node)

    def _moment(self, name: str, node: ast.Call) -> str:
        """Return a date, or a time of the day in UTC, as ISO text."""
        parts = [self.value(one) for one in node.args]
        zones = [ast.unparse(one.value) for one in node.keywords]
        try:
            if name == "datetime.date" and not zones:
                return date(*parts).isoformat()
            if name == "datetime.time" and zones == ["datetime.UTC"]:
                return time(*parts).isoformat("minutes")
        except (TypeError, ValueError):
            pass
        raise self._fault(node)

    def _fault(self, node: ast.AST | None) -> CannotImportError:
        """Return the error of what is not data."""
        line = getattr(node, "lineno", 0)
        shown = ast.unparse(node)[:60] if isinstance(node, ast.expr) else "nothing"
        return CannotImportError(f"`{self._file}`, line {line}: `{shown}` is no data")
