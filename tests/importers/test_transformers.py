"""`modelbook import transformers`: wheels in, reviewable files out; nothing of theirs is run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from modelbook_compiler.build import check
from modelbook_compiler.parse import parse
from modelbook_compiler.values import Document, SourceFile

Wheel = Callable[..., Path]
Run = Callable[..., "CompletedProcess[str]"]
AUTO = "transformers/models/auto/"
MODELING = f"{AUTO}modeling_auto.py"
DAY = ("--at", "2026-02-03")


@pytest.fixture
def take(modelbook: Run, book: Path) -> Callable[..., CompletedProcess[str]]:
    """Return a function that imports wheels into the catalog."""

    def run(*args: str | Path) -> CompletedProcess[str]:
        words = [*map(str, args), *([] if "--at" in args else DAY)]
        return modelbook("import", "transformers", *words, "--catalog", str(book))

    return run


def files(book: Path) -> dict[str, bytes]:
    """Return the files of model classes, by name."""
    return {one.name: one.read_bytes() for one in (book / "architectures").glob("*")}


def data(book: Path, name: str) -> dict[str, Any]:
    """Return what a file of model classes says."""
    raw = (book / "architectures" / f"{name}.yaml").read_bytes()
    read = parse(SourceFile(f"catalog/architectures/{name}.yaml", "architecture", name, "", raw))
    assert isinstance(read, Document)
    return read.data


def classes(book: Path, name: str) -> dict[str, Any]:
    """Return the classes of a file."""
    found: dict[str, Any] = data(book, name)["classes"]
    return found


def override(book: Path, rows: str) -> None:
    """Write the overrides of the catalog."""
    text = "# yaml-language-server: $schema=../schemas/architecture-overrides.schema.json\n"
    text += f"classes:\n{rows}"
    text += 'sources: [{url: "https://example.com/classes", checked: 2026-01-02}]\n'
    (book / "architecture-overrides.yaml").write_text(text)


def test_both_layouts_are_read_and_the_newest_speaks(take: Run, wheel: Wheel, book: Path) -> None:
    done = take(wheel("5.1.0"), wheel("4.9.0"))
    assert done.returncode == 0, done.stderr
    names = {"bert", "lala", "lala_vision", "see", "ear", "old-one"}
    assert {*files(book)} == {f"{name}.yaml" for name in names}
    assert classes(book, "lala") == {
        "LalaModel": {
            "pipelines": ["feature-extraction"],
            "basis": "official",
            "model_types": ["lala_text"],
        },
        "LalaForCausalLM": {"pipelines": ["text-generation"], "basis": "official"},
    }
    assert classes(book, "old-one")["OldOneLMHeadModel"]["last_seen"] == "4.9.0"
    assert data(book, "old-one")["imported"]["from"] == ["transformers 4.9.0"]
    assert data(book, "bert")["imported"]["from"] == ["transformers 5.1.0"]
    bert = {"pipelines": ["feature-extraction"], "basis": "official", "model_types": ["bert-old"]}
    assert classes(book, "bert")["BertModel"] == bert  # files of old models name old model types
    assert check(book).diagnostics == ()


def test_the_order_of_the_wheels_is_no_matter(take: Run, wheel: Wheel, book: Path) -> None:
    take(wheel("4.9.0"), wheel("5.1.0"))
    found = files(book)
    for path in (book / "architectures").iterdir():
        path.unlink()
    take(wheel("5.1.0"), wheel("4.9.0"))
    assert files(book) == found


def test_the_last_official_mapping_decides(take: Run, wheel: Wheel, book: Path) -> None:
    take(wheel("5.1.0"))
    assert classes(book, "bert")["BertForMaskedLM"]["pipelines"] == ["fill-mask"]
    see = classes(book, "see")["SeeForConditionalGeneration"]
    assert see["pipelines"] == ["image-text-to-text", "video-text-to-text"]
    assert see["model_types"] == ["seemodel"]  # an id is lower-case
    assert [*classes(book, "see")][:2] == ["SeeModel", "SeeTeacherModel"]
    backbone = classes(book, "lala_vision")["LalaBackbone"]
    assert backbone["pipelines"] == ["feature-extraction", "image-feature-extraction"]
    assert backbone["basis"] == "official"  # a proposal adds to it, and decides nothing
    ear = classes(book, "ear")["EarForListening"]
    assert ear == {"pipelines": ["audio-text-to-text"], "basis": "refined"}


def test_heads_that_no_mapping_names_go_by_their_ending(
    take: Run, wheel: Wheel, book: Path
) -> None:
    done = take(wheel("5.1.0"))
    head = classes(book, "bert")["BertForSequenceClassification"]
    assert head["pipelines"] == ["text-classification"]
    assert (head["basis"], bool(head["reason"])) == ("proposal", True)
    assert "BertForNothingThatIsKnown" in done.stdout
    assert "BertForNothingThatIsKnown" not in classes(book, "bert")
    assert not [name for name in classes(book, "bert") if name.startswith("TF")]


def test_a_second_import_changes_nothing(take: Run, wheel: Wheel, book: Path) -> None:
    take(wheel("5.1.0"), wheel("4.9.0"))
    found = files(book)
    done = take(wheel("5.1.0"), wheel("4.9.0"), "--at", "2027-01-01")
    assert files(book) == found
    assert "0 files written" in done.stdout


def test_a_dry_run_writes_nothing(take: Run, wheel: Wheel, book: Path) -> None:
    done = take(wheel("5.1.0"), "--dry-run")
    assert "new (" in done.stdout
    assert "files would be written" in done.stdout
    assert not (book / "architectures").exists()


def test_only_files_that_say_something_new_are_written(take: Run, wheel: Wheel, book: Path) -> None:
    take(wheel("5.1.0"))
    found = files(book)
    text = modeling(wheel("5.1.0")).replace(
        '("lala", "LalaForCausalLM")', '("lala", "LalaForMore")'
    )
    done = take(wheel("5.2.0", {MODELING: text}), "--json")
    summary = json.loads(done.stdout)
    assert summary["files"] == ["architectures/lala.yaml"]
    assert summary["new"] == ["LalaForMore"]
    assert summary["gone"] == ["LalaForCausalLM: last seen in 5.1.0"]
    assert {name for name, raw in files(book).items() if raw != found[name]} == {"lala.yaml"}


def modeling(path: Path) -> str:
    """Return the auto mappings of a wheel."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(MODELING).decode()


def test_nothing_is_deleted_and_nothing_returns_to_an_older_release(
    take: Run, wheel: Wheel, book: Path, layout5: dict[str, str]
) -> None:
    take(wheel("5.1.0"))
    found = files(book)
    take(wheel("4.9.0"))
    changed = {name for name, raw in files(book).items() if found.get(name) != raw}
    assert changed == {"old-one.yaml"}
    assert classes(book, "lala")
    assert "last_seen" not in classes(book, "lala")["LalaModel"]
    assert classes(book, "old-one")["OldOneModel"]["last_seen"] == "4.9.0"
    gone = (
        modeling(wheel("5.1.0"))
        .replace('("lala", "LalaModel"),', "")
        .replace('("lala_text", "LalaModel"),', "")
    )
    take(wheel("6.0.0", {**layout5, MODELING: gone}))
    assert classes(book, "lala")["LalaModel"]["last_seen"] == "5.1.0"
    assert classes(book, "old-one")["OldOneModel"]["last_seen"] == "4.9.0"
    assert check(book).diagnostics == ()


def test_overrides_survive(take: Run, wheel: Wheel, book: Path) -> None:
    row = "  LalaForCausalLM: {pipelines: [text-ranking], reason: It ranks}\n"
    override(book, row)
    take(wheel("5.1.0"))
    assert classes(book, "lala")["LalaForCausalLM"] == {
        "pipelines": ["text-ranking"],
        "basis": "override",
        "reason": "It ranks",
    }
    assert "0 files written" in take(wheel("5.1.0")).stdout
    override(book, row.replace("text-ranking", "fill-mask"))
    assert [one.code for one in check(book).diagnostics] == ["MB340"]
    done = take(wheel("5.1.0"))
    assert "LalaForCausalLM: pipelines [text-ranking] -> [fill-mask]" in done.stdout
    assert check(book).diagnostics == ()


def test_files_that_people_keep_are_reported_and_never_written(
    take: Run, wheel: Wheel, book: Path
) -> None:
    take(wheel("5.1.0"))
    mine = book / "architectures" / "lala.yaml"
    text = mine.read_text().partition("imported:")[0].replace("[text-generation]", "[fill-mask]")
    mine.write_text(text)
    edited = book / "architectures" / "see.yaml"
    edited.write_text(edited.read_text().replace("[feature-extraction]", "[text-ranking]"))
    found = files(book)
    done = take(wheel("5.1.0"))
    assert files(book) == found
    assert "LalaForCausalLM: catalog/architectures/lala.yaml says fill-mask" in done.stdout
    assert "SeeModel: catalog/architectures/see.yaml says text-ranking" in done.stdout


def test_a_new_mapping_is_named(take: Run, wheel: Wheel, book: Path) -> None:
    text = modeling(wheel("5.1.0"))
    text += 'MODEL_FOR_DREAMING_MAPPING_NAMES = OrderedDict([("lala", "LalaForDreaming")])\n'
    done = take(wheel("5.2.0", {MODELING: text}))
    assert "MODEL_FOR_DREAMING_MAPPING_NAMES (transformers 5.2.0)" in done.stdout
    assert "auto-classes.yaml" in done.stdout
    assert "LalaForDreaming" not in classes(book, "lala")


BOMB = b"x = 1\n" * 2_000_000
BROKEN: Mapping[str, tuple[str, str | bytes | None, str]] = {
    "a module that is not there": (MODELING, None, "has no file"),
    "no Python": (MODELING, "def (:\n", "not Python"),
    "no text": (MODELING, b"\xff\xfe\x00", "not UTF-8"),
    "a bomb": (MODELING, BOMB, "more than"),
    "deep nesting": (MODELING, "x = " + "(" * 5000 + ")" * 5000, "not Python"),
    "no tables": (MODELING, "x = 1\n", "no MODEL_MAPPING_NAMES"),
    "a table by code": (MODELING, "MODEL_MAPPING_NAMES = make()\n", "not known"),
    "a comprehension": (MODELING, "MODEL_MAPPING_NAMES = {k: v for k, v in x}\n", "not known"),
    "a change by code": (
        MODELING,
        'MODEL_MAPPING_NAMES = {"a": "AModel"}\nMODEL_MAPPING_NAMES[name()] = "B"\n',
        "not known",
    ),
    "a loop": (
        MODELING,
        'MODEL_MAPPING_NAMES = {"a": "AModel"}\nfor x in y:\n    MODEL_MAPPING_NAMES[x] = x\n',
        "not known",
    ),
    "a removal": (
        MODELING,
        'MODEL_MAPPING_NAMES = {"a": "AModel"}\nMODEL_MAPPING_NAMES.clear()\n',
        "not known",
    ),
    "a set": (MODELING, 'MODEL_MAPPING_NAMES = {"a": {[1]}}\n', "not known"),
    "a set for a key": (MODELING, 'MODEL_MAPPING_NAMES = {{1}: "A"}\n', "not known"),
    "a list for a key": (MODELING, 'MODEL_MAPPING_NAMES = {[1]: "A"}\n', "not known"),
    "a number for a key": (
        f"{AUTO}configuration_auto.py",
        'CONFIG_MAPPING_NAMES = {1: "X"}\n',
        "`CONFIG_MAPPING_NAMES` is made in a way not known",
    ),
    "a name that no file can hold": (
        MODELING,
        f'MODEL_MAPPING_NAMES = {{"bert": "{"A" * 2000}"}}\n',
        "cannot be written",
    ),
    "numbers for classes": (MODELING, 'MODEL_MAPPING_NAMES = {"a": 1}\n', "besides names"),
    "a path for a model type": (
        MODELING,
        'MODEL_MAPPING_NAMES = OrderedDict([("../..", "AModel")])\n',
        "no file can be named",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_wheel_is_refused_and_the_catalog_untouched(
    fault: str, take: Run, wheel: Wheel, book: Path
) -> None:
    take(wheel("5.1.0"))
    found = files(book)
    place, text, message = BROKEN[fault]
    done = take(wheel("5.2.0", {place: text}))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert files(book) == found


def test_an_odd_list_of_exports_says_nothing(take: Run, wheel: Wheel) -> None:
    done = take(
        wheel("5.1.0", {"transformers/models/bert/modeling_bert.py": "\n__all__ = [{{}}]\n"})
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_wheel_is_refused(take: Run, wheel: Wheel, tmp_path: Path) -> None:
    (tmp_path / "transformers-1.0-py3-none-any.whl").write_bytes(b"not a zip")
    assert "as a zip file" in take(tmp_path / "transformers-1.0-py3-none-any.whl").stderr
    assert "there is no file" in take(tmp_path / "transformers-2.0-py3-none-any.whl").stderr
    assert (
        "no wheel of transformers" in take(wheel("5.1.0", name="timm-1.0-py3-none-any.whl")).stderr
    )
    folder = tmp_path / "transformers-3.0-py3-none-any.whl"
    folder.mkdir()
    assert take(folder).returncode == 2


def test_nothing_of_a_wheel_is_run(take: Run, wheel: Wheel, book: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    text = modeling(wheel("5.1.0")) + f"open({str(mark)!r}, 'w')\n"
    assert take(wheel("5.2.0", {MODELING: text})).returncode == 0
    assert not mark.exists()


def test_hostile_names_stay_text(take: Run, wheel: Wheel, book: Path) -> None:
    text = modeling(wheel("5.1.0")).replace("LalaForCausalLM", "X}, y: [")
    done = take(wheel("5.2.0", {MODELING: text}))
    assert done.returncode == 2
    assert "besides names of classes" in done.stderr


def test_a_broken_catalog_is_named(take: Run, wheel: Wheel, book: Path) -> None:
    (book / "auto-classes.yaml").write_text("tables: [")
    done = take(wheel("5.1.0"))
    assert done.returncode == 2
    assert "auto-classes.yaml" in done.stderr
    (book / "auto-classes.yaml").unlink()
    assert "no `auto-classes.yaml`" in take(wheel("5.1.0")).stderr
    base = book.parent / "base"
    base.mkdir()
    (base / "catalog.yaml").write_text("schema: 1\nname: base\ntitle: Base\n")
    (base / "auto-classes.yaml").write_text("tables: []\n")
    with (book / "catalog.yaml").open("a") as file:
        file.write("layers: [{folder: ../base}]\n")
    assert "`auto-classes.yaml` is in the layer `base`" in take(wheel("5.1.0")).stderr
