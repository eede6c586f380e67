"""`modelbook import runtimes`: the classes that vLLM and SGLang load."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from modelbook_compiler.build import check
from modelbook_importers.runtimes import DOCUMENT, EXAMPLES, REGISTRY, loads
from modelbook_importers.wheels import CannotImportError

Run = Callable[..., "CompletedProcess[str]"]

VLLM = {
    REGISTRY: """
import os
os.abort()  # never run
_TEXT_GENERATION_MODELS = {
    "LlamaForCausalLM": ("llama", "LlamaForCausalLM"), "MoeForCausalLM": ("moe", "Moe")}
_EMBEDDING_MODELS = {"BertModel": ("bert", "BertModel")}
_SPECULATIVE_DECODING_MODELS = {"EagleDraft": ("eagle", "EagleDraft")}
_TRANSFORMERS_BACKEND_MODELS = {"TransformersForCausalLM": ("transformers", "X")}
_VLLM_MODELS = {**_TEXT_GENERATION_MODELS, **_EMBEDDING_MODELS,
    **_SPECULATIVE_DECODING_MODELS, **_TRANSFORMERS_BACKEND_MODELS}
_PREVIOUSLY_SUPPORTED_MODELS = {"GoneForCausalLM": "0.1"}
""",
    EXAMPLES: """
_EXAMPLES = {
    "LlamaForCausalLM": _Info("Org/Llama-8B", remote=True, extras={"big": "Org/Llama-70B"}),
    "EagleDraft": _Info("Org/Llama-8B", speculative_model="Org/Eagle"),
    "BertModel": _Info("Org/Reranker", hf_overrides={"architectures": ["BertModel"]}),
}
""",
    DOCUMENT: """
| Architecture | Models | Example HF Models |
| ------------ | ------ | ----------------- |
| `MoeForCausalLM`<sup>C</sup> | Moe | `Org/Moe-A3B`, `Org/Moe-A22B`, etc. |
| `BertModel`, `LlamaForCausalLM` | two at once | `Org/Either` |
| `NotInTheRegistry` | a plugin | [x](https://example.com/Org/Plugin), `Org/Plugin` |
""",
}
SGLANG = {
    "sglang/srt/models/llama.py": "class LlamaForCausalLM: ...\nEntryClass = [LlamaForCausalLM]\n",
    "sglang/srt/models/one.py": "class OneModel: ...\nEntryClass = OneModel\n",
    "sglang/srt/models/helper.py": "EntryClasses_are = 'elsewhere'\n",
    "sglang/srt/models/deep/inner.py": "EntryClass = Inner\n",
}


@pytest.fixture
def vllm(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs a source archive of vLLM, some files changed."""

    def make(changed: Mapping[str, str | bytes | None] = {}, version: str = "1.2.0") -> Path:
        path = tmp_path / f"vllm-{version}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name, text in {**VLLM, **changed}.items():
                if text is not None:
                    raw = text if isinstance(text, bytes) else text.encode()
                    member = tarfile.TarInfo(f"vllm-{version}/{name}")
                    member.size = len(raw)
                    archive.addfile(member, io.BytesIO(raw))
        return path

    return make


@pytest.fixture
def sglang(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs a wheel of SGLang, some files changed."""

    def make(changed: Mapping[str, str] = {}, version: str = "0.5.1") -> Path:
        path = tmp_path / f"sglang-{version}-cp312-cp312-manylinux_2_34_x86_64.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in {**SGLANG, **changed}.items():
                archive.writestr(name, text)
        return path

    return make


def test_vllm_loads_what_its_registry_serves_and_drafts_are_none(
    vllm: Callable[..., Path],
) -> None:
    found = loads(vllm())
    assert found.named == "vllm 1.2.0"
    assert found.classes == {"LlamaForCausalLM", "MoeForCausalLM", "BertModel"}


def test_a_repository_has_the_class_that_tests_or_documents_name_alone(
    vllm: Callable[..., Path],
) -> None:
    assert loads(vllm()).repositories == {
        "Org/Llama-8B": ("LlamaForCausalLM",),
        "Org/Llama-70B": ("LlamaForCausalLM",),
        "Org/Moe-A3B": ("MoeForCausalLM",),
        "Org/Moe-A22B": ("MoeForCausalLM",),
    }


def test_sglang_loads_the_entries_of_its_modules(sglang: Callable[..., Path]) -> None:
    found = loads(sglang())
    assert (found.named, found.classes) == ("sglang 0.5.1", {"LlamaForCausalLM", "OneModel"})


BROKEN = {
    "no tables": ({REGISTRY: "_VLLM_MODELS = load()\n"}, "is not made of tables"),
    "a table elsewhere": ({REGISTRY: "_VLLM_MODELS = {**OTHER}\n"}, "is not made of tables"),
    "no Python": ({REGISTRY: "def ("}, "not Python"),
    "no tests": ({EXAMPLES: None}, f"has no file `{EXAMPLES}`"),
    "latin": ({DOCUMENT: b"\xe9"}, "is not UTF-8"),
    "large": ({DOCUMENT: b" " * (4 * 1024 * 1024 + 1)}, "more than 4,194,304 bytes"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_archive_is_an_error_that_names_the_file(
    fault: str, vllm: Callable[..., Path]
) -> None:
    changed, message = BROKEN[fault]
    with pytest.raises(CannotImportError, match=r"vllm-1\.2\.0\.tar\.gz") as caught:
        loads(vllm(changed))
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["vllm-1.2.0.tar.gz", "vllm-x.tar.gz", "vllm-1.0-py3-none.whl"])
def test_what_is_no_release_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"nothing of the sort")
    with pytest.raises(CannotImportError, match=name.partition("-")[0]):
        loads(tmp_path / name)


def test_an_entry_that_is_no_class_is_refused(sglang: Callable[..., Path]) -> None:
    odd = sglang({"sglang/srt/models/odd.py": "\nEntryClass = made()\n"})
    with pytest.raises(CannotImportError, match=r"odd\.py:2"):
        loads(odd)
    with pytest.raises(CannotImportError, match="no EntryClass"):
        loads(sglang(dict.fromkeys(SGLANG, "")))


@pytest.fixture
def take(modelbook: Run, mini: Path) -> Callable[..., CompletedProcess[str]]:
    """Return a function that imports releases into a small catalog with both providers."""
    for name in ("vllm", "sglang"):
        folder = mini / "providers" / name
        folder.mkdir(exist_ok=True)
        (folder / "provider.yaml").write_text(
            "# yaml-language-server: $schema=../../../schemas/provider.schema.json\n"
            f"name: {name}\nkind: self-hosted\nruntime: {name}\n"
            'sources: [{url: "https://example.com", checked: 2026-01-02}]\n'
        )

    def run(
        *paths: Path, at: str = "2026-02-03", more: tuple[str, ...] = ()
    ) -> CompletedProcess[str]:
        words = ("--catalog", str(mini), "--at", at, *more)
        return modelbook("import", "runtimes", *map(str, paths), *words)

    return run


Take = Callable[..., "CompletedProcess[str]"]


def test_the_table_has_a_line_for_each_class(
    take: Take, vllm: Callable[..., Path], sglang: Callable[..., Path], mini: Path
) -> None:
    done = take(vllm(), sglang())
    text = (mini / "runtime-classes.yaml").read_text()
    assert done.returncode == 0, done.stderr
    assert "runtime-classes.yaml written" in done.stdout
    both = "runtimes: [sglang, vllm], repositories: [Org/Llama-70B, Org/Llama-8B]"
    assert f"  LlamaForCausalLM: {{{both}}}" in text.splitlines()
    assert 'note: "sglang 0.5.1: EntryClass in sglang/srt/models"' in text
    assert not [one for one in check(mini).diagnostics if "runtime-classes" in one.path]


def test_a_second_import_of_the_same_writes_nothing(
    take: Take, vllm: Callable[..., Path], mini: Path
) -> None:
    take(vllm())
    before = (mini / "runtime-classes.yaml").read_bytes()
    done = take(vllm(), at="2026-09-09")
    assert "stays as it is" in done.stdout
    assert (mini / "runtime-classes.yaml").read_bytes() == before


def test_one_runtime_is_read_anew_and_the_other_stays(
    take: Take, vllm: Callable[..., Path], sglang: Callable[..., Path], mini: Path
) -> None:
    take(vllm(), sglang())
    less = VLLM[REGISTRY].replace('"MoeForCausalLM": ("moe", "Moe")', '"New": ("new", "New")')
    done = take(vllm({REGISTRY: less}, version="1.3.0"), more=("--json",))
    said = json.loads(done.stdout)
    text = (mini / "runtime-classes.yaml").read_text()
    assert (said["new"], said["gone"]) == (["vllm: New"], ["vllm: MoeForCausalLM"])
    assert "MoeForCausalLM" not in text
    assert "  OneModel: {runtimes: [sglang]}" in text
    assert "release: vllm 1.3.0" in text


def test_a_dry_run_writes_nothing(take: Take, vllm: Callable[..., Path], mini: Path) -> None:
    done = take(vllm(), more=("--dry-run",))
    assert "would be written" in done.stdout
    assert not (mini / "runtime-classes.yaml").exists()


def test_a_fault_ends_with_a_message(take: Take, tmp_path: Path) -> None:
    done = take(tmp_path / "vllm-9.tar.gz")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "vllm-9.tar.gz" in done.stderr


def test_a_runtime_that_is_no_provider_is_a_dangling_reference(mini: Path) -> None:
    (mini / "runtime-classes.yaml").write_text(
        "# yaml-language-server: $schema=../schemas/runtime-classes.schema.json\n"
        'runtimes: [{provider: vlllm, release: vllm 1.0, url: "https://example.com"}]\n'
        "classes:\n  AModel: {runtimes: [vlllm]}\n"
        'sources: [{url: "https://example.com", checked: 2026-01-02}]\n'
    )
    found = [one for one in check(mini).diagnostics if "runtime-classes" in one.path]
    assert len(found) == 2
    assert all("vlllm" in one.message for one in found)
