"""Errors that leave the frames behind in which keys stood as plain text."""

from __future__ import annotations

from functools import wraps

from .errors import SecretError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


def bare(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose `SecretError`s have no traceback from inside it, and no context.

    Programs that report errors with the variables of each frame would send what was decrypted
    there to their log.
    """

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except SecretError as error:
            failed = error
        failed.__traceback__ = failed.__context__ = failed.__cause__ = None
        raise failed

    return called
