"""Broken and hostile releases: one clear error that names the file, never a traceback."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_importers.market import genai_prices, litellm, models_dev, openrouter, xinference
from modelbook_importers.market.files import json_of
from modelbook_importers.market.numbers import amount, count
from modelbook_importers.market.sources import source_of
from modelbook_importers.wheels import CannotImportError

Pack = Callable[..., Path]

BROKEN_LITELLM = {
    "twice": (b'{"a": {"litellm_provider": "x"}, "a": {}}', "has the key `a` twice"),
    "cut off": (b'{"a": {"litellm_provider": "x"', "is no JSON"),
    "a list": (b"[1, 2]", "holds no mapping"),
    "deep": (b"[" * 100_000, "nested too deeply"),
    "latin": (b'{"a": "\xe9"}', "is not UTF-8 text"),
    "no number": (b'{"a": {"input_cost_per_token": NaN}}', "`NaN` is no number"),
    "long number": (b'{"a": ' + b"1" * 80 + b".5}", "a number of 82 characters"),
    "huge number": (b'{"a": ' + b"9" * 5000 + b"}", "is no JSON"),
    "nothing": (b"", "is no JSON"),
}
BROKEN_GENAI = {
    "a call": (b"providers: list[X] = [open('/etc/passwd')]", "line 1"),
    "code": (b"providers: list[X] = [x for x in y]", "is no data"),
    "a float": (b"providers: list[X] = [Provider(id=1.5)]", "is no data"),
    "no providers": (b"other: int = 3", "assigns nothing to `providers`"),
    "cut off": (b"providers: list[X] = [Provider(", "is no Python"),
    "not a list": (b"providers: list[X] = {'a': 1}", "lists no providers"),
    "no id": (b"providers: list[X] = [Provider(id='a', models=[ModelInfo()])]", "without an id"),
    "no decimal": (b"providers: list[X] = [Provider(id=Decimal('x'))]", "is no data"),
    "no provider id": (b"providers: list[X] = [Provider(id=3)]", "a provider without an id"),
    "no date": (b"providers: list[X] = [Provider(id=datetime.date(2026, 2, 31))]", "is no data"),
    "deep": (b"providers: list[X] = " + b"[" * 5000, "`genai_prices/data.py`"),
    "nul": (b"providers: list[X] = [\x00]", "`genai_prices/data.py`"),
}


@pytest.mark.parametrize("fault", BROKEN_LITELLM)
def test_a_broken_litellm_is_an_error_that_names_the_file(fault: str, pack: Pack) -> None:
    content, message = BROKEN_LITELLM[fault]
    with pytest.raises(CannotImportError) as caught:
        litellm.read(pack("litellm", content=content))
    assert message in str(caught.value)
    assert "model_prices_and_context_window_backup.json" in str(caught.value)


@pytest.mark.parametrize("fault", BROKEN_GENAI)
def test_a_broken_genai_prices_is_an_error_that_names_the_line(fault: str, pack: Pack) -> None:
    content, message = BROKEN_GENAI[fault]
    with pytest.raises(CannotImportError) as caught:
        genai_prices.read(pack("genai_prices", content=content))
    assert message in str(caught.value)


def test_a_broken_copy_of_models_dev_is_an_error(pack: Pack) -> None:
    for content in (b"no gzip", gzip.compress(b"{}")[:-6], gzip.compress(b"[")):
        with pytest.raises(CannotImportError):
            models_dev.read(pack("models_dev", content=content))


def test_a_package_of_another_shape_is_an_error(tmp_path: Path, pack: Pack) -> None:
    with pytest.raises(CannotImportError, match="holds no installed package"):
        litellm.read(tmp_path)
    with pytest.raises(CannotImportError, match="there is no file"):
        litellm.read(tmp_path / "litellm-9.9.9-py3-none-any.whl")
    with pytest.raises(CannotImportError, match="is no wheel of litellm"):
        litellm.read(pack("genai_prices"))


def test_a_feed_of_another_shape_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "openrouter.json"
    path.write_text('{"rows": []}')
    with pytest.raises(CannotImportError, match="has no list `data`"):
        openrouter.read(path)
    with pytest.raises(CannotImportError, match="cannot be read"):
        openrouter.read(tmp_path / "openrouter-2.json")


def test_a_path_that_names_no_source_says_what_does() -> None:
    with pytest.raises(CannotImportError) as caught:
        source_of(Path("prices.json"))
    assert "litellm" in str(caught.value.hint)
    assert source_of(Path("data/models.dev-api-2026-07-02.json")) == "models_dev"
    assert source_of(Path("genai-prices/site-packages")) == "genai_prices"


INSIDE = """windows hours_utc weekdays range tier size type url model_src huggingface model_id cost
model_revision quantizations modes provider body service_tier speed input output context tiers fast
input_cost_per_token prompt input_modalities max_completion_tokens model_format base_model"""
KEYS = st.sampled_from(INSIDE.split()) | st.text(max_size=6)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=14,
)
LITELLM = """litellm_provider mode input_cost_per_token tiered_pricing off_peak_pricing source
search_context_cost_per_query supported_modalities deprecation_date max_input_tokens
regional_processing_uplift_multiplier_us supports_vision"""
MODELS_DEV = """name family limit cost modalities weights status experimental models
release_date base_model env license reasoning"""
OPENROUTER = """id pricing architecture top_provider created supported_parameters hugging_face_id
context_length expiration_date"""
XINFERENCE = "model_name model_specs model_src model_ability context_length dimensions"


def some(names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings of some fields to anything."""
    return st.dictionaries(st.sampled_from(names.split()), JSON)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_json_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("any")
    row = data.draw(some(LITELLM))
    rows = {"a": {"litellm_provider": "x", **row}, "b": data.draw(JSON)}
    place = folder / "litellm/model_prices_and_context_window_backup.json"
    place.parent.mkdir()
    (folder / "litellm-1.0.dist-info").mkdir()
    place.write_text(json.dumps(rows))
    litellm.read(folder)
    model = data.draw(some(MODELS_DEV))
    feed = folder / "models.dev.json"
    feed.write_text(json.dumps({"p": {"models": {"m": model}}, "q": data.draw(JSON)}))
    models_dev.read(feed)
    entry = data.draw(some(OPENROUTER))
    feed.write_text(json.dumps({"data": [{"id": "a/b", **entry}, data.draw(JSON)]}))
    openrouter.read(feed)
    family = data.draw(some(XINFERENCE))
    path = folder / "xinference/model/llm/models/x.json"
    path.parent.mkdir(parents=True)
    (folder / "xinference-1.0.dist-info").mkdir()
    path.write_text(json.dumps([{"model_name": "x", **family}, data.draw(JSON)]))
    xinference.read(folder)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=12)


@given(NUMBERS, st.sampled_from([1, 1000, 10**6]))
def test_an_amount_is_catalog_text_or_has_a_reason(value: Decimal, scale: int) -> None:
    text, reason = amount(value, scale)
    assert (text is None) != (reason is None)
    if text is not None:
        exact = value * scale
        assert abs(Decimal(text) - exact) <= exact / 1_000_000


@given(JSON)
def test_a_count_is_a_whole_number_or_has_a_reason(value: Any) -> None:
    got, reason = count(json_of(json.dumps(value).encode(), "x"))
    assert (got is None) != (reason is None)
    assert got is None or got > 0
