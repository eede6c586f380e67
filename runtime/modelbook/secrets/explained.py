"""Which source answers, and why the others do not: the same search as `get`, told step by step."""

from __future__ import annotations

from ..record import Record
from .errors import SecretError
from .masking import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from ..catalog import Catalog
    from .declared import Declaration
    from .secret import Secret
    from .sources import Context, Found

LOCAL = ("environment", "mounted", "file", "sops")
"""Sources that are also looked at when one before them has answered: it costs no network."""


class Step(Record):
    """One source of the chain and what it said; never a value."""

    source: str
    state: str
    """`answers`, `absent`, `not asked` (one before it ended the search) or `fails`."""
    words: str
    """Where it looked, what is wrong, or whether it holds the same value."""
    code: str | None = None
    """The stable code of the error, where it fails or would fail."""
    hint: str = ""


class Explanation(Record):
    """How a secret is found, source by source."""

    id: str
    environment: str | None
    """The environment that was chosen; None where nobody chose one."""
    steps: tuple[Step, ...]
    allowed_hosts: tuple[str, ...]
    """Where the key may be sent; what is declared, where none was found."""
    answer: str | None = None
    """Where the key stands, in words; None where there is none."""
    code: str | None = None
    """The code of the error that `get` would raise."""

    def __str__(self) -> str:
        """Return a line for each source."""
        wide = max(len(step.source) for step in self.steps)
        lines = [f"{one.source:{wide}}  {one.state:9}  {one.words}" for one in self.steps]
        return "\n".join([f"{self.id}: {self.answer or self.code}", *lines])


def explain(
    reference: str,
    *,
    environment: str | None = None,
    slot: str = "current",
    at: date | str | None = None,
    catalog: Catalog | None = None,
) -> Explanation:
    """Return how `get` finds a secret, with the same arguments; it raises only for those.

    Sources of this machine are looked at even after one has answered, to tell whether they hold
    something else; a keyring, AWS and plug-ins are not.
    """
    from .chain import context_of
    from .declared import declared

    context = context_of(environment, slot, at)
    declaration = declared(reference, context.settings.packages, catalog)
    steps: list[Step] = []
    answer: Secret | None = None
    for name in context.settings.chain:
        if any(step.state in ("answers", "fails") for step in steps):
            steps.append(_later(name, declaration, context, answer))
        else:
            step, answer = _step(name, declaration, context)
            steps.append(step)
    return _told(declaration, context, tuple(steps), answer)


def _told(
    declaration: Declaration, context: Context, steps: tuple[Step, ...], answer: Secret | None
) -> Explanation:
    """Return the whole explanation."""
    failed = next((step.code for step in steps if step.state == "fails"), None)
    return Explanation(
        id=declaration.id,
        environment=context.stated,
        steps=tuple(one.changed(words=shown(one.words)) for one in steps),
        allowed_hosts=answer.allowed_hosts if answer else declaration.allowed_hosts,
        answer=answer.source if answer else None,
        code=None if answer else failed or "secret-not-found",
    )


def _step(name: str, declaration: Declaration, context: Context) -> tuple[Step, Secret | None]:
    """Return what a source says that is asked, and its key."""
    from .chain import secret_of
    from .sources import named

    try:
        source = named(name)
        found = source.get(declaration, context)
        if found is None:
            words = source.looked(declaration, context)
            return Step(source=name, state="absent", words=words), None
        secret = secret_of(found, declaration)
        if found.slot != context.slot:
            words = f"{found.where} has no {context.slot} key"
            return Step(source=name, state="fails", words=words, code="secret-not-found"), None
        return Step(source=name, state="answers", words=_noted(found)), secret
    except SecretError as error:
        return _failing(name, "fails", str(error), error), None


def _later(name: str, declaration: Declaration, context: Context, answer: Secret | None) -> Step:
    """Return what is to be said of a source after the one that ended the search."""
    if name not in LOCAL:
        return Step(source=name, state="not asked", words="one before it ended the search")
    step, secret = _step(name, declaration, context)
    if step.state == "fails":
        return step.changed(state="not asked", words=f"would fail: {step.words}")
    if secret is None:
        return step.changed(state="not asked", words=f"does not have it: {step.words}")
    if answer is None:
        return step.changed(state="not asked", words=f"has it: {step.words}")
    same = "the same value" if secret == answer else "ANOTHER value"
    return step.changed(state="not asked", words=f"holds {same}: {step.words}")


def _noted(found: Found) -> str:
    """Return where a key stands, and what is probably not meant about it."""
    return f"{found.where}; {found.note}" if found.note else found.where


def _failing(name: str, state: str, words: str, error: SecretError) -> Step:
    """Return the step of a source that fails."""
    return Step(source=name, state=state, words=words, code=error.code, hint=error.hint)
