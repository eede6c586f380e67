"""`Secret`: a key in memory that shows itself to nobody who does not ask for it."""

from __future__ import annotations

import re

from .errors import SecretHostError, SecretValueError
from .masking import LOADED, MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Self

LONGEST = 65_536
"""Most characters of a value; a service account's JSON fits many times."""

VALUE = re.compile(r"[\x21-\x7e]+\Z")
"""What a key is made of. Anything else would break out of the header it is sent in."""


def fault(text: str) -> tuple[str, str] | None:
    """Return why a text cannot be a key and what to do, never the text; None if it can.

    Refused: nothing, control characters, white space, what is not ASCII, what is too long, and what
    stands in quotes, which would be sent along.
    """
    if not text:
        return "the value is empty", "give the key itself"
    if len(text) > LONGEST:
        return f"the value is longer than {LONGEST:,} characters", "give the key alone"
    if not VALUE.match(text):
        return (
            "the value holds white space, a control character or a letter outside ASCII",
            "copy the key alone, without quotes, spaces or line ends around it",
        )
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return "the value stands in quotes", "give the key alone, without them"
    return None


def trimmed(text: str) -> str:
    """Return a value without the one line end that editors add."""
    return text.removesuffix("\n").removesuffix("\r")


def valid(text: str) -> str:
    """Return a value without the one line end that editors add; raise `SecretValueError`."""
    text = trimmed(text)
    wrong = fault(text)
    if wrong is None:
        return text
    del text  # a traceback may show the variables of every frame
    raise SecretValueError(wrong[0], hint=wrong[1])


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
    """The only hosts it may be sent to; `*` alone, of one made by hand: any."""
    __value: str

    def __init__(
        self,
        value: str,
        *,
        id: str,
        source: str,
        allowed_hosts: tuple[str, ...],
        slot: str = "current",
    ) -> None:
        put = object.__setattr__
        put(self, "id", id)
        put(self, "source", source)
        put(self, "slot", slot)
        put(self, "allowed_hosts", allowed_hosts)
        value = trimmed(value)
        wrong = fault(value)
        if wrong is not None:
            del value  # a traceback may show the variables of every frame
            raise SecretValueError(f"`{id}`, {source}: {wrong[0]}", id=id, hint=wrong[1])
        put(self, "_Secret__value", value)
        LOADED.add(value)

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
        import hmac  # which takes long, and few processes compare

        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Self:
        """Return itself: a copy would be one more place to leak from."""
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return itself."""
        return self

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        """Refuse to be changed: hosts that could be added to would protect nothing."""
        raise AttributeError(f"a Secret cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse to be changed."""
        raise AttributeError(f"a Secret cannot be changed: {name}")

    def __getstate__(self) -> NoReturn:
        """Refuse to be pickled by those who do it in their own way."""
        raise TypeError("a Secret cannot be pickled: ask for it again where it is needed")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a Secret cannot be pickled: ask for it again where it is needed")

    def __init_subclass__(cls) -> NoReturn:
        """Refuse to be subclassed: a subclass could show what this one hides."""
        raise TypeError("Secret cannot be subclassed")
