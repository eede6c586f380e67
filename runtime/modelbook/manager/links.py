"""Registered rows -> what they refer to that is not there, each with the nearest name."""

from __future__ import annotations

from ..errors import AmbiguousError
from ..names import hint, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from typing import TypeAlias

    from ..catalog import Catalog
    from ..rows import Row
    from .facts import Entry, Kind

    Find: TypeAlias = Callable[[Kind, str], Row | None]
    Problem: TypeAlias = tuple[str, str, tuple[str, ...]]


class Links:
    """What references can lead to: `find` gives the row of an exact id, registered or below."""

    def __init__(self, words: Catalog, find: Find, known: Callable[[Kind], Iterable[str]]) -> None:
        self.words = words
        self.find = find
        self.known = known

    def problems(self, entry: Entry, broken: Container[str]) -> Iterator[Problem]:
        """Yield place, words and nearest names for each reference that leads nowhere.

        Those to subjects that are `broken` themselves are not told: they would be there.
        """
        if entry.kind == "provider":
            yield from self._secrets(entry.row)
            return
        yield from self._pipelines(entry.row)
        yield from self._class(entry.row)
        if entry.kind == "deployment":
            provider, model = entry.id.partition(":")[0], entry.row.get("model")
            yield from () if provider in broken else self._needed("provider", provider, "id")
            if model is not None and model not in broken:
                yield from self._needed("model", model, "model")
            yield from self._others(entry)
            yield from self._prices(entry.row)

    def _needed(self, kind: Kind, id: str, place: str) -> Iterator[Problem]:
        """Yield a problem if there is no such subject."""
        if self.find(kind, id) is None:
            near = nearest(id, self.known(kind))
            yield place, f"names the unknown {kind} `{id}`{hint(near)}", near

    def _others(self, entry: Entry) -> Iterator[Problem]:
        """Yield problems of the deployments that one names."""
        successor = entry.row.get("lifecycle", {}).get("successor")
        if successor is not None:
            yield from self._needed("deployment", successor, "lifecycle.successor")
        for n, step in enumerate(entry.row.get("points_to", ())):
            place, id = f"points_to[{n}].deployment", step["deployment"]
            target = self.find("deployment", id)
            if target is None:
                yield from self._needed("deployment", id, place)
            elif "points_to" in target:
                yield place, f"names `{id}`, which moves itself: name what it means", ()

    def _pipelines(self, row: Row) -> Iterator[Problem]:
        """Yield problems of pipeline types."""
        official = self.words.pipeline_ids()
        for n, name in enumerate(row.get("pipelines", ())):
            if name not in official:
                near = self._meant(name)
                text = f"names the unknown pipeline type `{name}`{hint(near)}"
                yield f"pipelines[{n}]", text, near

    def _meant(self, name: str) -> tuple[str, ...]:
        """Return the official ids that a spelling may mean, else the nearest ones."""
        try:
            found = self.words.find_pipeline(name)
        except AmbiguousError as error:
            return error.nearest
        return (found.id,) if found else nearest(name, self.words.pipeline_ids())

    def _class(self, row: Row) -> Iterator[Problem]:
        """Yield a problem if the model class is not known."""
        name = row.get("architecture")
        known = self.words.table("_architectures").ARCHITECTURES
        if name is not None and name not in known:
            near = nearest(name, known)
            yield "architecture", f"names the unknown class `{name}`{hint(near)}", near

    def _prices(self, row: Row) -> Iterator[Problem]:
        """Yield problems of currencies and time zones."""
        currencies = self.words.table("_registry").CURRENCIES
        for n, price in enumerate(row.get("prices", ())):
            currency = price.get("currency", "USD")
            if currency != "USD" and currency not in currencies:
                near = tuple(currencies)
                text = f"names the unknown currency `{currency}`; known are {', '.join(near)}"
                yield f"prices[{n}].currency", text, near
            zone = price.get("when", {}).get("window", {}).get("zone")
            if zone is not None and not _is_zone(zone):
                yield f"prices[{n}].when.window.zone", f"names the unknown time zone `{zone}`", ()

    def _secrets(self, row: Row) -> Iterator[Problem]:
        """Yield problems of the secrets that a provider names."""
        known = self.words.table("_registry").SECRETS
        for n, way in enumerate(row.get("access", ())):
            secret = way.get("secret")
            if secret is not None and secret not in known:
                near = nearest(secret, known)
                text = f"names the unknown secret `{secret}`{hint(near)}"
                yield f"access[{n}].secret", text, near


def _is_zone(name: str) -> bool:
    """Tell whether a time zone is known here."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
