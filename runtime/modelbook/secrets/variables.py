"""Environment variables, where a blank one is as good as none."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def read(name: str) -> str | None:
    """Return a variable; None where it is not set or blank."""
    value = os.environ.get(name)
    return value if value and not value.isspace() else None


def keys(names: tuple[str, ...]) -> tuple[object, ...]:
    """Return the names of variables as `state` takes them."""
    data = getattr(os.environ, "_data", None)
    return names if data is None else tuple(map(os.environ.encodekey, names))


def state(keys: tuple[object, ...]) -> tuple[object, ...]:
    """Return something that differs whenever one of some variables was changed.

    The dictionary under `os.environ` is asked where there is one: it is twenty times as fast.
    """
    data = getattr(os.environ, "_data", None)
    ask: Callable[[object], object] = os.environ.get if data is None else data.get  # type: ignore[assignment]
    return tuple(map(ask, keys))
