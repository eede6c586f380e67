"""A row and the model file that says the same: same problems, same record, same DuckDB row."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from modelbook.bulk import _frozen
from modelbook.decode import model_record
from modelbook.names import fold
from modelbook_compiler.build import Checked, check
from modelbook_compiler.bulk.clashes import KEY
from modelbook_compiler.bulk.run import Outcome, read
from modelbook_compiler.bulk.tables import queries
from modelbook_compiler.bulk.tally import Catalog
from modelbook_compiler.bulk.values import Source
from modelbook_compiler.emit.tables import TABLES

from .conftest import MINI, SOURCES, Rows, kept, line

MODELINE = "# yaml-language-server: $schema=../../../schemas/model.schema.json\n"
MODELS = next(table for table in TABLES if table.name == "models")
DAYS = st.sampled_from(["2024", "2024-05", "2024-05-13", "2024-02-30", "13.05.2024", "2023-10"])
TOKENS = st.sampled_from([1, 4096, 8192, 0, -1, "4096", 10**9 + 1, True])
FLAGS = st.sampled_from([True, False, "true", 1])
WORDS = st.lists(
    st.sampled_from(["text", "image", "audio", "embedding", "labels", "smell"]), max_size=3
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["Beta", " Beta", "Bêta 1", "日本", "", "a\nb", "\u202e", 'B"\\'])
    | st.text(max_size=6),
    "family": st.sampled_from(["beta", "Beta", "b_1", ""]),
    "aliases": st.lists(
        st.sampled_from(["acme/b1", "acme/b-1", "acme/alpha-1", "openlab/zeta", "Acme/B"]),
        max_size=3,
    ),
    "released": DAYS,
    "knowledge_cutoff": DAYS,
    "modalities": st.fixed_dictionaries({}, optional={"input": WORDS, "output": WORDS}),
    "limits": st.fixed_dictionaries(
        {}, optional={"context": TOKENS, "max_output": TOKENS, "max_input": TOKENS, "other": TOKENS}
    ),
    "capabilities": st.fixed_dictionaries({}, optional={"tools": FLAGS, "json_mode": FLAGS}),
    "dimensions": TOKENS,
    "pipelines": st.lists(
        st.sampled_from(["text-generation", "image-text-to-text", "causal_lm", "nope"]), max_size=2
    ),
    "architecture": st.sampled_from(["LlamaForCausalLM", "BertForTokenClassification", "Lama"]),
    "parameters": st.fixed_dictionaries({}, optional={"total": TOKENS, "active": TOKENS}),
    "license": st.sampled_from(["Apache-2.0", "apache-2.0", "MIT", "Nope", "LicenseRef-X"]),
    "open_weights": FLAGS,
    "weights": st.fixed_dictionaries(
        {}, optional={"hf": st.sampled_from(["acme/B", "openlab/gamma-7b", "a b"]), "bytes": TOKENS}
    ),
    "sources": st.sampled_from(
        [SOURCES, [], SOURCES * 2, [{**SOURCES[0], "checked": "2026-13-01"}], [{"url": "x"}]]
    ),
    "exceptions": st.lists(
        st.fixed_dictionaries(
            {
                "rule": st.sampled_from(["MB301", "MB302", "MB202", "MB329", "MB308", "MB999"]),
                "reason": st.just("R"),
            }
        ),
        max_size=2,
    ),
    "licence": st.just("MIT"),
}
GOOD = {"name": "Beta", "pipelines": ["text-generation"], "sources": SOURCES}
BARE = {"name": "Beta", "sources": SOURCES}
"""So that pipeline types follow from the class, or else from what is read and written."""
ROWS = st.builds(
    lambda start, pairs: {**start, **dict(pairs)},
    st.sampled_from([GOOD, BARE]),
    st.lists(
        st.sampled_from(sorted(FIELDS)).flatmap(
            lambda name: st.tuples(st.just(name), FIELDS[name])
        ),
        max_size=5,
    ),
)
"""Models with a few fields, each of which may be wrong."""


SERVED = """# yaml-language-server: $schema=../schemas/api-pipelines.schema.json
modes:
  chat: {writes: [text]}
modalities:
  - {reads: [text, image], writes: [text], pipelines: [image-text-to-text]}
  - {reads: [text], writes: [text], pipelines: [text-generation]}
  - {reads: [text], writes: [embedding], pipelines: [feature-extraction]}
  - {reads: [text], writes: [labels], pipelines: [text-classification]}
sources:
  - {url: "https://example.com/modes", checked: 2026-01-02}
"""
"""What follows from what is read and written."""


def with_table(place: Path) -> Path:
    """Return a copy of the small catalog that says what follows from what is read and written."""
    root = Path(shutil.copytree(MINI, place / "catalog"))
    (root / "api-pipelines.yaml").write_text(SERVED)
    return root


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Return the check of that catalog, without a model more."""
    found = check(with_table(tmp_path_factory.mktemp("before")))
    assert found.sound
    return found


def as_file(root: Path, data: dict[str, Any]) -> Checked:
    """Return the check of a catalog with one more model file."""
    text = json.dumps(data, ensure_ascii=False)
    (root / "models/openlab/zeta.yaml").write_text(MODELINE + text + "\n", encoding="utf-8")
    return check(root)


def as_row(place: Path, checked: Checked, data: dict[str, Any]) -> Outcome:
    """Return what comes of one row; its id stands last, so that columns are those of the file."""
    source = place / "rows.ndjson"
    text = json.dumps({**data, "id": "openlab/zeta"}, ensure_ascii=False)
    source.write_text(text + "\n", encoding="utf-8")
    against = Catalog(checked.graph, checked.positions, "mini", "")
    return read([Source(0, source, "rows.ndjson")], against, place)


def problems(found: Any) -> set[tuple[str, str, int]]:
    """Return code, words and column of diagnostics; a row is not about deployments."""
    return {
        (one.code, one.message.replace("the file", "the row"), one.span.column)
        for one in found
        if one.code != "MB330"
    }


@settings(deadline=None, max_examples=25)
@given(ROWS)
@example({**BARE, "modalities": {"input": ["text", "image"], "output": ["text"]}})
@example({**BARE, "modalities": {"input": ["text"], "output": ["embedding"]}})
@example({**BARE, "modalities": {"input": ["audio"], "output": ["image"]}})
@example({**BARE, "modalities": {"input": ["text"]}})
@example({**BARE, "architecture": "LlamaForCausalLM"})
@example(BARE)
def test_a_row_and_a_file_have_the_same_problems_and_say_the_same(
    before: Checked, data: dict[str, Any]
) -> None:
    with TemporaryDirectory() as name:
        place = Path(name)
        file, row = as_file(with_table(place), data), as_row(place, before, data)
        of_file = problems(one for one in file.diagnostics if one.path.endswith("zeta.yaml"))
        assert problems(row.problems) == of_file
        if of_file:
            return
        (staged,) = kept(row)
        (graph_entry,) = [
            one for id, one in file.graph.kind("model").items() if id == "openlab/zeta"
        ]
        from modelbook_compiler.lower import _model

        listed = _model(graph_entry, file.graph)
        assert model_record("openlab/zeta", _frozen(staged["model"])) == listed.record
        asked = queries(row.staged, "mini", MODELS.columns)["models"]
        with duckdb.connect() as connection:
            (shown,) = connection.execute(asked).fetchall()
        (wanted,) = [one for one in MODELS.rows(book_of(listed)) if one["id"] == "openlab/zeta"]
        assert list(shown) == [plain(wanted[column]) for column in MODELS.columns]


def book_of(listed: Any) -> Any:
    """Return what the table of models asks of a book."""

    class Book:
        models = (listed,)

    return Book


def plain(value: Any) -> Any:
    """Return a value as DuckDB hands it out."""
    return list(value) if isinstance(value, tuple) else value


PARQUET = {
    "id": "acme/p1",
    "name": "P 1",
    "released": "2024-05-13",
    "aliases": ["acme/p-one"],
    "limits": {"context": 4096},
    "modalities": {"input": ["text"], "output": ["text"]},
    "pipelines": ["text-generation"],
    "sources": SOURCES,
}


def parquet(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows as Parquet, with the types that DuckDB finds in them; dates become dates."""
    text = path.with_suffix(".json")
    text.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM read_json('{text}')) TO '{path}' (FORMAT parquet)")
    return path


def test_parquet_and_lines_of_the_same_rows_agree(rows: Rows, tmp_path: Path) -> None:
    bare = {key: PARQUET[key] for key in ("name", "pipelines", "sources")}
    known = [PARQUET, {**bare, "id": "acme/p2"}, {**bare, "id": "acme/p3", "dimensions": 3}]
    first = rows(paths=(parquet(tmp_path / "rows.parquet", *known),))
    second = rows(*map(json.dumps, reversed(known)))
    assert (first.problems, second.problems) == ((), ())
    assert first.staged.digest == second.staged.digest
    by_id = [sorted(kept(one), key=lambda row: str(row["id"])) for one in (first, second)]
    assert by_id[0] == by_id[1]


def test_a_bad_row_of_parquet_is_told_by_its_number_and_field(rows: Rows, tmp_path: Path) -> None:
    path = parquet(tmp_path / "rows.parquet", PARQUET, {**PARQUET, "limits": {"context": -1}})
    (one,) = rows(paths=(path,)).problems
    assert (one.code, one.message) == ("MB106", "`limits.context`: `-1` must be above 0")
    assert one.span is not None
    assert (one.span.line, one.span.column) == (2, 1)


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b'{"id": 1}\n'])
def test_what_is_no_parquet_is_told(rows: Rows, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(raw)
    (found,) = rows(paths=(path,)).problems
    assert (found.code, found.path) == ("MB003", "rows.parquet")


def test_a_cut_parquet_file_is_told(rows: Rows, tmp_path: Path) -> None:
    path = parquet(tmp_path / "rows.parquet", PARQUET)
    path.write_bytes(path.read_bytes()[:-20])
    assert [one.code for one in rows(paths=(path,)).problems] == ["MB003"]


def test_a_name_with_a_star_is_no_pattern(rows: Rows, tmp_path: Path) -> None:
    parquet(tmp_path / "rows1.parquet", PARQUET)
    parquet(tmp_path / "other.parquet", PARQUET).rename(tmp_path / "rows[1]*.parquet")
    assert rows(paths=(tmp_path / "rows[1]*.parquet",)).staged.count == 1


def test_the_digest_is_of_what_is_said_not_of_how(rows: Rows) -> None:
    one = rows(line("acme/b"), line("acme/c")).staged.digest
    assert rows(line("acme/c"), "", line("acme/b").replace(", ", ",")).staged.digest == one
    assert rows(line("acme/c"), line("acme/b", family="f")).staged.digest != one
    assert rows(line("acme/b")).staged.digest != one


def test_several_sources_are_held_together(rows: Rows, tmp_path: Path) -> None:
    paths = tuple(tmp_path / f"{name}.ndjson" for name in "ab")
    for path in paths:
        path.write_text(line("acme/b") + "\n")
    (found,) = rows(paths=paths).problems
    assert (found.path, found.notes[0].path, found.code) == ("b.ndjson", "a.ndjson", "MB204")


@settings(deadline=None)
@given(st.from_regex(r"[a-z0-9]+([._-]+[a-z0-9]+)*/[a-z0-9]+([._-]+[a-z0-9]+)*", fullmatch=True))
def test_ids_are_folded_alike_in_sql(id: str) -> None:
    with duckdb.connect() as connection:
        query = f"SELECT {KEY} FROM (SELECT ? AS name)"  # noqa: S608
        assert connection.execute(query, [id]).fetchall() == [(fold(id),)]
