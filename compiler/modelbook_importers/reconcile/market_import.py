"""Catalog folder and releases -> what an import of the whole market would do to the folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelbook_compiler.imported import is_owned
from modelbook_compiler.values import Document, Subject

from ..known import documents
from ..market import sources
from ..market.claims import Json, Reading
from ..market.identity import tables
from ..market.planned import Planned
from ..market.providers import Disagreement, disagreements, planned_providers
from ..market.runtime_classes import named_repositories, runtime_classes
from ..wheels import CannotImportError
from .changes import DISPUTE, Before, Changes, plan
from .differences import Book, claims
from .models import Kinds
from .reconcile import Catalog, Reconciled, reconcile
from .said_by import labels
from .sieve import document, graph_of
from .trust import Trust
from .waivers import waivers

Progress = Callable[[str], None]
"""Told what is done next, in words."""

WRITTEN = ("model", "deployment", "provider", "secret", DISPUTE)
"""Kinds of files that an import of the market writes."""
READ = (
    *WRITTEN,
    "dispute",
    "units",
    "currencies",
    "pipeline",
    "architecture",
    "api-pipelines",
    "trust",
    "waivers",
)
"""Kinds of files that it asks."""


TABLES = frozenset({"vllm", "sglang", "transformers"})
"""Sources that are tables of the catalog, and so always given."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import would do, and what it saw on the way."""

    readings: Sequence[Reading]
    done: Reconciled
    changes: Changes
    claims: int
    """Claims that lost, all of them."""
    quarantined: int
    """Those that were not believed at all."""
    disagreements: Sequence[Disagreement]
    """What sources say of providers, and the reviewed table does not."""


def market_import(root: Path, paths: Sequence[Path], at: str, progress: Progress) -> Outcome:
    """Return what an import on a day would do. Nothing is written.

    Raises `CannotImportError` for what cannot be read, of the sources or of the catalog.
    """
    readings = _readings(paths, progress)
    progress("reading the catalog")
    known = tables(root)
    there = documents(root, READ)
    readings += _named(root, readings)
    before, left, edited = _before(there, readings)
    secrets = {id: one.data for (kind, id), one in there.items() if kind == "secret"}
    shops = planned_providers(known, readings, at, secrets)
    catalog, trust = _catalog(root, there, before, shops, at)
    progress("reconciling")
    done = reconcile(readings, known, trust, catalog, at)
    progress("comparing what every source says")
    stand = [*catalog.kept.values(), *catalog.others]
    by_hand = frozenset(catalog.kept) - left
    book = Book(graph_of(done.files, stand), by_hand, at)
    lost = {subject: rows for subject, rows in claims(done, book).items() if subject not in left}
    lost = _not_told(lost, there)
    wanted = [*shops, *_facts(done), *_disputes(lost)]
    listed = {*done.market.offers, *(one.id for one in done.hosted.planned)}
    changes = plan(wanted, before, listed, at)
    changes.left, changes.edited = sorted(left), sorted(edited)
    rows = [row for some in lost.values() for row in some]
    doubted = sum("quarantine" in row for row in rows)
    found = disagreements(known, readings, secrets)
    return Outcome(readings, done, changes, len(rows), doubted, found)


def _named(root: Path, readings: Sequence[Reading]) -> list[Reading]:
    """Return what the catalog's own table says of repositories that no source has."""
    rows = [row for one in readings for row in one.rows if row.kind == "weights"]
    known = {name.lower() for row in rows for name in row.hints.repositories}
    found = named_repositories(root, known) if rows else None
    return [] if found is None else [found]


def _readings(paths: Sequence[Path], progress: Progress) -> list[Reading]:
    """Return what each path claims, in an order that is not that of the paths.

    Raises `CannotImportError` where two state the same rows: nobody could tell which one counts.
    """
    by_label: dict[tuple[str, str], tuple[Path, Reading]] = {}
    for path in paths:
        progress(f"reading {path.name}")
        one = sources.read(path)
        if not one.rows:
            hint = "is it the right file, and whole?"
            raise CannotImportError(f"`{path}` lists no model of {one.source.label}", hint)
        part = "models" if all(row.kind == "model" for row in one.rows) else ""
        other, _ = by_label.setdefault((one.source.id, part), (path, one))
        if other is not path:
            raise CannotImportError(f"`{other}` and `{path}` say the same", "give one of them")
    return [by_label[key][1] for key in sorted(by_label)]


def _before(
    there: dict[Subject, Document], readings: Sequence[Reading]
) -> tuple[Before, set[Subject], set[Subject]]:
    """Return the files before an import, those that rest on other sources, and those edited.

    The disputes about what rests on others stay with it. A source of which only the list of models
    is given says nothing of what is sold, and the catalog's tables nothing without weights. Where
    some sources are missing, what was doubted stays too: they may be what made it doubtful.
    """
    kinds = {(one.source.id, row.kind) for one in readings for row in one.rows}
    tables = TABLES if any(kind == "weights" for _, kind in kinds) else set[str]()
    given = {one.source.id for one in readings} | tables
    selling = {id for id, kind in kinds if kind != "model"} | tables
    written = {subject: one for subject, one in there.items() if subject[0] in WRITTEN}
    ours = {subject: one for subject, one in written.items() if is_owned(one.data)}
    names = {subject: set(_sources(one)) for subject, one in ours.items()}
    left = {s for s, said in names.items() if not said <= (selling if ":" in s[1] else given)}
    if left:
        doubted = {("deployment", one.source.id) for one in ours.values() if _doubts(one)}
        left |= doubted & ours.keys()
    ids = {id for kind, id in left if kind != DISPUTE}
    left |= {subject for subject in ours if subject[0] == DISPUTE and subject[1] in ids}
    owned = {subject: one for subject, one in ours.items() if subject not in left}
    edited = {s for s, one in written.items() if "imported" in one.data and s not in ours}
    others = written.keys() - owned.keys()
    named = {there[s].data["model"] for s in others if s[0] == "deployment"}
    return Before(owned, others, named), left, edited


def _doubts(one: Document) -> bool:
    """Tell whether a file records a claim that was not believed."""
    return any("quarantine" in claim for claim in one.data.get("claims", ()))


def _sources(one: Document) -> list[str]:
    """Return the ids of the sources of an imported file."""
    return [said.partition(" ")[0].replace("-", "_") for said in one.data["imported"]["from"]]


def _catalog(
    root: Path, there: dict[Subject, Document], before: Before, shops: Sequence[Planned], at: str
) -> tuple[Catalog, Trust]:
    """Return what stands whatever is imported, and whom the catalog trusts."""
    facts = ("model", "deployment")
    kept = {s: one for s, one in there.items() if s[0] in facts and s in before.others}
    ours = {s: one for s, one in before.owned.items() if s[0] in facts}
    planned = {one.subject: document(one.subject, dict(one.data)) for one in shops}
    rest = {s: one for s, one in there.items() if s[0] not in (*facts, "dispute", DISPUTE)}
    stays = {s: one for s, one in rest.items() if s not in planned or s in before.others}
    others = [*{**planned, **stays}.values()]
    served = _table(there, "api-pipelines")
    kinds = Kinds(
        served["modes"],
        served["modalities"],
        {id: one.data for (kind, id), one in there.items() if kind == "pipeline"},
        {
            name: row
            for (kind, _), one in there.items()
            if kind == "architecture"
            for name, row in one.data["classes"].items()
        },
    )
    rows = there["waivers", "waivers"].data["waivers"] if ("waivers", "waivers") in there else ()
    classes = runtime_classes(root)
    order = Trust(_table(there, "trust")["orders"])
    return Catalog(kept, others, kinds, waivers(rows, at), classes, ours), order


def _table(there: Mapping[Subject, Document], name: str) -> Mapping[str, Json]:
    """Return what a file at the root of the catalog says. Raises `CannotImportError`."""
    if (name, name) not in there:
        hint = "copy it from the public catalog of modelbook"
        raise CannotImportError(f"the catalog has no `{name}.yaml`", hint)
    return there[name, name].data


def _not_told(
    lost: dict[Subject, list[Json]], there: dict[Subject, Document]
) -> dict[Subject, list[Json]]:
    """Leave out claims that a file of disputes that people keep tells already."""
    out: dict[Subject, list[Json]] = {}
    for subject, rows in lost.items():
        told = there.get(("dispute", subject[1]))
        known = [_told(one) for one in told.data["claims"]] if told else []
        kept = [row for row in rows if not any(_covers(one, _told(row)) for one in known)]
        if kept:
            out[subject] = kept
    return out


def _told(claim: Json) -> tuple[str, str, dict[str, Json]]:
    """Return who claims something, under which conditions, and what."""
    return claim["source"]["name"].partition(" ")[0], str(claim.get("when")), claim["says"]


def _covers(known: tuple[str, str, dict[str, Json]], new: tuple[str, str, dict[str, Json]]) -> bool:
    """Tell whether one claim says all that another does."""
    return known[:2] == new[:2] and new[2].items() <= known[2].items()


def _facts(done: Reconciled) -> list[Planned]:
    """Return the files of models and deployments."""
    hosted = {one.subject: one.said_by for one in done.hosted.planned}
    return [
        Planned(*subject, data, hosted.get(subject) or labels(done.speakers(subject)))
        for subject, data in done.files.items()
    ]


def _disputes(lost: dict[Subject, list[Json]]) -> list[Planned]:
    """Return the files of disputes."""
    said_by = {
        id: sorted({one["source"]["name"] for one in rows}) for (_, id), rows in lost.items()
    }
    return [
        Planned(DISPUTE, id, {"claims": rows}, tuple(said_by[id])) for (_, id), rows in lost.items()
    ]
