"""An installed plug-in -> a source that raises nothing but our errors."""

from __future__ import annotations

from ..errors import SecretError, SecretSourceError
from . import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

    from ..declared import Declaration
    from . import Context, Source


class Guarded:
    """A source of somebody else. What it raises is not repeated: it may hold the key."""

    def __init__(self, name: str, point: EntryPoint) -> None:
        self.name = name
        loaded, wrong = _tried(point.load)
        made, wrong = _tried(loaded) if isinstance(loaded, type) else (loaded, wrong)
        if wrong or not callable(getattr(made, "get", None)):
            raise self._failed(wrong or "it has no `get`")
        self._source: Source = made  # type: ignore[assignment]
        self.fresh = float(getattr(made, "fresh", 0.0))

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return what the plug-in answers; any failure of it stops the chain."""
        found, wrong = _tried(lambda: self._source.get(declaration, context))
        if wrong or not (found is None or isinstance(found, Found)):
            del found
            raise self._failed(wrong or "its answer is no `Found`")
        return found

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return where the plug-in looks, or that it does not say."""
        words, wrong = _tried(lambda: self._source.looked(declaration, context))
        return str(words) if not wrong else "it does not say where"

    def _failed(self, wrong: str) -> SecretSourceError:
        """Return the error of a plug-in that does not work."""
        hint = f"mend the plug-in `{self.name}`, or take it out of the chain"
        return SecretSourceError(f"{self.name}: the plug-in failed: {wrong}", hint=hint)


def _tried(call: Callable[[], object]) -> tuple[object, str]:
    """Return what a call returns, and the name of the exception it raised; our errors pass."""
    try:
        return call(), ""
    except SecretError:
        raise
    except Exception as error:
        return None, type(error).__name__
