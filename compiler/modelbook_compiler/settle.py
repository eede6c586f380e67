"""What a look found -> the same without files that cannot be merged with those of lower layers.

Such a file is not in order, like one of the wrong shape: what it says is left out, what the layers
below say stands, and it is read again every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from .look import Looked
from .merge import by_subject, merged
from .names import did_you_mean
from .operations import is_overlay
from .values import Document, Layer, Subject


def settle(looked: Looked, layers: Sequence[Layer], touched: Set[Subject]) -> None:
    """Leave out what cannot be merged, and take note of why.

    Of subjects that are touched; of all where nothing is remembered.
    """
    order = tuple(one.name for one in layers)
    mixed = len(layers) > 1
    found = by_subject(looked.documents)
    if looked.store is not None:
        found = {one: [*found.get(one, ()), *_remembered(looked, one)] for one in touched}
    for subject in sorted(found):
        documents = found[subject]
        if documents and (mixed or is_overlay(documents[0].data)):
            _settle_one(looked, subject, documents, order, layers)


def _remembered(looked: Looked, subject: Subject) -> Iterator[Document]:
    """Yield the documents about a subject that have not changed."""
    known = looked.store.documents(subject) if looked.store else ()
    return (one for one in known if one.source.path in looked.known)


def _ids(looked: Looked, subject: Subject) -> set[str]:
    """Return the other ids of a kind that there are whole records of."""
    new = {
        one.source.id
        for one in looked.documents
        if one.source.kind == subject[0] and not is_overlay(one.data)
    }
    return (new | (looked.store.ids(subject[0]) if looked.store else set())) - {subject[1]}


def _settle_one(
    looked: Looked,
    subject: Subject,
    documents: list[Document],
    order: Sequence[str],
    layers: Iterable[Layer],
) -> None:
    """Leave out what is wrong among the files about one subject."""
    if len(documents) == 1 and not is_overlay(documents[0].data):
        return
    outcome = merged(documents, order, looked.shapes.problems)
    nothing_stands = outcome.entry is None
    if not nothing_stands:
        looked.problems += outcome.problems
    elif subject not in looked.broken:  # else what is below is told already
        hint = did_you_mean(subject[1], _ids(looked, subject))
        hint = hint or "write a whole record, if it is new"
        looked.problems += [replace(one, hint=hint) for one in outcome.problems]
    if nothing_stands:
        looked.broken.add(subject)
    packs = [one.shown for one in layers if one.kind == "packed"]
    for document in outcome.left_out:
        path = document.source.path
        looked.refused.add(path)
        looked.new.pop(path, None)
        looked.known.discard(path)
        looked.left_out.add(next((one for one in packs if path.startswith(one)), path))
