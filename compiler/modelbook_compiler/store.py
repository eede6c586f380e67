"""What a check leaves for the next one: documents, stamps, and what was found in which unit.

An SQLite database in memory, which `remember` keeps in a file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict
from functools import cached_property
from weakref import finalize

from .diagnostics import Diagnostic, Fix, Note, Span
from .examine import Examined, Findings, Unit
from .files import STAMP, UNSETTLED, Stamp
from .groups import Member
from .naming import CLASSES
from .operations import is_overlay
from .rules.exceptions import exceptions_of
from .traced import ANY
from .values import Document, Json, Origin, Subject

TABLES = """
CREATE TABLE subjects (number INTEGER PRIMARY KEY, kind TEXT, id TEXT, UNIQUE (kind, id));
CREATE TABLE documents (
    path TEXT PRIMARY KEY, subject INTEGER, layer TEXT, excuses INTEGER, overlay INTEGER,
    digest BLOB, data TEXT);
CREATE INDEX documents_of ON documents (subject);
CREATE TABLE stamps (paths BLOB, stamps BLOB);
INSERT INTO stamps VALUES (x'', x'');
CREATE TABLE needs (needed INTEGER, by INTEGER, PRIMARY KEY (needed, by)) WITHOUT ROWID;
CREATE INDEX needs_of ON needs (by);
CREATE TABLE members (
    name TEXT, key TEXT, subject INTEGER, place INTEGER, value TEXT,
    PRIMARY KEY (name, key, subject, place)) WITHOUT ROWID;
CREATE INDEX members_of ON members (subject);
CREATE TABLE findings (unit TEXT, number TEXT, found TEXT, PRIMARY KEY (unit, number));
CREATE TABLE broken (kind TEXT, id TEXT);
"""


class Store:
    """The tables of one catalog; empty, or as `content` says."""

    def __init__(self, content: bytes | memoryview = b"") -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        finalize(self, self._db.close)  # a graph may need it for as long as there is one
        if content:
            self._db.deserialize(content)
        else:
            self._db.executescript(TABLES)
        self._numbers: dict[Subject, int] = {}

    def content(self) -> bytes:
        """Return the whole as bytes."""
        return self._db.serialize()

    # Files

    @cached_property
    def stamps(self) -> Mapping[str, Stamp]:
        """The stamps of all files whose documents were known, by path.

        One row for all, since they are only ever wanted together.
        """
        paths, stamps = self._db.execute("SELECT paths, stamps FROM stamps").fetchone()
        starts = range(0, len(stamps), STAMP.size)
        each = (stamps[start : start + STAMP.size] for start in starts)
        return dict(zip(paths.decode().split("\0"), each, strict=False))  # "" has no stamp

    def paths(self) -> set[str]:
        """Return the paths of all known documents."""
        return {path for (path,) in self._db.execute("SELECT path FROM documents")}

    def subject(self, path: str) -> Subject:
        """Return what a known document speaks of."""
        query = "SELECT kind, id FROM documents JOIN subjects ON number = subject WHERE path = ?"
        kind, id = self._db.execute(query, (path,)).fetchone()
        return kind, id

    def has(self, subject: Subject) -> bool:
        """Tell whether a document speaks of a subject."""
        query = f"SELECT {DOCUMENT} WHERE kind = ? AND id = ?"
        return self._db.execute(query, subject).fetchone() is not None

    def digest(self, path: str) -> bytes | None:
        """Return the digest of a file's bytes, None if its document is not known."""
        row = self._db.execute("SELECT digest FROM documents WHERE path = ?", (path,)).fetchone()
        return row[0] if row else None

    def says(self, one: Document) -> bool:
        """Tell whether a document is known to say just this, in this order of fields.

        Output and messages keep the order, so it counts.
        """
        query = "SELECT data FROM documents WHERE path = ?"
        row = self._db.execute(query, (one.source.path,)).fetchone()
        return row is not None and row[0] == _json(one.data)

    def documents(self, subject: Subject) -> list[Document]:
        """Return the documents that speak of a subject."""
        query = f"SELECT {DOCUMENT} WHERE kind = ? AND id = ?"
        return list(map(_document, self._db.execute(query, subject)))

    def excusing(self) -> Iterator[Document]:
        """Yield the documents that make exceptions."""
        return map(_document, self._db.execute(f"SELECT {DOCUMENT} WHERE excuses"))

    def overlays(self) -> Iterator[Document]:
        """Yield the documents that hold operations."""
        return map(_document, self._db.execute(f"SELECT {DOCUMENT} WHERE overlay"))

    def ids(self, kind: str) -> set[str]:
        """Return the ids of a kind that documents speak of."""
        query = "SELECT id FROM documents JOIN subjects ON number = subject WHERE kind = ?"
        return {id for (id,) in self._db.execute(query, (kind,))}

    def broken(self) -> frozenset[Subject]:
        """Return what had dropped out."""
        return frozenset(self._db.execute("SELECT kind, id FROM broken"))

    # What was found

    def findings(self) -> Findings:
        """Return what was found, by unit."""
        found: dict[Unit, tuple[Diagnostic, ...]] = {}
        for name, key, text in self._db.execute("SELECT unit, number, found FROM findings"):
            found[name, key] = tuple(map(_diagnostic, json.loads(text)))
        return found

    def dependents(self, subjects: Iterable[Subject]) -> Set[Unit]:
        """Return the units that asked for any of some subjects."""
        query = (
            "SELECT who.kind, who.id FROM subjects what JOIN needs ON needed = what.number"
            " JOIN subjects who ON who.number = by WHERE what.kind = ? AND what.id = ?"
        )
        asked = {one for kind, id in subjects for one in ((kind, id), (kind, ANY))}
        return {tuple(row) for one in asked for row in self._db.execute(query, one)}

    def needs(self, unit: Unit) -> Set[Subject]:
        """Return what a unit asked for."""
        query = (
            "SELECT what.kind, what.id FROM subjects who JOIN needs ON by = who.number"
            " JOIN subjects what ON what.number = needed WHERE who.kind = ? AND who.id = ?"
        )
        return {tuple(row) for row in self._db.execute(query, unit)}

    def units(self, subjects: Iterable[Subject]) -> Set[Unit]:
        """Return the groups that some entries were in."""
        query = (
            "SELECT name, key FROM members JOIN subjects ON number = subject"
            " WHERE kind = ? AND id = ?"
        )
        return {tuple(row) for one in subjects for row in self._db.execute(query, one)}

    def members(self, unit: Unit) -> Sequence[Member]:
        """Return the members of a group, in the order of their kinds and ids."""
        query = (
            "SELECT kind, id, value FROM members JOIN subjects ON number = subject"
            " WHERE name = ? AND key = ? ORDER BY kind, id, place"
        )
        rows = self._db.execute(query, unit)
        return [Member(kind, id, json.loads(value)) for kind, id, value in rows]

    def holders(self, name: str) -> list[str]:
        """Return the ids of the files in which a model class stands."""
        return [one.id for one in self.members((CLASSES.name, name))]

    # Keeping

    def keep_files(
        self,
        new: Mapping[str, tuple[bytes, Document]],
        gone: Iterable[str],
        stamps: Mapping[str, Stamp],
        broken: Iterable[Subject],
    ) -> None:
        """Take note of files: new documents with their digests, what is gone, and all stamps."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM documents WHERE path = ?", ((one,) for one in gone))
            rows = (self._row(digest, one) for digest, one in new.values())
            self._db.executemany("INSERT OR REPLACE INTO documents VALUES (?,?,?,?,?,?,?)", rows)
            settled = {path: one for path, one in stamps.items() if one != UNSETTLED}
            kept = "\0".join(settled).encode(), b"".join(settled.values())
            self._db.execute("DELETE FROM stamps")
            self._db.execute("INSERT INTO stamps VALUES (?,?)", kept)
            self._db.execute("DELETE FROM broken")
            self._db.executemany("INSERT INTO broken VALUES (?,?)", broken)

    def keep_examined(self, examined: Examined) -> None:
        """Take note of what was looked at, in place of what was known of the same entries."""
        with self._db:
            self._db.execute("BEGIN")
            if examined.whole:
                self._db.execute("DELETE FROM needs")
                self._db.execute("DELETE FROM members")
            else:
                looked = {*examined.needs, *examined.keys}
                self._db.executemany(FORGET_NEEDS, looked)
                self._db.executemany(FORGET_MEMBERS, examined.keys)
            self._db.executemany("INSERT INTO needs VALUES (?,?)", self._needs(examined))
            self._db.executemany("INSERT INTO members VALUES (?,?,?,?,?)", self._members(examined))
            self._db.execute("DELETE FROM findings")
            found = (
                (*unit, _json([asdict(one) for one in found]))
                for unit, found in examined.findings.items()
            )
            self._db.executemany("INSERT INTO findings VALUES (?,?,?)", found)

    def _row(self, digest: bytes, one: Document) -> tuple[str, int, str, bool, bool, bytes, str]:
        """Return the row of a document."""
        own, kinds = one.source, (bool(exceptions_of(one)), is_overlay(one.data))
        return own.path, self._number(own.subject), own.layer, *kinds, digest, _json(one.data)

    def _needs(self, examined: Examined) -> Iterator[tuple[int, int]]:
        """Yield which unit asked for what."""
        for by, needed in examined.needs.items():
            yield from ((self._number(one), self._number(by)) for one in needed)

    def _members(self, examined: Examined) -> Iterator[tuple[str, str, int, int, str]]:
        """Yield who is in which group."""
        for subject, keys in examined.keys.items():
            number = self._number(subject)
            for place, (name, key, value) in enumerate(keys):
                yield name, key, number, place, _json(value)

    def _number(self, subject: Subject) -> int:
        """Return the number that stands for a subject, a new one if it has none."""
        if subject not in self._numbers:
            query = "SELECT number FROM subjects WHERE kind = ? AND id = ?"
            add = "INSERT INTO subjects (kind, id) VALUES (?,?) RETURNING number"
            known = self._db.execute(query, subject).fetchone()
            (self._numbers[subject],) = known or self._db.execute(add, subject).fetchone()
        return self._numbers[subject]


DOCUMENT = "path, kind, id, layer, data FROM documents JOIN subjects ON number = subject"
NUMBER = "(SELECT number FROM subjects WHERE kind = ? AND id = ?)"
FORGET_NEEDS = f"DELETE FROM needs WHERE by = {NUMBER}"  # noqa: S608  # a constant
FORGET_MEMBERS = f"DELETE FROM members WHERE subject = {NUMBER}"  # noqa: S608  # a constant
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _document(row: tuple[str, str, str, str, str]) -> Document:
    """Return a document from its row."""
    *origin, data = row
    return Document(Origin(*origin), json.loads(data))


def _diagnostic(row: Mapping[str, Json]) -> Diagnostic:
    """Return a diagnostic from its row."""
    notes = tuple(
        Note(**{**one, "pointer": tuple(one["pointer"]), "span": _span(one["span"])})
        for one in row["notes"]
    )
    fix = Fix(**row["fix"]) if row["fix"] else None
    pointer, span = tuple(row["pointer"]), _span(row["span"])
    return Diagnostic(**{**row, "pointer": pointer, "span": span, "notes": notes, "fix": fix})


def _span(row: Mapping[str, int] | None) -> Span | None:
    """Return a range from its row."""
    return Span(**row) if row else None
