"""What is registered at one moment, and the catalog that answers with it. Never changes.

Each change makes a new state; whoever holds an older one, or an answer from it, keeps what it saw.
"""

from __future__ import annotations

from ..catalog import Catalog
from ..indexing import line, traits
from .derived import following, pointing, served
from .facts import Entry, Faults, entries
from .links import Links
from .overlay import Made, Overlay, provider_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set
    from typing import TypeAlias

    from ..rows import Line, Row, Traits
    from .facts import Kind
    from .overlay import Base

    Key: TypeAlias = tuple[Kind, str]
    Stated: TypeAlias = Mapping[Key, Row]


class State:
    """Rows as they were stated, and the catalog with them."""

    def __init__(self, base: Base, stated: Stated | None = None, made: Made | None = None) -> None:
        self.base = base
        self.stated: Stated = stated or {}
        """What was registered, as it was stated."""
        self.made = made or Made({}, {}, {}, {})
        self._laid = Overlay(base, self.made)
        self.catalog = Catalog(base.catalog.package, self._laid)
        if not base.bare:
            self.catalog.bulk_of(base.catalog)

    def find(self, kind: Kind, id: str) -> Row | None:
        """Return the row of an exact id, registered or below; None if there is none."""
        return self._laid.find(kind, id)

    def meant(self, kind: Kind, name: str) -> set[str]:
        """Return the ids that a name means: itself, and those it is an alias of."""
        found = {name} if self.find(kind, name) is not None else set()
        aliases = "MODELS" if kind == "model" else "DEPLOYMENTS"
        below = None if self.base.bare else self.base.catalog.table("_aliases")
        id = getattr(below, aliases, {}).get(name)
        return found | {id} if id is not None and id not in self.made.rows[kind] else found

    def checked(self, given: Iterable[object], faults: Faults) -> list[Entry]:
        """Return what mappings state, as far as each is sound by itself; the rest is noted."""
        return entries(given, self.base.catalog.table("_shapes").SHAPES, faults)

    def changed(
        self, add: Iterable[Entry], gone: Set[Key] = frozenset(), faults: Faults | None = None
    ) -> State:
        """Return the state with further subjects, in place of others of the same id, and less some.

        Raises `RegistrationError` for all that was noted before, that added subjects refer to and
        is not there, and that others would refer to in vain.
        """
        faults = faults or Faults()
        added: dict[Key, Entry] = {(one.kind, one.id): one for one in add}
        kept = {key: row for key, row in self.stated.items() if key not in gone}
        stated = {**kept, **{key: one.row for key, one in added.items()}}
        draft = State(self.base, stated, self._rows(stated, added))
        draft._check(_all(stated) if gone else added.values(), faults)
        faults.stop()
        lines = draft._lines(self, added, gone)
        rows = draft.made.rows
        made = Made(rows["provider"], rows["model"], rows["deployment"], lines)
        return State(self.base, stated, made)

    def _rows(self, stated: Stated, added: Mapping[Key, Entry]) -> Made:
        """Return the registered rows with what derives from others; without lines of the index.

        Names below that mean something registered are among them: their prices are its.
        """
        providers, models, deployments = (
            {id: row for id, row in self.made.rows[kind].items() if (kind, id) in stated}
            for kind in ("provider", "model", "deployment")
        )
        for (kind, id), one in added.items():
            if kind == "model":
                models[id] = served(one.row, self.base.catalog)
            else:
                (providers if kind == "provider" else deployments)[id] = one.row
        for id in _moving(stated):
            deployments[id] = following(stated["deployment", id], deployments, self.base)
        deployments.update(pointing(deployments, self.base))
        return Made(providers, models, deployments, {})

    def _check(self, added: Iterable[Entry], faults: Faults) -> None:
        """Note every reference that leads nowhere, and names that mean something else already."""
        links = Links(self.base.catalog, self.find, self._ids)
        owners: dict[Key, set[str]] = {}
        for (kind, id), row in self.stated.items():
            for alias in row.get("aliases", ()):
                owners.setdefault((kind, alias), set()).add(id)
        for one in [*added, *faults.partly]:
            for place, text, near in links.problems(one, faults.ids):
                faults.say(one.id, place, text)
                faults.near += near
            names = (one.id, *one.row.get("aliases", ()))
            for name in names if one.kind != "provider" else ():
                others = self.meant(one.kind, name) | owners.get((one.kind, name), set())
                listed = ", ".join(f"`{id}`" for id in sorted(others - {one.id}))
                if listed:
                    faults.say(one.id, "aliases", f"has the name `{name}`, which means {listed}")

    def _lines(
        self, old: State, added: Mapping[Key, Entry], gone: Set[Key]
    ) -> dict[str, tuple[Traits, Line]]:
        """Return what the index says of what is registered, and of what that changes below."""
        known = {id: one for id, one in old.made.lines.items() if ("deployment", id) not in gone}
        fresh = {id for kind, id in added if kind == "deployment"} | {*_moving(self.stated)}
        fresh |= old._followers() | self._followers()
        for kind in ("model", "provider"):
            ids = {id for of, id in added if of == kind and old.find(kind, id) is not None}
            ids |= {id for of, id in gone if of == kind}
            fresh |= self._users(kind, ids) if ids else set()
        for id in fresh:
            row = self.find("deployment", id)
            if row is not None:
                known[id] = self._line(id, row)
        return known

    def _followers(self) -> set[str]:
        """Return the names below that mean something registered, and are not registered."""
        return {id for id in self.made.rows["deployment"] if ("deployment", id) not in self.stated}

    def _line(self, id: str, row: Row) -> tuple[Traits, Line]:
        """Return what the index says of a deployment."""
        record = self._laid.record(id, row)
        return traits(record), line(record)

    def _users(self, kind: str, ids: Set[str]) -> set[str]:
        """Return the deployments of some models, or at some providers."""
        own = self.made.rows["deployment"].items()
        found = {
            id for id, row in own if (row["model"] if kind == "model" else provider_of(id)) in ids
        }
        below = self.base.modules("providers")
        for provider in below if kind == "model" else ids & below.keys():
            rows = self.base.catalog.table(f"providers.{below[provider]}").DEPLOYMENTS
            found |= {
                f"{provider}:{wire}"
                for wire, row in rows.items()
                if kind == "provider" or row["model"] in ids
            }
        return found

    def _ids(self, kind: Kind) -> Iterable[str]:
        """Return the ids of a kind, registered and below, of bulk models none."""
        below = self.base.catalog
        if kind == "provider":
            return {*self.made.rows[kind], *self.base.modules("providers")}
        if self.base.bare:
            return self.made.rows[kind]
        known = below.deployment_ids() if kind == "deployment" else below.near_models("")
        return {*self.made.rows[kind], *known}


def _all(stated: Stated) -> Iterator[Entry]:
    """Yield everything that is registered."""
    return (Entry(kind, id, row) for (kind, id), row in stated.items())


def _moving(stated: Stated) -> list[str]:
    """Return the registered names that move and have the prices of what they mean."""
    return [
        id
        for (kind, id), row in stated.items()
        if kind == "deployment" and "points_to" in row and "prices" not in row
    ]
