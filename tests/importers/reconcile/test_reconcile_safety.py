"""Processes that are killed or meet, links, hostile names: the folder stays whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import DAY, NewShop, Shop, cost

MANY = {f"groq/llama-{n}.1-8b": ("groq", 0.5, 0.8) for n in range(60)}


def start(shop: Shop, release: Path, **env: str) -> subprocess.Popen[bytes]:
    """Start an import in a process of its own."""
    words = ["import", "market", str(release), "--catalog", str(shop.catalog), "--at", DAY]
    return subprocess.Popen(
        [sys.executable, "-m", "modelbook_cli", *words],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def outcome(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Return how a process ended, and what it printed."""
    out, err = process.communicate(timeout=120)
    return process.returncode, (out + err).decode()


@pytest.mark.parametrize("after", [1, 40])
def test_killed_in_the_middle_and_run_again(shop: Shop, new_shop: NewShop, after: int) -> None:
    release = shop.litellm(MANY)
    process = start(shop, release)
    deadline = time.monotonic() + 60
    sold = shop.catalog / "providers" / "groq" / "deployments"
    while len(list(sold.glob("*.yaml"))) < after and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    outcome(process)
    half = shop.bytes()
    left = sold / "llama-0.1-8b.yaml.4242.modelbook.new"  # as one killed while it wrote leaves it
    left.write_text("mod")
    shop.take(release)
    whole = new_shop()
    whole.take(release)
    assert shop.bytes() == whole.bytes()
    assert half.items() <= {**shop.bytes(), **{p: d for p, d in half.items() if "new" in p}}.items()
    shop.check()


def test_two_imports_at_once_do_one_after_the_other(shop: Shop, new_shop: NewShop) -> None:
    one = start(shop, shop.litellm(MANY), PYTHONHASHSEED="1")
    other = start(shop, shop.models_dev({("groq", "gemma-7b"): cost(1, 1)}), PYTHONHASHSEED="2")
    for process in (one, other):
        code, text = outcome(process)
        assert code == 0, text
    assert shop.sold("groq:gemma-7b")
    assert shop.sold("groq:llama-7.1-8b")
    assert not list(shop.catalog.rglob("*.new"))
    shop.check()
    assert shop.take(shop.litellm(MANY))["files"] == []


def test_the_hash_seed_does_not_matter(new_shop: NewShop) -> None:
    found = []
    for seed in ("0", "7", "4242"):
        shop = new_shop()
        rows = {**MANY, "gpt-x": ("openai", 2.5, 10), "GPT_x": ("openai", 2.5, 10)}
        code, text = outcome(start(shop, shop.litellm(rows), PYTHONHASHSEED=seed))
        assert code == 0, text
        found.append((shop.bytes(), text))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("folder", ["models", "models/openai", "providers", "disputes", "secrets"])
def test_a_folder_that_is_a_link_is_refused_before_anything_is_written(
    shop: Shop, folder: str, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    place = shop.catalog / folder
    if folder == "providers":
        (shop.catalog / "providers").rename(outside / "providers")
        outside = outside / "providers"
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside)
    before = shop.bytes()
    inside = sorted(outside.rglob("*"))
    done = shop.run(
        shop.litellm({"gpt-x": ("openai", 1, 1)}),
        shop.models_dev({("openai", "gpt-x"): cost(2, 1)}),
    )
    assert done.exit_code == 2, (done.output, done.exception)
    assert "symbolic link" in done.output or "cannot be read" in done.output
    assert shop.bytes() == before
    assert sorted(outside.rglob("*")) == inside


def test_a_link_in_place_of_a_file_is_not_followed(shop: Shop, tmp_path: Path) -> None:
    outside = tmp_path / "mine.yaml"
    outside.write_text("mine")
    place = shop.catalog / "models" / "openai" / "gpt-x.yaml"
    place.parent.mkdir(parents=True)
    place.symlink_to(outside)
    done = shop.run(shop.litellm({"gpt-x": ("openai", 1, 1)}))
    assert done.exit_code == 2, (done.output, done.exception)
    assert outside.read_text() == "mine"
    assert place.is_symlink()


def test_a_file_in_place_of_a_folder_is_told(shop: Shop) -> None:
    (shop.catalog / "models").write_text("no folder")
    before = shop.bytes()
    done = shop.run(shop.litellm({"gpt-x": ("openai", 1, 1)}))
    assert done.exit_code == 2, (done.output, done.exception)
    assert "error: " in done.output
    assert shop.bytes() == before


HOSTILE = (
    "../../../etc/passwd",
    "..",
    "...",
    ".",
    "/",
    "//",
    "/etc/passwd",
    "a/../../b",
    "gpt-x\x00y",
    "gpt-x\ny: z",
    "gpt-\u202ex",
    "\u0436\u043f\u0442-\u0445",
    "gpt-\U0001f600",
    "g" * 201,
    "g" * 260,
    "g" * 5000,
    "/".join("g" * 3 for _ in range(60)),
    "gpt-x/" + "/".join(["ab"] * 40),
    "gpt-x" + ":y" * 65,
    "gpt-x/" + "y" * 240,
    "y" * 240 + "/gpt-x",
    "gpt-x.yaml/y",
    "gpt-x.yaml",
    "gpt-x/.hidden",
    "con",
    "gpt-x:latest",
    "gpt-x%2e%2e",
    "%00",
    " ",
    "",
    "gpt x",
    "gpt-x.modelbook.new",
    "readme.md",
    "gpt-x~",
    "{provider}",
    "{{ 7 * 7 }}",
    "gpt-x # y",
    "*",
    "null",
    "1e5",
    "0x10",
)


@pytest.mark.parametrize("before", ["", "groq/", "groq/meta-llama/"])
def test_hostile_names_never_lead_outside(shop: Shop, before: str) -> None:
    rows = {f"{before}{name}": ("groq" if before else "openai", 1, 1) for name in HOSTILE}
    names = {("groq", name): {**cost(1, 1), "name": name or "x"} for name in HOSTILE}
    own = shop.file(
        "models.dev-models-2026-07-02.json",
        json.dumps({f"{before}{name}": {"release_date": "2026-01"} for name in HOSTILE}),
    )
    fine = {"gpt-fine": ("openai", 1, 1)}
    given = (shop.litellm({**fine, **rows}), shop.models_dev(names), own)
    around = {one for one in shop.root.rglob("*") if shop.catalog not in (one, *one.parents)}
    done = shop.take(*given)
    after = {one for one in shop.root.rglob("*") if shop.catalog not in (one, *one.parents)}
    assert after == around
    assert all(
        (shop.catalog / path).resolve().is_relative_to(shop.catalog) for path in done["files"]
    )
    assert shop.sold("openai:gpt-fine")
    shop.check()
    assert shop.take(*given)["files"] == []


def test_hostile_providers_and_values(shop: Shop) -> None:
    rows = {
        f"gpt-{place}": {"litellm_provider": name, "mode": name}
        for place, name in enumerate(HOSTILE)
    }
    feed = {
        ("openai", f"gpt-{place}"): {
            "name": name or "x",
            "family": name,
            "status": name,
            "knowledge": name,
        }
        for place, name in enumerate(HOSTILE)
    }
    strange = {("../..", "gpt-x"): cost(1, 1), ("\x00", "gpt-x"): cost(1, 1)}
    given = (
        shop.litellm({"gpt-fine": ("openai", 1, 1), **rows}),
        shop.models_dev({**feed, **strange}),
    )
    done = shop.take(*given)
    assert {path.split("/")[1] for path in done["files"] if path.startswith("providers")} == {
        "openai"
    }
    shop.check()
    text = shop.run(*given, "--dry-run").output
    assert not {"\x00", "\u202e"} & {*text}


def test_what_is_printed_is_json_whatever_stands_in_a_source(shop: Shop) -> None:
    done = shop.run(shop.litellm({"gpt-\x1b[31mx": ("openai", 1, 1)}), "--json", "--dry-run")
    assert done.exit_code == 0, done.output
    json.loads(done.stdout)
