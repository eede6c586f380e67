"""Every diagnostic code has a folder in `tests/rules/` that fires it, and one that just does not.

`bad/` and `good/` are laid over a copy of the small catalog; those with a manifest that names
layers are catalogs of their own, on top of it. `expected.txt` is the whole report for `bad/`; set
UPDATE_GOLDEN=1 to write it. `at.txt` holds the day for warnings that depend on one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from modelbook_compiler.build import check
from modelbook_compiler.codes import REGISTER
from modelbook_compiler.discover import MAX_BYTES
from modelbook_compiler.emit.json import document
from modelbook_compiler.emit.python import package
from modelbook_compiler.rules.exceptions import excusable

RULES = Path(__file__).parent.parent / "rules"
MINI = Path(__file__).parent.parent / "mini" / "catalog"
CASES = sorted(folder.name for folder in RULES.iterdir() if folder.is_dir())

ELSEWHERE = {
    "MB011": "rows of bulk sources: see tests/compiler_bulk",
    "MB012": "rows of bulk sources: see tests/compiler_bulk",
    "MB401": "drift of written output: see the tests of the command line",
    "MB402": "drift of written output: see the tests of the command line",
    **{
        f"MB{number}": "beside a catalog: see tests/cli/test_check_secrets.py"
        for number in range(501, 511)
    },
    "MB403": "an interrupted compile: see the tests of the command line",
}
"""Codes that no catalog file fires, and why they have no folder here."""

MODELINE = b"# yaml-language-server: $schema=../../../schemas/model.schema.json\n"
SOUND = MODELINE + (
    b"name: Beta 1\npipelines: [text-generation]\n"
    b'sources: [{url: "https://example.com/models", checked: 2026-01-02}]\n'
)

DEPLOYMENT = """\
# yaml-language-server: $schema=../../../../schemas/deployment.schema.json
lifecycle: {status: active}
sources: [{url: "https://example.com/models", checked: 2026-01-02}]
"""


def unreadable(models: Path) -> None:
    """Make files that are not regular files, or too large."""
    (models / "link.yaml").symlink_to("alpha-1.yaml")
    (models / "folder.yaml").symlink_to(models)
    os.mkfifo(models / "pipe.yaml")
    (models / "huge.yaml").write_bytes(SOUND.ljust(MAX_BYTES + 1, b"#"))


def readable(models: Path) -> None:
    """Make the largest file that is read."""
    (models / "large.yaml").write_bytes(SOUND.ljust(MAX_BYTES, b"#"))
    deploy(models, "large")


def deploy(models: Path, name: str) -> None:
    """Make a deployment of a model, since one without any is reported."""
    deployment = DEPLOYMENT + f"model: acme/{name}\n"
    (models.parent.parent / f"providers/acme/deployments/{name}.yaml").write_text(deployment)


def not_text(models: Path) -> None:
    """Make files with bytes and characters that are not plain text."""
    texts = {
        "latin": b"Caf\xe9",
        "escape": b'"GPT\x1b[2J4"',
        "escaped": rb'"GPT\x1b[2J4"',
        "bidi": "Beta \u202e1".encode(),
        "noncharacter": "Beta \ufffe1".encode(),
        "return": b"Beta\r1",
        "nul": b"Beta\x00",
    }
    for name, value in texts.items():
        (models / f"{name}.yaml").write_bytes(SOUND.replace(b"Beta 1", value))
    (models / "mark.yaml").write_bytes(b"\xef\xbb\xbf" + SOUND)
    (models / "wide.yaml").write_bytes(SOUND.decode().encode("utf-16"))


def text(models: Path) -> None:
    """Make a file with every kind of character that is plain text."""
    value = "Bêta ñ 模型 \U0001f600 \u00a0\u3000 \U00100000".encode()
    (models / "text.yaml").write_bytes(SOUND.replace(b"Beta 1", value).replace(b"\n", b"\r\n"))
    deploy(models, "text")


MADE: dict[tuple[str, str], Callable[[Path], None]] = {
    ("MB003", "bad"): unreadable,
    ("MB003", "good"): readable,
    ("MB004", "bad"): not_text,
    ("MB004", "good"): text,
}
"""Overlays that git or an editor might not keep as they are."""


def lay_over(catalog: Path, code: str, which: str) -> None:
    """Copy an overlay over a catalog; `x.delete` removes `x`."""
    folder = RULES / code / which
    manifest = folder / "catalog.yaml"
    if manifest.exists() and "layers:" in manifest.read_text():
        catalog.rename(catalog.with_name("base"))
    for path in folder.rglob("*"):
        target = catalog / path.relative_to(folder)
        if path.suffix == ".delete":
            target.with_suffix("").unlink()
        elif path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    if (code, which) in MADE:
        MADE[code, which](catalog / "models" / "acme")


def day(code: str) -> date | None:
    """Return the day a case is checked at, if it depends on one."""
    path = RULES / code / "at.txt"
    return date.fromisoformat(path.read_text().strip()) if path.exists() else None


def test_every_code_has_its_folder() -> None:
    assert set(CASES) | set(ELSEWHERE) == set(REGISTER)
    assert not set(CASES) & set(ELSEWHERE)


@pytest.mark.parametrize("code", CASES)
def test_bad_is_reported_exactly(code: str, mini: Path, report: Callable[..., str]) -> None:
    lay_over(mini, code, "bad")
    found = report(mini, day(code))
    expected = RULES / code / "expected.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    severity = "warning" if day(code) or code == "MB214" else "error"
    heads = re.findall(r"(?m)^(error|warning)\[(MB\d+)\]", found)
    assert set(heads) == {(severity, code)}


@pytest.mark.parametrize("code", CASES)
def test_good_is_clean(code: str, mini: Path) -> None:
    lay_over(mini, code, "good")
    checked = check(mini, at=day(code))
    assert checked.diagnostics == ()
    assert checked.book()


@pytest.mark.parametrize("code", [code for code in CASES if day(code)])
def test_warnings_need_a_day(code: str, mini: Path) -> None:
    assert check(mini, at=day(code)).diagnostics == ()
    lay_over(mini, code, "bad")
    assert check(mini).diagnostics == ()


@pytest.mark.parametrize("code", [code for code in CASES if excusable(code)])
def test_an_exception_excuses_and_what_is_excused_can_be_compiled(code: str, mini: Path) -> None:
    lay_over(mini, code, "bad")
    for path in {one.path for one in check(mini).diagnostics}:
        file = mini.parent / path
        if file.parent == mini:  # the tables of the whole catalog take no exceptions
            file.unlink()
            if (MINI / file.name).exists():
                file.write_bytes((MINI / file.name).read_bytes())
            continue
        if "secrets" in file.parts:  # nor do secrets
            file.unlink()
        else:
            excuse, text = (
                f"exceptions: [{{rule: {code}, reason: It is so}}]",
                file.read_text("utf-8"),
            )
            overlaid = text.replace("add: {", f"add: {{{excuse}, ")
            text = overlaid if "/overlay/" in text else f"{text}{excuse}\n"
            file.write_text(text, encoding="utf-8")
    checked = check(mini)
    assert checked.diagnostics == ()
    book = checked.book()
    assert json.loads(document(book))["models"]
    assert list(package(book, "x"))


@pytest.mark.parametrize("code", sorted(set(REGISTER) - set(CASES) | {"MB101", "MB201", "MB310"}))
def test_what_cannot_be_excused_says_so(code: str, mini: Path) -> None:
    lay_over(mini, "MB390", "good")
    model = mini / "models" / "acme" / "beta-1.yaml"
    model.write_text(model.read_text().replace("MB301", code).replace("8192", "4096"))
    (found,) = check(mini).diagnostics
    assert found.message == f"{code} cannot be excused"


def test_an_exception_is_not_stale_while_another_file_is_broken(mini: Path) -> None:
    lay_over(mini, "MB202", "good")
    (mini / "models" / "acme" / "alpha-1.yaml").write_text("broken")
    assert [one.code for one in check(mini).diagnostics] == ["MB010"]


def test_the_search_for_secrets_ends_soon(mini: Path) -> None:
    policy = mini / "policies" / "cheap-chat.yaml"
    policy.write_text(policy.read_text().replace("Cheap chat", "eyJ-" * 100_000))
    start = time.process_time()
    assert check(mini).diagnostics == ()
    assert time.process_time() - start < 10
