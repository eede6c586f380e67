"""The rare filters: requirements in, tests of what is known of a deployment out.

They read the second table (`facts.py`), and are asked only of what passes the common ones.
"""

from __future__ import annotations

from .checks import above, amount_at, nano

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from .catalog import Catalog
    from .facts import Known
    from .requirements import Requirements
    from .rows import Line, Traits

    Test = Callable[[Known], bool]
    Words = Callable[[Known], str]
    Far = tuple[int, int, float]
    Measure = Callable[[Known], Far]


class Asked:
    """What filters may need beside the value of their own field."""

    def __init__(
        self, catalog: Catalog, needs: Requirements, at: str, missing: Mapping[str, str] | None
    ) -> None:
        self.catalog = catalog
        self.needs = needs
        self.at = at
        self.missing = missing or {}
        """Provider out of reach to what it lacks."""
        self._costs: dict[str, object] = {}
        self._lines: dict[str, tuple[Traits, Line]] = {}

    def line(self, id: str) -> tuple[Traits, Line]:
        """Return what the index says of a deployment."""
        if not self._lines:
            index = self.catalog.index()
            self._lines = {line[0]: (traits, line) for traits, lines in index for line in lines}
        return self._lines[id]

    def metered(self, id: str) -> bool:
        """Tell whether a deployment has a price, known or not."""
        return self.line(id)[0][2]

    def cost(self, id: str) -> Any:
        """Return what a call of `usage` costs, or the `Exclusion` that says why nobody knows."""
        if id not in self._costs:
            from .compare import Call, outcome
            from .record import FrozenDict

            usage: Any = self.needs.usage or {}
            call = Call(usage=FrozenDict(usage))
            one = self.catalog.get_deployment(id)
            found = outcome(self.catalog, one, (call,), self.at, "USD")
            self._costs[id] = found[0].total if isinstance(found, tuple) else found
        return self._costs[id]


UNKNOWN: Far = (1, 0, 0.0)
"""How far off is what is not known."""

ANOTHER: Far = (0, 1, 0.0)
"""How far off is another name: of a provider, a licence, a status."""


def factor(more: int | float, less: int | float) -> Far:
    """Return how far off a number is, as the factor between it and what is asked."""
    return (0, 0, more / max(less, 1))


class Filter:
    """One requirement: whether a deployment meets it, and what it lacks if not.

    `far` says how much it lacks: what is unknown, how many names, and numbers as factors.
    """

    __slots__ = ("far", "fits", "reason", "words")

    def __init__(
        self, reason: str, fits: Test, words: Words, far: Measure = lambda _: ANOTHER
    ) -> None:
        self.reason = reason
        self.fits = fits
        self.words = words
        self.far = far


def _number(read: Callable[[Known], Any], bound: Any) -> Measure:
    """Return what measures a number against its bound, from whichever side."""

    def far(one: Known) -> Far:
        value = read(one)
        return UNKNOWN if value is None else factor(max(value, bound), min(value, bound))

    return far


def filters(asked: Asked) -> Iterator[Filter]:
    """Yield the rare filters that requirements state, in a fixed order."""
    given = asked.needs.__dict__
    for name, make in MAKERS.items():
        value = given.get(name)
        if value is not None and value != getattr(type(asked.needs), name):
            yield make(value, asked)


def _excluded(ids: Any, _: Asked) -> Filter:
    return Filter(
        "excluded_provider",
        lambda one: one.id.partition(":")[0] not in ids,
        lambda _: "is at a provider that was left out",
    )


def _models(ids: Any, _: Asked) -> Filter:
    return Filter("model", lambda one: one.model in ids, lambda one: f"is {one.model}")


def _creators(ids: Any, _: Asked) -> Filter:
    return Filter(
        "creator",
        lambda one: one.model.partition("/")[0] in ids,
        lambda one: f"is made by {one.model.partition('/')[0]}",
    )


def _text(text: Any, _: Asked) -> Filter:
    wanted = text.split(" ")

    def missing(one: Known) -> list[str]:
        words = one.words()
        return [word for word in wanted if word not in words]

    return Filter(
        "text",
        lambda one: not missing(one),
        lambda one: f"has no {' and no '.join(f'`{word}`' for word in missing(one))} in its names",
        lambda one: (0, len(missing(one)), 0.0),
    )


def _methods(methods: Any, _: Asked) -> Filter:
    listed = " or ".join(methods)
    return Filter(
        "method",
        lambda one: not {*methods}.isdisjoint(one.provider.get("methods", ())),
        lambda one: (
            f"is not reached by {listed}, but by {' and '.join(one.provider['methods'])}"
            if "methods" in one.provider
            else f"is not known to be reached by {listed}"
        ),
    )


def _output_tokens(least: Any, _: Asked) -> Filter:
    return Filter(
        "output_tokens",
        lambda one: one.max_output is not None and one.max_output >= least,
        lambda one: (
            "has no known limit of output"
            if one.max_output is None
            else f"writes at most {one.max_output:,} tokens, below {least:,}"
        ),
        _number(lambda one: one.max_output, least),
    )


def _output_cost(cap: Any, asked: Asked) -> Filter:
    most, at = nano(cap), asked.at

    def words(one: Known) -> str:
        amount = amount_at(one.output_price, at)
        if amount is None:
            return "has no known output price in USD"
        return f"costs {dollars(amount)} USD per 1M standard output tokens"

    return Filter(
        "output_cost",
        lambda one: not asked.metered(one.id) or not above(one.output_price, most, at),
        words,
        _number(lambda one: amount_at(one.output_price, at), most),
    )


def _call_cost(cap: Any, asked: Asked) -> Filter:
    from decimal import Decimal

    def fits(one: Known) -> bool:
        cost = asked.cost(one.id)
        if isinstance(cost, Decimal):
            return bool(cost <= cap)
        return not asked.metered(one.id) and cost.reason not in ("context", "max_output")

    def words(one: Known) -> str:
        cost = asked.cost(one.id)
        return f"costs {cost:f} USD a call" if isinstance(cost, Decimal) else str(cost.text)

    def far(one: Known) -> Far:
        cost = asked.cost(one.id)
        if not isinstance(cost, Decimal):
            return UNKNOWN
        return (0, 0, float(cost) / max(float(cap), 1e-12))

    return Filter("call_cost", fits, words, far)


def _lacks(names: Any, asked: Asked) -> Filter:
    def words(one: Known) -> str:
        has = names.intersection(asked.line(one.id)[0][3])
        unknown = names - one.lacking() - has
        told = [f"has {', '.join(sorted(has))}"] if has else []
        told += [f"is not known to lack {', '.join(sorted(unknown))}"] if unknown else []
        return " and ".join(told)

    def far(one: Known) -> Far:
        return (0, len(names - one.lacking()), 0.0)

    return Filter("lacks", lambda one: names <= one.lacking(), words, far)


def _modalities(direction: str, verb: str) -> Callable[[Any, Asked], Filter]:
    def make(wanted: Any, _: Asked) -> Filter:
        def words(one: Known) -> str:
            has: Any = getattr(one, direction)
            left = ", ".join(m for m in wanted if has is None or m not in has)
            return f"is not known to {verb} {left}" if has is None else f"does not {verb} {left}"

        def fits(one: Known) -> bool:
            has: Any = getattr(one, direction)
            return has is not None and {*wanted} <= {*has}

        return Filter("modality", fits, words)

    return make


def _licenses(ids: Any, _: Asked) -> Filter:
    return Filter(
        "license",
        lambda one: one.license in ids,
        lambda one: f"is under {one.license}" if one.license else "has no known licence",
    )


def _open_weights(wanted: Any, _: Asked) -> Filter:
    kinds: dict[bool | None, str] = {
        None: "weights that are not known to be open or closed",
        True: "open weights",
        False: "closed weights",
    }
    return Filter(
        "open_weights",
        lambda one: one.open_weights is wanted,
        lambda one: f"has {kinds[one.open_weights]}",
    )


def _parameters(fits: Callable[[int, int], bool]) -> Callable[[Any, Asked], Filter]:
    def make(bound: Any, _: Asked) -> Filter:
        return Filter(
            "parameters",
            lambda one: one.parameters is not None and fits(one.parameters, bound),
            lambda one: (
                "has no known number of parameters"
                if one.parameters is None
                else f"has {one.parameters:,} parameters"
            ),
            _number(lambda one: one.parameters, bound),
        )

    return make


def _memory(most: Any, _: Asked) -> Filter:
    return Filter(
        "memory",
        lambda one: not one.own or (one.memory is not None and one.memory <= most),
        lambda one: (
            "has weights of no known size, in the format served"
            if one.memory is None
            else f"has weights of {one.memory:,} bytes, above {most:,}"
        ),
        _number(lambda one: one.memory, most),
    )


def _statuses(wanted: Any, asked: Asked) -> Filter:
    def stands(one: Known) -> str:
        return one.status(asked.at, asked.line(one.id)[1][4])

    return Filter("status", lambda one: stands(one) in wanted, lambda one: f"is {stands(one)}")


def _regions(wanted: Any, _: Asked) -> Filter:
    listed = " or ".join(wanted)

    def words(one: Known) -> str:
        has = one.regions()
        told = f"is served in {', '.join(has)}, not in {listed}" if has is not None else None
        return told or f"is not known to be served in {listed}"

    return Filter(
        "region",
        lambda one: one.own or not {*wanted}.isdisjoint(one.regions() or ()),
        words,
    )


def _policy(
    field: str, fits: Callable[[int, Any], bool], told: Callable[[int], str], unknown: str
) -> Callable[[Any, Asked], Filter]:
    def make(bound: Any, _: Asked) -> Filter:
        def known(one: Known) -> int | None:
            return one.policy().get(field)

        def words(one: Known) -> str:
            value = known(one)
            return unknown if value is None else told(value)

        def passes(one: Known) -> bool:
            value = known(one)
            return one.own or (value is not None and fits(value, bound))

        def far(one: Known) -> Far:
            value = known(one)
            return UNKNOWN if value is None else factor(value, bound)

        return Filter("data_policy", passes, words, far)

    return make


def _available(_: Any, asked: Asked) -> Filter:
    return Filter(
        "unavailable",
        lambda one: one.id.partition(":")[0] not in asked.missing,
        lambda one: asked.missing[one.id.partition(":")[0]],
    )


MAKERS: dict[str, Callable[[Any, Asked], Filter]] = {
    "exclude_providers": _excluded,
    "models": _models,
    "creators": _creators,
    "text": _text,
    "methods": _methods,
    "statuses": _statuses,
    "min_output_tokens": _output_tokens,
    "max_output_cost": _output_cost,
    "lacks": _lacks,
    "input": _modalities("input", "take"),
    "output": _modalities("output", "give"),
    "licenses": _licenses,
    "open_weights": _open_weights,
    "min_parameters": _parameters(int.__ge__),
    "max_parameters": _parameters(int.__le__),
    "max_memory": _memory,
    "regions": _regions,
    "trains_on_inputs": _policy(
        "trains_on_inputs",
        lambda value, _: value is False,
        lambda _: "trains on what is sent",
        "is not known not to train on what is sent",
    ),
    "max_retention_days": _policy(
        "retention_days",
        int.__le__,
        lambda days: f"keeps what is sent for {days} days",
        "is not known for how long it keeps what is sent",
    ),
    "zero_retention": _policy(
        "zero_retention",
        lambda value, _: value is True,
        lambda _: "keeps what is sent",
        "is not known to keep nothing that is sent",
    ),
    "available_only": _available,
    "max_cost_per_call": _call_cost,
}
"""Field to its filter; the dearest to ask stands last."""


def dollars(amount: int, tokens: int = 1) -> str:
    """Return nano-USD per 1M tokens as USD; `tokens` of 1000 means per 1,000 of them."""
    from decimal import Decimal

    nano_usd = Decimal(10**9 * tokens)
    return f"{(Decimal(amount) / nano_usd).normalize():f}"
