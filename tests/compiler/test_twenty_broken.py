"""Twenty files broken in twenty ways at once: all named in one run, and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from modelbook_compiler.build import check

ACME = "providers/acme"
SOURCES = 'sources: [{url: "https://example.com/models", checked: 2026-01-02}]\n'

EDITS = (
    ("catalog.yaml", "schema: 1", "schema: 2", "MB103", 2, 9),
    ("units.yaml", "per: 1000000, direction: input,", "per: 0, direction: input,", "MB106", 3, 54),
    ("currencies.yaml", "name: Euro", "nmae: Euro", "MB101", 5, 5),
    ("pipeline-aliases.yaml", "ner: token", "- ner: token", "MB005", 4, 3),
    ("pipelines/text-generation.yaml", "order: 8", "order: 1_0", "MB008", 4, 8),
    ("pipelines/image-text-to-text.yaml", "name: Image", "name: &a Image", "MB007", 2, 7),
    ("architectures/llama.yaml", "basis: official", "basis: offical", "MB103", 3, 59),
    ("architectures/bert.yaml", "classes:", "classes: [", "MB005", 4, 3),
    ("models/acme/alpha-1.yaml", "name: Alpha 1", "name: Alpha\x07 1", "MB004", 2, 12),
    ("models/acme/embed-1.yaml", "dimensions: 1024", "dimensions: many", "MB104", 5, 13),
    ("models/openlab/gamma-7b.yaml", "2024-06", "06/2024", "MB105", 3, 11),
    ("secrets/acme/api_key.yaml", "env:", "description: again\nenv:", "MB006", 3, 1),
    (f"{ACME}/provider.yaml", "# yaml-language-server", "# language-server", "MB010", 1, 1),
    ("providers/vllm/provider.yaml", "runtime: vllm\n", "", "MB102", 2, 1),
    (f"{ACME}/deployments/alpha-1-2025-03-01.yaml", '"5.00"', "5.00", "MB108", 5, 13),
    (f"{ACME}/deployments/alpha-1-2025-08-15.yaml", "model: ", "id: a\nmodel: ", "MB107", 2, 1),
    (f"{ACME}/deployments/embed-1.yaml", "{status: active}", "[" * 40 + "]" * 40, "MB009", 3, 43),
    ("policies/cheap-chat.yaml", "[tools]", "[tools, tools]", "MB109", 4, 19),
)
"""File, text, what breaks it, and where and how that is reported."""

NEW = (
    ("providers/rest/provider.yaml", "", "MB003"),
    ("modles/acme/beta-1.yaml", f"name: Beta 1\n{SOURCES}", "MB001"),
    ("models/acme/Beta 1.yaml", f"name: Beta 1\n{SOURCES}", "MB002"),
)
"""Files that stand wrong; the first becomes a link."""


def broken(catalog: Path) -> dict[str, tuple[str, int, int]]:
    """Break a catalog; return path to code, line and column of what must be reported."""
    expected: dict[str, tuple[str, int, int]] = {}
    for path, old, new, code, line, column in EDITS:
        file = catalog / path
        text = file.read_text(encoding="utf-8")
        assert old in text, path
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        expected[f"catalog/{path}"] = (code, line, column)
    for path, content, code in NEW:
        file = catalog / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if code == "MB003":
            file.symlink_to("elsewhere.yaml")
        else:
            file.write_text(content, encoding="utf-8")
        expected[f"catalog/{path}"] = (code, 1, 1)
    return expected


def refer_to_broken_files(catalog: Path) -> None:
    """Add sound files that name what only broken files hold; none of them may be reported."""
    line = "# yaml-language-server: $schema=../../../../schemas/deployment.schema.json\n"
    (catalog / "providers/rest/deployments").mkdir(parents=True)
    (catalog / "providers/rest/deployments/alpha.yaml").write_text(
        f"{line}model: acme/alpha-1\nlifecycle: {{status: deprecated, successor: 'acme:embed-1'}}\n"
        "prices:\n  - {currency: EUR, reels: '1'}\n  - {multiply: '2', units: [reels]}\n" + SOURCES
    )


def test_each_is_named_once_and_nothing_else(mini: Path) -> None:
    expected = broken(mini)
    refer_to_broken_files(mini)
    assert len(expected) > 20
    found = check(mini).diagnostics
    assert {one.path: (one.code, one.span.line, one.span.column) for one in found if one.span} == (
        expected
    )
    assert len(found) == len(expected)
    assert len({one.code for one in found}) >= 17


def test_the_command_line_says_the_same(
    mini: Path, modelbook: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    expected = broken(mini)
    run = modelbook("check", "--format", "json", cwd=mini.parent)
    assert run.returncode == 1
    problems = json.loads(run.stdout)["problems"]
    assert sorted(one["path"] for one in problems) == sorted(expected)


def test_mending_them_all_is_clean(mini: Path, root: Path) -> None:
    broken(mini)
    for path, *_ in EDITS:
        (mini / path).write_bytes((root / "tests/mini/catalog" / path).read_bytes())
    for path, *_ in NEW:
        (mini / path).unlink()
    assert check(mini).diagnostics == ()
