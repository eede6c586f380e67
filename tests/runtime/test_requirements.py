"""Requirements: spelt in one way, and an error of our own for whatever means nothing."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count, repeat
from pathlib import Path
from typing import Any

import pytest
from modelbook.catalog import Catalog
from modelbook.errors import ModelbookError, NotFoundError, RequestError
from modelbook.facts import known
from modelbook.normal import CHECKS, METHODS, SORTS, STATUSES, normal
from modelbook.package import select
from modelbook.record import FrozenDict
from modelbook.records import MODALITIES
from modelbook.requirements import Requirements
from modelbook_catalog import catalog, search
from modelbook_catalog import select as ask


@pytest.fixture(scope="module")
def book(fifteen: tuple[Catalog, Path]) -> Catalog:
    """Return the catalog of fifteen models."""
    return fifteen[0]


def test_every_field_has_a_check_and_none_demands_anything(book: Catalog) -> None:
    assert CHECKS.keys() == {*Requirements._fields}
    nothing = {name: getattr(Requirements, name) for name in CHECKS}
    assert normal(book, Requirements(**nothing)) == Requirements()
    assert select(book, Requirements()) is select(book, Requirements(**nothing))


def test_words_of_the_schemas_are_those_of_the_filters(root: Path) -> None:
    common = json.loads((root / "schemas/common.schema.json").read_text())["$defs"]
    assert tuple(common["modality"]["enum"]) == MODALITIES
    provider = json.loads((root / "schemas/provider.schema.json").read_text())
    ways = provider["properties"]["access"]["items"]["properties"]["method"]["enum"]
    assert tuple(ways) == METHODS
    deployment = json.loads((root / "schemas/deployment.schema.json").read_text())
    found = deployment["properties"]["lifecycle"]["properties"]["status"]["enum"]
    assert tuple(found) == STATUSES


SPELLINGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"pipeline": "Text_Generation"}, {"pipeline": "text-generation"}),
    ({"providers": "groq"}, {"providers": ("groq",)}),
    ({"providers": {"openai", "groq"}}, {"providers": ("groq", "openai")}),
    ({"prefer": iter(["openai", "groq", "openai"])}, {"prefer": ("openai", "groq")}),
    ({"models": (id for id in ["gpt-4"])}, {"models": ("openai/gpt-4",)}),
    ({"creators": ["META", "meta"]}, {"creators": ("meta",)}),
    ({"text": " GPT-4  gpt4 - Turbo"}, {"text": "gpt4 turbo"}),
    ({"methods": "In_Process"}, {"methods": ("in-process",)}),
    ({"max_cost_per_1k": 0.1}, {"max_cost_per_1k": Decimal("0.1")}),
    ({"max_input_cost": "1e-2"}, {"max_input_cost": Decimal("0.01")}),
    (
        {"requires": {"tools": True, "reasoning": False}, "lacks": ["batch"]},
        {"requires": frozenset({"tools"}), "lacks": frozenset({"batch", "reasoning"})},
    ),
    ({"input": {"Image", "text"}}, {"input": ("image", "text")}),
    (
        {"statuses": ["active"], "include_retired": True},
        {"statuses": ("active", "retired"), "include_retired": True},
    ),
    ({"regions": ["US", "eu"]}, {"regions": ("eu", "us")}),
    ({"sort": "context, -cost,context"}, {"sort": ("context", "-cost")}),
    (
        {"usage": {"output": 2.0, "input": Decimal(3)}},
        {"usage": FrozenDict({"input": 3, "output": 2})},
    ),
    ({"available_only": False}, {}),
    ({"providers": ["OpenAI", "open_ai", "Groq"]}, {"providers": ("groq", "openai")}),
    ({"prefer": ["Open-AI", "openai"]}, {"prefer": ("openai",)}),
    (
        {"requires": "Tools", "lacks": "Json Schema"},
        {"requires": frozenset({"tools"}), "lacks": frozenset({"json_schema"})},
    ),
    ({"exclude_providers": [], "input": (), "sort": ()}, {}),
    ({"providers": [], "limit": 0}, {"providers": (), "limit": 0}),
]


@pytest.mark.parametrize(("given", "spelt"), SPELLINGS)
def test_spellings(book: Catalog, given: dict[str, Any], spelt: dict[str, Any]) -> None:
    found = normal(book, Requirements(**given))
    assert found == Requirements(**spelt)
    assert normal(book, found) == found
    assert hash(found) == hash(Requirements(**spelt))


NOTHING: tuple[Any, ...] = (
    float("nan"),
    float("inf"),
    -1,
    -0.5,
    1j,
    10**5000,
    b"tools",
    object(),
    [None],
    [["eu"]],
    {"tools": 1},
    {1: True},
    repeat("x"),
    count(),
    "\x00",
    "\ud800",
    "no such thing",
    range,
)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_hostile_values_end_in_an_error_of_ours(book: Catalog, name: str) -> None:
    for value in NOTHING:
        try:
            found = select(book, Requirements(**{name: value}))
        except ModelbookError as error:
            told = str(error)
        else:  # a number above all, a word that nobody has
            assert len(found) + len(found.excluded) == 15
            told = "-" if value == 10**5000 or isinstance(value, str) else ""
        assert 0 < len(told) < 800, (name, type(value), told)


@pytest.mark.parametrize("value", [True, False, "yes", 1, 0, None, [True]])
def test_a_count_is_no_flag_and_a_flag_no_count(book: Catalog, value: Any) -> None:
    for name in ("include_api", "available_only", "open_weights", "trains_on_inputs"):
        if not isinstance(value, bool) and value is not getattr(Requirements, name):
            with pytest.raises(RequestError, match=name):
                select(book, Requirements(**{name: value}))
    for name in ("min_context_length", "max_memory", "limit"):
        if isinstance(value, bool | str):
            with pytest.raises(RequestError, match=name):
                select(book, Requirements(**{name: value}))


MISTAKES: list[tuple[dict[str, Any], type[ModelbookError], str]] = [
    ({"sort": "prefer"}, NotFoundError, "preference"),
    ({"sort": "contxt"}, NotFoundError, "context"),
    ({"sort": "--cost"}, NotFoundError, "cost"),
    ({"creators": "anthropics"}, NotFoundError, "anthropic"),
    ({"models": "openai/gpt-5"}, NotFoundError, "openai/gpt-4"),
    ({"methods": "skd"}, NotFoundError, "sdk"),
    ({"statuses": "activ"}, NotFoundError, "active"),
    ({"input": "txt"}, NotFoundError, "text"),
    ({"lacks": "tool"}, RequestError, "tools"),
    ({"exclude_providers": "opena"}, NotFoundError, "openai"),
    ({"prefer": "grok"}, NotFoundError, "groq"),
]


@pytest.mark.parametrize(("given", "kind", "nearest"), MISTAKES)
def test_a_misspelt_name_is_refused_with_the_nearest(
    book: Catalog, given: dict[str, Any], kind: type[ModelbookError], nearest: str
) -> None:
    with pytest.raises(kind) as caught:
        select(book, Requirements(**given))
    assert nearest in caught.value.nearest
    assert f"`{nearest}`" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"requires": "tools", "lacks": "tools"}, "both required and"),
        ({"max_cost_per_call": 1}, "needs `usage`"),
        ({"sort": "preference"}, "needs `prefer`"),
        ({"sort": "-preference", "prefer": ()}, "needs `prefer`"),
        ({"usage": {"inptu": 1}}, "input"),
        ({"providers": "openai", "exclude_providers": "OpenAI"}, "`openai` is both in"),
        ({"trains_on_inputs": True}, "takes False, or None"),
        ({"zero_retention": False}, "takes True, or None"),
        ({"text": ""}, "letters or digits"),
        ({"text": " _ - ... "}, "letters or digits"),
        ({"usage": {"input": -1}}, "below 0"),
        ({"usage": 7}, "a usage is a mapping"),
        ({"limit": 10**30}, "1,000,000,000,000,000,000"),
    ],
)
def test_what_does_not_go_together(book: Catalog, given: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        select(book, Requirements(**given))


@pytest.mark.parametrize("given", [None, {}, "text-generation", Requirements])
def test_requirements_are_requirements(book: Catalog, given: Any) -> None:
    with pytest.raises(RequestError, match="Requirements"):
        select(book, given)


def test_the_shipped_book_is_asked_the_same_way() -> None:
    found = ask(
        Requirements(pipeline="causal_lm", licenses="apache-2.0", sort="-released", limit=3)
    )
    assert all(one.license == "Apache-2.0" for one in found)
    assert found is ask(found.requirements, at=found.at)
    with pytest.raises(NotFoundError) as caught:
        ask(Requirements(licenses="Apach-2.0"))
    assert "Apache-2.0" in caught.value.nearest
    words = search("Llama 3.3 70b", provider=["groq", "togetherai"], limit=5)
    assert words
    assert all("llama" in one.model for one in words)


@pytest.mark.parametrize("key", SORTS)
def test_the_best_first_and_the_unknown_last(key: str) -> None:
    values: dict[str, Any] = {
        "cost": lambda one: one.price("input", "2026-11-01"),
        "output_cost": lambda one: one.price("output", "2026-11-01"),
        "context": lambda one: one.limits.context and -one.limits.context,
        "output": lambda one: one.limits.max_output and -one.limits.max_output,
        "parameters": lambda one: one.parameters.total and -one.parameters.total,
        "preference": lambda one: {"groq": 0, "openai": 1}.get(one.provider),
        "name": lambda one: one.model_name.casefold(),
        "provider": lambda one: one.provider,
    }
    needs = Requirements(
        providers=("groq", "openai", "mistral", "vllm"), prefer=("groq", "openai"), sort=key
    )
    found = list(ask(needs, at="2026-11-01"))
    turned = list(ask(needs.changed(sort=f"-{key}"), at="2026-11-01"))
    if key == "released":
        days = [one.lifecycle.released or one.released for one in found]
        stated = [day for day in days if day]
        assert stated == sorted(stated, reverse=True) == days[: len(stated)]
        return
    known = [values[key](one) for one in found if values[key](one) is not None]
    assert known == sorted(known)
    assert all(values[key](one) is None for one in found[len(known) :])
    back = [values[key](one) for one in turned]
    assert [value for value in back if value is not None] == known[::-1]
    assert back[len(known) :] == [None] * (len(found) - len(known))


def test_rare_questions_from_many_threads(fifteen: tuple[Catalog, Path]) -> None:
    book = Catalog(fifteen[0].package)
    needs = Requirements(open_weights=None, input="text", sort="output_cost", max_output_cost=100)
    with ThreadPoolExecutor(8) as pool:
        answers = {found.ids for found in pool.map(lambda _: select(book, needs), range(64))}
    assert len(answers) == 1


def test_a_rare_question_loads_the_second_table_alone(book: Catalog) -> None:
    fresh = Catalog(book.package)
    select(fresh, Requirements(pipeline="text-generation", max_cost_per_1k=1, requires="tools"))
    assert fresh.facts is None
    assert "_more" not in fresh._tables
    select(fresh, Requirements(input="image"))
    assert "_more" in fresh._tables
    assert not [name for name in fresh._tables if name.startswith(("models.", "providers."))]


@pytest.mark.parametrize("text", ["", "...", "-", "_", " "])
def test_a_search_for_nothing_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="letters or digits"):
        search(text)


NEAREST: list[tuple[dict[str, Any], str, str]] = [
    ({"providers": "openai", "min_context_length": 1_200_000}, "openai:", "a context of"),
    ({"min_parameters": 7 * 10**9, "max_parameters": 10**9}, "", "has 7,000,000,000 parameters"),
    ({"providers": "openai", "max_output_cost": "0.0001"}, "openai:", "USD per 1M standard output"),
    ({"providers": "openai", "min_output_tokens": 10**9}, "openai:", "writes at most"),
    ({"text": "claude no-such-word"}, "", "has no `nosuchword`"),
]


@pytest.mark.parametrize(("asked", "start", "said"), NEAREST)
def test_the_nearest_lacks_least(asked: dict[str, Any], start: str, said: str) -> None:
    why = ask(Requirements(pipeline="text-generation", **asked), at="2026-11-01").why_empty
    assert why is not None
    assert why.nearest[0].id.startswith(start)
    assert said in why.nearest[0].text


def test_the_smallest_local_model_is_nearest() -> None:
    needs = Requirements(include_api=False, max_memory=1_000)
    why = ask(needs, at="2026-11-01").why_empty
    fitting = ask(needs.changed(max_memory=10**15), at="2026-11-01").ids
    sizes = {id: known(catalog())[id].memory or 0 for id in fitting}
    assert why is not None
    assert sizes[why.nearest[0].id] == min(sizes.values())


def test_a_selection_is_no_value_to_pickle() -> None:
    found = ask(Requirements(providers="openai", limit=3))
    assert found.total > 3
    assert copy.deepcopy(found) is copy.copy(found) is found
    with pytest.raises(TypeError, match="pickle its `ids`"):
        pickle.dumps(found)
    assert pickle.loads(pickle.dumps(tuple(found))) == tuple(found)  # noqa: S301  # our own


def test_a_misspelt_field_names_the_nearest() -> None:
    with pytest.raises(TypeError, match="unknown fields pipline; did you mean pipeline"):
        Requirements(pipline="causal_lm")
