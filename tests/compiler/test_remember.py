"""What is remembered never changes an answer: it is always that of a fresh check."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook_compiler.build import Checked, check
from modelbook_compiler.remember import Memory

Answer = tuple[tuple[object, ...], ...]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache folder, which this test's memories use."""
    monkeypatch.setenv("MODELBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def files(folder: Path) -> list[Path]:
    """Return the files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def answer(checked: Checked) -> Answer:
    """Return all that a check says."""
    return tuple((one.path, one.span, one.code, one.message) for one in checked.diagnostics)


def memory(root: Path) -> Memory:
    """Return what is remembered, some seconds after the last edit."""
    return Memory(root, time.time_ns() + 10**10)


def remembered(root: Path) -> Checked:
    """Check with whatever is remembered, and remember this check."""
    return check(root, memory=memory(root))


EDITS = st.sampled_from(
    [
        ("models/acme/alpha-1.yaml", "name: Alpha 1", "name: Alpha One"),
        ("models/acme/alpha-1.yaml", "name: Alpha 1", "nam: Alpha 1"),
        ("models/acme/alpha-1.yaml", "context: 128000", "context: 8000"),
        ("models/acme/alpha-1.yaml", "name: Alpha 1", "name: [Alpha"),
        ("units.yaml", "  sessions:", "  session:"),
        ("units.yaml", "per: 1000000", "per: 0"),
        ("pipeline-aliases.yaml", "ner:", "nner:"),
        ("providers/acme/deployments/embed-1.yaml", "input: free", 'sessions: "1.00"'),
        ("providers/acme/provider.yaml", "secret: acme/api_key", "secret: acme/other"),
        ("models/openlab/gamma-7b.yaml", "LlamaForCausalLM", "LlamaForCausal"),
        ("models/openlab/gamma-7b.yaml", None, None),
        ("secrets/acme/api_key.yaml", "Acme API key", "sk-proj-abcdefghijklmnopqrstuvwx123456"),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=st.lists(EDITS, min_size=1, max_size=6))
def test_after_any_edits_the_answer_is_that_of_a_fresh_check(
    root: Path, tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str, str]]
) -> None:
    place = tmp_path_factory.mktemp("edits") / "catalog"
    shutil.copytree(root / "tests/mini/catalog", place)
    remembered(place)
    for path, old, new in edits:
        target = place / path
        if old is None:
            target.unlink(missing_ok=True)
        elif target.exists():
            text = target.read_text(encoding="utf-8")
            swap = (old, new) if old in text else (new, old)  # there and back again
            target.write_text(text.replace(*swap), encoding="utf-8")
        assert answer(remembered(place)) == answer(check(place))
        known = memory(place).clean_files()
        assert known is None or not check(place).diagnostics


def test_an_unchanged_clean_catalog_is_known(mini: Path) -> None:
    assert memory(mini).clean_files() is None
    checked = remembered(mini)
    assert memory(mini).clean_files() == len(checked.sources)


@pytest.mark.parametrize("change", ["touch", "edit", "add", "remove", "rename", "link"])
def test_any_change_of_a_file_is_seen(mini: Path, change: str) -> None:
    remembered(mini)
    path = mini / "models/acme/alpha-1.yaml"
    if change == "touch":
        os.utime(path, ns=(1, 1))
    elif change == "edit":  # same size, same time
        found = path.stat()
        path.write_text(path.read_text().replace("128000", "128001"))
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    elif change == "add":
        shutil.copy(path, path.with_name("alpha-2.yaml"))
    elif change == "remove":
        path.unlink()
    elif change == "rename":
        path.rename(path.with_name("alpha-9.yaml"))
    else:
        path.rename(mini.parent / "elsewhere.yaml")
        path.symlink_to(mini.parent / "elsewhere.yaml")
    assert memory(mini).clean_files() is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"{}", b"\x00\xff", b"a\nb\n{}", b"[" * 100_000, b"old tool\nsum\n" + b"{}" * 9],
    ids=["empty", "object", "bytes", "lines", "deep", "version"],
)
def test_a_damaged_memory_is_none(mini: Path, cache: Path, damage: bytes) -> None:
    remembered(mini)
    for path in files(cache):
        path.write_bytes(damage)
    assert memory(mini).clean_files() is None
    assert answer(remembered(mini)) == ()


def test_a_truncated_or_altered_memory_is_none(mini: Path, cache: Path) -> None:
    remembered(mini)
    for path in files(cache):
        path.write_bytes(path.read_bytes()[:-9])
    assert memory(mini).clean_files() is None
    remembered(mini)
    store = next(cache.rglob("store"))
    store.write_bytes(store.read_bytes().replace(b"LlamaForCausalLM", b"LlamaForCausalXX"))
    mini.joinpath("models/acme/alpha-1.yaml").touch()
    assert answer(remembered(mini)) == ()


def test_no_secret_is_remembered(mini: Path, cache: Path) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    key = "sk-proj-abcdefghijklmnopqrstuvwx123456"
    path.write_text(path.read_text().replace("Alpha 1", key))
    assert [one.code for one in remembered(mini).diagnostics] == ["MB310"]
    assert all(key.encode() not in file.read_bytes() for file in files(cache))


def test_a_cache_that_cannot_be_written_is_no_problem(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MODELBOOK_CACHE", str(tmp_path / "file"))
    assert answer(remembered(mini)) == ()


def test_memories_of_two_catalogs_are_apart(mini: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(mini, tmp_path / "other" / "catalog"))
    remembered(mini)
    assert memory(other).clean_files() is None


@pytest.mark.parametrize("half", [b"prices: [{", b"\xff"])
def test_a_file_that_changes_while_it_is_checked_is_no_crash(mini: Path, half: bytes) -> None:
    deployment = mini / "providers/acme/deployments/embed-1.yaml"
    text = deployment.read_text()
    deployment.write_text(text.replace("input: free", 'input: free, output: "1.00"'))
    assert [one.code for one in remembered(mini).diagnostics] == ["MB318"]
    seen = memory(mini)
    deployment.write_bytes(half)
    assert [one.code for one in check(mini, memory=seen).diagnostics] == ["MB318"]


def test_after_an_edit_that_concerns_all_the_next_one_is_small_again(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered(mini)
    units = mini / "units.yaml"
    units.write_text(units.read_text().replace("name: input tokens", "name: tokens in"))
    remembered(mini)
    monkeypatch.setattr("modelbook_compiler.build.examine", None)
    model = mini / "models/acme/alpha-1.yaml"
    model.write_text(model.read_text().replace("Alpha 1", "Alpha One"))
    assert answer(remembered(mini)) == ()
