"""`modelbook adopt`: imported files become people's own, and nothing else of them changes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_compiler.build import check
from modelbook_compiler.discover import place
from modelbook_compiler.imported import digest_of
from modelbook_compiler.parse import parse
from modelbook_compiler.values import Document, SourceFile

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
EMBED = "models/acme/embed-1.yaml"
BLOCK = (
    "imported:  # {why}\n  # by the import\n  from:\n    - other-book 1\n  digest: {digest}  # x\n"
)
WRITTEN = {
    "imported: {{from: [other-book 1], digest: {digest}}}\n": "",
    "imported: {{from: [other-book 1], digest: {digest}}}  # of June\n": "# of June\n",
    'imported:\n  from: ["other-book 1"]\n  digest: {digest}\n': "",
    "imported: {{\n  from: [other-book 1],  # a list\n  digest: {digest},\n  }}\n": "# a list\n",
    BLOCK: "# {why}\n  # by the import\n# x\n",
    "'imported': {{from: [other-book 1], digest: {digest}}}\n": "",
    "imported: {{from: [other-book 1], digest: {digest}}}\r\n": "",
}
"""How `imported` may be written, and what is left of it."""


def digest(catalog: Path, path: str) -> str:
    """Return the digest of the facts of a file, quoted."""
    placed = place(path)
    assert isinstance(placed, tuple)
    read = parse(SourceFile(f"catalog/{path}", *placed, "", (catalog / path).read_bytes()))
    assert isinstance(read, Document)
    return f'"{digest_of(read.data)}"'


def imported(catalog: Path, path: str = EMBED) -> bytes:
    """Make a file one that an import wrote; return what it was before."""
    file = catalog / path
    before = file.read_bytes()
    line = f"imported: {{from: [other-book 1], digest: {digest(catalog, path)}}}\n"
    file.write_bytes(before + line.encode())
    return before


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("where", ["last", "in the middle", "without a line break"])
def test_every_other_byte_stays(mini: Path, modelbook: Run, written: str, where: str) -> None:
    file = mini / EMBED
    before = file.read_text().replace("limits:", "# a comment: of mine\nlimits:")
    named = {"digest": digest(mini, EMBED), "why": "why: {it, [is"}
    field, rest = written.format(**named), WRITTEN[written].format(**named)
    if where == "in the middle":
        head, mark, tail = before.partition("# a comment: of mine\n")
        file.write_bytes(f"{head}{field}{mark}{tail}".encode())
        wanted = f"{head}{rest}{mark}{tail}"
    elif where == "last":
        file.write_bytes(f"{before}{field}".encode())
        wanted = before + rest
    else:
        file.write_bytes(f"{before}{field}".rstrip().encode())
        wanted = (before + rest) if not rest else (before + rest).rstrip("\n")
    done = modelbook("adopt", f"catalog/{EMBED}", cwd=mini.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"catalog/{EMBED} adopted\n1 adopted\n"
    assert file.read_bytes().decode() == wanted
    assert check(mini).diagnostics == ()


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("acme/embed-1", EMBED),
        ("acme:embed-1", "providers/acme/deployments/embed-1.yaml"),
        ("vllm:openlab/gamma-7b", "providers/vllm/deployments/openlab/gamma-7b.yaml"),
        ("acme", "providers/acme/provider.yaml"),
        ("llama", "architectures/llama.yaml"),
    ],
)
def test_an_id_names_its_file(mini: Path, modelbook: Run, id: str, path: str) -> None:
    before = imported(mini, path)
    tried = modelbook("adopt", id, "--dry-run", "--json", cwd=mini.parent)
    assert json.loads(tried.stdout) == {"adopted": [f"catalog/{path}"], "written": False}
    assert (mini / path).read_bytes() != before
    done = modelbook("adopt", id, "--json", cwd=mini.parent)
    assert json.loads(done.stdout) == {"adopted": [f"catalog/{path}"], "written": True}
    assert (mini / path).read_bytes() == before


def test_edited_takes_what_was_edited_and_nothing_else(mini: Path, modelbook: Run) -> None:
    imported(mini, "providers/acme/provider.yaml")
    imported(mini)
    (mini / EMBED).write_text((mini / EMBED).read_text().replace("8192", "4096"))
    (mini / "models/acme/broken.yaml").write_text("imported: [")
    (mini / "models/acme/elsewhere.yaml").symlink_to("embed-1.yaml")
    done = modelbook("adopt", "--edited", cwd=mini.parent)
    assert done.stdout == f"catalog/{EMBED} adopted\n1 adopted\n"
    assert "imported" in (mini / "providers/acme/provider.yaml").read_text()
    named = ("catalog/providers/acme/provider.yaml", f"catalog/{EMBED}", "catalog/units.yaml")
    assert modelbook("adopt", "--edited", *named, cwd=mini.parent).stdout == "0 adopted\n"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("acme/alpha-1",), "`catalog/models/acme/alpha-1.yaml` is in people's hands already"),
        (("acme/embed-2",), "no file of `acme/embed-2`; did you mean `acme/embed-1`"),
        (("acme:alpha-12",), "did you mean `acme:alpha-1`"),
        (("catalog/models/acme/embed-2.yaml",), "No such file or directory"),
        (("nowhere.yaml",), "`nowhere.yaml` is not in the catalog `catalog`"),
        (("../../etc/x.yaml",), "is not in the catalog"),
        (("catalog/x/y.yaml",), "it has no place there"),
        (("..:../../x",), "there is no file of"),
        (("",), "there is no file of ``"),
        (("x" * 100_000,), "there is no file"),
        (("x" * 100_000 + ".yaml",), "there is no file"),
        ((), "name a file or an id, or use --edited"),
        (("--catalog", "nowhere", "acme"), "`nowhere` is no catalog"),
    ],
)
def test_what_cannot_be_adopted_is_told_and_nothing_is_written(
    mini: Path,
    modelbook: Run,
    refused: Callable[[Done], str],
    asked: tuple[str, ...],
    said: str,
) -> None:
    imported(mini)
    before = (mini / EMBED).read_bytes()
    named = (f"catalog/{EMBED}", *asked) if asked else ()
    assert said in refused(modelbook("adopt", *named, cwd=mini.parent))
    assert (mini / EMBED).read_bytes() == before


def test_a_file_in_one_line_is_left_to_people(
    mini: Path, modelbook: Run, refused: Callable[[Done], str]
) -> None:
    first, *fields = (mini / EMBED).read_text().splitlines()
    fields.append("imported: {from: [a 1], digest: aaaaaaaaaaaaaaaa}")
    (mini / EMBED).write_text(f"{first}\n{{{', '.join(fields)}}}\n")
    told = refused(modelbook("adopt", "acme/embed-1", cwd=mini.parent))
    assert "delete its field `imported`" in told
