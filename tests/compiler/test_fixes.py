"""Mends of `check --fix`: the list is in order, and everything else is as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from modelbook_compiler.build import check
from modelbook_compiler.diagnostics import Diagnostic, Fix, Span
from modelbook_compiler.fixes import mended

ALPHA = "models/acme/alpha-1.yaml"
HOSTS = "secrets/acme/api_key.yaml"
PRICED = "providers/acme/deployments/alpha-1-2025-08-15.yaml"


def mend(catalog: Path) -> list[str]:
    """Mend a catalog for certain; return the codes of what is left."""
    checked = check(catalog)
    for path, text in mended(checked.diagnostics, checked.sources).items():
        (catalog.parent / path).write_bytes(text.encode())
    return [one.code for one in check(catalog).diagnostics]


def append(catalog: Path, file: str, text: str) -> Path:
    """Add a field to the end of a file, in place of the one that is there."""
    path, field = catalog / file, text.partition(":")[0]
    kept = [line for line in path.read_text().splitlines(True) if not line.startswith(field)]
    path.write_bytes(("".join(kept) + text).encode())
    return path


SORTED = [
    ("aliases: [acme/b, acme/a]\n", "aliases: [acme/a, acme/b]\n"),
    ("aliases: [ acme/b,acme/a ]  # two\n", "aliases: [ acme/a,acme/b ]  # two\n"),
    ("aliases: ['acme/b', \"acme/a\"]\n", "aliases: [\"acme/a\", 'acme/b']\n"),
    (
        "modalities: {input: [image, text], output: [audio, text]}\n",
        "modalities: {input: [text, image], output: [text, audio]}\n",
    ),
    ("aliases:\n  - acme/b\n  - acme/a\n", "aliases:\n  - acme/a\n  - acme/b\n"),
    ("aliases:\n- acme/b\n- acme/a", "aliases:\n- acme/a\n- acme/b"),
    (
        "aliases:\n  - acme/b  # of May\n  - 'acme/a'\n# then\nfamily: a\n",
        "aliases:\n  - 'acme/a'\n  - acme/b  # of May\n# then\nfamily: a\n",
    ),
    (
        "modalities:\n  input:\n    - image\n    - text\n  output: [audio, text]\n",
        "modalities:\n  input:\n    - text\n    - image\n  output: [text, audio]\n",
    ),
    (
        "aliases:\r\n  - acme/b\r\n  - acme/a\r\nfamily: a\r\n",
        "aliases:\r\n  - acme/a\r\n  - acme/b\r\nfamily: a\r\n",
    ),
]


@pytest.mark.parametrize(("written", "wanted"), SORTED)
def test_a_list_is_put_in_order(mini: Path, written: str, wanted: str) -> None:
    path = append(mini, ALPHA, written)
    before = path.read_bytes().decode()
    assert mend(mini) == []
    assert path.read_bytes().decode() == before.removesuffix(written) + wanted


@pytest.mark.parametrize(
    "written",
    [
        "aliases:\n  # the old one\n  - acme/b\n  - acme/a\n",
        "aliases:\n  - acme/b\n  # the old one\n  - acme/a\n",
        "aliases:\n  - acme/b\n  - acme/a\n  # the old one\n",
        "aliases:\n- acme/b\n- acme/a\n# the old one\n",
        "aliases:\n  - acme/b\n\n  - acme/a\n",
        "aliases: [acme/b,\n  acme/a]\n",
        "aliases: [acme/b, acme/a,]\n",
        'aliases: ["acme/b", "acme\\u002fa"]\n',
        "aliases:\n  - acme/b\n  - >-\n    acme/a\n",
    ],
)
def test_what_is_not_certain_is_left(mini: Path, written: str) -> None:
    path = append(mini, ALPHA, written)
    before = path.read_bytes()
    assert mend(mini) == ["MB334"]
    assert path.read_bytes() == before


def test_hosts_of_a_secret(mini: Path) -> None:
    path = mini / HOSTS
    text = path.read_text().replace("[api.acme.example]", "[b.acme.example, api.acme.example]")
    path.write_text(text)
    assert mend(mini) == []
    assert "[api.acme.example, b.acme.example]" in path.read_text()
    assert "env: [ACME_API_KEY]" in path.read_text()


WORDS = st.lists(st.from_regex(r"[a-z][a-z0-9./:-]{0,6}[a-z]", fullmatch=True), unique=True)
STYLES = ("{}", "'{}'", '"{}"')


@st.composite
def written_lists(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a list as somebody writes it, in brackets or below its field."""
    words = draw(WORDS.filter(len))
    items = [draw(st.sampled_from(STYLES)).format(word) for word in words]
    spaces = st.sampled_from(["", " ", "  "])
    if draw(st.booleans()):
        inner = ",".join(draw(spaces) + item + draw(spaces) for item in items)
        return f"x: [{inner}]  # y\n", words
    indent = draw(spaces)
    notes = [draw(st.sampled_from(["", " # z", "  "])) for _ in items]
    lines = (f"{indent}-{draw(spaces) or ' '}{i}{n}\n" for i, n in zip(items, notes, strict=True))
    return "x:\n" + "".join(lines), words


@given(written_lists(), st.sampled_from(["a: 1\n", "# c\na: {b: [d, c]}\n"]))
def test_sorting_changes_the_order_alone(written: tuple[str, list[str]], before: str) -> None:
    text, words = before + written[0] + "after: [b, a]\n", written[1]
    lines = text.split("\n")
    row = next(n for n, line in enumerate(lines) if line.startswith("x:"))
    start = lines[row].find("[")
    end = lines[row].find("]") + 1
    span = Span(row + 1, start + 1, row + 1, end + 1) if start > 0 else Span(row + 1, 1, row + 1, 2)
    one = Diagnostic("f", "MB334", "m", span=span, fix=Fix("sort", "\n".join(sorted(words))))
    found = mended([one], {"f": text.encode()})
    new = found.get("f", text)
    old_data, new_data = (yaml.load(one, yaml.BaseLoader) for one in (text, new))  # noqa: S506
    assert new_data == {**old_data, "x": sorted(words)}
    assert sorted(re.split(r"[\s,\[\]]+", new)) == sorted(re.split(r"[\s,\[\]]+", text))
    assert len(new) == len(text)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (ALPHA, "name: Alpha 1", "Name: Alpha 1"),
        (ALPHA, "max_output", "Max-Output"),
        (ALPHA, "tools: true", 'tools: "true"'),
        (ALPHA, "context: 128000", "context: '128000'"),
        (PRICED, "status: active", "status: Active"),
        (PRICED, "lifecycle:", "LifeCycle:"),
    ],
)
def test_a_spelling_that_means_one_thing_is_mended(
    mini: Path, file: str, old: str, new: str
) -> None:
    path = mini / file
    right = path.read_text()
    assert old in right, right
    path.write_text(right.replace(old, new, 1))
    assert mend(mini) == []
    assert path.read_text() == right


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (ALPHA, "name: Alpha 1", "name: Alpha 1\nlicence: MIT"),
        (ALPHA, "name: Alpha 1", "name: Alpha 1\nNAME: Alpha One"),
        (ALPHA, "context: 128000", 'context: "128,000"'),
        (ALPHA, "context: 128000", 'context: "0128000"'),
        (ALPHA, "tools: true", 'tools: "yes"'),
        (PRICED, "status: active", "status: activ"),
    ],
)
def test_a_spelling_that_could_mean_another_is_not(
    mini: Path, file: str, old: str, new: str
) -> None:
    path = mini / file
    wrong = path.read_text().replace(old, new, 1)
    path.write_text(wrong)
    assert mend(mini)
    assert path.read_text() == wrong
