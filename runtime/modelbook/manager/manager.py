"""`ModelManager`: a generated package's answers, with what is registered at run time among them."""

from __future__ import annotations

import threading

from .. import package
from ..errors import ModelbookError, NotFoundError, RequestError, StorageError
from ..names import hint, nearest, shown
from .facts import Entry, Faults, exact, kind_of
from .merging import Change, mended, merged
from .overlay import Base
from .recommending import recommend
from .state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from os import PathLike
    from typing import Any, Literal, Unpack

    from ..catalog import Catalog
    from ..compare import Comparison, Deployments, Workload
    from ..costs import Cost
    from ..counts import Usage
    from ..records import Deployment, Model, Pipeline, Provider
    from ..requirements import Names, Requirements
    from ..rows import Row
    from ..scan.found import Found
    from ..selection import Selection
    from .filters import Filters
    from .keeping import Store
    from .recommending import Recommendation
    from .state import Key, Stated

    Ways = tuple[str | None, str | None, str | None, str | None, str | None]

PUBLIC = "modelbook_catalog"
"""The public book, which comes with modelbook."""


class ModelManager:
    """Answers as a generated package does, with registered providers, models and deployments.

    `catalog` is the package to lay them over, by its import name; with None there is nothing below
    but the words of the public book: pipeline types, units, model classes. With a `path`, what was
    saved there is read, and `save` writes it: as DuckDB, or with `storage="json"` as JSON.

    All of it may be used from several threads. A question is answered from one moment's state;
    records and selections stay as they are when more is registered.
    """

    def __init__(
        self,
        catalog: str | None = PUBLIC,
        *,
        path: str | PathLike[str] | None = None,
        storage: Literal["duckdb", "json"] = "duckdb",
    ) -> None:
        self._package = catalog
        self._lock = threading.RLock()
        self._pending: dict[Key, Change] = {}
        self._seen: Stated = {}
        self._stamp: object = None
        self._store = _store(path, storage)
        self._state = State(_base(catalog))
        if self._store:
            self.refresh()

    # Registering

    def register(
        self, facts: Mapping[str, Any] | Found, *, replace: bool = False
    ) -> Provider | Model | Deployment:
        """Add one subject, and return its record.

        `facts` has the fields of a catalog file and the `id`: `creator/name` is a model, which may
        hold its `deployments` (a mapping by id); `provider:name` a deployment of a known model; a
        name without either a provider. `sources` need not be stated, and a deployment is active
        where its `lifecycle` says nothing else. What a scan found (`modelbook.scan`) will do too:
        its provider, model and deployment are added. An id that is known already needs `replace`.
        Raises `RegistrationError` with all that is wrong; then nothing is added.
        """
        return self.register_many([facts], replace=replace)[0]

    def register_many(
        self, several: Iterable[Mapping[str, Any] | Found], *, replace: bool = False
    ) -> tuple[Provider | Model | Deployment, ...]:
        """Add several subjects at once, all or none; they may refer to each other.

        Returns the record of each. All is as for `register`.
        """
        with self._lock:
            old = self._state
            faults = Faults()
            given, firsts = self._given(several)
            added = old.checked(given, faults)
            fresh = _fresh(added, old, faults, replace=replace)
            new = old.changed(fresh, faults=faults)
            self._state = new
            for one in fresh:
                self._pending[one.kind, one.id] = Change(one.row, replace)
        return tuple(_record(new.catalog, id) for id in firsts)

    def register_config(
        self,
        id: str,
        config: Mapping[str, Any] | str | PathLike[str],
        *,
        provider: str | None = None,
        replace: bool = False,
    ) -> Model:
        """Add a model by the `config.json` of its HuggingFace repository, and return its record.

        `config` is what the file holds, or the path of the file or its folder. Its class, context
        and pipeline types are read from it as a scan does; what it does not say stays unknown.
        A class that nobody knows, or nothing of what the model is for, is an error: then `register`
        it with its `pipelines`. With a `provider`, such as `vllm`, it is deployed there under its
        HuggingFace name, `id` in the case that is given. Raises as `register` does.
        """
        from .configs import described

        facts = described(id, config, provider, self._state.base.catalog)
        self.register(facts, replace=replace)
        return self.get_model(facts["id"])

    def unregister(self, id: str, *, with_deployments: bool = False) -> None:
        """Take out what was registered under an id; what was below is there again.

        A model or provider takes its registered deployments along where `with_deployments` says so;
        else it raises `RequestError` while there are any. Raises `NotFoundError` for what was not
        registered: what a package has cannot be taken out.
        """
        with self._lock:
            state = self._state
            id = exact(id) if isinstance(id, str) else id
            if not isinstance(id, str) or (kind_of(id), id) not in state.stated:
                raise self._not_registered(id)
            key: Key = (kind_of(id), id)
            users = _users(state, key)
            if users and not with_deployments and state.base.row(*key) is None:
                listed = ", ".join(f"`{one}`" for one in users[:5])
                text = f"`{id}` still has {listed}; `with_deployments=True` takes those out too"
                raise RequestError(text, id=id, nearest=tuple(users))
            gone: set[Key] = {key, *((kind_of(one), one) for one in users if with_deployments)}
            self._state = state.changed([], gone)
            for one in gone:
                self._pending[one] = Change(None, replace=False)

    @property
    def registered(self) -> tuple[str, ...]:
        """The ids of all that is registered: providers, models and deployments, sorted."""
        return tuple(sorted(id for _, id in self._state.stated))

    # Asking

    @property
    def catalog(self) -> Catalog:
        """The catalog of this moment, which never changes: for several questions of one state."""
        return self._state.catalog

    def get_model(self, id: str, /) -> Model:
        """Return a model by id, alias or bare name, or raise with the nearest ids."""
        return self._state.catalog.get_model(id)

    def find_model(self, id: str, /) -> Model | None:
        """Return a model by id, alias or bare name, or None. An ambiguous bare name raises."""
        return self._state.catalog.find_model(id)

    def get_deployment(self, id: str, /) -> Deployment:
        """Return a deployment by id, alias or bare wire name, or raise with the nearest ids."""
        return self._state.catalog.get_deployment(id)

    def find_deployment(self, id: str, /) -> Deployment | None:
        """Return a deployment by id, alias or bare wire name, or None. An ambiguous one raises."""
        return self._state.catalog.find_deployment(id)

    def get_provider(self, id: str, /) -> Provider:
        """Return a provider by id, or raise with the nearest ids."""
        return self._state.catalog.get_provider(id)

    def find_provider(self, id: str, /) -> Provider | None:
        """Return a provider by id, or None."""
        return self._state.catalog.find_provider(id)

    def get_pipeline(self, name: str, /) -> Pipeline:
        """Return a pipeline type by any spelling, or raise with the nearest ids."""
        return self._state.catalog.get_pipeline(name)

    def get_models_for_pipeline(self, pipeline: str, **filters: Unpack[Filters]) -> Selection:
        """Return the deployments that serve a pipeline type and meet every filter, best first.

        All is as for `modelbook_catalog.get_models_for_pipeline`.
        """
        catalog = self._state.catalog
        return package.find(catalog, catalog.pipeline_id(pipeline), **filters)

    def get_models_by_pipeline_type(self, pipeline: str, **filters: Unpack[Filters]) -> Selection:
        """Return what `get_models_for_pipeline` returns: another name of it."""
        return self.get_models_for_pipeline(pipeline, **filters)

    def get_models_by_provider(
        self,
        provider: str | Iterable[str],
        *,
        at: date | str | None = None,
        limit: int | None = None,
        include_retired: bool = False,
    ) -> Selection:
        """Return the deployments at one provider or several, cheapest input first."""
        return package.find(
            self._state.catalog,
            provider=provider,
            at=at,
            limit=limit,
            include_retired=include_retired,
        )

    def get_models_by_capability(
        self,
        *capabilities: str,
        at: date | str | None = None,
        limit: int | None = None,
        sort: Names | None = None,
        include_retired: bool = False,
    ) -> Selection:
        """Return the deployments known to have all of some capabilities, cheapest input first."""
        return package.find(
            self._state.catalog,
            requires=capabilities,
            at=at,
            limit=limit,
            sort=sort,
            include_retired=include_retired,
        )

    def get_models_for_policy(
        self, policy: str, *, at: date | str | None = None, limit: int | None = None
    ) -> Selection:
        """Return the deployments that meet a policy of the package, or its fallback.

        All is as for `modelbook_catalog.get_models_for_policy`.
        """
        from ..policies import select_by_policy

        return select_by_policy(self._state.catalog, policy, at=at, limit=limit)

    def search(self, text: str, **filters: Unpack[Filters]) -> Selection:
        """Return the deployments with all words of a text in their id, model, its name or family.

        Case and separators do not matter. Models whose ids have least besides come first; the
        filters are those of `get_models_for_pipeline`.
        """
        return package.find(self._state.catalog, text=text, **filters)

    def select(self, requirements: Requirements, *, at: date | str | None = None) -> Selection:
        """Return the deployments that meet requirements; see `modelbook_catalog.select`."""
        return package.select(self._state.catalog, requirements, at=at)

    def recommend(
        self,
        pipeline: str | None = None,
        *,
        usage: Usage | None = None,
        top: int = 3,
        **filters: Unpack[Filters],
    ) -> tuple[Recommendation, ...]:
        """Return the best few deployments for a pipeline type, each with reasons in words.

        With a `usage` (as `price` takes it) those are the cheapest for it in USD, among those whose
        cost is known; else the order is that of `get_models_for_pipeline`. The filters are its,
        but for `limit`, which `top` stands for.
        """
        return recommend(self._state.catalog, pipeline, usage, top, filters)

    def price(
        self,
        deployment: str | Deployment,
        usage: Usage,
        *,
        at: date | str | None = None,
        currency: str | None = None,
        partial: bool = False,
        **asked: str | None,
    ) -> Cost:
        """Return what one call cost, exactly; all is as for `modelbook_catalog.price`.

        `asked` is tier, region, speed, size and quality.
        """
        catalog = self._state.catalog
        _askable(asked)
        cost: Cost = catalog.costs.price(
            catalog, deployment, usage, at, currency=currency, partial=partial, **asked
        )
        return cost

    def compare(
        self,
        deployments: Deployments,
        workload: Workload,
        *,
        at: date | str | None = None,
        currency: str = "USD",
        **asked: str | None,
    ) -> Comparison:
        """Return what a workload costs at each of some deployments, cheapest first.

        All is as for `modelbook_catalog.compare`; `asked` as for `price`.
        """
        from ..compare import compare

        ways = _askable(asked)
        return compare(self._state.catalog, deployments, workload, at, *ways, currency)

    def cheapest(
        self,
        usage: Usage,
        pipeline: str | None = None,
        *,
        currency: str = "USD",
        tier: str | None = None,
        region: str | None = None,
        speed: str | None = None,
        size: str | None = None,
        quality: str | None = None,
        **filters: Unpack[Filters],
    ) -> tuple[Cost, ...]:
        """Return what a call costs where it is cheapest, the cheapest first, ten without `limit`.

        All is as for `modelbook_catalog.cheapest`.
        """
        from ..compare import cheapest

        catalog = self._state.catalog
        chosen: Filters = {"limit": 10, **filters}
        found = package.find(catalog, pipeline, **chosen)
        ways = (tier, region, speed, size, quality)
        return cheapest(catalog, found.requirements, usage, found.at, *ways, currency)

    def __len__(self) -> int:
        """Return how many deployments there are, those of the package included."""
        return len(self._state.catalog.deployment_ids())

    def __iter__(self) -> Iterator[Deployment]:
        """Yield every deployment of one moment, by id."""
        catalog = self._state.catalog
        return map(catalog.get_deployment, catalog.deployment_ids())

    def __contains__(self, id: object) -> bool:
        """Tell whether there is a provider, model or deployment of an exact id."""
        return isinstance(id, str) and self._state.find(kind_of(id), exact(id)) is not None

    def __bool__(self) -> bool:
        """Tell that there is a manager, also while nothing is registered."""
        return True

    def __repr__(self) -> str:
        """Show what it stands on and how much is registered."""
        below = self._package or "nothing"
        return f"<ModelManager over {below}, {len(self._state.stated)} registered>"

    def revision(self) -> str:
        """Return the content digest of all it answers from: same facts, same revision."""
        return package.revision(self._state.catalog)

    # Keeping

    def save(self, *, replace: bool = False) -> None:
        """Write what is registered to the file, together with what others have saved meanwhile.

        The file is old or new at every moment, never a mixture, and other processes read it all
        along. Where others have saved something else under an id that was registered here without
        `replace`, raises `ConflictError` and writes nothing; with `replace` the last writer wins.
        So too where one side took out what the other needs; with `replace` that is put back.
        Raises `StorageError` where the file is damaged, not ours, or cannot be written; and where
        it was there and is gone, unless `replace` says to write it anew.
        """
        store = self._kept()
        with self._lock:
            if not replace:
                self._there(store)
            with store.alone():
                self._write(store, replace=replace)

    def _write(self, store: Store, *, replace: bool) -> None:
        """Write what is registered, while other writers are kept out."""
        gone = self._stamp is not None and store.stamp() is None
        theirs = self._seen if gone else store.read()
        whole = self._merged(theirs, replace=replace)
        self._move(whole, store)
        if whole != theirs or store.stamp() is None:
            store.write(whole)
        self._seen, self._pending, self._stamp = whole, {}, store.stamp()

    def _merged(self, theirs: Stated, *, replace: bool) -> dict[Key, Row]:
        """Return what the file should hold, as far as it goes together."""
        whole = merged(theirs, self._seen, self._pending, replace=replace)
        base = self._state.base
        return mended(
            whole, theirs, self._seen, lambda key: base.row(*key) is not None, replace=replace
        )

    def _there(self, store: Store) -> None:
        """Raise `StorageError` for a file that was there and is gone: nobody said that it may."""
        if self._stamp is not None and store.stamp() is None:
            raise StorageError(
                f"`{store.path}` was there and is gone; what was read from it is still known here: "
                "`save(replace=True)` writes it anew, `refresh(discard=True)` goes on without it"
            )

    def refresh(self, *, discard: bool = False) -> bool:
        """Take over what others have saved, and a package that was reloaded; tell if that is news.

        What was registered here and is not saved stays, unless `discard` says otherwise; where
        others have saved something else under the same id, or one side took out what the other
        needs, raises `ConflictError`. Raises `StorageError` for a file that was there and is gone,
        unless `discard` takes that over too.
        """
        with self._lock:
            if self._store and not discard:
                self._there(self._store)
            before = self._state
            if discard:
                self._pending = {}
            store, base = self._store, _base(self._package)
            if base.catalog is not before.base.catalog:
                self._state = _laid(base, before.stated)
            stamp = store.stamp() if store else None
            if store and (discard or stamp != self._stamp):
                theirs = store.read()
                self._move(self._merged(theirs, replace=False), store)
                self._seen, self._stamp = theirs, stamp
            elif discard:
                self._state = State(base)
            return self._state is not before

    def _move(self, whole: Stated, store: Store) -> None:
        """Go on to a state in which some rows are registered, and no others."""
        state = self._state
        add = [
            Entry(kind, id, row)
            for (kind, id), row in whole.items()
            if state.stated.get((kind, id)) != row
        ]
        gone = state.stated.keys() - whole.keys()
        if not add and not gone:
            return
        faults = Faults()
        try:
            self._state = state.changed(state.checked(add, faults), gone, faults)
        except ModelbookError as error:
            text = f"what `{store.path}` holds does not fit: {error}"
            raise StorageError(text, id=error.id, nearest=error.nearest) from None

    def _kept(self) -> Store:
        """Return the file; raise `RequestError` where there is none."""
        if self._store is None:
            raise RequestError("there is no file to write: ModelManager(path=...) names one")
        return self._store

    def _given(self, several: Iterable[object]) -> tuple[list[object], list[str]]:
        """Return what is to be registered, and the id of the record that each stands for."""
        if isinstance(several, str | dict) or not hasattr(several, "__iter__"):
            raise RequestError(f"several mappings are due, not {shown(several)}")
        from ..scan.found import Found

        given: list[object] = []
        firsts: list[str] = []
        for one in several:
            if isinstance(one, Found):
                from .configs import found_here

                parts = found_here(one, self._state)
                given += parts
                firsts.append(_id(parts[-1]))
            else:
                given.append(one)
                firsts.append(_id(one))
        return given, firsts

    def _not_registered(self, id: object) -> NotFoundError:
        """Return the error for an id that was not registered."""
        if not isinstance(id, str):
            return NotFoundError(f"an id is text, not {type(id).__name__}")
        near = nearest(id, self.registered)
        below = " here, but stands in the package" if id in self else ""
        return NotFoundError(f"`{id}` was not registered{below}{hint(near)}", id=id, nearest=near)


def _askable(asked: Mapping[str, str | None]) -> Ways:
    """Return what a call asks for in the order of the calculator; raise for what it cannot."""
    known = ("tier", "region", "speed", "size", "quality")
    unknown = sorted(asked.keys() - {*known})
    if unknown:
        near = nearest(unknown[0], known)
        text = f"a call cannot ask for `{unknown[0]}`{hint(near)}"
        raise RequestError(text, id=unknown[0], nearest=near)
    tier, region, speed, size, quality = map(asked.get, known)
    return tier, region, speed, size, quality


def _store(path: object, storage: object) -> Store | None:
    """Return the file at a path, None without one."""
    from .keeping import Store, known

    known(storage)
    return None if path is None else Store(path, storage)


def _base(name: str | None) -> Base:
    """Return what registered rows are laid over; raise `NotFoundError` if there is no such package.

    Nothing is the public book without its models.
    """
    from importlib import import_module

    known = PUBLIC if name is None else name
    try:
        opened = import_module(known).catalog()
    except (ImportError, AttributeError, TypeError, ValueError):
        text = f"{shown(known)} is not a generated package that can be imported"
        raise NotFoundError(text, id=str(known)) from None
    return Base(opened, bare=name is None)


def _laid(base: Base, stated: Stated) -> State:
    """Return the state with rows that were registered before, over another base."""
    state, faults = State(base), Faults()
    rows = [Entry(kind, id, row) for (kind, id), row in stated.items()]
    return state.changed(state.checked(rows, faults), frozenset(), faults)


def _fresh(added: list[Entry], state: State, faults: Faults, *, replace: bool) -> list[Entry]:
    """Return what is not registered as it is; what is known and may not be replaced is noted."""
    fresh: dict[Key, Row] = {}
    for one in added:
        key = (one.kind, one.id)
        if one.row in (state.stated.get(key), fresh.get(key)):
            continue
        if key in fresh:
            faults.say(one.id, "", "is there twice, with different facts")
        elif not replace and state.find(one.kind, one.id) is not None:
            faults.say(one.id, "", "is known already: pass `replace=True` to put this in its place")
        fresh[key] = one.row
    return [Entry(kind, id, row) for (kind, id), row in fresh.items()]


def _id(given: object) -> str:
    """Return the id that a mapping states, as it will be known; "" where it states none."""
    from collections.abc import Mapping

    id = given.get("id") if isinstance(given, Mapping) else None
    return exact(id) if isinstance(id, str) else ""


def _record(catalog: Catalog, id: str) -> Provider | Model | Deployment:
    """Return the record of an id."""
    kind = kind_of(id)
    if kind == "provider":
        return catalog.get_provider(id)
    return catalog.get_model(id) if kind == "model" else catalog.get_deployment(id)


def _users(state: State, key: Key) -> list[str]:
    """Return the registered deployments of a model, or at a provider."""
    kind, id = key
    rows = {one: row for (of, one), row in state.stated.items() if of == "deployment"}
    if kind == "provider":
        return sorted(one for one in rows if one.partition(":")[0] == id)
    return sorted(one for one, row in rows.items() if kind == "model" and row["model"] == id)
