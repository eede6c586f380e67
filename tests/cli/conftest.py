"""A compiled copy of the small catalog, and ways to run the command line in odd surroundings."""

from __future__ import annotations

import ctypes
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelbook_compiler.imported import digest_of
from modelbook_compiler.parse import parse
from modelbook_compiler.values import Document, SourceFile

Done = subprocess.CompletedProcess[str]
MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
CLI = (sys.executable, "-m", "modelbook_cli")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the small catalog and what it compiles to; not to be written in."""
    place = tmp_path_factory.mktemp("shop")
    shutil.copytree(MINI, place / "catalog")
    subprocess.run([*CLI, "compile"], cwd=place, check=True, capture_output=True)
    return place


@pytest.fixture
def ask(modelbook: Callable[..., Done], shop: Path) -> Callable[..., Done]:
    """Return a function that runs `modelbook` on the compiled small catalog."""

    def run(*args: str, **env: str) -> Done:
        return modelbook(*args, cwd=shop, PYTHONPATH=str(shop / "generated"), **env)

    return run


@pytest.fixture
def answer(ask: Callable[..., Done]) -> Callable[..., Any]:
    """Return a function that runs a command with `--json` and returns what it prints."""

    def run(*args: str) -> Any:
        done = ask(*args, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def refused() -> Callable[[Done], str]:
    """Return a check: exit code 2, a message, nothing printed, no traceback. It returns the words.

    Click's own refusals name the usage first.
    """

    def check(done: Done) -> str:
        assert (done.returncode, done.stdout) == (2, ""), done
        assert done.stderr.startswith(("error: ", "Usage: ")), done.stderr
        assert "Traceback" not in done.stderr
        assert "\\u00" not in done.stderr
        return done.stderr

    return check


@pytest.fixture(scope="session")
def mortal() -> Callable[..., Done]:
    """Return a function that runs `modelbook` bound by file permissions, also where root tests."""

    def drop() -> None:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP

    def run(*args: str, cwd: Path) -> Done:
        return subprocess.run(
            [*CLI, *args], cwd=cwd, capture_output=True, text=True, check=False, preexec_fn=drop
        )

    return run


@pytest.fixture
def terminal(shop: Path) -> Callable[..., str]:
    """Return a function that runs `modelbook` on a real terminal and returns what it shows."""
    import fcntl
    import termios

    def run(*args: str, columns: int = 80, **env: str) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
        whole = {**plain, "TERM": "xterm", "PYTHONPATH": str(shop / "generated"), **env}
        command = [*CLI, *args]
        with subprocess.Popen(command, cwd=shop, env=whole, stdout=theirs, stderr=theirs):
            os.close(theirs)
            shown = b""
            while chunk := _read(ours):
                shown += chunk
        os.close(ours)
        return shown.decode()

    return run


def _read(descriptor: int) -> bytes:
    """Return what a terminal shows next, nothing once its program has ended."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


CLAIMS = "# yaml-language-server: $schema={}schemas/dispute.schema.json\nclaims:\n"
SAID = """\
    source: {name: other-book 1.0, url: "https://example.com/other", checked: 2026-01-02}
"""
OTHERS = {
    "disputes/deployments/acme/alpha-1-2025-08-15.yaml": CLAIMS.format("../../../../")
    + '  - says: {prices.input: "6.00"}\n    when: {tier: batch}\n    from: 2026-01-01\n'
    + f"{SAID}    reason: It is older\n"
    + f"  - says: {{limits.context: 96000, capabilities.tools: false}}\n{SAID}    reason: Old\n",
    "disputes/imported/deployments/acme/alpha-1-2025-08-15.yaml": CLAIMS.format("../../../../../")
    + '  - says: {prices.input: "900", prices.reasoning: "900"}\n    source: {name: far-book 2, '
    + "checked: 2026-01-02}\n    reason: 360 times as much\n    quarantine: above-ceiling\n"
    + "  - says: {limits.max_output: 32768}\n    source: {name: far-book 2, checked: 2026-01-02}\n"
    + "    reason: It copied another one\n",
    "disputes/imported/deployments/acme/embed-1.yaml": CLAIMS.format("../../../../../")
    + f'  - says: {{prices.input: "0.50"}}\n{SAID}    reason: It is free at its vendor\n',
    "providers/acme/deployments/embed-1.yaml": """\
# yaml-language-server: $schema=../../../../schemas/deployment.schema.json
model: acme/embed-1
lifecycle: {status: deprecated, deprecated_on: 2026-01-01, retired_on: 2026-06-01}
prices:
  - {input: free}
sources: [{url: "https://example.com/models", checked: 2026-01-02}]
""",
    "disputes/imported/models/acme/embed-1.yaml": CLAIMS.format("../../../../../")
    + f"  - says: {{dimensions: 512}}\n{SAID}    reason: It can be cut to that\n",
}
"""What other books say of the small catalog."""


@pytest.fixture(scope="session")
def argued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like `shop` in which other books say other things; not to be written in."""
    place = tmp_path_factory.mktemp("argued")
    shutil.copytree(MINI, place / "catalog")
    for path, text in OTHERS.items():
        target = place / "catalog" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    _import(place / "catalog/architectures/llama.yaml")
    subprocess.run([*CLI, "compile"], cwd=place, check=True, capture_output=True)
    return place


def _import(file: Path) -> None:
    """Make a file one that an import wrote."""
    source = SourceFile(
        "catalog/architectures/llama.yaml", "architecture", "", "", file.read_bytes()
    )
    read = parse(source)
    assert isinstance(read, Document)
    owner = f'imported: {{from: [other-book 1.0], digest: "{digest_of(read.data)}"}}\n'
    file.write_text(file.read_text(encoding="utf-8") + owner, encoding="utf-8")


@pytest.fixture
def hear(modelbook: Callable[..., Done], argued: Path) -> Callable[..., Done]:
    """Return a function that runs `modelbook` where other books say other things."""

    def run(*args: str, **env: str) -> Done:
        return modelbook(*args, cwd=argued, **{"PYTHONPATH": str(argued / "generated"), **env})

    return run
