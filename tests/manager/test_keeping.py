"""Registered models in files: two kinds with the same answers, several processes, and accidents."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.errors import ConflictError, ModelbookError, RequestError, StorageError
from modelbook.manager import ModelManager

from .conftest import HERE, model

STORAGES: tuple[Any, ...] = ("duckdb", "json")
AT = "2026-01-01"


def opened(path: Path, storage: Any) -> ModelManager:
    return ModelManager(None, path=path, storage=storage)


FACTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(
            ["M", "é 漢字 🙂", 'it\'s "x"; --', "a\\b", "x\x01y", "None", "null"]
        )
    },
    optional={
        "family": st.just("m"),
        "released": st.sampled_from(["2025", "2025-02", "2025-02-03"]),
        "open_weights": st.booleans(),
        "limits": st.fixed_dictionaries({}, optional={"context": st.integers(1, 10**9)}),
        "capabilities": st.dictionaries(st.sampled_from(["tools", "reasoning"]), st.booleans()),
        "parameters": st.fixed_dictionaries({"total": st.integers(1, 10**14)}),
        "aliases": st.just(["me/also"]),
    },
)
AMOUNT = st.sampled_from(["free", "unknown", "0.000000001", "999999999.999999999", "2.50", "2.5"])
PRICE = st.fixed_dictionaries(
    {"input": AMOUNT},
    optional={
        "output": AMOUNT,
        "from": st.just("2026-01-01T10:00Z"),
        "currency": st.just("EUR"),
        "when": st.just({"tier": "batch", "context_above": 100}),
        "minimum": st.just({"input": 10}),
    },
)


@settings(max_examples=12, deadline=None)
@given(facts=FACTS, prices=st.lists(PRICE, max_size=3), data=st.data())
def test_both_kinds_of_files_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, facts: Any, prices: Any, data: Any
) -> None:
    place = tmp_path_factory.mktemp("both")
    priced = {"prices": prices} if prices else {}
    read = []
    for storage in STORAGES:
        manager = opened(place / f"models.{storage}", storage)
        manager.register(HERE)
        manager.register({"id": "me/m", "pipelines": ["text-generation"], **facts})
        manager.register({"id": "here:M", "model": "me/m", **priced})
        manager.save()
        again = opened(place / f"models.{storage}", storage)
        assert again.registered == manager.registered
        assert again.revision() == manager.revision()
        assert repr([*again]) == repr([*manager])  # types included
        read.append(again)
    one, two = read
    assert (one.get_deployment("here:m"), one.get_model("me/m"), one.get_provider("here")) == (
        two.get_deployment("here:m"),
        two.get_model("me/m"),
        two.get_provider("here"),
    )
    filters = {"at": AT, "max_cost_per_1k": data.draw(st.sampled_from([None, "0.01", "5"]))}
    chosen = [it.get_models_for_pipeline("text-generation", **filters) for it in read]
    assert (chosen[0].ids, chosen[0].excluded) == (chosen[1].ids, chosen[1].excluded)


def test_a_file_has_plain_columns_for_sql(alone: ModelManager, tmp_path: Path) -> None:
    manager = opened(tmp_path / "m.duckdb", "duckdb")
    prices = [{"input": "2.50", "output": "free"}, {"when": {"tier": "batch"}, "input": "unknown"}]
    manager.register_many([HERE, model(1, deployments={"here:M-1": {"prices": prices}})])
    manager.save()
    with duckdb.connect(str(tmp_path / "m.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT d.id, d.wire_name, m.context, m.pipelines, p.unit, p.amount, p.tier "
            "FROM deployments d JOIN models m ON m.id = d.model_id "
            "JOIN prices p ON p.deployment_id = d.id ORDER BY p.seq, p.unit"
        ).fetchall()
    types = ["text-generation"]
    assert rows == [
        ("here:m-1", "M-1", None if not rows else 1001, types, "input", Decimal("2.50"), None),
        ("here:m-1", "M-1", 1001, types, "output", Decimal(0), None),
        ("here:m-1", "M-1", 1001, types, "input", None, "batch"),
    ]


@pytest.mark.parametrize("storage", STORAGES)
def test_two_managers_lose_nothing_of_each_other(tmp_path: Path, storage: Any) -> None:
    path = tmp_path / "deep" / "m"
    one, two = opened(path, storage), opened(path, storage)
    one.register_many([HERE, model(1)])
    one.save()
    two.register({**HERE, "id": "there"})
    two.save()  # merges what it had not seen
    assert two.registered == ("here", "here:m-1", "me/m-1", "there")
    assert one.refresh()
    assert not one.refresh()
    assert one.registered == two.registered
    one.unregister("me/m-1", with_deployments=True)
    one.save()
    two.register(model(2))
    two.save()
    assert "me/m-1" not in two
    assert opened(path, storage).registered == ("here", "here:m-2", "me/m-2", "there")


def test_two_managers_that_say_different_things_must_agree(tmp_path: Path) -> None:
    path = tmp_path / "m"
    one, two = opened(path, "json"), opened(path, "json")
    one.register(HERE)
    one.save()
    two.register({**HERE, "name": "Other"})
    before = path.read_bytes()
    with pytest.raises(
        ConflictError, match="others have saved something else for `here`"
    ) as caught:
        two.save()
    assert caught.value.nearest == ("here",)
    with pytest.raises(ConflictError):
        two.refresh()
    assert path.read_bytes() == before
    two.save(replace=True)  # the last writer wins, where it says so
    one.register({**HERE, "name": "Third"}, replace=True)
    one.save()
    two.register({**HERE, "name": "Fourth"}, replace=True)
    two.refresh(discard=True)
    assert two.get_provider("here").name == "Third"


@pytest.mark.parametrize("storage", STORAGES)
def test_what_another_took_out_is_missed(tmp_path: Path, storage: Any) -> None:
    path = tmp_path / "m"
    one, two = opened(path, storage), opened(path, storage)
    one.register(HERE)
    one.save()
    two.refresh()
    one.unregister("here")
    one.save()
    two.register(model(1))
    with pytest.raises(ConflictError, match="others took out `here`, and `here:m-1`") as caught:
        two.save()
    assert caught.value.nearest == ("here", "here:m-1")
    assert opened(path, storage).registered == ()
    assert "here:m-1" in two  # and it still has what it had
    two.save(replace=True)
    assert opened(path, storage).registered == ("here", "here:m-1", "me/m-1")


@pytest.mark.parametrize("storage", STORAGES)
def test_what_was_taken_out_and_others_use_is_kept_on_request(tmp_path: Path, storage: Any) -> None:
    path = tmp_path / "m"
    one, two = opened(path, storage), opened(path, storage)
    one.register_many([HERE, model(0, id="a/b", deployments={})])
    one.save()
    two.refresh()
    two.unregister("a/b")
    two.register(model(0, id="q/mine", deployments={}))
    one.register({"id": "here:x", "model": "a/b"})
    one.save()
    for ask in (two.save, two.refresh):
        with pytest.raises(ConflictError, match="`a/b` was taken out here, and `here:x`") as caught:
            ask()
        assert caught.value.nearest == ("a/b", "here:x")
    assert two.registered == ("here", "q/mine")
    two.save(replace=True)
    assert two.registered == ("a/b", "here", "here:x", "q/mine")
    assert opened(path, storage).registered == two.registered


def test_what_comes_back_brings_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "m"
    one, two = opened(path, "json"), opened(path, "json")
    one.register_many([HERE, model(1)])
    one.save()
    two.refresh()
    two.unregister("me/m-1", with_deployments=True)
    two.unregister("here")
    latest = {"from": "2026-01-01", "deployment": "here:m-1"}
    one.register({"id": "here:latest", "model": "me/m-1", "points_to": [latest]})
    one.save()
    two.save(replace=True)
    assert two.registered == ("here", "here:latest", "here:m-1", "me/m-1")


@pytest.mark.parametrize("storage", STORAGES)
def test_a_file_that_is_gone_takes_nothing_along(tmp_path: Path, storage: Any) -> None:
    path = tmp_path / "volume" / "m"
    manager = opened(path, storage)
    assert not manager.refresh()  # none yet is no accident
    manager.register_many([HERE, model(1)])
    manager.save()
    shutil.rmtree(path.parent)
    manager.register(model(2))
    for ask in (manager.refresh, manager.save):
        with pytest.raises(StorageError, match="was there and is gone"):
            ask()
    assert len(manager) == 2
    assert not path.parent.exists()
    manager.save(replace=True)
    assert opened(path, storage).registered == manager.registered
    path.unlink()
    manager.refresh(discard=True)
    assert manager.registered == ()


def damaged(path: Path, storage: str, how: str) -> None:
    """Make a file what no manager wrote."""
    if how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("hello")
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif how == "other":
        path.unlink()
        if storage == "json":
            path.write_text('{"models": {}}')
        else:
            _table(path, "CREATE TABLE t (x INTEGER)")
    elif storage == "json":
        path.write_text(
            path.read_text().replace('"modelbook_registry": 1', '"modelbook_registry": 9')
        )
    else:
        _table(path, "UPDATE meta SET modelbook_registry = 9")


def _table(path: Path, statement: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("how", ["empty", "text", "cut", "other", "newer"])
@pytest.mark.parametrize("storage", STORAGES)
def test_a_file_that_is_not_ours_is_refused_and_never_overwritten(
    tmp_path: Path, storage: Any, how: str
) -> None:
    path = tmp_path / "m"
    manager = opened(path, storage)
    manager.register(HERE)
    manager.save()
    damaged(path, storage, how)
    before = path.read_bytes()
    words = "has format 9, and this modelbook reads 1" if how == "newer" else "not overwritten"
    with pytest.raises(StorageError, match=words):
        opened(path, storage)
    manager.register(model(1))
    with pytest.raises(StorageError, match="not read, and not overwritten"):
        manager.save()
    assert path.read_bytes() == before


HOSTILE = [
    '{"modelbook_registry": 1, "models": {"me/m": {"name": "M", "nmae": 1}}}',
    '{"modelbook_registry": 1, "models": {"me/m": {"name": NaN}}}',
    '{"modelbook_registry": 1, "models": {"me/m": 3}}',
    '{"modelbook_registry": 1, "models": [1]}',
    '{"modelbook_registry": 1, "models": {"me/m": {"name": "\\ud800"}}}',
    '{"modelbook_registry": 1, "models": {"me/m": {"name": "a"}, "me/m": {"name": "b"}}}',
    '{"modelbook_registry": 1, "models": {"here:x": {"name": "M"}}}',
    '{"modelbook_registry": 1, "deployments": {"here:x": {"model": "me/m"}}}',
    '{"modelbook_registry": true}',
    '{"modelbook_registry": [1]}',
    '{"modelbook_registry": 1, "models": ' + "[" * 100_000,
    '{"modelbook_registry": ' + "1" * 10_000 + "}",
    '{"modelbook_registry": 1, "models": {"me/m": {"name": {"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":'
    '{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}}}}}}',
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(StorageError, match=re_path(path)):
        opened(path, "json")


def re_path(path: Path) -> str:
    """Return a pattern for a path in a message."""
    return f"`{path}`".replace("\\", "\\\\")


def test_a_view_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "m.duckdb"
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    _table(path, "CREATE TABLE meta AS SELECT 1 AS modelbook_registry")
    view = "CREATE VIEW registered AS SELECT 'model' AS kind, 'me/m' AS id, content AS row FROM "
    _table(path, f"{view} read_text('{secret}')")
    with pytest.raises(StorageError, match="other tables"):
        opened(path, "duckdb")


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no regular file"):
        opened(tmp_path, "json")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="no regular file"):
        opened(tmp_path / "pipe", "duckdb")
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        opened(tmp_path / "file" / "m", "json").save()
    for wrong in (3, b"x\0", "a\0b"):
        with pytest.raises(ModelbookError):
            ModelManager(None, path=wrong).save()  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="did you mean `json`"):
        ModelManager(None, path=tmp_path / "x", storage="jsn")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="did you mean `json`"):
        ModelManager(None, storage="jsn")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="there is no file to write"):
        ModelManager(None).save()


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    manager = opened(link, "json")
    manager.save()
    real.chmod(0o640)
    manager.register(HERE)
    manager.save()
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "real", "real.lock"]


def test_without_duckdb_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(StorageError, match=r'modelbook\[compiler\].*storage="json"'):
        opened(tmp_path / "m", "duckdb")


PROCESS = """
import sys, time
from modelbook.manager import ModelManager
role, path, storage, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
manager = ModelManager(None, path=path, storage=storage)
if role == "reader":
    seen = 0
    deadline = time.monotonic() + 60
    while seen < count and time.monotonic() < deadline:
        manager.refresh()
        models = [id for id in manager.registered if "/" in id and ":" not in id]
        deployments = [id for id in manager.registered if ":" in id]
        assert len(models) == len(deployments) >= seen, (models, deployments, seen)
        assert len(manager.get_models_for_pipeline("text-generation")) == len(manager)
        seen = len(models)
        time.sleep(0.05)
    print("read", seen)
else:
    for n in range(count):
        id = f"{role}-{n}"
        held = {f"here:{id}": {}}
        facts = {"id": f"me/{id}", "name": id, "pipelines": ["text-generation"]}
        manager.register({**facts, "deployments": held})
        manager.save()
        if role == "killed":
            print(n, flush=True)
    print("wrote", count)
"""


def start(role: str, path: Path, storage: str, count: int) -> subprocess.Popen[str]:
    """Start a process that reads or writes."""
    command = [sys.executable, "-c", PROCESS, role, str(path), storage, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("storage", "readers"), [("duckdb", 4), ("json", 1)])
def test_processes_read_while_others_write(tmp_path: Path, storage: Any, readers: int) -> None:
    path = tmp_path / "m"
    manager = opened(path, storage)
    manager.register(HERE)
    manager.save()
    roles = ["reader"] * readers + ["one", "two"]
    running = [start(role, path, storage, 12 if role == "reader" else 6) for role in roles]
    told = [one.communicate(timeout=120) for one in running]
    assert told == [("read 12\n", "")] * readers + [("wrote 6\n", "")] * 2
    manager.refresh()
    assert len(manager) == 12


@pytest.mark.parametrize("storage", STORAGES)
def test_a_killed_save_leaves_a_whole_file(tmp_path: Path, storage: Any) -> None:
    path = tmp_path / "m"
    manager = opened(path, storage)
    manager.register(HERE)
    manager.save()
    running = start("killed", path, storage, 100_000)
    assert running.stdout
    saved = int(running.stdout.readline())
    for _ in range(3):
        saved = int(running.stdout.readline())
    time.sleep(random.random() / 50)  # noqa: S311
    running.kill()
    saved = max([saved, *map(int, running.communicate()[0].split())])
    manager.refresh()
    assert len(manager) in (saved + 1, saved + 2)  # what it said it had saved, or one more
    manager.register(model(1))
    manager.save()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["m", "m.lock"]
    assert len(opened(path, storage)) == len(manager)


def test_a_save_that_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = opened(tmp_path / "m", "json")
    manager.register(HERE)
    manager.save()
    before = (tmp_path / "m").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    manager.register(model(1))
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        manager.save()
    monkeypatch.undo()
    assert (tmp_path / "m").read_bytes() == before
    manager.save()  # what was not saved is not forgotten
    assert json.loads((tmp_path / "m").read_bytes())["models"].keys() == {"me/m-1"}
