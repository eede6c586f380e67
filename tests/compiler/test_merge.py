"""The merge of claims, as properties: one outcome whatever the order, and no claim lost unsaid."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_compiler.merge import CURATED, Claim, Merged, Trust, claims_of, merge, settle
from modelbook_compiler.values import Document, Json, Pointer, SourceFile

LAYERS = ("public", "org", "team")
SOURCES = ("litellm", "models.dev")
TRUST = Trust(LAYERS, SOURCES)
FIELDS: tuple[Pointer, ...] = (("name",), ("limits", "context"), ("limits", "max_output"))


def document(
    data: dict[str, Json], layer: str = "public", source: str = CURATED, name: str = "a"
) -> Document:
    """Return a file about the model acme/a."""
    if source != CURATED:
        data = {**data, "imported": {"from": [source], "digest": "0" * 16}}
    return Document(SourceFile(f"catalog/{name}.yaml", "model", "acme/a", layer, b""), data)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Draw one claim; few values each, so that many agree and many clash."""
    layer = draw(st.sampled_from((*LAYERS, "unnamed", "unknown")))
    source = draw(st.sampled_from((CURATED, *SOURCES, "other")))
    date = draw(st.sampled_from(("", "2026-01-01", "2026-02-01")))
    file = document({}, layer, source, f"{draw(st.sampled_from('ab'))}-{source}-{date}")
    field, value = draw(st.sampled_from(FIELDS)), draw(st.integers(1, 3))
    return Claim("model", "acme/a", field, value, source, date, layer, file)


many = st.lists(claims(), max_size=12)
trusts = st.builds(Trust, st.permutations(LAYERS), st.permutations(SOURCES)) | st.just(Trust())


def winners(merged: Merged) -> list[Claim]:
    """Return the claims that stand."""
    return list(merged.facts.values())


@given(many, trusts, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_claims_is_no_matter(some: list[Claim], trust: Trust, random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert settle(shuffled, trust) == settle(some, trust)
    assert list(settle(shuffled, trust).facts) == list(settle(some, trust).facts)


@given(many, trusts)
@settings(deadline=None)
def test_settling_again_changes_nothing(some: list[Claim], trust: Trust) -> None:
    once = settle(some, trust)
    again = settle(winners(once), trust)
    assert again.facts == once.facts
    assert again.disputes == ()


@given(many, many, trusts)
@settings(deadline=None)
def test_parts_can_be_settled_first(one: list[Claim], other: list[Claim], trust: Trust) -> None:
    whole = settle([*one, *other], trust)
    parts = settle([*winners(settle(one, trust)), *winners(settle(other, trust))], trust)
    assert parts.facts == whole.facts


@given(many, trusts)
@settings(deadline=None)
def test_every_claim_stands_agrees_or_is_a_dispute(some: list[Claim], trust: Trust) -> None:
    merged = settle(some, trust)
    assert set(merged.facts) == {one.field for one in some}
    lost = {(one.field, one.value, one.source) for one in merged.disputes}
    differing = {
        (".".join(map(str, one.field)), one.text, one.source)
        for one in some
        if one.text != merged.facts[one.field].text
    }
    assert lost == differing
    assert all(one.won != one.value for one in merged.disputes)


def claim(**changes: Json) -> Claim:
    """Return a claim of the weakest kind, with changes."""
    file = document({}, "public", "litellm")
    base = Claim("model", "acme/a", ("name",), "weak", "litellm", "2026-01-01", "public", file)
    return replace(base, **changes)


def stands(*some: Claim) -> Json:
    """Return the value that stands among claims on one field, in either order."""
    found = {settle(order, TRUST).facts["name",].value for order in (some, some[::-1])}
    assert len(found) == 1
    return found.pop()


def test_a_layer_beats_everything_below() -> None:
    low = claim(source=CURATED, date="2026-12-31")
    assert stands(low, claim(layer="org", value="strong")) == "strong"
    assert stands(claim(layer="org"), claim(layer="team", value="strong")) == "strong"
    assert stands(claim(layer="unnamed"), claim(value="strong")) == "strong"


def test_curated_beats_imported() -> None:
    late = claim(source="models.dev", date="2026-12-31")
    assert stands(late, claim(source=CURATED, date="", value="strong")) == "strong"


def test_a_trusted_source_beats_a_newer_date() -> None:
    late = claim(date="2026-12-31")
    assert stands(late, claim(source="models.dev", value="strong")) == "strong"
    assert stands(claim(source="other"), claim(value="strong")) == "strong"


def test_a_newer_date_beats_an_older_and_none() -> None:
    assert stands(claim(), claim(date="2026-01-02", value="strong")) == "strong"
    assert stands(claim(date=""), claim(value="strong")) == "strong"


def test_layers_without_a_rank_have_an_order_all_the_same() -> None:
    one, other = claim(layer="x"), claim(layer="y")
    for order in ([one, other], [other, one]):
        assert settle(order, TRUST).facts["name",].layer == "y"


def test_losers_that_agree_are_no_dispute() -> None:
    same, other = claim(layer="team"), claim(layer="org", value="other")
    (dispute,) = settle([claim(), same, other], TRUST).disputes
    assert (dispute.field, dispute.value, dispute.won) == ("name", '"other"', '"weak"')
    assert settle([claim(), same], TRUST).disputes == ()


def test_equal_values_in_another_order_of_keys_agree() -> None:
    one = claim(value=[{"a": 1, "b": 2}])
    assert settle([one, claim(layer="team", value=[{"b": 2, "a": 1}])], TRUST).disputes == ()


def test_a_file_makes_one_claim_for_each_leaf() -> None:
    file = document({"limits": {"context": 1}, "pipelines": ["x", "y"], "capabilities": {}})
    assert {one.field: one.value for one in claims_of(file)} == {
        ("limits", "context"): 1,
        ("pipelines",): ["x", "y"],
        ("capabilities",): {},
    }


def test_two_files_make_one_entry_that_knows_who_says_what() -> None:
    base = document({"name": "A", "limits": {"context": 1, "max_output": 2}, "pipelines": ["x"]})
    overlay = document({"limits": {"context": 3}, "pipelines": ["y"]}, "team")
    for files in ([base, overlay], [overlay, base]):
        (entry,) = merge(files, TRUST)
        assert entry.data == {
            "name": "A",
            "limits": {"context": 3, "max_output": 2},
            "pipelines": ["y"],
        }
        assert entry.document_of(("name",)) is base
        assert entry.document_of(("limits", "context")) is overlay
        assert entry.document_of(("limits", "max_output")) is base
        assert entry.document_of(("pipelines", 0)) is overlay
        assert entry.document_of(("nowhere",)) is overlay
        assert [one.field for one in entry.disputes] == ["limits.context", "pipelines"]


def test_an_empty_mapping_takes_nothing_away() -> None:
    full = document({"limits": {"context": 1}})
    for empty in (document({"limits": {}}, "team"), document({"limits": {}}, "local")):
        (entry,) = merge([full, empty], TRUST)
        assert entry.data == {"limits": {"context": 1}}
        assert entry.disputes == ()
        assert empty.data == {"limits": {}}


files = st.builds(
    document,
    st.fixed_dictionaries(
        {"sources": st.just([{"url": "https://example.com", "checked": "2026-01-01"}])},
        optional={
            "name": st.sampled_from("xyz"),
            "limits": st.dictionaries(st.sampled_from("pq"), st.integers(1, 3)),
        },
    ),
    st.sampled_from(LAYERS),
    st.sampled_from((CURATED, *SOURCES)),
    st.sampled_from("abc"),
)


@given(st.lists(files, min_size=2, max_size=4, unique_by=lambda one: one.source.path), trusts)
@settings(deadline=None)
def test_provenance_names_the_file_whose_claim_stands(some: list[Document], trust: Trust) -> None:
    (entry,) = merge(some, trust)
    merged = settle([one for file in some for one in claims_of(file)], trust)
    for field, winner in merged.facts.items():
        if winner.value != {}:
            assert entry.document_of(field) is winner.document
    assert merge(some[::-1], trust) == (entry,)
