"""Importing again: the same facts write nothing, a part of the sources touches its own files."""

from __future__ import annotations

import itertools
import json

from click.testing import CliRunner
from modelbook_cli.commands import cli
from modelbook_compiler.imported import digest_of

from .conftest import SOURCES, TEXT, NewShop, Shop, cost, mtok

LITELLM = {
    "gpt-x": ("openai", 2.5, 10, {"max_input_tokens": 900}),
    "gpt-alone": ("openai", 1, 2),
    "groq/Llama-3.3_70b": ("groq", 0.5, 0.8),
}
GENAI = {("openai", "gpt-x"): mtok("2.5", "10", ", cache_read_mtok=Decimal('0.25')")}
MODELS_DEV = {
    ("openai", "gpt-x"): {"limit": {"context": 2000}, **cost(3, 10)},
    ("openai", "gpt-new"): cost(1, 1),
    ("groq", "llama-3.3-70b"): {"limit": {"context": 4000}, **cost(0.5, 0.8)},
}


def releases(shop: Shop) -> list[str]:
    """Return three releases that have a say in the same things."""
    made = (shop.litellm(LITELLM), shop.genai(GENAI), shop.models_dev(MODELS_DEV))
    return [str(one) for one in made]


def test_the_same_again_changes_nothing_also_later(shop: Shop) -> None:
    first = shop.take(*releases(shop))
    assert len(first["files"]) > 8
    before = shop.bytes()
    for at in ("2026-11-20", "2027-06-01"):
        again = shop.take(*releases(shop), at=at)
        assert (again["files"], again["deleted"], again["retired"]) == ([], [], [])
        assert again["same"] == len(first["files"])
    assert shop.bytes() == before
    shop.check()


def test_newer_releases_that_say_the_same_change_nothing(shop: Shop) -> None:
    shop.take(*releases(shop))
    before = shop.bytes()
    newer = (
        shop.litellm(LITELLM, "1.200.0"),
        shop.genai(GENAI, "0.9.0"),
        shop.models_dev(MODELS_DEV, "2026-12-01"),
    )
    assert shop.take(*newer, at="2026-12-02")["files"] == []
    assert shop.bytes() == before


def test_neither_the_order_of_paths_nor_of_rows_matters(new_shop: NewShop) -> None:
    found = []
    for paths in itertools.permutations(range(3)):
        shop = new_shop()
        given = releases(shop)
        summary = shop.take(*(given[one] for one in paths))
        found.append((shop.bytes(), json.dumps(summary, sort_keys=True)))
    other = new_shop()
    turned = (
        other.litellm(dict(reversed(LITELLM.items()))),
        other.genai(GENAI),
        other.models_dev(dict(reversed(MODELS_DEV.items()))),
    )
    other.take(*turned)
    assert all(one == found[0] for one in found)
    assert other.bytes() == found[0][0]


def test_one_source_alone_touches_its_own_files_only(shop: Shop) -> None:
    shop.take(*releases(shop))
    before = shop.bytes()
    rows = {**LITELLM, "gpt-x": ("openai", 4, 10), "gpt-brand-new": ("openai", 1, 2)}
    del rows["gpt-alone"]
    done = shop.take(shop.litellm(rows, "1.110.0"))
    after = shop.bytes()
    changed = {path for path, digest in after.items() if before.get(path) != digest}
    assert before.keys() <= after.keys()
    assert changed == {
        "models/openai/gpt-brand-new.yaml",
        "providers/openai/deployments/gpt-alone.yaml",
        "providers/openai/deployments/gpt-brand-new.yaml",
    }
    assert [one["id"] for one in done["retired"]] == ["openai:gpt-alone"]
    assert {"kind": "deployment", "id": "openai:gpt-x"} in done["left"]
    shop.check()
    back = shop.take(*releases(shop))  # all of them again
    assert {one["id"] for one in back["retired"]} == {"openai:gpt-brand-new"}


def test_disputes_of_files_that_stay_stay_with_them(shop: Shop) -> None:
    shop.take(*releases(shop))
    assert shop.lost("openai:gpt-x")  # models.dev alone has lost there
    done = shop.take(shop.models_dev(MODELS_DEV))
    assert (done["files"], done["deleted"], done["settled"]) == ([], [], [])


def test_the_list_of_models_alone_retires_nothing(shop: Shop) -> None:
    shop.take(*releases(shop))
    before = shop.bytes()
    listed = {"openai/gpt-x": {"id": "openai/gpt-x", "name": "X"}}
    done = shop.take(shop.file("models.dev-models-2026-07-02.json", json.dumps(listed)))
    assert done["retired"] == []
    assert shop.bytes() == before


def test_a_file_edited_by_hand_is_told_and_never_written(shop: Shop) -> None:
    given = releases(shop)
    shop.take(*given)
    path = "providers/openai/deployments/gpt-x.yaml"
    file = shop.catalog / path
    file.write_text(file.read_text().replace('"2.50"', '"2.75"'))
    before = shop.bytes()
    done = shop.take(*given)
    assert [one["id"] for one in done["edited"]] == ["openai:gpt-x"]
    assert {p for p, d in shop.bytes().items() if before.get(p) != d} == {
        "disputes/imported/deployments/openai/gpt-x.yaml"
    }
    says = [one["says"] for one in shop.lost("openai:gpt-x")]
    assert {"prices.input": "2.50"} in says
    text = shop.run(*given).output
    assert "edited by hand and not adopted (1)\n  openai:gpt-x\n" in text
    adopted = CliRunner().invoke(cli, ["adopt", str(file), "--catalog", str(shop.catalog)])
    assert adopted.exit_code == 0, adopted.output
    assert "imported:" not in file.read_text()
    kept = file.read_bytes()
    again = shop.take(shop.litellm({**LITELLM, "gpt-x": ("openai", 9, 9)}), *given[1:])
    assert (again["edited"], file.read_bytes()) == ([], kept)
    shop.check()


def test_a_deleted_file_comes_back_and_a_dry_run_writes_nothing(shop: Shop) -> None:
    given = releases(shop)
    before = shop.bytes()
    dry = shop.take(*given, "--dry-run")
    assert shop.bytes() == before
    wet = shop.take(*given)
    assert dry == wet
    path = "providers/openai/deployments/gpt-x.yaml"
    text = (shop.catalog / path).read_text()
    (shop.catalog / path).unlink()
    assert shop.take(*given)["files"] == [path]
    assert (shop.catalog / path).read_text() == text


def test_the_summary_says_what_changes(shop: Shop) -> None:
    rows = {**LITELLM, "gpt-old": ("openai", 1, 1)}
    shop.take(shop.litellm(rows), shop.genai(GENAI), shop.models_dev(MODELS_DEV))
    rows = {**LITELLM, "gpt-alone": ("openai", 1.5, 2), "gpt-more": ("openai", 1, 1)}
    given = (shop.litellm(rows, "1.110.0"), shop.genai(GENAI), shop.models_dev(MODELS_DEV))
    text = shop.run(*given, "--dry-run").output
    assert "new: 1 deployment, 1 model at 1 provider\n" in text
    assert "changed (1 file, 1 fact)" in text
    row = next(line for line in text.splitlines() if "prices.input" in line)
    assert row.split() == ["openai:gpt-alone", "prices.input", "1.00", "1.50", "+50.0", "%"]
    assert "retired: no source lists them any more (1)\n  openai:gpt-old" in text
    assert "files would be written" in text
    summary = shop.take(*given)
    (change,) = summary["changed"]
    assert change == {
        "kind": "deployment",
        "id": "openai:gpt-alone",
        "field": "prices.input",
        "was": "1.00",
        "now": "1.50",
        "percent": "50.00",
    }


def test_names_that_former_imports_gave_stay(shop: Shop) -> None:
    """What most rows write changes from release to release; an id is for good."""
    shop.take(shop.litellm({"groq/llama-3.3-70b": ("groq", 0.5, 0.8)}))
    done = shop.take(
        shop.litellm({"groq/llama-3-3-70b": ("groq", 0.5, 0.8)}, "1.110.0"),
        shop.models_dev({("groq", "llama-3-3-70b"): cost(0.5, 0.8)}),
    )
    assert (done["retired"], done["new"]) == ([], [])
    assert shop.sold("groq:llama-3.3-70b")["aliases"] == ["groq:llama-3-3-70b"]
    given = (shop.litellm({"groq/llama-3.3-70b": ("groq", 0.5, 0.8)}, "1.111.0"),)
    shop.take(*given, shop.models_dev({("groq", "gemma-7b"): cost(1, 1)}))
    assert shop.sold("groq:llama-3.3-70b")["aliases"] == ["groq:llama-3-3-70b"]
    shop.check()


def test_the_day_of_retirement_comes(shop: Shop) -> None:
    ends = {"deprecation_date": "2026-12-01"}
    release = shop.litellm(
        {
            "gpt-x": ("openai", 1, 1, ends),
            "gpt-y": ("openai", 1, 1, {"deprecation_date": "2026-01-01"}),
        }
    )
    shop.take(release, at="2026-11-20")
    assert shop.sold("openai:gpt-x")["lifecycle"] == {
        "status": "deprecated",
        "retired_on": "2026-12-01",
    }
    assert shop.sold("openai:gpt-y")["lifecycle"]["status"] == "retired"
    assert shop.sold("openai:gpt-y")["prices"]
    done = shop.take(release, at="2026-12-01")
    assert done["files"] == ["providers/openai/deployments/gpt-x.yaml"]
    assert shop.sold("openai:gpt-x")["lifecycle"]["status"] == "retired"
    shop.check()


def test_what_was_doubted_stays_where_sources_are_missing(shop: Shop) -> None:
    """What a price was held against may be in the sources that are not given."""
    names = ("qwen3-8b", "qwen3-14b", "qwen3-32b")
    euro = {f"ovhcloud/{name}": ("ovhcloud", 0.9 * n, 0.9 * n) for n, name in enumerate(names, 1)}
    release = shop.litellm({**euro, "ovhcloud/gemma-3-27b-it": ("ovhcloud", 0.9, 0.9)})
    dollars = {("ovhcloud", name): cost(n, n) for n, name in enumerate(names, 1)}
    shop.take(release, shop.models_dev(dollars))
    (claim,) = shop.lost("ovhcloud:gemma-3-27b-it")
    assert claim["quarantine"] == "currency"
    before = shop.bytes()
    assert shop.take(release)["files"] == []
    assert shop.bytes() == before


def test_what_people_run_themselves_stays_where_no_weights_are_given(shop: Shop) -> None:
    """The catalog's tables alone do not say that a repository is gone."""
    path = "providers/vllm/deployments/acme/small.yaml"
    facts = {"name": "Small", "pipelines": ["text-generation"], "sources": SOURCES}
    shop.write("models/acme/small.yaml", facts)
    data = {"model": "acme/small", "lifecycle": {"status": "active"}, "sources": SOURCES}
    imported = {"from": ["vllm 0.33.0"], "digest": digest_of(data)}
    text = shop.write(path, {**data, "imported": imported}).read_text()
    done = shop.take(shop.litellm({"gpt-x": ("openai", 1, 1)}))
    assert done["retired"] == []
    assert {"kind": "deployment", "id": "vllm:acme/small"} in done["left"]
    assert (shop.catalog / path).read_text() == text


def test_two_feeds_of_one_source_are_one_source(shop: Shop) -> None:
    feed = shop.models_dev({("groq", "gemma-7b"): cost(1, 1), ("openai", "gpt-x"): cost(2, 2)})
    base = {"google/gemma-7b": {"id": "google/gemma-7b", "name": "Gemma 7B", "modalities": TEXT}}
    own = shop.file("models.dev-models-2026-07-02.json", json.dumps(base))
    shop.take(feed, own)
    again = shop.take(feed, own)
    assert (again["files"], again["deleted"], again["left"]) == ([], [], [])
