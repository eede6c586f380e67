"""`Record` and `FrozenDict`: immutable typed values without the cost of importing dataclasses.

A subclass declares its fields as annotations; a field with a class attribute of the same name is
optional. Type checkers see a frozen, keyword-only dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, ClassVar, NoReturn, Self, TypeVar, dataclass_transform

    K = TypeVar("K")
    V = TypeVar("V")
    FrozenBase = dict[K, V]
else:

    def dataclass_transform(**_):
        """Stand in for `typing.dataclass_transform`, which only type checkers need."""
        return lambda cls: cls

    class FrozenBase(dict):
        """`dict` that may be subscripted as `FrozenBase[K, V]` at run time."""

        __class_getitem__ = classmethod(lambda cls, _: cls)

    K = V = None


class FrozenDict(FrozenBase[K, V]):
    """A dictionary that cannot change, can be hashed and can be pickled."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a FrozenDict cannot be changed")

    if not TYPE_CHECKING:
        __setitem__ = __delitem__ = __ior__ = _refuse
        clear = pop = popitem = setdefault = update = _refuse

        def __reduce__(self):
            """Pickle as a call, since unpickling a dict would set items."""
            return (type(self), (dict(self),))

        def __hash__(self):
            """Hash as the set of items, so equal values hash alike."""
            return hash(frozenset(self.items()))


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """Base of the frozen values the lookup returns: equal by value, hashable, picklable."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _needed: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Read the fields off the annotations, its own before those of its bases."""
        own = tuple(name for name in cls.__annotations__ if name not in Record.__annotations__)
        cls._fields = (*own, *cls._fields)
        cls._known = frozenset(cls._fields)
        cls._needed = frozenset(name for name in cls._fields if not hasattr(cls, name))

    def __init__(self, **values: Any) -> None:
        """Take the fields by name; raise `TypeError` for a missing or unknown one."""
        if not (self._needed <= values.keys() <= self._known):
            wrong = sorted((self._needed - values.keys()) | (values.keys() - self._known))
            told = f"{type(self).__name__}: missing or unknown fields {', '.join(wrong)}"
            raise TypeError(told + _meant(values.keys() - self._known, self._known))
        self.__dict__.update(values)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return a record of values that are known to fit: those of rows the compiler has checked.

        Asking again would take as long as making the record.
        """
        made = cls.__new__(cls)
        made.__dict__.update(values)
        return made

    def changed(self, **values: Any) -> Self:
        """Return a record with other values in some fields; raise `TypeError` for unknown ones."""
        own = self.__dict__
        made = type(self)(**{**{name: own[name] for name in self._known & own.keys()}, **values})
        made.__dict__.update((name, own[name]) for name in own.keys() - self._known)
        return made

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        """Refuse: records are frozen."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set: records are frozen")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: records are frozen."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted: records are frozen")

    def __eq__(self, other: object) -> bool:
        """Compare by class and by every field."""
        return type(other) is type(self) and _values(other) == _values(self)

    def __hash__(self) -> int:
        """Hash by class and by every field."""
        return hash((type(self), _values(self)))

    def __repr__(self) -> str:
        """Show the fields that differ from their defaults."""
        pairs = ((name, getattr(self, name)) for name in self._fields)
        shown = (
            f"{name}={value!r}"
            for name, value in pairs
            if name in self._needed or value != getattr(type(self), name)
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def __copy__(self) -> Self:
        """Return itself: a frozen value needs no copy."""
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return itself: a frozen value needs no copy."""
        return self


def _meant(unknown: Iterable[str], known: Iterable[str]) -> str:
    """Return the end of a message that names the fields most like unknown ones, or nothing."""
    from difflib import get_close_matches

    fields = sorted(known)
    near = [one for name in sorted(unknown) for one in get_close_matches(name, fields, 1)]
    return f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""


def _values(record: Record) -> tuple[object, ...]:
    """Return all field values in order, defaults included."""
    return tuple(getattr(record, name) for name in record._fields)
