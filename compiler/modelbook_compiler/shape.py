"""Documents -> documents of the right shape. jsonschema-rs decides, jsonschema explains."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs
from modelbook.names import fold

from . import codes
from .diagnostics import Diagnostic, Fix
from .names import did_you_mean
from .operations import is_overlay
from .partial import partial
from .schemas import KINDS, Schema, authored, bundled, with_units
from .values import Document, Json, Pointer

Units = Mapping[str, Mapping[str, Any]]
MOST = 100
"""Most problems of the shape of one file; more say nothing new."""

QUOTE = "quote it"
EXACT = "quote it, so that every digit counts"
TYPES = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "null"}
WANTED = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}


PLAIN = {"integer": re.compile("[1-9][0-9]{0,17}|0"), "boolean": re.compile("true|false")}
"""Texts that mean a value of another type for certain once their quotes are gone."""


class Shapes:
    """The validators of all kinds of file, for a catalog's own units; each is made when asked."""

    def __init__(self, units: Units | None) -> None:
        self._units = "" if units is None else json.dumps(units)

    def schema(self, kind: str, *, overlay: bool = False) -> Schema:
        """Return the schema that files of a kind must meet, or those that hold operations.

        It is not to be changed.
        """
        return _schema(kind, self._units if kind == "deployment" else "", overlay)

    def validator(self, kind: str, *, overlay: bool = False) -> jsonschema_rs.Draft202012Validator:
        """Return the validator that decides whether files of a kind are of the right shape."""
        return _validator(kind, self._units if kind == "deployment" else "", overlay)

    def problems(self, document: Document) -> tuple[Diagnostic, ...]:
        """Return everything that is wrong with the shape of a document."""
        kind = document.source.kind
        overlay = kind != "manifest" and is_overlay(document.data)
        fast = self.validator(kind, overlay=overlay)
        if fast.is_valid(document.data):
            return ()
        found = tuple(islice(_explained(document, self.schema(kind, overlay=overlay)), MOST))
        return found or tuple(_unexplained(document, fast))


# Made once for all checks of a process: to make them takes longer than a small catalog's check.
_KEPT = 4 * len(KINDS)


@lru_cache(_KEPT)
def _schema(kind: str, units: str, overlay: bool) -> Schema:
    """Return the schema of a kind of file, for units in JSON; without them, as it is authored."""
    schema = authored(kind)
    whole = bundled(with_units(schema, json.loads(units)) if units else schema)
    return partial(whole, kind) if overlay else whole


@lru_cache(_KEPT)
def _validator(kind: str, units: str, overlay: bool) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of that schema."""
    return jsonschema_rs.Draft202012Validator(_schema(kind, units, overlay))


def _explained(document: Document, schema: Schema) -> Iterator[Diagnostic]:
    """Yield a diagnostic for everything that jsonschema finds."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(document.data):
        yield from _diagnose(document.source.path, error)


def _unexplained(
    document: Document, fast: jsonschema_rs.Draft202012Validator
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for everything that only the stricter validator refuses."""
    message = "the value ends in a line break, or is out of the range of numbers"
    for error in fast.iter_errors(document.data):
        pointer = tuple(error.instance_path)
        yield Diagnostic(document.source.path, codes.OTHER_SHAPE, message, pointer)


def _diagnose(path: str, error: Any) -> Iterator[Diagnostic]:
    """Yield the diagnostics that one validation error stands for."""
    explain = EXPLAINERS.get(error.validator, _other)
    if "propertyNames" in error.absolute_schema_path:
        explain = _wrong_key
    yield from explain(path, tuple(error.absolute_path), error)


def _unknown_fields(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `additionalProperties`: one diagnostic per field that does not exist."""
    known = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name in known:
            continue
        if name == "id" and not pointer:
            hint = "delete it: the path of the file is the id"
            message = "an id is not written inside a file"
            gone = Fix("delete line", "id")
            yield Diagnostic(path, codes.ID_INSIDE, message, (name,), "key", hint=hint, fix=gone)
            continue
        hint = _did_you_mean(name, known) or _fields(known)
        message, fix = f"unknown field `{name}`", _respelt(name, known, error.instance)
        place = (*pointer, name)
        yield Diagnostic(path, codes.UNKNOWN_FIELD, message, place, "key", hint=hint, fix=fix)


def _missing_fields(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `required`: the one field this error is about, unless it is there misspelt."""
    unknown = [name for name in error.instance if name not in error.schema.get("properties", {})]
    for name in error.validator_value:
        if name not in error.instance and error.message.startswith(repr(name)):
            if _did_you_mean(name, unknown):
                return
            where = _named(pointer)
            message = f"{where} lacks the field `{name}`"
            yield Diagnostic(
                path, codes.MISSING_FIELD, message, pointer, "key", hint=f"add `{name}: …`"
            )


def _wrong_type(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `type`, and a price that is a number."""
    value = error.instance
    if error.schema.get("x-price"):
        yield _price(path, pointer, value)
        return
    wanted = WANTED[error.validator_value]
    quoted = f'the text "{value}"' if isinstance(value, str) and len(value) <= 60 else ""
    message = f"expected {wanted}, found {quoted or _shown(value)}"
    hint = _how_to_write(error.validator_value, value)
    fix = Fix("quote") if hint == QUOTE else _unquoted(error.validator_value, value)
    yield Diagnostic(path, codes.WRONG_TYPE, message, pointer, hint=hint, fix=fix)


def _how_to_write(wanted: str, value: Json) -> str | None:
    """Return the hint for a value of the wrong type."""
    if value is None:
        return "leave the field out where it is not known"
    if wanted == "string" and isinstance(value, int | float):
        return QUOTE
    if wanted == "integer" and isinstance(value, str):
        digits = value.replace("_", "").replace(",", "")
        if digits.isdecimal():
            return f"write the number without quotes: {digits}"
        return "write the number in digits, such as 32768"
    hints = {
        "boolean": "write `true` or `false` without quotes",
        "array": "write a list: [first, second], or an item a line, each after `- `",
        "object": "write fields: {name: value}, or a field a line, indented",
    }
    return hints.get(wanted)


def _unquoted(wanted: str, value: Json) -> Fix | None:
    """Return the mend of a text that is a value of the wanted type in quotes."""
    plain = PLAIN.get(wanted)
    certain = plain is not None and isinstance(value, str) and plain.fullmatch(value)
    return Fix("unquote", value) if certain else None


def _not_a_choice(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `enum` and `const`: the words that are allowed."""
    choices = error.validator_value if error.validator == "enum" else [error.validator_value]
    listed = ", ".join(str(choice) for choice in choices)
    message = f"{_shown(error.instance)} is not one of {listed}"
    words = [str(choice) for choice in choices]
    hint = _did_you_mean(str(error.instance), words) or error.schema.get("x-hint")
    fix = _respelt(error.instance, words)
    yield Diagnostic(path, codes.NOT_A_CHOICE, message, pointer, hint=hint, fix=fix)


def _wrong_form(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `pattern` with the hint that the schema gives."""
    if error.schema.get("x-price"):
        yield _price(path, pointer, error.instance)
        return
    message = f"{_shown(error.instance)} does not have the right form"
    yield Diagnostic(path, codes.WRONG_FORM, message, pointer, hint=error.schema.get("x-hint"))


def _wrong_key(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `propertyNames`: the key that does not have the right form."""
    key = str(error.instance)
    hint = _did_you_mean(key, error.schema.get("enum", [])) or error.schema.get("x-hint")
    message = f"`{key[:60]}` cannot be a key here"
    yield Diagnostic(path, codes.WRONG_FORM, message, (*pointer, key), "key", hint=hint)


def _out_of_range(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain bounds of numbers and lists."""
    bound = error.validator_value
    words = {
        "exclusiveMinimum": f"must be above {bound}",
        "minimum": f"must be {bound} or more",
        "maximum": f"must be {bound:,} or less" if isinstance(bound, int) else "is too large",
        "minItems": f"needs {bound} or more items",
        "maxItems": f"may have no more than {bound} items",
        "minProperties": f"needs {bound} or more fields",
    }
    message = f"{_shown(error.instance)} {words[error.validator]}"
    hint = error.schema.get("x-hint") or "leave the field out where it is not known"
    if error.validator == "maxItems":
        hint = "keep those that say something of their own"
    yield Diagnostic(path, codes.OUT_OF_RANGE, message, pointer, hint=hint)


def _repeated(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `uniqueItems` at the second of the equal items."""
    seen: set[str] = set()
    for position, item in enumerate(error.instance):
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            message = f"{_shown(item)} is in the list twice"
            yield Diagnostic(
                path, codes.REPEATED, message, (*pointer, position), hint="keep one of them"
            )
        seen.add(text)


def _lonely(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain `dependentRequired`: fields that need another beside them."""
    for name, needed in error.validator_value.items():
        for other in needed:
            if name in error.instance and other not in error.instance:
                message = f"`{name}` needs the field `{other}` beside it"
                hint = f"add `{other}: …`"
                yield Diagnostic(
                    path, codes.OTHER_SHAPE, message, (*pointer, name), "key", hint=hint
                )


def _no_meaning(path: str, pointer: Pointer, _error: Any) -> Iterator[Diagnostic]:
    """Explain `not: {}`: a field that is refused beside the others."""
    message = f"`{pointer[-1]}` has no meaning here"
    yield Diagnostic(path, codes.OTHER_SHAPE, message, pointer, "key", hint="delete it")


def _other(path: str, pointer: Pointer, error: Any) -> Iterator[Diagnostic]:
    """Explain anything else."""
    yield Diagnostic(path, codes.OTHER_SHAPE, str(error.message)[:200], pointer)


def _price(path: str, pointer: Pointer, value: Json) -> Diagnostic:
    """Return the diagnostic of a price that is not quoted decimal text."""
    message = f"{_shown(value)} is not a price"
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        hint = EXACT
    elif value == 0 or (isinstance(value, str) and not value.strip("0.")):
        hint = "write `free` for a price of nothing; leave it out where it is not known"
    else:
        hint = 'write a quoted decimal above zero such as "2.50", or `free`'
    fix = Fix("quote") if hint == EXACT else None
    return Diagnostic(path, codes.BAD_PRICE, message, pointer, hint=hint, fix=fix)


Explainer = Callable[[str, Pointer, Any], Iterable[Diagnostic]]
EXPLAINERS: Mapping[str, Explainer] = {
    "additionalProperties": _unknown_fields,
    "required": _missing_fields,
    "type": _wrong_type,
    "enum": _not_a_choice,
    "const": _not_a_choice,
    "pattern": _wrong_form,
    "uniqueItems": _repeated,
    "not": _no_meaning,
    "dependentRequired": _lonely,
    **dict.fromkeys(
        ("exclusiveMinimum", "minimum", "maximum", "minItems", "maxItems", "minProperties"),
        _out_of_range,
    ),
}


def _shown(value: Json) -> str:
    """Return a value as a message shows it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float) or (isinstance(value, str) and len(value) <= 60):
        return f"`{value}`"
    return TYPES.get(type(value), "a value")


def _named(pointer: Pointer) -> str:
    """Return a place in words: `limits`, item 2 of `prices`, the file."""
    if not pointer:
        return "the file"
    step = pointer[-1]
    return f"`{step}`" if isinstance(step, str) else f"item {step + 1} of {_named(pointer[:-1])}"


def _respelt(name: Json, known: Iterable[str], taken: Container[str] = ()) -> Fix | None:
    """Return the mend of a word that differs from one known word by case and separators alone."""
    alike = [one for one in known if isinstance(name, str) and fold(one) == fold(name)]
    return Fix("replace", alike[0]) if len(alike) == 1 and alike[0] not in taken else None


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint that names the nearest known word; words of schemas are in lower case."""
    return did_you_mean(name.lower()[:100], known)


def _fields(known: list[str]) -> str:
    """Return the hint that lists the fields there are."""
    listed = ", ".join(f"`{name}`" for name in known[:12])
    return f"the fields here are {listed}{' …' if len(known) > 12 else ''}"
