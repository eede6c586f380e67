"""Front matter of model cards: the few facts that a scan uses, from cards of strangers."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.scan.card import WANTED, front_matter

CARD = """---
language: en
license: apache-2.0
library_name: sentence-transformers  # as the Hub calls it
tags:
- sentence-transformers
- 'feature-extraction'
  # a comment
- "sentence-similarity"
datasets:
- s2orc
base_model: [org/one, "org/two"]
pipeline_tag: sentence-similarity
model-index:
- name: x
  results:
  - task: {type: Retrieval}
---
# A model
pipeline_tag: text-generation
"""


def test_a_usual_card() -> None:
    assert front_matter(CARD.encode()) == {
        "license": ("apache-2.0",),
        "library_name": ("sentence-transformers",),
        "tags": ("sentence-transformers", "feature-extraction", "sentence-similarity"),
        "base_model": ("org/one", "org/two"),
        "pipeline_tag": ("sentence-similarity",),
    }


@pytest.mark.parametrize(
    "card",
    [
        "",
        "# no front matter\n",
        "# no front matter\npipeline_tag: x\n---\n",
        "---\npipeline_tag: x\n",  # never closed
        "text\n---\npipeline_tag: x\n---\n",
        "---\npipeline_tag: null\n---\n",
        "---\npipeline_tag: ~\n---\n",
        "---\npipeline_tag: &a x\n---\n",
        "---\npipeline_tag: *a\n---\n",
        "---\npipeline_tag: {a: b}\n---\n",
        "---\npipeline_tag: |\n  x\n---\n",
        "---\npipeline_tag: [x\n---\n",
        '---\npipeline_tag: "x\n---\n',
        "---\nother:\n  pipeline_tag: x\n---\n",
        "---\npipeline_tag:x\n---\n",
        f"---\npipeline_tag: {'x' * 1000}\n---\n",
        "---\npipeline_tag: a\x1b[31mb\n---\n",
    ],
)
def test_what_is_not_plain_is_not_known(card: str) -> None:
    assert front_matter(card.encode()) == {}


def test_bytes_that_are_no_text() -> None:
    assert front_matter(b"\xef\xbb\xbf---\r\nlicense: mit\r\n---\r\n") == {"license": ("mit",)}
    assert front_matter(b"---\n\xff\xfe\nlicense: mit\n---\n") == {"license": ("mit",)}


WORDS = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True).filter(
    lambda word: isinstance(yaml.safe_load(word), str)
)


@given(st.dictionaries(st.sampled_from(sorted(WANTED)), WORDS | st.lists(WORDS, min_size=1)))
@settings(max_examples=150, deadline=None)
def test_a_sane_card_means_what_yaml_says(fields: dict[str, Any]) -> None:
    card = f"---\n{yaml.safe_dump(fields, allow_unicode=True)}---\n"
    expected = {
        name: tuple(value) if isinstance(value, list) else (value,)
        for name, value in fields.items()
    }
    assert front_matter(card.encode()) == expected


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_anything_gives_an_answer(content: str | bytes) -> None:
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    found = front_matter(b"---\ntags:\n" + raw + b"\n---\n")
    assert set(found) <= WANTED
    assert all(text.isprintable() for texts in found.values() for text in texts)


@pytest.mark.parametrize("field", ["tags: ", "tags:\n- "])
def test_lists_in_lists_are_not_known_however_deep(field: str) -> None:
    card = f"---\n{field}{'[' * 5000}{']' * 5000}\nlicense: mit\n---\n"
    assert front_matter(card.encode()) == {"license": ("mit",)}
    assert front_matter(b"---\ntags: [a, [b], c]\n---\n") == {"tags": ("a", "c")}
