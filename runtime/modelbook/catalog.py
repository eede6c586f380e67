"""A generated package, opened: ids in, records out. Modules load and records build on first use."""

from __future__ import annotations

from . import FORMAT
from .errors import AmbiguousError, ChangedError, FormatError, NotFoundError
from .names import fits, fold, hint, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from types import ModuleType
    from typing import NoReturn

    from .bulk import Bulk
    from .facts import Facts
    from .record import FrozenDict
    from .records import Architecture, Deployment, Model, Pipeline, Provider
    from .rows import Index, Row, Rows, Tables
    from .selection import Requirements, Selection
    from .tariffs import Tariff
    from .units import Units
    from .usage import UsageReport


KEPT = 20_000
"""Most models that are kept once asked for; a package with bulk models may have millions."""


class Catalog:
    """The records of one generated package.

    `package` is its import name; with `tables` its modules are those, and none is imported. Raises
    `FormatError` if it was written for another runtime. Lookups are safe from several threads:
    caches only ever gain equal values. They raise `ChangedError` where modules that were loaded
    before and after a change on disk contradict each other.
    """

    def __init__(self, package: str, tables: Tables | None = None) -> None:
        self.package = package
        self.tables = tables
        self._deployments: dict[str, Deployment] = {}
        self._models: dict[str, Model] = {}
        self._deployment_ids: tuple[str, ...] | None = None
        self._bare: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._selections: dict[object, Selection] = {}
        self._tables: dict[str, ModuleType] = {}
        self._units: Units | None = None
        self._costs: ModuleType | None = None
        self.tariffs: dict[object, Tariff] = {}
        """What `costs` has worked out."""
        self.facts: Facts | None = None
        """What `facts` has read."""
        self._bulk_opened: Bulk | None = None
        stated = self.table("").FORMAT
        if stated != FORMAT:
            raise FormatError(
                f"`{package}` has format {stated}, this modelbook reads {FORMAT}; "
                "install matching versions of both"
            )

    def table(self, name: str) -> ModuleType:
        """Return a module of the package by its dotted name inside it, loading it once."""
        if name not in self._tables:
            self._tables[name] = self._loaded(name)
        return self._tables[name]

    def _loaded(self, name: str) -> ModuleType:
        """Return a module of the package, freshly imported."""
        if self.tables is not None:
            return self.tables.table(name)
        from importlib import import_module

        try:
            return import_module(f"{self.package}.{name}".rstrip("."))
        except (ModuleNotFoundError, FileNotFoundError) as error:  # the latter: gone meanwhile
            gone = getattr(error, "name", None) or self.package
            if name and f"{gone}.".startswith(f"{self.package}."):
                raise self._changed(f"its module `{name}`") from error
            raise

    def loaded(self) -> dict[str, ModuleType]:
        """Return the modules that were asked for so far, by dotted name."""
        return self._tables.copy()

    def digest(self, name: str) -> str:
        """Return the content digest of a module with facts."""
        known: str = self.tables.digest(name) if self.tables else self.table(name).DIGEST
        return known

    def index(self) -> Index:
        """Return what selection asks of every deployment."""
        groups: Index = self.table("_index").DEPLOYMENTS
        return groups

    # Models and deployments

    def find_model(self, id: str) -> Model | None:
        """Return a model by id, alias or bare name, or None.

        A bare name is that of a bulk model only where no file of the catalog has it. Raises
        `AmbiguousError` if it belongs to several creators.
        """
        try:
            return self._models[id]
        except (KeyError, TypeError):  # the latter: what cannot be an id at all
            known = self._resolve(id, "MODELS", "models", "/")
        if known is None:
            return None
        from .decode import model_record

        if len(self._models) >= KEPT:
            self._models.clear()
        return self._models.setdefault(id, model_record(known, self.model_row(known)))

    def get_model(self, id: str) -> Model:
        """Return a model; raise `NotFoundError` with the nearest ids if there is none."""
        return self.find_model(id) or self._missing("model", id, self.near_models(id))

    def find_deployment(self, id: str) -> Deployment | None:
        """Return a deployment by id, alias or bare wire name, or None; a model's id is none.

        A model's id with a modifier is tried last: see `modifiers`. Raises `AmbiguousError` if a
        bare wire name is served by several providers, and `RequestError` for a modifier that is
        known and refused (`:fastest`, `:nitro`): no deployment that may be added will be it.
        """
        try:
            return self._deployments[id]
        except (KeyError, TypeError):  # the latter: what cannot be an id at all
            known = self._resolve(id, "DEPLOYMENTS", "providers", ":")
        if known is None:
            try:
                return self._modified(id)
            except NotFoundError:
                return None
        from .decode import deployment_record

        row, provider = self.deployment_row(known), self.provider_row(known.partition(":")[0])
        units = self.table("_registry").UNITS
        record = deployment_record(known, row, self.model_row(row["model"]), provider, units)
        return self._deployments.setdefault(id, record)

    def holds(self, deployment: object) -> bool:
        """Tell whether a deployment is the record that this catalog gives for its id."""
        id = getattr(deployment, "id", None)
        return isinstance(id, str) and self._deployments.get(id) is deployment

    def keeps(self, asked: object) -> bool:
        """Tell whether what was found always means the same; an id with a modifier does not."""
        return not isinstance(asked, str) or asked in self._deployments

    def get_deployment(self, id: str) -> Deployment:
        """Return a deployment; raise `NotFoundError` with the nearest ids if there is none."""
        return self.find_deployment(id) or self._no_deployment(id)

    def get_deployment_by_name(self, name: str, *, provider: str, at: object = None) -> Deployment:
        """Return the deployment that a provider means by a name: see `echoed.read_name`."""
        from .echoed import read_name

        return read_name(self, name, provider=provider, at=at).deployment

    def usage_from_response(
        self, body: object, *, provider: str, api: str | None = None
    ) -> UsageReport:
        """Return what a response says was used: see `usage.usage_from_response`."""
        from .usage import usage_from_response

        return usage_from_response(self, body, provider=provider, api=api)

    def model_ids(self) -> tuple[str, ...]:
        """Return the ids of all models, sorted. Those of bulk sources are loaded, all of them."""
        own, bulk = self._ids("models", "/"), self.bulk()
        return tuple(sorted([*own, *bulk.ids()]) if bulk else own)

    def near_models(self, name: str) -> Iterable[str]:
        """Return the ids worth comparing with a name that is none; of bulk models only some."""
        own, bulk = self._ids("models", "/"), self.bulk()
        return {*own, *bulk.near(name)} if bulk and isinstance(name, str) else own

    def bulk(self) -> Bulk | None:
        """Return the models of bulk sources, None in a package without them."""
        if self._bulk_opened is None:
            digest: str | None = getattr(self.table("models"), "BULK", None)
            if digest is None:
                return None
            from pathlib import Path

            from .bulk import Bulk

            self._bulk_opened = Bulk(Path(self.table("").__path__[0]), digest)
        return self._bulk_opened

    def bulk_of(self, other: Catalog) -> None:
        """Ask another catalog's bulk models, through the connections that it has."""
        self._bulk_opened = other.bulk()

    def deployment_ids(self) -> tuple[str, ...]:
        """Return the ids of all deployments, retired ones too, sorted."""
        if self._deployment_ids is None:
            ids = (line[0] for _, lines in self.index() for line in lines)
            self._deployment_ids = tuple(sorted(ids))
        return self._deployment_ids

    def model_row(self, id: str) -> Row:
        """Return the row of a model by its exact id."""
        parts = id.partition("/")
        if not self._has("models", parts, "MODELS") and (bulk := self.bulk()):
            return bulk.row(id)
        return self._rows("models", parts, "MODELS")

    def deployment_row(self, id: str) -> Row:
        """Return the row of a deployment by its exact id."""
        return self._rows("providers", id.partition(":"), "DEPLOYMENTS")

    # Providers, pipeline types and architectures

    def find_provider(self, id: str) -> Provider | None:
        """Return a provider by id, or None."""
        from .decode import provider_record

        known = id if isinstance(id, str) and id in self.table("providers").MODULES else None
        return provider_record(known, self.provider_row(known)) if known else None

    def get_provider(self, id: str) -> Provider:
        """Return a provider; raise `NotFoundError` with the nearest ids if there is none."""
        return self.find_provider(id) or self._missing("provider", id, self.provider_ids())

    def provider_id(self, id: str) -> str:
        """Return an id that is a provider's; raise as `get_provider` does."""
        known = isinstance(id, str) and id in self.table("providers").MODULES
        return id if known else self.get_provider(id).id

    def provider_ids(self) -> tuple[str, ...]:
        """Return the ids of all providers, sorted."""
        return tuple(self.table("providers").MODULES)

    def provider_row(self, id: str) -> Row:
        """Return the row of a provider by its exact id."""
        row: Row = self._module("providers", id).PROVIDER
        return row

    def wire_names(self, provider: str) -> Collection[str]:
        """Return the wire names at a provider, by its exact id: in lower case, retired ones too."""
        rows: Rows = self._module("providers", provider).DEPLOYMENTS
        return rows.keys()

    def find_pipeline(self, name: str) -> Pipeline | None:
        """Return a pipeline type by id or any written spelling, or None.

        Raises `AmbiguousError` for a spelling that could mean several types.
        """
        rows: Rows = self.table("_pipelines").PIPELINES
        known = self._pipeline_id(name, rows)
        if known is None:
            return None
        from .decode import pipeline_record

        return pipeline_record(known, rows[known])

    def get_pipeline(self, name: str) -> Pipeline:
        """Return a pipeline type; raise `NotFoundError` with the nearest if there is none."""
        return self.find_pipeline(name) or self._missing("pipeline type", name, self._spellings())

    def pipeline_id(self, name: str) -> str:
        """Return the official id behind a spelling; raise as `get_pipeline` does."""
        rows: Rows = self.table("_pipelines").PIPELINES
        return self._pipeline_id(name, rows) or self._missing(
            "pipeline type", name, self._spellings()
        )

    def pipeline_ids(self) -> tuple[str, ...]:
        """Return the ids of all pipeline types, in the official order."""
        return tuple(self.table("_pipelines").PIPELINES)

    def find_architecture(self, name: str) -> Architecture | None:
        """Return a model class by its exact name, or None."""
        from .decode import architecture_record

        known: Rows = self.table("_architectures").ARCHITECTURES
        row = known.get(name) if isinstance(name, str) else None
        return architecture_record(name, row) if row else None

    def get_architecture(self, name: str) -> Architecture:
        """Return a model class; raise `NotFoundError` with the nearest if there is none."""
        known = self.table("_architectures").ARCHITECTURES
        return self.find_architecture(name) or self._missing("architecture", name, known)

    @property
    def costs(self) -> ModuleType:
        """Return the calculator, loaded on first use: an import statement a call would be slow."""
        if self._costs is None:
            from . import costs

            self._costs = costs
        return self._costs

    @property
    def units(self) -> Units:
        """Return the registry of billable units."""
        if self._units is None:
            from .units import Units

            self._units = Units(self.table("_registry").UNITS)
        return self._units

    def select(
        self, requirements: Requirements, at: str, missing: FrozenDict[str, str] | None = None
    ) -> Selection:
        """Return the deployments that meet requirements at a UTC instant (ISO text).

        The requirements are as `normal` returns them; `missing` has the providers out of reach.
        """
        key = (frozenset(requirements.__dict__.items()), at, missing)  # faster than all fields
        found = self._selections.get(key)
        if found is None:
            from .selection import Selection

            if len(self._selections) > 256:
                self._selections.clear()
            found = self._selections[key] = Selection(self, requirements, at, missing)
        return found

    # How names resolve

    def _resolve(self, name: str, table: str, package: str, mark: str) -> str | None:
        """Return the exact id behind an id, alias or bare name; None if there is none."""
        if not isinstance(name, str):
            raise NotFoundError(f"an id is text, not {type(name).__name__}")
        if self._has(package, name.partition(mark), table):
            return name
        bulk = self.bulk() if package == "models" else None
        if bulk and mark in name and bulk.has(name):
            return name
        alias: str | None = getattr(self.table("_aliases"), table).get(name)
        alias = bulk.alias(name) if bulk and alias is None else alias
        if alias is not None or not name:
            return alias
        if mark == ":" and self._has("models", name.partition("/"), "MODELS"):
            return None  # a gateway's wire names are often ids of models, which mean no gateway
        if name in self._ids(package, mark):  # as the index said before
            raise self._changed(f"`{name}`")
        found = self._by_bare_name(package, mark).get(name, ())
        found = found or self._bare_aliases(name, table, mark)
        found = bulk.bare(name) if bulk and not found else found  # else files would lose names
        if len(found) > 1:
            makers = self.table("models").MODULES  # who sells what they make is meant more often
            found = tuple(sorted(found, key=lambda id: (id.partition(mark)[0] not in makers, id)))
            listed = ", ".join(f"`{id}`" for id in found[:20]) + (", …" if found[20:] else "")
            raise AmbiguousError(f"`{name}` could be {listed}", id=name, nearest=found)
        if found or name == name.lower():
            return found[0] if found else None
        return self._resolve(name.lower(), table, package, mark)

    def _by_bare_name(self, package: str, mark: str) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of models or deployments by bare name, worked out once."""
        if package not in self._bare:
            groups: dict[str, list[str]] = {}
            for id in self._ids(package, mark):
                groups.setdefault(id.partition(mark)[2], []).append(id)
            self._bare[package] = {name: tuple(ids) for name, ids in groups.items()}
        return self._bare[package]

    def _bare_aliases(self, name: str, table: str, mark: str) -> tuple[str, ...]:
        """Return the ids that have an alias with this bare name."""
        aliases: Mapping[str, str] = getattr(self.table("_aliases"), table)
        found = {id for alias, id in aliases.items() if alias.partition(mark)[2] == name}
        return tuple(sorted(found))

    def _pipeline_id(self, name: str, rows: Rows) -> str | None:
        """Return the official id behind a spelling; None if there is none."""
        if not isinstance(name, str):
            raise NotFoundError(f"a pipeline type is text, not {type(name).__name__}")
        if name in rows:
            return name
        folded = fold(name)
        candidates: tuple[str, ...] | None = self.table("_pipelines").AMBIGUOUS.get(folded)
        if candidates:
            listed = " or ".join(f"`{id}`" for id in candidates)
            raise AmbiguousError(f"`{name}` could mean {listed}", id=name, nearest=candidates)
        alias: str | None = self.table("_pipelines").ALIASES.get(folded)
        return alias or self._by_pattern(name)

    def _by_pattern(self, name: str) -> str | None:
        """Return the pipeline type of a spelling with language codes in it, if it is one."""
        patterns: Mapping[str, str] = self.table("_pipelines").PATTERNS
        return next((id for pattern, id in patterns.items() if fits(name, pattern)), None)

    def _spellings(self) -> Iterable[str]:
        """Return every spelling of a pipeline type, as it is written."""
        rows: Rows = self.table("_pipelines").PIPELINES
        return [*rows, *(alias for row in rows.values() for alias in row.get("aliases", ()))]

    def _ids(self, package: str, mark: str) -> Iterable[str]:
        """Return all ids of models or deployments, sorted."""
        if package == "providers":
            return self.deployment_ids()
        names: Mapping[str, str] = self.table(package).MODULES
        known = (f"{part}{mark}{id}" for part in names for id in self._module(package, part).MODELS)
        return sorted(known)  # `a-b/c` stands before `a/c`

    def _module(self, package: str, part: str) -> ModuleType:
        """Return the module that holds a creator's models or a provider's deployments."""
        try:
            return self.table(f"{package}.{self.table(package).MODULES[part]}")
        except KeyError:
            raise self._changed(f"`{part}` of `{package}`") from None

    def _rows(self, package: str, id: tuple[str, str, str], table: str) -> Row:
        """Return the row of an id, given in its parts, that some module names."""
        rows: Rows = getattr(self._module(package, id[0]), table)
        try:
            return rows[id[2]]
        except KeyError:
            raise self._changed(f"`{''.join(id)}`") from None

    def _changed(self, gone: str) -> ChangedError:
        """Return the error for what was there when the package was opened, and is no longer."""
        return ChangedError(
            f"`{self.package}` changed on disk while it was read, and {gone} is gone; "
            "start the program again"
        )

    def _has(self, package: str, id: tuple[str, str, str], table: str) -> bool:
        """Tell whether an exact id, given in its parts, is known."""
        part, mark, rest = id
        if not mark or part not in self.table(package).MODULES:
            return False
        return rest in getattr(self._module(package, part), table)

    def _modified(self, id: str) -> Deployment | None:
        """Return what a model's id with a modifier means, `openai/gpt-4o:cheapest`, or None."""
        if not isinstance(id, str) or ":" not in id or "/" not in id.partition(":")[0]:
            return None
        from .modifiers import modified

        return modified(self, id)

    def _no_deployment(self, id: str) -> NoReturn:
        """Raise the error for an unknown deployment, with what its provider reads the name as."""
        from .echoed import meaning

        self._modified(id)  # which may know better
        named = meaning(self, id)
        if named is not None:
            raise NotFoundError(named.words(id), id=id, nearest=(named.deployment.id,))
        self._missing("deployment", id, self._ids("providers", ":"))

    def _missing(self, kind: str, name: str, known: Iterable[str]) -> NoReturn:
        """Raise the error for an unknown id."""
        if not isinstance(name, str):
            raise NotFoundError(f"the name of a {kind} is text, not {type(name).__name__}")
        found = nearest(name, known, first=self.table("models").MODULES)
        raise NotFoundError(f"unknown {kind} `{name}`{hint(found)}", id=name, nearest=found)
