"""Files that importers write say what they are meant to say, whatever the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.scan.yaml_text import flow
from modelbook_compiler.imported import is_owned
from modelbook_compiler.parse import FORBIDDEN, parse
from modelbook_compiler.values import Document, Json, SourceFile
from modelbook_importers.flow import file_text
from modelbook_importers.wheels import CannotImportError

PATH = "catalog/architectures/x.yaml"
words = st.sampled_from(
    [
        "no",
        "Null",
        "~",
        "1.10",
        "010",
        "12:30",
        "2026-01-02",
        "a: b",
        "a #b",
        "- a",
        "x, y",
        "{a}",
        "é",
    ]
)
texts = st.text(max_size=20).filter(lambda text: not FORBIDDEN.search(text)) | words
leaves = texts | st.integers(-(10**9), 10**9) | st.booleans()
keys = texts.filter(bool)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def read(text: str) -> Json:
    """Return what a file says."""
    found = parse(SourceFile(PATH, "architecture", "x", "", text.encode()))
    assert isinstance(found, Document), found
    return found.data


@given(st.dictionaries(st.sampled_from(["classes", "sources", "name", "y"]), values, max_size=4))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_what_is_read(data: dict[str, Json]) -> None:
    try:
        text = file_text(PATH, "architecture", data)
    except CannotImportError:
        assert not data  # a file with no field is none
        return
    assert read(text) == data


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text-generation", "text-generation"),
        ("A vision backbone", "A vision backbone"),
        ("Music, not speech", '"Music, not speech"'),
        ("2026-11-23", "2026-11-23"),
        ("4.57.6", '"4.57.6"'),
        ("no", '"no"'),
        ("https://example.com", '"https://example.com"'),
        (["a", "b"], "[a, b]"),
        ({"from": ["transformers 5.23.0"]}, "{from: [transformers 5.23.0]}"),
    ],
)
def test_text_is_quoted_where_readers_could_differ(value: Json, text: str) -> None:
    assert flow(value) == text


def test_a_file_looks_like_those_that_people_write() -> None:
    data = {
        "classes": {"AModel": {"pipelines": ["fill-mask"], "basis": "official"}},
        "sources": [{"url": "https://example.com", "checked": "2026-01-02"}],
    }
    assert file_text(PATH, "architecture", data) == (
        "# yaml-language-server: $schema=../../schemas/architecture.schema.json\n"
        "classes:\n"
        "  AModel: {pipelines: [fill-mask], basis: official}\n"
        'sources: [{url: "https://example.com", checked: 2026-01-02}]\n'
    )


def test_the_files_of_the_catalog_are_written_as_they_are(root: Path) -> None:
    count = 0
    for path in sorted((root / "catalog/architectures").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        data = read(text)
        if is_owned(data):
            count += 1
            assert file_text(f"catalog/architectures/{path.name}", "architecture", data) == text
    assert count > 400
