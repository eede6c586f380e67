"""The name of a secret -> the key, from the first source of the user's chain that has it.

    explicit → environment → mounted → file → sops → (keyring, aws, plug-ins: where they are named)

Only "absent" lets the next source be asked. A source that holds the secret and cannot be believed
ends the search with its error: who can break one source must not choose which key is used.
"""

from __future__ import annotations

from time import monotonic

from . import variables
from .answers import ANSWERS
from .errors import SecretNameError, SecretNotFoundError, SecretValueError, SecretWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from ..catalog import Catalog
    from .declared import Declaration
    from .secret import Secret
    from .sources import Context, Found, Source


class _Held:
    """An answer, and what must not have changed for it to be given again."""

    __slots__ = ("keys", "secret", "state", "until")

    def __init__(self, secret: Secret, until: float, names: tuple[str, ...]) -> None:
        self.secret = secret
        self.until = until
        self.keys = variables.keys(names)
        self.state = variables.state(self.keys)


_noted: set[str] = set()


def get(
    reference: str,
    *,
    value: str | None = None,
    environment: str | None = None,
    slot: str = "current",
    at: date | str | None = None,
    catalog: Catalog | None = None,
) -> Secret:
    """Return a key: `value` if it is given, or else what the first source has.

    `environment` is the folder under `secrets/` (usual: `MODELBOOK_ENV`, or the only one); `slot`
    is current, next or previous; `at` is the UTC day by which keys expire (usual: today); `catalog`
    declares the secret (usual: the settings' packages). Hosts are those of the declaration, also of
    a `value`, and fewer where the sealed record says so.

    Variables are asked every time; files at most once a second, a keyring once a minute and AWS
    every five minutes. Raises a `SecretError`: `SecretNotFoundError` names the sources asked.
    """
    if value is None and at is None:
        try:
            held: _Held | None = ANSWERS.get((reference, environment, slot, catalog))
        except TypeError:
            raise SecretNameError("the name of a secret is text") from None
        if (
            held is not None
            and held.until > monotonic()
            and variables.state(held.keys) == held.state
        ):
            return held.secret
    from .sources import Found

    given = None if value is None else Found(value=value, where="given")
    del value  # a traceback may show the variables of every frame
    return _asked(reference, given, environment, slot, at, catalog)


def clear() -> None:
    """Forget every key that was read; they are still masked by `redact`."""
    import sys

    ANSWERS.clear()
    cache = sys.modules.get(f"{__package__}.cache")
    if cache is not None:
        cache.clear()


def context_of(environment: str | None, slot: str, at: date | str | None) -> Context:
    """Return what is asked for, checked, with the settings that hold now."""
    from .ids import environment as checked
    from .settings import load
    from .sources import Context

    if environment is not None:
        checked(environment)
    if slot != "current":
        _check_slot(slot)
    return Context(settings=load(), environment=environment, slot=slot, today=day(at))


def _check_slot(slot: str) -> None:
    """Refuse what is no slot."""
    from .record import SLOTS

    if slot not in SLOTS:
        raise SecretNameError("there is no such slot", hint=f"slots are {', '.join(SLOTS)}")


def day(at: date | str | None) -> str:
    """Return a UTC day as YYYY-MM-DD, today for None; raise `SecretNameError` for what is none."""
    if at is None:
        from time import gmtime

        now = gmtime()
        return f"{now.tm_year:04}-{now.tm_mon:02}-{now.tm_mday:02}"
    from datetime import datetime, timezone

    from .record import is_day

    if isinstance(at, datetime) and at.tzinfo is not None:
        at = at.astimezone(timezone.utc)  # noqa: UP017
    text = at if isinstance(at, str) else f"{at:%Y-%m-%d}"
    if not is_day(text):
        raise SecretNameError("this is no day", hint="write YYYY-MM-DD")
    return text


def names_of(declaration: Declaration) -> tuple[str, ...]:
    """Return the variables on which an answer depends."""
    from .settings import ASKED

    pointing = (f"{name}_FILE" for name in declaration.env)
    return (*declaration.env, *pointing, "CREDENTIALS_DIRECTORY", *ASKED)


def _asked(
    reference: str,
    given: Found | None,
    environment: str | None,
    slot: str,
    at: date | str | None,
    catalog: Catalog | None,
) -> Secret:
    """Return the key that is given or found, as a `Secret`."""
    from .declared import declared

    context = context_of(environment, slot, at)
    declaration = declared(reference, context.settings.packages, catalog)
    if given is not None:
        if not isinstance(given.value, str):
            raise SecretValueError(f"`{reference}`: the value that is given is no text")
        return secret_of(given, declaration)
    found, source = _first(declaration, context)
    if found.slot != slot:
        raise SecretNotFoundError(
            f"`{reference}` has no {slot} key: it comes from {found.where}",
            id=reference,
            hint="only what is kept with sops, or at AWS, has more than one",
        )
    if found.note:
        _warn(f"`{reference}`: {found.note}")
    secret = secret_of(found, declaration)
    if source.fresh and at is None:
        names = names_of(declaration)
        key = (reference, environment, slot, catalog)
        ANSWERS[key] = _Held(secret, monotonic() + source.fresh, names)
    return secret


def _first(declaration: Declaration, context: Context) -> tuple[Found, Source]:
    """Return what the first source has that has the secret, and which one that is."""
    from .sources import named

    for name in context.settings.chain:
        source = named(name)
        found = source.get(declaration, context)
        if found is not None:
            return found, source
    raise _nowhere(declaration, context)


def secret_of(found: Found, declaration: Declaration) -> Secret:
    """Return what was found as a `Secret`, bound to the hosts it may be sent to.

    Raises `SecretHostError` for a record that allows more than the catalog, `SecretValueError` for
    a value that cannot be a key.
    """
    from .secret import Secret

    hosts = declaration.allowed_hosts
    if found.allowed_hosts is not None:
        from .binding import narrowed

        hosts = narrowed(declaration.id, hosts, found.allowed_hosts)
    return Secret(
        found.value, id=declaration.id, source=found.where, allowed_hosts=hosts, slot=found.slot
    )


def _nowhere(declaration: Declaration, context: Context) -> SecretNotFoundError:
    """Return the error of a secret that no source has; it lists where was looked."""
    from .sources import named

    chain = context.settings.chain
    told = "; ".join(f"{name}: {named(name).looked(declaration, context)}" for name in chain)
    first = declaration.env[0] if declaration.env else ""
    ways = [f"set {first}"] if first else []
    return SecretNotFoundError(
        f"`{declaration.id}` is nowhere. Asked: {told}",
        id=declaration.id,
        hint=" or ".join([*ways, f"run `modelbook secrets set {declaration.id}`"]),
    )


def _warn(text: str) -> None:
    """Tell once in a process what is probably not meant."""
    if text not in _noted:
        _noted.add(text)
        from warnings import warn

        warn(text, SecretWarning, stacklevel=4)
