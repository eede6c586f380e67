"""Registered models in a JSON file: an object by kind and id, a row a line."""

from __future__ import annotations

import json

from .facts import plain, stated
from .files import FORMAT, foreign, newer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any, NoReturn

    from ..rows import Row
    from .facts import Kind
    from .state import Key

MARK = "modelbook_registry"
"""The field that says what a file is, and its format."""

LARGEST = 512 * 1024 * 1024
"""Bytes of a file that is read."""

FIELDS: Mapping[str, Kind] = {
    "providers": "provider",
    "models": "model",
    "deployments": "deployment",
}


def read(path: Path) -> dict[Key, Row]:
    """Return the rows of a file; raise `StorageError` for one that does not hold such."""
    try:
        if path.stat().st_size > LARGEST:
            raise foreign(path, "it is too large")
        whole = json.loads(path.read_bytes(), object_pairs_hook=_unique, parse_constant=_no_number)
    except OSError as error:
        raise foreign(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise foreign(path, f"it is no JSON that was written whole ({error})") from None
    if not isinstance(whole, dict) or MARK not in whole:
        raise foreign(path, f"it has no `{MARK}`, so it holds something else")
    if whole[MARK] != FORMAT or isinstance(whole[MARK], bool):
        raise newer(path, whole[MARK])
    return dict(_rows(path, whole))


def _rows(path: Path, whole: Mapping[str, Any]) -> list[tuple[Key, Row]]:
    """Return kind, id and row of all that a file holds."""
    found: list[tuple[Key, Row]] = []
    kind: Kind
    for field, kind in FIELDS.items():
        rows = whole.get(field, {})
        if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
            raise foreign(path, f"its `{field}` are no mapping of ids to facts")
        try:
            for id, row in rows.items():
                found.append(((kind, id), plain(row)))
        except (ValueError, TypeError) as error:
            raise foreign(path, f"something in its `{field}` {error}") from None
    return found


def write(path: Path, rows: Mapping[Key, Row]) -> None:
    """Write rows to a new file."""
    parts = [f'"{MARK}": {FORMAT}']
    for field, kind in FIELDS.items():
        own = sorted((id, row) for (of, id), row in rows.items() if of == kind)
        lines = (f"{_text(id)}: {_text(stated(row))}" for id, row in own)
        parts.append(f'"{field}": {{\n' + ",\n".join(lines) + "\n}")
    path.write_bytes(("{\n" + ",\n".join(parts) + "\n}\n").encode())


def _text(value: object) -> str:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raise `ValueError` where a key is there twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is there twice")
    return made


def _no_number(name: str) -> NoReturn:
    """Refuse what JSON does not have."""
    raise ValueError(f"{name} is no number")
