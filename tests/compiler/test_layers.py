"""Layers as a manifest names them: packages, folders, commits; and what is remembered of them."""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import time
from json import dumps
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from modelbook_compiler import build, packed
from modelbook_compiler.build import CannotRunError, Checked, check
from modelbook_compiler.emit import json
from modelbook_compiler.files import UNSETTLED
from modelbook_compiler.layers import resolve
from modelbook_compiler.remember import Memory

MINI = Path(__file__).parent.parent / "mini" / "catalog"
MODEL = "models/acme/alpha-1.yaml"
OVERLAY = "# yaml-language-server: $schema=../../../schemas/overlay/model.schema.json\n"


def manifest(folder: Path, name: str, *layers: str) -> Path:
    """Write the manifest of a catalog; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = "".join(f"  - {one}\n" for one in layers)
    text = "# yaml-language-server: $schema=../schemas/manifest.schema.json\nschema: 1\n"
    text += f"name: {name}\ntitle: A catalog\n{'layers:' if layers else ''}\n{listed}"
    (folder / "catalog.yaml").write_text(text)
    return folder


def put(folder: Path, text: str, path: str = MODEL) -> None:
    """Write a file of operations on a model."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(OVERLAY + text)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Return a catalog without files of its own, on top of a copy of the small one."""
    shutil.copytree(MINI, tmp_path / "base")
    return manifest(tmp_path / "catalog", "team", "{folder: ../base}")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered to this test."""
    monkeypatch.setenv("MODELBOOK_CACHE", str(tmp_path / "cache"))


def told(checked: Checked) -> list[tuple[str, str]]:
    """Return code and path of everything that is wrong."""
    return [(one.code, one.path) for one in checked.diagnostics]


def context(checked: Checked) -> object:
    """Return the context of the model alpha-1."""
    return checked.graph.kind("model")["acme/alpha-1"].data["limits"].get("context")


def git(folder: Path, *command: str) -> str:
    """Run git in a folder; return what it prints."""
    who = {
        f"GIT_{one}_{what}": "a@example.com"
        for one in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    clean = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    run = subprocess.run(
        ["git", *command],
        cwd=folder,
        env={**clean, **who},
        check=True,
        capture_output=True,
        text=True,
    )
    return run.stdout.strip()


def test_a_layer_beneath_brings_everything(team: Path) -> None:
    checked = check(team)
    assert told(checked) == []
    assert len(checked.book().models) == 3
    assert checked.book().name == "team"


def test_layers_bring_their_own_layers_and_each_counts_once(team: Path, tmp_path: Path) -> None:
    org = manifest(tmp_path / "org", "org", "{folder: ../base}")
    put(org, "set: {limits: {context: 50000}}\n")
    manifest(team, "team", "{folder: ../base}", "{folder: ../org}")
    assert resolve(team).order == ("mini", "org", "team")
    put(team, "set: {limits: {max_output: 100}}\n")
    checked = check(team)
    assert told(checked) == []
    assert context(checked) == 50000
    provenance = {
        (one.field, one.layer) for one in checked.book().provenance if one.id == "acme/alpha-1"
    }
    assert {
        ("limits.context", "org"),
        ("limits.max_output", "team"),
        ("name", "mini"),
    } <= provenance
    manifest(team, "team", "{folder: ../org}", "{folder: ../base}")
    assert resolve(team).order == ("mini", "org", "team")  # org needs it below


def test_a_manifest_is_its_own(team: Path) -> None:
    entry = check(team).graph.kind("manifest")["manifest"]
    for field in (("name",), ("layers", 0, "folder")):
        assert entry.place_of(field) == ("catalog/catalog.yaml", field)
    manifest(team.parent / "top", "top", "{folder: ../catalog}")
    book = check(team.parent / "top").book()
    layers = {(one.field, one.layer) for one in book.provenance if one.kind == "manifest"}
    assert layers == {("schema", "top"), ("name", "top"), ("title", "top"), ("layers", "top")}


def test_a_circle_is_found_where_it_closes(team: Path, tmp_path: Path) -> None:
    manifest(tmp_path / "base", "mini", "{folder: ../catalog}")
    (found,) = check(team).diagnostics
    assert (found.code, found.path) == ("MB213", "base/catalog.yaml")


def test_without_its_layers_nothing_else_is_told(team: Path) -> None:
    put(team, "set: {nonsense: 1}\n")
    manifest(team, "team", "{folder: ../gone}")
    assert told(check(team)) == [("MB212", "catalog/catalog.yaml")]
    manifest(team, "team", "{foldr: ../base}")
    assert {code for code, _ in told(check(team))} == {"MB101"}


@pytest.mark.parametrize(
    "layer",
    [
        "{}",
        "{folder: /base}",
        "{folder: ../base, package: x}",
        "{git: ../base}",
        "{git: .., revision: main}",
        "{folder: ~/x}",
        "{folder: 1}",
        "{package: a.b}",
        "[]",
        "x",
    ],
)
def test_what_is_no_layer_is_told_at_its_place(team: Path, layer: str) -> None:
    manifest(team, "team", layer)
    found = check(team).diagnostics
    assert {one.path for one in found} == {"catalog/catalog.yaml"}
    assert {one.code[:3] for one in found} == {"MB1"}
    assert all(one.span and one.span.line == 6 for one in found)


def test_a_commit_is_read_as_it_was(team: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.move(base, tmp_path / "repo" / "catalog")
    repo = tmp_path / "repo"
    git(repo, "init", "-q")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "x")
    commit = git(repo, "rev-parse", "HEAD")
    shutil.rmtree(repo / "catalog")
    manifest(team, "team", f"{{git: ../repo, revision: {commit}}}")
    put(team, "set: {limits: {context: 50000}}\nadd: {name: x}\n")
    found = check(team)
    assert told(found) == [("MB209", "catalog/" + MODEL)]
    put(team, "set: {limits: {context: 50000}}\n")
    for _ in range(2):  # the second time by what is remembered
        checked = check(team, memory=Memory(team, time.time_ns() + 10**10))
        assert told(checked) == []
        assert context(checked) == 50000
        (entry,) = [one for one in checked.graph.kind("model").values() if one.id == "acme/alpha-1"]
        path, pointer = entry.place_of(("name",))
        assert path == f"repo@{commit[:12]}:catalog/{MODEL}"
        assert checked.positions.span(path, pointer, "key").line == 2
    manifest(team, "team", f"{{git: ../repo, revision: {commit}, path: nowhere}}")
    assert told(check(team)) == [("MB212", "catalog/catalog.yaml")]


@pytest.fixture
def repo(team: Path, tmp_path: Path) -> tuple[Path, str]:
    """Return a repository that holds the small catalog, and its commit."""
    place = tmp_path / "repo"
    shutil.move(tmp_path / "base", place / "catalog")
    (place / "apps").mkdir()
    (place / "apps" / "x").touch()
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-qm", "x")
    return place, git(place, "rev-parse", "HEAD")


def test_a_repository_is_the_one_that_is_named(
    repo: tuple[Path, str], team: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By a folder inside it, and also where a hook of git has named another one."""
    manifest(team, "team", f"{{git: ../repo/apps, revision: {repo[1]}}}")
    assert told(check(team)) == []
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert told(check(team)) == []


def test_what_a_repository_lacks_is_said(
    repo: tuple[Path, str], team: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place, commit = repo
    tree = git(place, "rev-parse", "HEAD:catalog")

    def says(layer: str) -> tuple[str, str]:
        manifest(team, "team", layer)
        (one,) = check(team).diagnostics
        assert (one.code, one.span and one.span.line) == ("MB212", 6)
        return one.message, one.hint or ""

    assert "is a tree and no commit" in says(f"{{git: ../repo, revision: {tree}}}")[0]
    message, hint = says(f"{{git: ../repo, revision: {'f' * 40}}}")
    assert ("has no commit" in message, hint[:14]) == (True, "fetch it there")
    (tmp_path / "plain").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    message, hint = says(f"{{git: ../plain, revision: {commit}}}")
    assert ("is no repository" in message, "the path starts" in hint) == (True, True)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        message, hint = says(f"{{git: ../repo, revision: {commit}}}")
    assert ("git cannot be run" in message, hint) == (True, "install git")
    git(place, "config", "core.repositoryformatversion", "1")
    git(place, "config", "extensions.partialClone", "origin")
    git(place, "config", "remote.origin.url", str(tmp_path / "gone"))
    git(place, "config", "remote.origin.promisor", "true")
    assert "warning" not in says(f"{{git: ../repo, revision: {'f' * 40}}}")[0]


@pytest.mark.parametrize("garbled", [False, True])
def test_an_object_that_is_gone_or_garbled_is_no_accident(
    repo: tuple[Path, str], team: Path, garbled: bool
) -> None:
    place, commit = repo
    manifest(team, "team", f"{{git: ../repo, revision: {commit}}}")

    def damage(name: str) -> None:
        id = git(place, "rev-parse", f"HEAD:{name}")
        file = place / ".git" / "objects" / id[:2] / id[2:]
        file.unlink()
        if garbled:
            file.write_bytes(b"no object")

    damage(f"catalog/{MODEL}")
    with pytest.raises(CannotRunError, match=r"`repo@.*: (git says|it has not)"):
        check(team)
    damage("catalog/catalog.yaml")
    assert told(check(team)) == [("MB212", "catalog/catalog.yaml")]
    damage("catalog/models")
    (one,) = check(team, memory=Memory(team, time.time_ns())).diagnostics
    assert (one.code, "cannot be read" in one.message) == ("MB212", True)


def test_a_key_may_be_spelt_by_escapes(team: Path) -> None:
    text = (team / "catalog.yaml").read_text().replace("layers:", '"l\\u0061yers":')
    (team / "catalog.yaml").write_text(text)
    memory = Memory(team, time.time_ns() + 10**10)
    assert f"base/{MODEL}" in {path.removeprefix("../") for path in memory.walked}


def test_a_folder_of_another_format_or_of_no_possible_name(team: Path, tmp_path: Path) -> None:
    manifest(team, "team", "{folder: ../" + "x" * 5000 + "}")
    assert told(check(team)) == [("MB212", "catalog/catalog.yaml")]
    manifest(team, "team", "{git: ../" + "x" * 5000 + f", revision: {'f' * 40}}}")
    assert told(check(team)) == [("MB212", "catalog/catalog.yaml")]
    manifest(team, "team", "{folder: ../base}")
    below = tmp_path / "base" / "catalog.yaml"
    below.write_text(below.read_text().replace("schema: 1", "schema: 2"))
    (one,) = [one for one in check(team).diagnostics if one.pointer == ("schema",)]
    assert "upgrade modelbook" in (one.hint or "")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package that brings the small catalog, packed."""
    home = tmp_path / "site" / "small_book"
    home.mkdir(parents=True)
    (home / "__init__.py").touch()
    (home / packed.NAME).write_bytes(packed.pack(MINI))
    monkeypatch.syspath_prepend(str(home.parent))
    return home


def test_a_packed_catalog_is_the_folder_it_was_made_of(
    package: Path, team: Path, tmp_path: Path
) -> None:
    put(team, "set: {limits: {context: 50000}}\n")
    (tmp_path / "base").rename(tmp_path / "small")
    manifest(team, "team", "{folder: ../small}")
    before = json.document(check(team).book())
    manifest(team, "team", "{package: small_book}")
    checked = check(team)
    assert json.document(checked.book()) == before.replace(b"small/", b"small_book:")
    entry = checked.graph.kind("model")["acme/alpha-1"]
    path, pointer = entry.place_of(("limits", "max_output"))
    assert (path, checked.positions.span(path, pointer, "value").line) == (f"small_book:{MODEL}", 7)


def test_what_is_remembered_of_a_package_is_read_once(
    package: Path, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest(team, "team", "{package: small_book}")
    put(team, "set: {limits: {context: 50000}}\n")

    def remembered() -> Checked:
        return check(team, memory=Memory(team, time.time_ns() + 10**10))

    files = len(remembered().sources)
    assert Memory(team, time.time_ns() + 10**10).clean_files() == files
    put(team, "set: {limits: {context: 60000}}\n")
    with monkeypatch.context() as patch:
        patch.setattr(packed, "data", None)  # nobody may ask for it again
        again = remembered()
    assert (told(again), context(again), len(again.sources)) == ([], 60000, files)
    other = package / packed.NAME
    other.write_bytes(other.read_bytes()[:-1000])
    with pytest.raises(CannotRunError, match="damaged"):
        remembered()
    other.write_bytes(b"no such thing")
    assert told(remembered()) == [("MB212", "catalog/catalog.yaml")]


GOOD = {"format": 1, "files": 1, "manifest": {"schema": 1, "name": "x", "title": "X"}}


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ([], "damaged"),
        (None, "damaged"),
        ({**GOOD, "manifest": []}, "damaged"),
        ({**GOOD, "manifest": None}, "damaged"),
        ({**GOOD, "manifest": {**GOOD["manifest"], "layers": [1]}}, "damaged"),
        ({**GOOD, "files": "x"}, "damaged"),
        ({**GOOD, "files": None}, "damaged"),
        ({**GOOD, "format": 2}, "upgrade modelbook"),
        ({**GOOD, "manifest": {**GOOD["manifest"], "schema": 2}}, "upgrade modelbook"),
    ],
)
def test_a_package_that_does_not_say_what_it_is(
    package: Path, team: Path, first: object, said: str
) -> None:
    (package / packed.NAME).write_bytes(lzma.compress(dumps(first).encode() + b"\n"))
    manifest(team, "team", "{package: small_book}")
    (one,) = check(team).diagnostics
    assert (one.code, one.path, one.span and one.span.line) == ("MB212", "catalog/catalog.yaml", 6)
    assert said in f"{one.message} {one.hint}"


@pytest.mark.parametrize("lines", ['[]\n"x"', '1\n"x"', '["a", 1]\n"x"', "[1, {}]\n1", "x", ""])
def test_a_package_with_lines_of_another_form(package: Path, team: Path, lines: str) -> None:
    (package / packed.NAME).write_bytes(lzma.compress(f"{dumps(GOOD)}\n{lines}\n".encode()))
    manifest(team, "team", "{package: small_book}")
    with pytest.raises(CannotRunError, match="`small_book`: it is damaged"):
        check(team)


GROWN = ("catalog", MODEL, OVERLAY + "add: {family: alpha}\n")
BELOW = ("base", MODEL, (MINI / MODEL).read_text() + "family: alpha\n")
ABOVE = ("org", MODEL, OVERLAY + "set: {limits: {context: 50000}}\n")
STEPS = st.sampled_from(
    [
        ("catalog", MODEL, None),
        ("catalog", MODEL, OVERLAY + "set: {limits: {context: 50000}}\n"),
        ("catalog", MODEL, OVERLAY + "set: {limits: {context: 60000}}\n"),
        GROWN,
        BELOW,
        ABOVE,
        ("catalog", MODEL, OVERLAY + "set: {architecture: Nothing}\n"),
        ("catalog", MODEL, OVERLAY + "set: {limits: {context: 50000}\n"),
        ("catalog", MODEL, (MINI / MODEL).read_text()),
        ("base", MODEL, None),
        ("base", MODEL, (MINI / MODEL).read_text()),
        ("base", MODEL, (MINI / MODEL).read_text().replace("context: 128000", "context: 50000")),
        ("base", MODEL, "name: [\n"),
        ("base", "catalog.yaml", (MINI / "catalog.yaml").read_text() + "# a comment\n"),
        ("base", "catalog.yaml", (MINI / "catalog.yaml").read_text().replace("mini", "other")),
        ("base", "units.yaml", (MINI / "units.yaml").read_text() + "# a comment\n"),
        ("org", MODEL, None),
        ("org", MODEL, OVERLAY + "remove: {limits: all}\n"),
    ]
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=1, max_size=6), st.sampled_from([0, build.FEW]))
@example([GROWN, BELOW, ABOVE, BELOW], 0)
def test_after_any_edits_of_any_layer_the_answer_is_that_of_a_fresh_check(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str | None]], few: int
) -> None:
    """Also where all is written down again after every check."""
    place = tmp_path_factory.mktemp("layers")
    shutil.copytree(MINI, place / "base")
    manifest(place / "org", "org", "{folder: ../base}")
    top = manifest(place / "catalog", "team", "{folder: ../org}")
    for layer, path, text in [("catalog", MODEL, None), *steps]:
        target = place / layer / path
        if text is None:
            target.unlink(missing_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        memory = Memory(top, time.time_ns() + 10**10)
        assert UNSETTLED not in memory.walked.values()
        clean = memory.clean_files()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(build, "FEW", few)
            found = check(top, memory=memory)
        fresh = check(top)
        assert found.diagnostics == fresh.diagnostics
        assert clean is None or fresh.diagnostics == ()
        if fresh.sound:
            assert json.document(found.book()) == json.document(fresh.book())


def test_an_exception_of_a_layer_below_still_holds_and_one_above_is_needed(
    team: Path, tmp_path: Path
) -> None:
    below = tmp_path / "base" / MODEL
    text = below.read_text().replace("context: 128000", "context: 100")
    below.write_text(text + "exceptions: [{rule: MB301, reason: It is so}]\n")
    assert told(check(tmp_path / "base")) == []
    put(team, "add: {family: alpha}\n")
    assert told(check(team)) == []
    put(team, "set: {limits: {context: 50}}\n")  # breaks the same rule, in a file above
    assert told(check(team)) == []
    put(team, "set: {limits: {context: 128000}}\n")  # below, nobody needs the exception any more
    assert told(check(team)) == []
    below.write_text(text.replace("context: 100", "context: 128000"))
    put(team, "set: {limits: {context: 50}}\n")
    assert told(check(team)) == [("MB301", f"catalog/{MODEL}")]
    put(team, "set: {limits: {context: 50}}\nadd: {exceptions: [{rule: MB301, reason: So}]}\n")
    assert told(check(team)) == []
    put(team, "set: {limits: {context: 128001}}\nadd: {exceptions: [{rule: MB301, reason: So}]}\n")
    (stale,) = check(team).diagnostics
    assert (stale.code, stale.pointer[:2]) == ("MB390", ("add", "exceptions"))


def test_a_reference_is_told_where_it_is_made(team: Path) -> None:
    put(team, "set: {pipelines: [text-generatoin]}\n")
    (found,) = [one for one in check(team).diagnostics if one.code == "MB201"]
    assert found.path == f"catalog/{MODEL}"
    assert found.span
    assert (found.span.line, found.span.column) == (2, 19)


def test_units_of_a_layer_above_are_units_of_prices(team: Path) -> None:
    line = OVERLAY.replace("../../../", "../").replace("model.", "units.")
    unit = "{name: seats, quantity: requests, per: 1, plausible: {min: '1', max: '100'}}"
    (team / "units.yaml").write_text(f"{line}add: {{units: {{seats: {unit}}}}}\n")
    path = "providers/acme/deployments/embed-1.yaml"
    (team / path).parent.mkdir(parents=True)
    line = OVERLAY.replace("../../../", "../../../../").replace("model.", "deployment.")
    (team / path).write_text(line + 'set: {prices: [{seats: "5.00"}]}\n')
    assert told(check(team)) == []
    (team / path).write_text(line + 'set: {prices: [{seatz: "5.00"}]}\n')
    (found,) = check(team).diagnostics
    assert (found.code, found.hint) == ("MB101", "did you mean `seats`?")


def test_a_tower_of_layers_has_an_end(team: Path, tmp_path: Path) -> None:
    for number in range(40):
        manifest(tmp_path / f"l{number}", f"l{number}", f"{{folder: ../l{number + 1}}}")
    manifest(team, "team", "{folder: ../l0}")
    (found,) = check(team).diagnostics
    assert (found.code, "more than 30" in found.message) == ("MB213", True)


def test_below_files_are_wrong_for_themselves(team: Path, tmp_path: Path) -> None:
    """A broken file of a folder below is told, and operations on it are not told again."""
    (tmp_path / "base" / MODEL).write_text("name: [\n")
    put(team, "set: {limits: {context: 50000}}\n")
    assert told(check(team)) == [("MB010", f"base/{MODEL}")]


ENDED = "providers/acme/deployments/alpha-1-2025-08-15.yaml"
MOVING = "base/providers/acme/deployments/alpha-1.yaml"
DEPLOYMENT = OVERLAY.replace("../../../", "../../../../").replace("model.", "deployment.")
READ = '\nsources: [{url: "https://example.com/x", checked: 2026-06-02}]\n'


def both(team: Path) -> Checked:
    """Return what is told with a memory, twice, and without: the same."""
    found = [check(team, memory=Memory(team, time.time_ns() + 10**10)) for _ in "12"]
    assert found[0].diagnostics == found[1].diagnostics == check(team).diagnostics
    return found[0]


def test_what_an_operation_breaks_below_is_told_where_it_stands(team: Path) -> None:
    assert told(both(team)) == []
    (team / ENDED).parent.mkdir(parents=True)
    (team / ENDED).write_text(DEPLOYMENT + "retire: {on: 2026-06-01}" + READ)
    found = both(team).diagnostics
    assert {one.path for one in found} == {f"catalog/{ENDED}"}
    codes = {one.code: one for one in found}
    assert {*codes} == {"MB305", "MB322", "MB372"}
    (note,) = codes["MB322"].notes
    assert (note.path, note.pointer) == (MOVING, ("points_to", 1, "deployment"))
    assert codes["MB322"].span
    assert (codes["MB322"].span.line, codes["MB322"].severity) == (2, "error")
    put(team, "set: {limits: {context: 50000}}\n")  # nothing to do with it
    assert both(team).diagnostics == found
    excuse = "[{rule: MB305, reason: So}, {rule: MB322, reason: So}, {rule: MB372, reason: So}]"
    more = f"add: {{exceptions: {excuse}}}\n"
    (team / ENDED).write_text(DEPLOYMENT + "retire: {on: 2026-06-01}" + READ + more)
    assert told(both(team)) == []


def test_what_nothing_above_changed_stays_the_matter_of_its_layer(
    team: Path, tmp_path: Path
) -> None:
    model = tmp_path / "base" / MODEL
    model.write_text(model.read_text().replace("context: 128000", "context: 100"))
    assert told(check(tmp_path / "base")) != []
    other = "models/acme/embed-1.yaml"
    put(team, "set: {name: Other}\n", other)
    assert told(both(team)) == []


def test_what_a_team_retires_in_advance_is_deprecated_until_then(team: Path) -> None:
    (team / ENDED).parent.mkdir(parents=True)
    (team / ENDED).write_text(DEPLOYMENT + "retire: {on: 2027-01-01}" + READ)
    checked = check(team)
    assert told(checked) == []
    (one,) = [one.record for one in checked.book().deployments if one.id.endswith("-08-15")]
    assert (one.lifecycle.status, one.lifecycle.retired_on) == ("deprecated", "2027-01-01")
    assert one.lifecycle.released == "2025-08-15"
    assert one.prices
