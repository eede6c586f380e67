"""Sources of keys: the name of one -> what asks it. Built in, or an installed plug-in.

A plug-in is an entry point of the group `modelbook.secret_sources` that gives a `Source`, or a
class of one. It is loaded only when the user's chain names it.
"""

from __future__ import annotations

from importlib import import_module

from ...names import nearest
from ...record import Record
from ..errors import SecretSettingsError, SecretSourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from ..declared import Declaration
    from ..reading import Fault
    from ..settings import Settings

    class Source(Protocol):
        """A place that may hold keys. Only "absent" lets the next one be asked."""

        name: str
        """How the chain and messages call it."""
        fresh: float
        """Seconds for which an answer holds without being asked for again; 0: always ask."""

        def get(self, declaration: Declaration, context: Context) -> Found | None:
            """Return the key; None only where the source is sound and does not have it.

            Raises a `SecretError` for anything else. No message, and no variable of a frame that
            raises, may hold what was read.
            """
            ...

        def looked(self, declaration: Declaration, context: Context) -> str:
            """Return where it looks, in words, for people who ask why nothing was found."""
            ...


GROUP = "modelbook.secret_sources"
BUILT_IN = ("environment", "mounted", "file", "sops", "keyring", "aws")


class Found(Record):
    """A key as a source gives it. It shows the place, never the value."""

    value: str
    where: str
    """Where it stood, in words: `environment: OPENAI_API_KEY`."""
    slot: str = "current"
    allowed_hosts: tuple[str, ...] | None = None
    """Hosts that the source seals; None where it knows none."""
    note: str | None = None
    """Something that is probably not meant, in words."""

    def __repr__(self) -> str:
        """Show the place, never the value."""
        return f"Found({self.where!r})"


class Context(Record):
    """What is asked for beside the secret."""

    settings: Settings
    environment: str | None = None
    """The environment that was asked for; None: that of the settings, or the only one there is."""
    slot: str = "current"
    today: str
    """The UTC day by which keys expire, YYYY-MM-DD."""

    @property
    def stated(self) -> str | None:
        """The environment that somebody chose; None where nobody did."""
        return self.environment if self.environment is not None else self.settings.environment


_known: dict[str, Source] = {}


def named(name: str) -> Source:
    """Return a source by its name in the chain.

    Raises `SecretSettingsError` with the nearest names if there is none.
    """
    try:
        return _known[name]
    except KeyError:
        found = _built_in(name) if name in BUILT_IN else _plugin(name)
    return _known.setdefault(name, found)


def refused(source: str, fault: Fault, id: str = "") -> SecretSourceError:
    """Return the error of a source that cannot be believed or read."""
    where = f"{fault.path}:{fault.line}" if fault.line else fault.path
    told = " ".join(part for part in (where, fault.words) if part)
    return SecretSourceError(f"{source}: {told}", id=id, path=fault.path, hint=fault.hint)


def differing(first: str, second: str) -> str:
    """Return the note on two names of one secret that hold different values."""
    return f"{first} and {second} hold different values; {first} is taken"


def _built_in(name: str) -> Source:
    """Return a source of ours."""
    found: Source = import_module(f"{__name__}.{name}").SOURCE
    return found


def _plugin(name: str) -> Source:
    """Return the source of an installed plug-in."""
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        known = (*BUILT_IN, *sorted(points))
        near = nearest(name, known, 1)
        raise SecretSettingsError(
            f"there is no source of secrets `{name}`",
            hint=f"did you mean `{near[0]}`?" if near else f"sources are {', '.join(known)}",
            nearest=near,
        )
    from .plugin import Guarded

    return Guarded(name, points[name])
