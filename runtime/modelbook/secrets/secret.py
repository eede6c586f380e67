"""`Secret`: a key in memory that shows itself to nobody who does not ask for it."""

from __future__ import annotations

import hmac
import re

from .errors import SecretHostError, SecretValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Self

MASK = "********"
LONGEST = 65_536
"""Most characters of a value; a service account's JSON fits many times."""

VALUE = re.compile(r"[\x21-\x7e]+\Z")
"""What a key is made of. Anything else would break out of the header it is sent in."""


def valid(text: str) -> str:
    """Return a value without the one line end that editors add; raise `SecretValueError`.

    Refused: nothing, control characters, white space, what is not ASCII, and what is too long.
    """
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise SecretValueError("the value is empty", hint="give the key itself")
    if len(value) > LONGEST:
        raise SecretValueError(f"the value is longer than {LONGEST:,} characters")
    if not VALUE.match(value):
        raise SecretValueError(
            "the value holds white space, a control character or a letter outside ASCII",
            hint="copy the key alone, without quotes, spaces or line ends around it",
        )
    return value


class Secret:
    """A key, the hosts it may be sent to, and where it was found.

    It cannot be printed, pickled, hashed or turned into JSON by accident: `reveal()` gives the
    value, `reveal_for(url)` gives it only for a host it may go to.
    """

    __slots__ = ("__value", "allowed_hosts", "id", "slot", "source")

    id: str
    """The secret's name, such as `openai/api_key`."""
    source: str
    """Where it was found, in words: `environment: OPENAI_API_KEY`."""
    slot: str
    """Which key of a rotation it is: current, next or previous; `current` outside sops."""
    allowed_hosts: tuple[str, ...]
    """The only hosts it may be sent to; `*` alone where the caller gave the value himself."""

    def __init__(
        self,
        value: str,
        *,
        id: str,
        source: str,
        allowed_hosts: tuple[str, ...],
        slot: str = "current",
    ) -> None:
        self.__value = valid(value)
        self.id = id
        self.source = source
        self.slot = slot
        self.allowed_hosts = allowed_hosts

    def reveal(self) -> str:
        """Return the value."""
        return self.__value

    def reveal_for(self, url: str) -> str:
        """Return the value for a request to a URL; raise `SecretHostError` if it must not go there.

        The URL is `https`, or `http` to this machine or a private network, and its host one of
        `allowed_hosts`.
        After a redirect to another host, ask again.
        """
        from .binding import refusal

        wrong = refusal(url, self.allowed_hosts)
        if wrong is not None:
            raise SecretHostError(
                f"`{self.id}` must not be sent there: {wrong}",
                id=self.id,
                hint="allowed_hosts in the catalog and in the sealed record say where it may go",
            )
        return self.__value

    def __repr__(self) -> str:
        """Show name and source, never the value."""
        return f"Secret({self.id!r}, source={self.source!r}, value={MASK!r})"

    def __str__(self) -> str:
        """Return a mask."""
        return MASK

    def __format__(self, _spec: str) -> str:
        """Return a mask, whatever the format."""
        return MASK

    def __bool__(self) -> bool:
        """Return true: a secret that is there is never empty."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compare values in a time that tells nothing about them."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Self:
        """Return itself: a copy would be one more place to leak from."""
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return itself."""
        return self

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a Secret cannot be pickled: ask for it again where it is needed")

    def __init_subclass__(cls) -> NoReturn:
        """Refuse to be subclassed: a subclass could show what this one hides."""
        raise TypeError("Secret cannot be subclassed")
