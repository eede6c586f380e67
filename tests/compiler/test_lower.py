"""From a checked catalog to the book: what is inherited, derived and followed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from modelbook.records import Deployment, Model
from modelbook_compiler.book import Book
from modelbook_compiler.build import check
from modelbook_compiler.digests import module_names, modules, revision
from modelbook_compiler.values import Json

Edit = Callable[[str, str, str], None]
SNAPSHOT = "providers/acme/deployments/alpha-1-2025-08-15.yaml"
MOVING = "providers/acme/deployments/alpha-1.yaml"
SOURCES = 'sources: [{url: "https://example.com/models", checked: 2026-01-02}]\n'


def book(catalog: Path) -> Book:
    """Return the book of a sound catalog."""
    checked = check(catalog)
    assert checked.diagnostics == ()
    return checked.book()


def deployment(catalog: Path, id: str) -> Deployment:
    """Return a deployment's record."""
    return next(one.record for one in book(catalog).deployments if one.id == id)


def model(catalog: Path, id: str) -> Model:
    """Return a model's record."""
    return next(one.record for one in book(catalog).models if one.id == id)


def steps(one: Deployment) -> list[tuple[str | None, str | None, str | None]]:
    """Return start, end and input price of the standard entries."""
    return [
        (price.from_, price.until, str(price.amounts["input"]))
        for price in one.prices
        if "input" in price.amounts and price.when.tier is None and price.when.context_above is None
    ]


def test_a_moving_name_has_the_prices_of_its_targets_while_it_points_at_them(mini: Path) -> None:
    assert steps(deployment(mini, "acme:alpha-1")) == [
        ("2025-03-01", "2025-09-01", "5.00"),
        ("2025-09-01", None, "2.50"),
        ("2026-12-01", None, "2.00"),
    ]


def test_conditions_move_along(mini: Path) -> None:
    prices = deployment(mini, "acme:alpha-1").prices
    batch = [one for one in prices if one.when.tier == "batch"]
    assert [(one.from_, one.until) for one in batch] == [("2025-09-01", None)] * 2


def test_prices_outside_the_time_of_a_step_are_left_out(mini: Path, edit: Edit) -> None:
    edit(SNAPSHOT, "  - {from: 2026-12-01,", "  - {until: 2025-09-01, from: 2025-08-20,")
    edit(MOVING, SOURCES, '  - {from: 2026-01-01, deployment: "acme:embed-1"}\n' + SOURCES)
    assert steps(deployment(mini, "acme:alpha-1")) == [
        ("2025-03-01", "2025-09-01", "5.00"),
        ("2025-09-01", "2026-01-01", "2.50"),
        ("2026-01-01", None, "0"),
    ]


def test_prices_of_its_own_stand_alone(mini: Path, edit: Edit) -> None:
    edit(MOVING, SOURCES, 'prices: [{input: "7", output: "8"}]\n' + SOURCES)
    assert steps(deployment(mini, "acme:alpha-1")) == [(None, None, "7")]


def test_facts_are_inherited_leaf_by_leaf(mini: Path, edit: Edit) -> None:
    more = "limits: {max_output: 4096}\nmodalities: {output: [text, audio]}\n"
    edit(SNAPSHOT, "prices:\n", f"{more}prices:\n")
    one, base = deployment(mini, "acme:alpha-1-2025-08-15"), model(mini, "acme/alpha-1")
    assert (one.limits.context, one.limits.max_output) == (128000, 4096)
    assert (one.modalities.input, one.modalities.output) == (("text", "image"), ("text", "audio"))
    assert (one.capabilities.tools, one.capabilities.streaming) == (True, True)
    assert one.capabilities.reasoning is False
    assert one.capabilities.json_mode is None
    assert (one.knowledge_cutoff, one.pipelines) == (base.knowledge_cutoff, base.pipelines)
    assert base.capabilities.streaming is None
    assert base.limits.max_output == 16384
    assert one.model_name == base.name


def test_pipelines_follow_from_the_architecture_unless_stated(mini: Path, edit: Edit) -> None:
    assert model(mini, "openlab/gamma-7b").pipelines == ("text-generation",)
    assert deployment(mini, "vllm:openlab/gamma-7b").pipelines == ("text-generation",)
    edit("models/openlab/gamma-7b.yaml", "license:", "pipelines: [text-generation]\nlicense:")
    assert model(mini, "openlab/gamma-7b").pipelines == ("text-generation",)


def test_names_follow_from_paths(mini: Path) -> None:
    one = deployment(mini, "vllm:openlab/gamma-7b")
    assert (one.provider, one.wire_name, one.source_type) == (
        "vllm",
        "openlab/Gamma-7B",
        "self-hosted",
    )
    other = deployment(mini, "acme:embed-1")
    assert (other.wire_name, other.source_type) == ("embed-1", "api")


def containers(value: Json) -> Iterator[Json]:
    """Yield a value and everything in it."""
    yield value
    if isinstance(value, dict | tuple | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


def test_rows_are_plain_frozen_and_without_bookkeeping(mini: Path, edit: Edit) -> None:
    stays = "limits: {context: 32768, max_output: 65536}"
    edit("models/openlab/gamma-7b.yaml", "limits: {context: 32768}", stays)
    edit(
        "models/openlab/gamma-7b.yaml",
        SOURCES,
        "exceptions: [{rule: MB301, reason: So says the vendor}]\n" + SOURCES,
    )
    whole = book(mini)
    for one in (*whole.models, *whole.deployments, *whole.providers, *whole.pipelines):
        assert not {"exceptions", "imported"} & one.row.keys()
        assert not any(isinstance(inner, list) for inner in containers(dict(one.row)))


def test_everything_is_in_the_order_of_its_id(mini: Path) -> None:
    whole = book(mini)
    for listed in (whole.models, whole.deployments, whole.providers, whole.architectures):
        ids = [one.id for one in listed]
        assert ids == sorted(ids)
    assert [one.record.order for one in whole.pipelines] == [0, 1, 7, 8, 39]
    assert list(whole.pipeline_aliases) == sorted(whole.pipeline_aliases)


def test_provenance_names_the_most_exact_source(mini: Path, edit: Edit) -> None:
    new = 'sources: [{url: "https://example.com/all", checked: 2026-01-02}, '
    new += '{url: "https://example.com/limits", checked: 2026-01-03, fields: [limits]}]\n'
    edit("models/acme/embed-1.yaml", SOURCES, new)
    found = {
        one.field: (one.path, one.source, one.checked)
        for one in book(mini).provenance
        if one.id == "acme/embed-1"
    }
    path = "catalog/models/acme/embed-1.yaml"
    assert found["limits.context"] == (path, "https://example.com/limits", "2026-01-03")
    assert found["name"] == (path, "https://example.com/all", "2026-01-02")
    assert found.keys() >= {"modalities.input", "dimensions", "pipelines"}
    assert "sources" not in found


def test_the_revision_follows_facts_and_nothing_else(mini: Path, edit: Edit) -> None:
    before = book(mini)
    edit("models/acme/embed-1.yaml", "name: Embed 1", "# a comment\nname:   'Embed 1'")
    assert revision(book(mini)) == revision(before)
    edit("models/acme/embed-1.yaml", "dimensions: 1024", "dimensions: 1025")
    after = book(mini)
    assert revision(after) != revision(before)
    changed = {name for name, one in modules(after).items() if one != modules(before)[name]}
    assert changed == {"models.acme"}


def test_no_two_ids_share_a_module(mini: Path) -> None:
    names = module_names(["a-b", "a.b", "a_b", "a_b_", "1x"])
    assert len(set(names.values())) == len(names)
    assert all(name.isidentifier() for name in names.values())
    assert module_names(reversed(names)) == names
    for creator, name in (("a-b", "one"), ("a.b", "two"), ("a_b", "three")):
        (mini / "models" / creator).mkdir()
        (mini / "models" / creator / f"{name}.yaml").write_text(
            "# yaml-language-server: $schema=../../../schemas/model.schema.json\n"
            f"name: A model\npipelines: [text-generation]\n{SOURCES}"
        )
        (mini / "providers/acme/deployments" / f"{name}.yaml").write_text(
            "# yaml-language-server: $schema=../../../../schemas/deployment.schema.json\n"
            f"model: {creator}/{name}\nlifecycle: {{status: active}}\n{SOURCES}"
        )
    found = modules(book(mini))
    assert sum(name.startswith("models.a_b") for name in found) == 3


def test_a_model_that_states_only_modalities_serves_what_the_table_says(
    mini: Path, root: Path
) -> None:
    shutil.copy(root / "catalog/pipelines/image-to-text.yaml", mini / "pipelines")
    table = mini / "api-pipelines.yaml"
    table.write_text(
        "# yaml-language-server: $schema=../schemas/api-pipelines.schema.json\n"
        "modes: {ocr: {pipelines: [image-to-text]}}\n"
        "modalities:\n"
        "  - {reads: [text, image], writes: [text], pipelines: [image-text-to-text]}\n"
        "  - {reads: [text], writes: [text], pipelines: [text-generation]}\n"
        'sources: [{url: "https://example.com/models", checked: 2026-01-02}]\n'
    )
    model = mini / "models/acme/alpha-1.yaml"
    text = model.read_text()
    model.write_text(text.replace("pipelines: [image-text-to-text, text-generation]\n", ""))
    book = check(mini).book()
    found = {one.id: one.record.pipelines for one in book.models}
    assert found["acme/alpha-1"] == ("image-text-to-text", "text-generation")
    assert book.deployments[0].record.pipelines == ("image-text-to-text", "text-generation")
    table.unlink()
    shutil.rmtree(mini / "policies")  # which nothing meets now
    assert [one.code for one in check(mini).diagnostics] == ["MB309"]


DISPUTE = """\
# yaml-language-server: $schema=../../../../schemas/dispute.schema.json
claims:
  - says: {prices.input: "6.00"}
    when: {tier: batch}
    from: 2026-01-01
    source: {name: other-book 1.0, url: "https://example.com/other", checked: 2026-01-02}
    reason: It is older
  - says: {limits.context: 64000, prices.reasoning: "3.00", prices.output: "15.00"}
    source: {name: other-book 1.0, checked: 2026-01-02}
    reason: It is another model
"""


def disputed(mini: Path, id: str) -> list[tuple[str, str, str | None]]:
    """Return field, claim and what stands, of the recorded disputes of a deployment."""
    path = mini / f"disputes/deployments/acme/{id}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(DISPUTE)
    return [(one.field, one.value, one.won) for one in book(mini).disputes]


def test_a_recorded_dispute_stands_beside_what_the_book_says(mini: Path) -> None:
    assert disputed(mini, "alpha-1-2025-08-15") == [
        ("prices.input", '"6.00"', '"1.25"'),
        ("limits.context", "64000", "128000"),
        ("prices.reasoning", '"3.00"', None),
        ("prices.output", '"15.00"', '"10.00"'),
    ]
    first, second, *_ = book(mini).disputes
    assert (first.kind, first.id) == ("deployment", "acme:alpha-1-2025-08-15")
    assert (first.source, first.won_source, first.reason) == (
        "other-book 1.0",
        "curated",
        "It is older",
    )
    assert (first.when, first.from_, first.until) == ('{"tier": "batch"}', "2026-01-01", None)
    assert (first.url, first.checked) == ("https://example.com/other", "2026-01-02")
    assert (second.when, second.from_, second.url) == (None, None, None)


def test_a_dispute_about_a_moving_name_is_one_with_its_targets(mini: Path) -> None:
    assert disputed(mini, "alpha-1") == [
        ("prices.input", '"6.00"', '"1.25"'),
        ("limits.context", "64000", "128000"),
        ("prices.reasoning", '"3.00"', None),
        ("prices.output", '"15.00"', '"10.00"'),  # 15.00 is what it was until 2025-09-01
    ]


IMPORTED = """\
# yaml-language-server: $schema=../../../../../schemas/dispute.schema.json
claims:
  - says: {prices.input: "900", prices.reasoning: "900", limits.context: 99999999}
    source: {name: far-book 1.0, checked: 2026-01-02}
    reason: No model costs that much
    quarantine: above-ceiling
  - says: {prices.output: "9.00", prices.cache_read: free}
    source: {name: third-book 1.0, checked: 2026-01-02}
    reason: It is older
"""


def test_an_import_records_disputes_beside_those_that_people_keep(mini: Path) -> None:
    path = mini / "disputes/imported/deployments/acme/alpha-1-2025-08-15.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(IMPORTED)
    disputed(mini, "alpha-1-2025-08-15")
    found = {(one.source, one.field): one for one in book(mini).disputes}
    assert len(found) == 4 + 5
    assert {one.id for one in found.values()} == {"acme:alpha-1-2025-08-15"}
    assert {one.kind for one in found.values()} == {"deployment"}
    refused = found["far-book 1.0", "limits.context"]
    assert (refused.won, refused.quarantine, refused.stake) == ("128000", "above-ceiling", None)
    nothing_against = found["far-book 1.0", "prices.reasoning"]
    assert (nothing_against.won, nothing_against.stake) == (None, None)
    assert found["third-book 1.0", "prices.output"].quarantine is None


def test_the_stake_of_a_price_is_how_far_it_is_from_what_stands(mini: Path) -> None:
    path = mini / "disputes/imported/deployments/acme/alpha-1-2025-08-15.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(IMPORTED)
    stakes = {one.field: one.stake for one in book(mini).disputes}
    assert stakes == {
        "prices.input": "897.50",
        "prices.reasoning": None,
        "prices.output": "1.00",
        "prices.cache_read": "1.25",  # from nothing
        "limits.context": None,
    }


def test_disputes_are_no_facts(mini: Path) -> None:
    before = book(mini)
    disputed(mini, "alpha-1")
    after = book(mini)
    assert revision(after) == revision(before)
    assert after.provenance == before.provenance
