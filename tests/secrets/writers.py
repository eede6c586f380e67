"""What writers do in processes of their own: `python writers.py STEP ROOT …`, for test_writers.py.

It forks from here, where nothing else runs, rather than from pytest.
"""

from __future__ import annotations

import ctypes
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable

from modelbook.secrets.errors import SecretError
from modelbook.secrets.folder import Folder
from modelbook.secrets.record import Kept, Slot
from modelbook.secrets.writing import LEFT, write

DAC_OVERRIDE, DROP = 1, 24


def put(folder: Folder, vendor: str, name: str) -> None:
    """Add one record to a vendor's file."""
    key = Slot(value=f"CANARY-{name}-{os.getpid()}", created_at="2026-01-01")
    one = Kept(id=f"{vendor}/{name}", environment="prod", owner="team", current=key)
    write(folder, vendor, lambda now: {**now, name: one})


def forked(step: Callable[[], None]) -> int:
    """Start a step in a child; return its id. It exits with 1 if the step failed."""
    child = os.fork()
    if child:
        return child
    try:
        step()
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def many(folder: Folder, writers: str, rounds: str, apart: str) -> None:
    """Let writers add records of their own at once, to one vendor per round or one for each."""

    def work(number: int) -> None:
        for turn in range(int(rounds)):
            vendor = f"round-{turn}" + (f"-{number}" if apart == "apart" else "")
            put(folder, vendor, f"name_{number:02}")

    children = [forked(lambda n=n: work(n)) for n in range(int(writers))]  # type: ignore[misc]
    ends = [os.waitpid(child, 0)[1] for child in children]
    print(sum(1 for end in ends if end == 0))


def killed(folder: Folder, times: str, seed: str) -> None:
    """Kill a writer at moments of chance, again and again; each time the file must still open."""
    chance = random.Random(int(seed))  # noqa: S311

    def work() -> None:
        for number in range(1_000):
            put(folder, "openai", f"k{number % 7}")

    left = bad = 0
    for _ in range(int(times)):
        child = forked(work)
        time.sleep(chance.uniform(0.0, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left += any(LEFT.match(one.name) for one in folder.path.iterdir())
        try:
            folder.read("openai")
        except SecretError as error:
            bad += 1
            print(repr(error), error, file=sys.stderr)
    print(left, bad)


def killed_at(folder: Folder, call: str, number: str) -> None:
    """Kill a writer at the n-th call of a function of `os`."""
    real, calls = getattr(os, call), [0]

    def fatal(*given: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] == int(number):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)

    def work() -> None:
        setattr(os, call, fatal)
        put(folder, "openai", "late")

    end = os.waitpid(forked(work), 0)[1]
    print(os.WTERMSIG(end) if os.WIFSIGNALED(end) else -os.WEXITSTATUS(end))


def full(folder: Folder, room: str) -> None:
    """Write where no file can become larger than so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
    told(folder)


def closed(folder: Folder) -> None:
    """Write as somebody who is not allowed to; root gives up his right to do it all the same."""
    if os.geteuid() == 0 and "again" not in sys.argv:
        ctypes.CDLL(None).prctl(DROP, DAC_OVERRIDE, 0, 0, 0)
        os.execv(sys.executable, [sys.executable, *sys.argv, "again"])  # noqa: S606
    told(folder)


def told(folder: Folder) -> None:
    """Write, and print the error that comes of it."""
    try:
        put(folder, "openai", "more")
    except SecretError as error:
        print(type(error).__name__, error, error.hint, sep="\n")


STEPS = {
    "many": many,
    "killed": killed,
    "killed_at": killed_at,
    "full": full,
    "closed": closed,
}

if __name__ == "__main__":
    _, what, root, *rest = sys.argv
    STEPS[what](Folder(root, "prod"), *(one for one in rest if one != "again"))
