"""`modelbook scan` as a user runs it."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
CLI = (sys.executable, "-m", "modelbook_cli")


@pytest.fixture
def cache(tmp_path: Path, make: Any) -> Path:
    """Return a cache with a model, a GGUF file and a data set."""
    root = tmp_path / "hub"
    make.cached(root, "org/Tiny-Llama", make.llama())
    make.cached(root, "org/Tiny-GGUF", {"t.Q4_0.gguf": make.gguf(make.metadata, {"w": (0, (8,))})})
    make.cached(root, "org/data", {"x.csv": "1"}, kind="datasets")
    return root


def test_the_cache_is_read_without_being_named(modelbook: Run, cache: Path) -> None:
    done = modelbook("scan", HF_HUB_CACHE=str(cache))
    head, *rows = done.stdout.splitlines()
    assert head.split() == [
        *("model", "pipeline", "params", "dtype", "context", "weights", "KV/token", "memory")
    ]
    assert [row.split()[0] for row in rows] == ["org/Tiny-GGUF:Q4_0", "org/Tiny-Llama"]
    assert rows[1].split()[1:5] == ["text-generation", "72", "bfloat16", "8,192"]
    assert done.stderr == "2 models, 1 other repository, 0 problems\n"
    assert done.returncode == 0


def test_without_a_cache(modelbook: Run, tmp_path: Path) -> None:
    done = modelbook("scan", HF_HUB_CACHE=str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (0, "")
    assert "there is no HuggingFace cache at" in done.stderr
    done = modelbook("scan", "--json", HF_HUB_CACHE=str(tmp_path / "none"))
    assert json.loads(done.stdout)["models"] == []


def test_json_has_every_key_and_null_for_unknown(modelbook: Run, cache: Path) -> None:
    done = modelbook("scan", str(cache), "--json", "--context", "100")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (report["problems"], report["other_repositories"]) == ([], 1)
    gguf, llama = report["models"]
    assert set(gguf) == set(llama)
    assert (llama["parameters"], llama["license"], llama["base_model"]) == (72, None, None)
    assert llama["cache"] == {"bytes_per_token": 384, "full": 384, "sliding": 0, "window": None}
    assert (llama["memory"], llama["memory_context"]) == (144 + 28 + 38400, 100)


def test_problems_are_told_and_end_with_one(modelbook: Run, cache: Path) -> None:
    (cache / "models--org--Tiny-Llama/refs/dev").write_text("f" * 40)
    done = modelbook("scan", str(cache))
    assert done.returncode == 1
    assert "refs/dev: names the commit" in done.stderr
    assert done.stderr.endswith("2 models, 1 other repository, 1 problem\n")
    done = modelbook("scan", str(cache), "--json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["problems"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-place"], "does not exist"),
        (["--context", "0"], "0 is not in the range"),
        (["--url", "localhost:1"], "is no http:// or https:// address"),
        (["--url", "http://u:hidden@localhost:1"], "user name or password is not asked"),
        (["--json", "--yaml", "x"], "cannot be used together"),
    ],
)
def test_requests_without_meaning(modelbook: Run, arguments: list[str], said: str) -> None:
    done = modelbook("scan", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "hidden" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there(modelbook: Run) -> None:
    done = modelbook("scan", "--url", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert "warning: http://127.0.0.1:1/api/tags: nothing listens there" in done.stderr


def test_only_what_is_asked_for_is_looked_at(modelbook: Run, cache: Path) -> None:
    done = modelbook("scan", "--url", "http://127.0.0.1:1", HF_HUB_CACHE=str(cache))
    assert "0 models" in done.stderr


def test_yaml_compiles_and_is_written_anew(modelbook: Run, cache: Path, tmp_path: Path) -> None:
    layer = tmp_path / "local"
    done = modelbook("scan", str(cache), "--yaml", str(layer))
    assert (done.returncode, done.stdout) == (0, f"{layer}: 2 models, 2 deployments\n")
    out = str(tmp_path / "out")
    options = ("--catalog", str(layer), "--out", out, "--package", "local_models")
    assert modelbook("compile", *options).returncode == 0
    shown = modelbook(*("models", "--json"), MODELBOOK_PACKAGE="local_models", PYTHONPATH=out)
    assert [one["id"] for one in json.loads(shown.stdout)] == [
        "local-llama-cpp:org/tiny-gguf:q4_0",
        "local-transformers:org/tiny-llama",
    ]
    (cache / "models--org--Tiny-GGUF").rename(tmp_path / "gone")
    done = modelbook("scan", str(cache), "--yaml", str(layer))
    assert done.stdout == f"{layer}: 1 model, 1 deployment\n"
    assert not (layer / "models/org/tiny-gguf.yaml").exists()
    assert modelbook("check", "--catalog", str(layer)).returncode == 0


def test_yaml_never_overwrites_what_no_scan_wrote(modelbook: Run, cache: Path, mini: Path) -> None:
    before = {path: path.read_bytes() for path in mini.rglob("*.yaml")}
    done = modelbook("scan", str(cache), "--yaml", str(mini))
    assert done.returncode == 2
    assert "holds files that no scan wrote" in done.stderr
    assert {path: path.read_bytes() for path in mini.rglob("*.yaml")} == before


def test_names_that_collide_are_problems_of_the_layer(
    modelbook: Run, make: Any, tmp_path: Path
) -> None:
    for name in ("Org/Name", "org/name"):
        make.cached(tmp_path / "hub", name, make.llama())
    assert modelbook("scan", str(tmp_path / "hub")).returncode == 0
    done = modelbook("scan", str(tmp_path / "hub"), "--yaml", str(tmp_path / "layer"))
    assert done.returncode == 1
    assert "`org/name` would be taken for `Org/Name`" in done.stderr


def drop() -> None:
    """Make a process obey file permissions, also where root tests."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_what_may_not_be_read_is_told(cache: Path, make: Any) -> None:
    locked = cache / "models--org--Tiny-GGUF/snapshots" / make.commit
    weights = cache / "models--org--Tiny-Llama/snapshots" / make.commit / "model.safetensors"
    locked.chmod(0)
    weights.resolve().chmod(0)
    command = [*CLI, "scan", str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=drop)
    locked.chmod(0o700)
    assert done.returncode == 1
    assert f"{locked}: cannot be read: Permission denied" in done.stderr
    assert f"{weights}: cannot be read: Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert "2 models" in done.stderr


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_table_fits_the_terminal(cache: Path, columns: int) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"TERM": "xterm"}
    env["NO_COLOR"] = "1"
    command = [*CLI, "scan", str(cache)]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=env) as process:
        os.close(theirs)
        shown = b""
        while chunk := read(ours):
            shown += chunk
        assert process.wait() == 0
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    assert max(map(len, text.splitlines())) <= columns
    assert all(word in text for word in ("model", "params", "memory", "72", "8,192"))
    assert ("KV/token" in text) == (columns >= 100)


def read(descriptor: int) -> bytes:
    """Return what a terminal shows next, nothing once its program has ended."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_names_cannot_command_the_terminal(modelbook: Run, make: Any, tmp_path: Path) -> None:
    make.write(tmp_path / "evil\x1b[31m", make.llama())
    done = modelbook("scan", str(tmp_path))
    assert "\x1b" not in done.stdout + done.stderr
    assert "evil\\u001b[31m" in done.stdout


def test_nothing_of_it_is_loaded_before_it_is_used() -> None:
    code = "import sys, modelbook_catalog as m; m.catalog(); print('modelbook.scan' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_it_needs_the_standard_library_alone(root: Path, cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from modelbook.scan.search import scan;"
        "from modelbook_catalog import catalog; import modelbook.scan.servers;"
        "from modelbook.scan.layer import layer; r = scan([Path(sys.argv[1])], catalog());"
        "print(len(r.models), len(layer(r, catalog(), '2026-11-23').files) > 60)"
    )
    paths = os.pathsep.join(str(root / name) for name in ("runtime", "generated"))
    command = [sys.executable, "-S", "-c", code, str(cache)]
    env = {"PYTHONPATH": paths}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert (done.stdout, done.stderr) == ("2 True\n", "")
