"""`modelbook import diffusers`: the auto pipelines, and other pipelines by name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from modelbook_compiler.build import check

Run = Callable[..., "CompletedProcess[str]"]

AUTO = """
from .a import APipeline
AUTO_TEXT2IMAGE_PIPELINES_MAPPING = OrderedDict([("a", APipeline), ("b", BPipeline)])
AUTO_IMAGE2IMAGE_PIPELINES_MAPPING = OrderedDict([("b", BPipeline)])
if is_sentencepiece_available():
    AUTO_IMAGE2IMAGE_PIPELINES_MAPPING["k"] = KPipeline
SUPPORTED = [AUTO_TEXT2IMAGE_PIPELINES_MAPPING]
"""
ENTRY = """
_import_structure["pipelines"].extend(["APipeline", "CImageToVideoPipeline", "DOddPipeline"])
_import_structure["pipelines"].append("OnlyScheduler")
"""


@pytest.fixture
def take(modelbook: Run, book: Path, tmp_path: Path) -> Callable[..., CompletedProcess[str]]:
    """Return a function that imports a made-up wheel into the catalog."""

    def run(auto: str = AUTO, version: str = "1.2.0") -> CompletedProcess[str]:
        path = tmp_path / f"diffusers-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("diffusers/pipelines/auto_pipeline.py", auto)
            archive.writestr("diffusers/__init__.py", ENTRY)
        words = ("--catalog", str(book), "--at", "2026-02-03")
        return modelbook("import", "diffusers", str(path), *words)

    return run


def test_the_file_says_what_the_wheel_says(take: Run, book: Path) -> None:
    done = take()
    assert done.returncode == 0, done.stderr
    assert (book / "architectures" / "diffusers.yaml").read_text().splitlines()[1:7] == [
        "library: diffusers",
        "classes:",
        "  APipeline: {pipelines: [text-to-image], basis: pipeline-code}",
        "  BPipeline: {pipelines: [text-to-image, image-to-image], basis: pipeline-code}",
        "  KPipeline: {pipelines: [image-to-image], basis: pipeline-code}",
        "  CImageToVideoPipeline: {pipelines: [image-to-video], basis: proposal, "
        'reason: "In no auto mapping; goes by the ending of its name"}',
    ]
    assert "DOddPipeline" in done.stdout
    assert check(book).diagnostics == ()
    (one,) = [one.record for one in check(book).book().architectures if one.id == "APipeline"]
    assert (one.library, one.model_types) == ("diffusers", ())


def test_a_second_import_changes_nothing_and_a_next_one_keeps_what_is_gone(
    take: Run, book: Path
) -> None:
    take()
    file = book / "architectures" / "diffusers.yaml"
    found = file.read_bytes()
    assert "0 files written" in take().stdout
    assert file.read_bytes() == found
    take(AUTO.replace('("a", APipeline), ', "").replace("APipeline", "ZPipeline"), "2.0.0")
    assert "KPipeline: {pipelines: [image-to-image]" in file.read_text()
    take(AUTO.replace('AUTO_IMAGE2IMAGE_PIPELINES_MAPPING["k"]', "x"), "3.0.0")
    assert 'KPipeline: {pipelines: [image-to-image], basis: pipeline-code, last_seen: "2.0.0"}' in (
        file.read_text()
    )


def test_a_broken_wheel_is_refused(take: Run, book: Path) -> None:
    done = take("AUTO_TEXT2IMAGE_PIPELINES_MAPPING = make()\n")
    assert done.returncode == 2
    assert "not known" in done.stderr
    assert not (book / "architectures").exists()


def test_a_choice_of_classes_is_no_class(take: Run, book: Path) -> None:
    done = take(AUTO.replace('("a", APipeline)', '("a", APipeline), ("c", C if c() else None)'))
    assert (done.returncode, done.stderr) == (0, "")
    assert "True" not in (book / "architectures" / "diffusers.yaml").read_text()
