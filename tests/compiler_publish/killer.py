"""Compiles that are killed, one after the other: `python killer.py MODE KILLS SECONDS`.

Here are two catalogs, `catalog` and `other`, and `generated` holds what one compiles to. Each turn
compiles the one that the folder does not hold, in a process of its own, and kills it: at a chosen
change of the disk (an audit hook sees each before it happens), or at a moment. Then it looks at
what is left, lets a compile run to its end, and looks again. Prints what it saw as JSON; ends when
enough were killed, or when it has used that many seconds of the processor.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from modelbook_cli.compile import _locked, _write_all, _write_folders
from modelbook_cli.places import Further
from modelbook_compiler.book import Book
from modelbook_compiler.build import check
from modelbook_compiler.compilation import DATABASE, Output, drift
from modelbook_compiler.digests import revision
from modelbook_compiler.emit import duckdb as database
from modelbook_compiler.emit import python
from modelbook_compiler.files import SUFFIX
from modelbook_compiler.publish import JOURNAL

OUT = Output(Path("generated"))
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"})
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FINISHED = "generated: finished an interrupted compile"
SURVIVED, FAILED = 0, 3

# What the same book compiles to, and what the same file says, is worked out once for all turns.
Book.__hash__ = object.__hash__  # type: ignore[method-assign,assignment]
python.package = cache(lambda book, name, real=python.package: tuple(real(book, name)))  # type: ignore[assignment]

_revision_of = cache(lambda _inode, _changed, path, real=database.revision_of: real(path))
database.revision_of = lambda path: _revision_of(path.stat().st_ino, path.stat().st_mtime_ns, path)

Compile = Callable[[Book], list[str]]
Kill = Callable[[], None]


def modules_only(book: Book) -> list[str]:
    """Write the generated package."""
    return _write_folders(book, OUT, None)


def whole(book: Book) -> list[str]:
    """Write all that a compile writes, the database too."""
    with _locked(OUT):
        return _write_all(book, OUT, Further())


def changes(tell: Callable[[], None]) -> None:
    """Call a function before every change of the disk that this process makes from now on."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITES):
            tell()

    real = os.fsync

    def fsync(descriptor: int) -> None:
        tell()  # all is written and nothing sure
        real(descriptor)

    os.fsync = fsync
    sys.addaudithook(hook)


def at_change(number: int) -> Kill:
    """Return what lets a process kill itself before a change of the disk."""

    def arm() -> None:
        left = number

        def tell() -> None:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

        changes(tell)

    return arm


def at_moment(seconds: float) -> Kill:
    """Return what lets a process be killed after a time."""

    def arm() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))  # its default ends the process

    return arm


def no_room(size: int, then: Kill) -> Kill:
    """Return what lets no file grow beyond a size, and kills as well."""

    def arm() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where a compile says that there is no room
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        then()

    return arm


def child(compile_: Compile, book: Book, arm: Kill) -> int:
    """Compile in a process of its own, with its death arranged; return how it ended."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(OSError, duckdb.Error, SystemExit):
        arm()
        compile_(book)
        os._exit(SURVIVED)
    os._exit(FAILED)


def count(compile_: Compile, book: Book) -> int:
    """Return how many changes of the disk a compile makes, by letting one run to its end."""
    receive, send = os.pipe()
    seen = 0

    def tell() -> None:
        nonlocal seen
        seen += 1

    def counted(book: Book) -> list[str]:
        told = compile_(book)
        os.write(send, str(seen).encode())
        return told

    assert child(counted, book, lambda: changes(tell)) == SURVIVED
    os.close(send)
    return int(os.read(receive, 20))


def package() -> dict[str, bytes]:
    """Return the files of the generated package, without what is prepared."""
    root = OUT.generated / OUT.package
    paths = [path for path in root.rglob("*") if path.suffix in (".py", ".typed")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


class World:
    """The two catalogs, what they compile to, and which of them the folder holds."""

    def __init__(self, compile_: Compile) -> None:
        self.compile = compile_
        self.books = [check(Path(name)).book() for name in ("catalog", "other")]
        self.held = 0
        self.seen: Counter[str] = Counter()
        self.wanted: list[dict[str, bytes]] = []
        for book in reversed(self.books):  # the first last: the folder holds it
            compile_(book)
            self.wanted.insert(0, package())
        assert self.wanted[0] != self.wanted[1]
        assert revision(self.books[0]) != revision(self.books[1])

    def turn(self, *kills: Kill) -> None:
        """Compile what the folder does not hold, killed once or again and again; then mend it."""
        new = 1 - self.held
        for kill in kills:
            ended = child(self.compile, self.books[new], kill)
            self.seen[{SURVIVED: "survived", FAILED: "failed"}.get(ended, "killed")] += 1
            self.look(new)
        journal = (OUT.generated / JOURNAL).exists()
        told = self.compile(self.books[new])
        assert (FINISHED in told) == journal, told
        assert package() == self.wanted[new]
        assert not list(drift(self.books[new], OUT))
        left = {path.name for path in OUT.generated.iterdir()} - {OUT.package, DATABASE}
        assert not left, left
        assert not list(OUT.generated.rglob(f"*{SUFFIX}"))
        self.held = new

    def look(self, new: int) -> None:
        """See that the folder holds the old or the new, or says that it holds a mixture."""
        now = package()
        states = [now == wanted for wanted in self.wanted]
        state = "mixture" if not any(states) else "new" if states[new] else "old"
        self.seen[state] += 1
        assert any(states) or (OUT.generated / JOURNAL).exists(), "a mixture, and no journal"
        accepted = [not list(drift(book, OUT)) for book in self.books]
        for book, same, fine in zip(self.books, states, accepted, strict=True):
            assert same or not fine, "a mixture is accepted"
            if fine and (OUT.generated / DATABASE).exists():
                assert database.revision_of(OUT.generated / DATABASE) == revision(book)
        self.seen["accepted"] += any(accepted)


def every_change(world: World, chance: random.Random) -> Iterator[list[Kill]]:
    """Yield a death before every change that a compile makes, in both directions, in any order."""
    most = max(count(world.compile, book) for book in reversed(world.books))
    for number in chance.sample(range(1, most + 1), most):
        yield [at_change(number)]
        yield [at_change(number)]


def any_moment(world: World, chance: random.Random) -> Iterator[list[Kill]]:
    """Yield deaths at moments all over a compile."""
    started = time.monotonic()
    child(world.compile, world.books[1], lambda: None)
    longest = time.monotonic() - started
    world.compile(world.books[0])
    while True:
        yield [at_moment(chance.random() ** 2 * longest)]


def again_and_again(world: World, chance: random.Random) -> Iterator[list[Kill]]:
    """Yield deaths of compiles that were mending what died before."""
    most = count(world.compile, world.books[1])
    world.compile(world.books[0])
    while True:
        yield [at_change(chance.randint(1, most)) for _ in range(chance.randint(2, 4))]


def full_disk(world: World, chance: random.Random) -> Iterator[list[Kill]]:
    """Yield compiles for which there is no room, some of which die as well."""
    most = count(world.compile, world.books[1])
    world.compile(world.books[0])
    while True:
        size = int(2 ** chance.uniform(0, 21))
        death = at_change(chance.randint(1, most)) if chance.random() < 0.7 else (lambda: None)
        yield [no_room(size, death) for _ in range(chance.randint(1, 2))]


def main() -> None:
    """Run the turns of a mode until enough compiles were killed, or the time is over."""
    mode, kills, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    what, _, how = mode.partition(":")
    world = World({"package": modules_only, "whole": whole}[what])
    chance = random.Random(mode)  # noqa: S311
    for turn in globals()[how](world, chance):
        world.turn(*turn)
        if world.seen["killed"] >= kills or sum(os.times()[:4]) > seconds:
            break
    print(json.dumps({**world.seen, "seconds": round(sum(os.times()[:4]), 1)}))


if __name__ == "__main__":
    main()
