"""An edited catalog, checked with what is remembered: the answer and the output of a fresh check.

A bank of contents for two dozen files, each good, wrong, broken or absent, is written in any order:
whatever one file changes about another, the next check must see.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook_compiler.build import Checked, check
from modelbook_compiler.emit import json, python
from modelbook_compiler.remember import Memory

SOURCES = 'sources: [{url: "https://example.com/models", checked: 2026-01-02}]\n'
BROKEN = "name: [\n"
ACTIVE = f"lifecycle: {{status: active}}\n{SOURCES}"
RETIRED = f"lifecycle: {{status: retired, retired_on: 2025-02-01}}\n{SOURCES}"
MOVES = "points_to: [{from: 2025-03-01, deployment: other:beta}]\n"
FAR = "exceptions: [{rule: MB312, reason: It is a luxury provider}]\n"


def model(text: str) -> str:
    """Return a model's file."""
    return f"name: Beta\npipelines: [text-generation]\n{text}{SOURCES}"


def at(price: str, further: str = "") -> str:
    """Return a deployment's file with a price."""
    return f'model: acme/beta\nprices: [{{input: "{price}", output: "9.00"}}]\n{further}{ACTIVE}'


def provider(host: str, secret: str = "") -> str:
    """Return a provider's file."""
    way = f'{{method: api, protocol: openai, base_url: "https://{host}/v1"{secret}}}'
    return f"name: Other\nkind: api\naccess: [{way}]\n{SOURCES}"


def secret(variable: str) -> str:
    """Return a declared secret's file."""
    return f"description: A key\nenv: [{variable}]\nallowed_hosts: [other.example]\n"


def classes(*names: str) -> str:
    """Return a file of model classes."""
    known = "".join(
        f"  {one}: {{pipelines: [text-generation], basis: official}}\n" for one in names
    )
    return f"classes:\n{known}{SOURCES}"


def dispute(*says: str) -> str:
    """Return a file of disputes."""
    by = "source: {name: other-book 1, checked: 2026-01-02}, reason: It is older"
    return "claims:\n" + "".join(f"  - {{says: {{{one}}}, {by}}}\n" for one in says)


PLACES = {
    "models/acme/beta.yaml": [
        model(""),
        model("weights: {hf: acme/Beta}\nopen_weights: true\n"),
        model("weights: {hf: openlab/Gamma-7B}\nopen_weights: true\n"),
        model("aliases: [acme/alpha-one]\n"),
        model("exceptions: [{rule: MB330, reason: It is coming}]\n"),
        model("limits: {context: 100}\n"),
        model("architecture: BetaModel\n"),
        BROKEN,
        None,
    ],
    "models/acme/b-eta.yaml": [model(""), model("nam: x\n"), None],
    "models/acme/.beta.yaml": [model(""), None],
    "architectures/beta.yaml": [
        classes("BetaModel"),
        classes("BertForTokenClassification"),
        BROKEN,
        None,
    ],
    "secrets/other/key.yaml": [secret("OTHER_KEY"), secret("ACME_API_KEY"), BROKEN, None],
    "providers/other/provider.yaml": [
        provider("other.example", ", secret: other/key"),
        provider("other.example"),
        provider("api.acme.example"),
        "kind: 1\n",
        BROKEN,
        None,
    ],
    "units.yaml": ["  per: 1\n", ""],
    "pipeline-aliases.yaml": ["", "  beta: feature-extraction\n", "  ner: feature-extraction\n"],
    "catalog.yaml": ["# a comment\n", ""],
    **{
        f"providers/{name}/deployments/beta.yaml": [
            at("1.00"),
            f'model: acme/beta\nprices: [{{output: "9.00", input: "1.00"}}]\n{ACTIVE}',
            at("1.10", FAR),
            at("100.00"),
            at("100.00", FAR),
            f"model: acme/bet\n{ACTIVE}",
            f"model: acme/beta\n{RETIRED}",
            f"model: acme/beta\nlimits: {{max_output: 200}}\n{ACTIVE}",
            f"model: acme/beta\n{MOVES}{ACTIVE}",
            BROKEN,
            None,
        ]
        for name in ("acme", "vllm", "other", "p1", "p2", "p3")
    },
    **{
        f"disputes/{name}/beta.yaml": [
            None,
            dispute('prices.input: "1.0"'),
            dispute('prices.input: "1.10"', "limits.max_output: 200"),
            dispute('prices.inptu: "1.10"'),
            BROKEN,
        ]
        for name in (
            "deployments/acme",
            "deployments/other",
            "deployments/p1",
            "imported/deployments/acme",
        )
    },
    "disputes/models/acme/beta.yaml": [None, dispute("limits.context: 100"), dispute("a: b")],
    "providers/othr/deployments/beta.yaml": [None, at("1.00")],
    "providers/othrr/provider.yaml": [None, provider("othrr.example")],
    **{
        f"providers/{name}/provider.yaml": [provider(f"{name}.example"), None]
        for name in ("p1", "p2", "p3")
    },
}
"""Path to what the file may hold; for files that are there, what may stand at their end."""

STRAY = ("models/acme/b-eta.yaml", "models/acme/.beta.yaml", "units.yaml")
"""Files that are wrong by being there."""

STEPS = st.sampled_from([(path, text) for path, texts in PLACES.items() for text in texts])


def put(catalog: Path, path: str, text: str | None) -> None:
    """Give a file one of its contents."""
    target = catalog / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if path in ("units.yaml", "pipeline-aliases.yaml", "catalog.yaml"):
        original = Path(__file__).parents[1] / "mini" / "catalog" / path
        before, mark, after = original.read_text(encoding="utf-8").partition("aliases:\n")
        target.write_text(f"{before}{mark}{text}{after}" if mark else before + str(text))
    elif text is None:
        target.unlink(missing_ok=True)
    else:
        kind = "provider" if path.endswith("provider.yaml") else path.split("/")[-2].rstrip("s")
        kind = {"acme": "model", "other": "secret"}.get(kind, kind)
        kind = "dispute" if path.startswith("disputes/") else kind
        line = f"$schema={'../' * (path.count('/') + 1)}schemas/{kind}.schema.json"
        target.write_text(f"# yaml-language-server: {line}\n{text}", encoding="utf-8")


def told(checked: Checked) -> object:
    """Return all that a check says."""
    return checked.diagnostics, len(checked.sources)


def output(checked: Checked) -> object:
    """Return what a sound catalog compiles to."""
    if not checked.sound:
        return None
    book = checked.book()
    return list(python.package(book, "x")), json.document(book)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.lists(STEPS, min_size=1, max_size=4), st.booleans()), max_size=8),
    st.sampled_from([0, 3, 100]),
)
def test_any_edits_give_the_answer_and_the_output_of_a_fresh_check(
    root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[list[tuple[str, str | None]], bool]],
    few: int,
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    catalog = folder / "catalog"
    shutil.copytree(root / "tests/mini/catalog", catalog)
    for path, texts in PLACES.items():
        if path not in STRAY:
            put(catalog, path, texts[0])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MODELBOOK_CACHE", str(folder / "cache"))
        patched.setattr("modelbook_compiler.build.FEW", few)
        for steps, later in edits:
            for path, text in steps:
                put(catalog, path, text)
            if later:
                time.sleep(0.03)  # so that stamps alone tell what has not changed
            memory = Memory(catalog, time.time_ns())
            known = memory.clean_files()
            again, fresh = check(catalog, memory=memory), check(catalog)
            assert told(again) == told(fresh)
            assert output(again) == output(fresh)
            assert known is None or not fresh.diagnostics
