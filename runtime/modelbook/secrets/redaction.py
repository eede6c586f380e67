"""Log records -> lines without keys: the last thing that happens to a line before it is written.

A filter would be too early: tracebacks are added later, and child loggers pass a filter by.
"""

from __future__ import annotations

import logging

from .masking import MASK, redact

__all__ = ["MASK", "RedactingFormatter", "protect_logging", "redact"]


class RedactingFormatter(logging.Formatter):
    """A formatter that masks keys in what another one makes of a record, tracebacks included."""

    def __init__(self, inner: logging.Formatter | None = None) -> None:
        super().__init__()
        self.inner = inner if inner is not None else logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, masked; a record that cannot be formatted is named as such.

        `logging` itself would print the arguments of such a record to standard error.
        """
        try:
            return redact(self.inner.format(record))
        except Exception as error:  # whatever the inner formatter or an argument raises
            wrong = type(error).__name__
        return redact(f"{record.levelname}: {record.name}: not formatted, {wrong}: {record.msg!r}")


def protect_logging() -> int:
    """Mask keys in whatever the handlers of all loggers write; return the number of handlers.

    Call it after logging is set up, and again when handlers were added. Handlers that write no
    formatted line are not protected: those that send whole records (`SocketHandler`,
    `HTTPHandler`), and rich's own tracebacks.
    """
    handlers = _handlers()
    for handler in handlers:
        if not isinstance(handler.formatter, RedactingFormatter):
            handler.setFormatter(RedactingFormatter(handler.formatter))
    return len(handlers)


def _handlers() -> set[logging.Handler]:
    """Return the handlers of all loggers there are, and the one for when there is none.

    With those to which one of them passes records on, such as the target of a `MemoryHandler`.
    """
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    waiting = [one for logger in loggers for one in getattr(logger, "handlers", ())]
    found = {logging.lastResort} if logging.lastResort else set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, logging.Handler) and one not in found:
            found.add(one)
            waiting.append(getattr(one, "target", None))
    return found
