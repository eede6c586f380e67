"""A base and registered rows -> the tables of a catalog that has both.

What nothing registered touches is the base's own table: it loads when it is asked for.
"""

from __future__ import annotations

from types import ModuleType

from ..decode import deployment_record, provider_record
from ..moving import followed
from ..offers import more, providers, served

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..catalog import Catalog
    from ..records import Deployment
    from ..rows import Index, Line, Row, Rows, Traits
    from .facts import Kind

MARKS = {"models": ("/", "MODELS"), "providers": (":", "DEPLOYMENTS")}
"""Folder of a package to what parts its ids, and the table in its modules."""

NEW = "+"
"""Begins the name of a module that the base does not have; none of its own can begin so."""


class Made:
    """What is registered, as a generated package would state it: derived facts are in."""

    def __init__(
        self,
        providers: Rows,
        models: Rows,
        deployments: Rows,
        lines: Mapping[str, tuple[Traits, Line]],
    ) -> None:
        self.rows: Mapping[Kind, Rows] = {
            "provider": providers,
            "model": models,
            "deployment": deployments,
        }
        self.lines = lines
        """What the index says of registered deployments, and of those of what is registered."""


class Base:
    """An open catalog to lay rows over; where it is `bare`, only its words and tables are used."""

    def __init__(self, catalog: Catalog, *, bare: bool) -> None:
        self.catalog = catalog
        self.bare = bare
        self._pointing: dict[str, Mapping[str, tuple[str, ...]]] = {}

    def row(self, kind: Kind, id: str) -> Row | None:
        """Return the row of an exact id, None if there is none."""
        if kind == "provider":
            known = id in self.modules("providers")
            return self.catalog.provider_row(id) if known else None
        folder = "models" if kind == "model" else "providers"
        mark, table = MARKS[folder]
        part, _, rest = id.partition(mark)
        module = self.modules(folder).get(part)
        rows: Rows = getattr(self.catalog.table(f"{folder}.{module}"), table) if module else {}
        if rest in rows:
            return rows[rest]
        bulk = None if self.bare or kind != "model" else self.catalog.bulk()
        return bulk.row(id) if bulk and bulk.has(id) else None

    def pointing(self, id: str) -> tuple[str, ...]:
        """Return the moving names that have the prices of a deployment for some time.

        Those are at its own provider; of a name with prices of its own nothing follows.
        """
        provider = provider_of(id)
        if provider not in self.modules("providers"):
            return ()
        if provider not in self._pointing:
            self._pointing[provider] = self._moving(provider)
        return self._pointing[provider].get(id, ())

    def _moving(self, provider: str) -> Mapping[str, tuple[str, ...]]:
        """Return what points to the deployments of a provider, by what is pointed to."""
        module = self.modules("providers")[provider]
        rows: Rows = self.catalog.table(f"providers.{module}").DEPLOYMENTS
        found: dict[str, tuple[str, ...]] = {}
        for name, row in rows.items():
            targets = {step["deployment"] for step in row.get("points_to", ())}
            known = {id: self.row("deployment", id) or {} for id in targets}
            if targets and row.get("prices", ()) == followed(row["points_to"], known):
                for id in targets:
                    found[id] = (*found.get(id, ()), f"{provider}:{name}")
        return found

    def modules(self, folder: str) -> Mapping[str, str]:
        """Return the modules of models or providers, by the creator or provider."""
        known: Mapping[str, str] = {} if self.bare else self.catalog.table(folder).MODULES
        return known

    def index(self) -> Index:
        """Return what selection asks of every deployment."""
        return [] if self.bare else self.catalog.index()


class Overlay:
    """The tables of a base with registered rows laid over, by name."""

    def __init__(self, base: Base, made: Made) -> None:
        self._base = base
        self._rows = made.rows
        self._lines = made.lines
        self._parts: dict[str, dict[str, dict[str, Row]]] = {}

    def table(self, name: str) -> ModuleType:
        """Return a table; see `Catalog.table`."""
        folder, _, module = name.partition(".")
        if folder in MARKS:
            return self._module(folder, module) if module else self._folder(folder)
        if name == "_index":
            return _module(name, DEPLOYMENTS=self._index())
        if name == "_more":
            return self._more()
        if name == "_aliases":
            return self._aliases()
        return self._base.catalog.table(name)

    def digest(self, name: str) -> str:
        """Return the content digest of a table: the base's own where nothing touches it."""
        folder, _, module = name.partition(".")
        if folder not in MARKS:
            return self._base.catalog.digest(name)
        part = self._part(folder, module)
        own = self._own(folder).get(part, {})
        provider = self._rows["provider"].get(part) if folder == "providers" else None
        known = "" if part not in self._base.modules(folder) else self._base.catalog.digest(name)
        return _digest(known, own, provider) if own or provider else known

    def _folder(self, folder: str) -> ModuleType:
        """Return the list of modules of models or providers."""
        known = {**self._base.modules(folder)}
        parts = self._own(folder).keys() | (
            self._rows["provider"].keys() if folder == "providers" else set()
        )
        known.update((part, NEW + part) for part in parts if part not in known)
        whole = {part: known[part] for part in sorted(known)}
        bulk = None if self._base.bare else getattr(self._base.catalog.table(folder), "BULK", None)
        return _module(folder, MODULES=whole, **({"BULK": bulk} if bulk else {}))

    def _module(self, folder: str, module: str) -> ModuleType:
        """Return the rows of one creator or provider."""
        part = self._part(folder, module)
        own = self._own(folder).get(part, {})
        provider = self._rows["provider"].get(part) if folder == "providers" else None
        known = self._base.modules(folder).get(part)
        below = self._base.catalog.table(f"{folder}.{known}") if known else None
        if below is not None and not own and provider is None:
            return below
        table = MARKS[folder][1]
        values = {} if below is None else dict(vars(below))
        values[table] = {**values.get(table, {}), **own}
        if provider is not None:
            values["PROVIDER"] = provider
        return _module(module, **{name: values[name] for name in values if name.isupper()})

    def _part(self, folder: str, module: str) -> str:
        """Return the creator or provider that a module is of."""
        if module.startswith(NEW):
            return module.removeprefix(NEW)
        return next(part for part, name in self._base.modules(folder).items() if name == module)

    def _own(self, folder: str) -> Mapping[str, dict[str, Row]]:
        """Return the registered rows by creator or provider, by the rest of their ids."""
        if folder not in self._parts:
            mark = MARKS[folder][0]
            parts: dict[str, dict[str, Row]] = {}
            for id, row in self._rows["model" if folder == "models" else "deployment"].items():
                part, _, rest = id.partition(mark)
                parts.setdefault(part, {})[rest] = row
            self._parts[folder] = parts
        return self._parts[folder]

    def _index(self) -> Index:
        """Return the groups of the base without lines that are registered, and with those."""
        own = self._lines
        groups: dict[Traits, list[Line]] = {}
        hidden = {id.partition(":")[0] for id in own}
        for traits, lines in self._base.index():
            touched = any(line[0].partition(":")[0] in hidden for line in lines)
            groups[traits] = [line for line in lines if line[0] not in own] if touched else [*lines]
        added = set()
        for traits, line in own.values():
            groups.setdefault(traits, []).append(line)
            added.add(traits)
        for traits in added:
            groups[traits].sort(key=lambda line: line[0])
        return [(traits, groups[traits]) for traits in sorted(groups) if groups[traits]]

    def _more(self) -> ModuleType:
        """Return what is seldom asked: the base's without what is registered, and with that."""
        own = [(row, self.record(id, row)) for id, row in self._registered()]
        offers, groups = more(own)
        made = {
            **providers(
                (row, provider_record(id, row)) for id, row in self._rows["provider"].items()
            )
        }
        if self._base.bare:
            return _module(
                "_more", PROVIDERS=made, SERVED=served(own), OFFERS=offers, DEPLOYMENTS=groups
            )
        below = self._base.catalog.table("_more")
        kept = [
            (g, [one for one in of if one[0] not in self._lines]) for g, of in below.DEPLOYMENTS
        ]
        return _module(
            "_more",
            PROVIDERS={**below.PROVIDERS, **made},
            SERVED={
                **{id: row for id, row in below.SERVED.items() if id not in self._lines},
                **served(own),
            },
            OFFERS={**below.OFFERS, **offers},
            DEPLOYMENTS=[*(pair for pair in kept if pair[1]), *groups],
        )

    def _registered(self) -> Iterator[tuple[str, Row]]:
        """Yield id and row of registered deployments, and of those of what is registered."""
        for id in sorted(self._lines):
            row = self.find("deployment", id)
            if row is not None:
                yield id, row

    def record(self, id: str, row: Row) -> Deployment:
        """Return the record of a deployment from the rows of both."""
        model, provider = self.find("model", row["model"]), self.find("provider", provider_of(id))
        return deployment_record(id, row, model or {}, provider or {})

    def find(self, kind: Kind, id: str) -> Row | None:
        """Return the row of an exact id, registered or below; None if there is none."""
        return self._rows[kind].get(id) or self._base.row(kind, id)

    def _aliases(self) -> ModuleType:
        """Return the aliases of both; what is registered again has only those it states now."""
        tables: dict[str, dict[str, str]] = {}
        below = None if self._base.bare else self._base.catalog.table("_aliases")
        named: tuple[tuple[str, Kind], ...] = (("MODELS", "model"), ("DEPLOYMENTS", "deployment"))
        for name, kind in named:
            rows = self._rows[kind]
            known: Mapping[str, str] = getattr(below, name, {})
            kept = {alias: id for alias, id in known.items() if id not in rows}
            kept.update((alias, id) for id, row in rows.items() for alias in row.get("aliases", ()))
            tables[name] = kept
        return _module("_aliases", **tables)


def provider_of(id: str) -> str:
    """Return the provider of a deployment."""
    return id.partition(":")[0]


def _module(name: str, **values: object) -> ModuleType:
    """Return a module that defines some values."""
    made = ModuleType(name)
    made.__dict__.update(values)
    return made


def _digest(known: str, own: Rows, provider: Row | None) -> str:
    """Return the digest of what a module has below and what is laid over it."""
    import json
    from hashlib import blake2b

    text = json.dumps([known, own, provider], sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()
