"""Python source -> the tables it declares, read from the syntax tree and never run.

Understood are literals, `OrderedDict(...)` around them, `**NAME`, `*list(NAME.items())`,
`X["key"] = ...` and `X.update(...)` of what is understood, and the `else` of `if TYPE_CHECKING`.
Anything else that makes a table is refused, since a table half read would look like a whole one.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .wheels import CannotImportError

Table = Mapping[str, Any]
Tables = dict[str, dict[str, Any]]


class _UnreadableError(Exception):
    """An expression that is not made of literals."""


def tables(source: str, where: str, known: Mapping[str, Table] | None = None) -> Tables:
    """Return the tables of a module by name, those it takes from `known` ones included.

    Raises `CannotImportError` with file and line for source that is no Python, and for a table in
    capital letters ending in `_NAMES` that cannot be read.
    """
    found: Tables = {name: dict(table) for name, table in (known or {}).items()}
    for statement in _statements(parsed(source, where).body):
        try:
            _read(statement, found)
        except _UnreadableError as error:
            message = f"{where}:{statement.lineno}: the table `{error}` is made in a way not known"
            raise CannotImportError(message, "teach `modelbook_importers.tables` to read it") from (
                None
            )
    return found


def parsed(source: str, where: str) -> ast.Module:
    """Return the syntax tree of a module; raise `CannotImportError` if there is none."""
    try:
        with warnings.catch_warnings():  # about their style, not ours to show
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise CannotImportError(f"{where}:{line}: not Python that can be read: {error}") from None


def exported(source: str, where: str) -> tuple[str, ...]:
    """Return the names in a module's `__all__`, which must be a list of texts; empty without one.

    Only that list is parsed: the modules it is asked of are large.
    """
    start = source.rfind("\n__all__ = [")
    if start < 0:
        return ()
    end = source.find("]", start)
    listed = parsed(source[start : end + 1], where).body[0]
    try:
        names = ast.literal_eval(getattr(listed, "value", None) or ast.Tuple([]))
    except (ValueError, TypeError):  # no literals, or a set of what no set can hold
        return ()
    return tuple(name for name in names if isinstance(name, str))


def is_class(name: object) -> bool:
    """Tell whether something can be the name of a class."""
    return isinstance(name, str) and name.isascii() and name.isidentifier()


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when a module loads."""
    for statement in body:
        if isinstance(statement, ast.If):
            typing = "TYPE_CHECKING" in ast.dump(statement.test)
            yield from _statements(statement.orelse if typing else statement.body)
        else:
            yield statement


def _read(statement: ast.stmt, found: Tables) -> None:
    """Take in what one statement does to the tables."""
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if isinstance(target, ast.Name) and _is_table(target.id):
                found[target.id] = _table(statement.value, found, target.id)
            elif isinstance(target, ast.Subscript):
                _set(target, statement.value, found)
    elif isinstance(statement, ast.AugAssign):
        _refuse(statement.target)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        _call(statement.value, found)
    elif isinstance(statement, ast.For):
        _loop(statement, found)


def _set(target: ast.Subscript, value: ast.expr, found: Tables) -> None:
    """Take in `NAME["key"] = value`."""
    if isinstance(target.value, ast.Name) and _is_table(target.value.id):
        name = target.value.id
        if name not in found or not isinstance(target.slice, ast.Constant):
            raise _UnreadableError(name)
        found[name][_key(target.slice, name)] = _literal(value, name)


def _call(call: ast.Call, found: Tables) -> None:
    """Take in `NAME.update(...)`; any other method of a table is refused."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        name = call.func.value.id
        if _is_table(name) and call.func.attr != "update":
            raise _UnreadableError(name)
        if _is_table(name) and name in found:
            found[name].update(_arguments(call, found, name))


def _loop(loop: ast.For, found: Tables) -> None:
    """Pass over a loop that rewrites the values of the table it goes through, keys unchanged."""
    over = {node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name)}
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            inside = isinstance(node.value, ast.Name) and node.value.id in over & {*found}
            _refuse(node.value if not inside else loop.target)


def _refuse(target: ast.expr) -> None:
    """Refuse a change to a table that is not understood."""
    if isinstance(target, ast.Name) and _is_table(target.id):
        raise _UnreadableError(target.id)


def _is_table(name: str) -> bool:
    """Tell whether a name is that of a table."""
    return name.isupper() and name.endswith(("_NAMES", "_NAME", "_PIPELINES_MAPPING"))


def _table(node: ast.expr, found: Tables, name: str) -> dict[str, Any]:
    """Return the table that an expression makes."""
    if isinstance(node, ast.Name) and node.id in found:
        return dict(found[node.id])
    if isinstance(node, ast.Call):
        function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
        if isinstance(function, ast.Name) and function.id in ("OrderedDict", "dict"):
            return _arguments(node, found, name)
    if isinstance(node, ast.Dict):
        return _mapping(node, found, name)
    raise _UnreadableError(name)


def _arguments(call: ast.Call, found: Tables, name: str) -> dict[str, Any]:
    """Return what the arguments of `OrderedDict(...)` or `update(...)` say together."""
    out: dict[str, Any] = {}
    for argument in call.args:
        if isinstance(argument, ast.List | ast.Tuple):
            for item in argument.elts:
                out.update(_item(item, found, name))
        else:
            out.update(_table(argument, found, name))
    for keyword in call.keywords:
        more = _table(keyword.value, found, name) if keyword.arg is None else None
        out.update(more or {str(keyword.arg): _literal(keyword.value, name)})
    return out


def _item(item: ast.expr, found: Tables, name: str) -> dict[str, Any]:
    """Return what an item of a list of pairs says: a pair, or `*list(NAME.items())`."""
    if isinstance(item, ast.Starred):
        inner = item.value
        if isinstance(inner, ast.Call) and len(inner.args) == 1:  # list(…)
            inner = inner.args[0]
        function = inner.func if isinstance(inner, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "items":
            return _table(function.value, found, name)
    elif isinstance(item, ast.Tuple) and len(item.elts) == 2:
        return {_key(item.elts[0], name): _literal(item.elts[1], name)}
    raise _UnreadableError(name)


def _mapping(node: ast.Dict, found: Tables, name: str) -> dict[str, Any]:
    """Return the table of a dict display."""
    out: dict[str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            out.update(_table(value, found, name))
        else:
            out[_key(key, name)] = _literal(value, name)
    return out


def _key(node: ast.expr, name: str) -> str:
    """Return the key of a row, which must be a text."""
    key = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(key, str):
        raise _UnreadableError(name)
    return key


def _literal(node: ast.expr, name: str) -> Any:
    """Return a literal. A class stands for its name; a choice (`X if torch else None`) is True.

    Of such a choice only the presence is asked.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.IfExp | ast.Attribute):
        return True
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_literal(one, name) for one in node.elts)
    if isinstance(node, ast.Dict):
        return True
    if isinstance(node, ast.Set):  # of what cannot be in one, Python itself makes an error
        raise _UnreadableError(name)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise _UnreadableError(name) from None
