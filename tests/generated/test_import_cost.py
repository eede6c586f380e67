"""What an import and a first question load, seen from a process of their own."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

SLOW = {"dataclasses", "typing", "json", "decimal", "enum", "importlib.resources", "inspect", "re"}
PREFIXES = ("modelbook", "modelbook_catalog")

LIST = "import sys; print(*sys.modules)"


@cache
def loaded(code: str) -> frozenset[str]:
    """Return the modules in a process after some code, beyond those of a bare interpreter."""
    return _modules(f"{code}\n{LIST}") - _modules(LIST)


@cache
def _modules(code: str) -> frozenset[str]:
    """Return the modules that a process of its own lists; -S -E keep site packages' hooks out."""
    command = [sys.executable, "-E", "-S", "-c", f"import sys; sys.path[:0] = {paths()!r}\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return frozenset(done.stdout.split())


def paths() -> list[str]:
    """Return the folders that hold the two packages."""
    import modelbook
    import modelbook_catalog

    return [str(one.__path__[0]).rpartition("/")[0] for one in (modelbook, modelbook_catalog)]


def parts(modules: frozenset[str], package: str) -> set[str]:
    """Return the modules of one package, by their name inside it."""
    return {name.removeprefix(f"{package}.") for name in modules if name.startswith(f"{package}.")}


def foreign(modules: frozenset[str]) -> set[str]:
    """Return the modules that are neither ours nor the standard library's."""
    tops = {name.partition(".")[0] for name in modules}
    return tops - sys.stdlib_module_names - set(PREFIXES)


def test_the_import_loads_itself_alone() -> None:
    assert loaded("import modelbook_catalog") == {"__future__", "modelbook_catalog"}


QUESTIONS = {
    "deployment": "get_deployment('openai:gpt-4o')",
    "model": "get_model('openai/gpt-4o')",
    "pipeline": "get_pipeline('causal_lm')",
    "provider": "get_provider('openai')",
    "selection": "get_models_for_pipeline('text-generation')",
    "architecture": "get_pipelines_for_architecture('LlamaForCausalLM')",
    "category": "get_pipelines_for_category('vision')",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_first_question_loads_nothing_foreign_or_slow(question: str) -> None:
    modules = loaded(f"import modelbook_catalog as it\nit.{QUESTIONS[question]}")
    assert foreign(modules) == set()
    exact = {"decimal"} if question == "deployment" else set()  # prices are
    assert modules & SLOW == exact


def test_a_deployment_loads_its_provider_and_creator_alone() -> None:
    modules = loaded("import modelbook_catalog as it\nit.get_deployment('groq:openai/gpt-oss-20b')")
    ours = parts(modules, "modelbook_catalog")
    assert {name for name in ours if name.startswith("providers.")} == {"providers.groq"}
    assert {name for name in ours if name.startswith("models.")} == {"models.openai"}
    assert not {"_index", "_ids", "_pipelines", "_architectures"} & ours


def test_a_model_loads_its_creator_alone() -> None:
    ours = parts(
        loaded(f"import modelbook_catalog as it\nit.{QUESTIONS['model']}"), "modelbook_catalog"
    )
    assert ours == {"models", "models.openai"}


def test_a_class_loads_the_table_of_classes_and_builds_no_record() -> None:
    modules = loaded(f"import modelbook_catalog as it\nit.{QUESTIONS['architecture']}")
    assert parts(modules, "modelbook_catalog") == {"_architectures"}
    assert "modelbook.decode" not in modules


def test_a_selection_loads_no_records() -> None:
    modules = loaded(f"import modelbook_catalog as it\nit.{QUESTIONS['selection']}")
    assert parts(modules, "modelbook_catalog") == {"_index", "_pipelines"}
    first = loaded(f"import modelbook_catalog as it\nit.{QUESTIONS['selection']}[0].id")
    assert len({one for one in first if one.startswith("modelbook_catalog.providers.")}) == 1


def test_the_compiler_is_never_loaded() -> None:
    everything = "\n".join(f"it.{question}" for question in QUESTIONS.values())
    modules = loaded(f"import modelbook_catalog as it\n{everything}")
    assert not [
        name for name in modules if name.startswith(("modelbook_compiler", "modelbook_cli"))
    ]


def test_the_runtime_needs_nothing_installed() -> None:
    assert foreign(loaded("import modelbook.package, modelbook.decode, modelbook.prices")) == set()
