"""Chunks -> results, in order, by processes of their own where there is much to do.

Each process has one chunk at a time, so that no pipe can fill on both ends, and ends when its pipe
does: a killed compile leaves no process behind.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from ..values import Graph
from .values import Chunk, Result
from .worker import Worker

CORES = 8
"""Most processes; from there on the disk decides."""


class WorkerLostError(Exception):
    """A process ended before its work: it was killed, or the memory was not enough."""


def in_process(chunks: Iterable[Chunk], graph: Graph, layer: str, folder: Path) -> Iterator[Result]:
    """Yield the result of every chunk, from this process; good rows are written below a folder."""
    worker = Worker(graph, layer, folder)
    try:
        yield from map(worker.work, chunks)
    finally:
        worker.close()


def together(chunks: Iterable[Chunk], graph: Graph, layer: str, folder: Path) -> Iterator[Result]:
    """Yield the result of every chunk in order, from as many processes as there are cores.

    Raises what a worker raised, or `WorkerLostError`.
    """
    with _processes(graph, layer, folder) as idle:
        busy: dict[Connection, int] = {}
        done: dict[int, Result] = {}
        following = 0
        for number, chunk in enumerate(chunks):
            if not idle:
                idle.append(_collect(busy, done))
            link = idle.pop()
            _send(link, chunk)
            busy[link] = number
            while following in done:
                yield done.pop(following)
                following += 1
        while busy:
            _collect(busy, done)
        yield from (done[number] for number in sorted(done))


@contextmanager
def _processes(graph: Graph, layer: str, folder: Path) -> Iterator[list[Connection]]:
    """Start the workers; yield our ends of their pipes. All are gone afterwards."""
    method = "fork" if sys.platform == "linux" else "spawn"
    context: Any = get_context(method)
    links: list[Connection] = []
    with ExitStack() as stack:
        for number in range(min(CORES, _cores())):
            ours, theirs = context.Pipe()
            task = (theirs, [*links, ours], graph, layer, folder, number)
            process = context.Process(target=_serve, args=task, daemon=True)
            process.start()
            theirs.close()
            links.append(ours)
            stack.callback(process.join)
        stack.callback(_close, links)
        yield list(links)


def _close(links: list[Connection]) -> None:
    """Close pipes."""
    for link in links:
        link.close()


def _cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _send(link: Connection, chunk: Chunk) -> None:
    """Hand a chunk to a worker."""
    try:
        link.send(chunk)
    except (BrokenPipeError, ConnectionResetError):
        raise WorkerLostError from None


def _collect(busy: dict[Connection, int], done: dict[int, Result]) -> Connection:
    """Wait for a result and keep it; return the pipe of the worker that is free now."""
    link = next(one for one in wait(list(busy)) if isinstance(one, Connection))
    try:
        answer = link.recv()
    except (EOFError, ConnectionResetError):
        raise WorkerLostError from None
    if isinstance(answer, Exception):
        raise answer
    done[busy.pop(link)] = answer
    return link


def _serve(
    link: Connection,
    others: list[Connection],
    graph: Graph,
    layer: str,
    folder: Path,
    number: int,
) -> None:
    """Be a worker, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that ends
    if sys.platform == "linux":  # where they were inherited, and would keep the pipe open
        _close(others)
    gc.disable()  # rows have no cycles
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            with closing(Worker(graph, layer, folder, number)) as worker:
                for chunk in _received(link):
                    link.send(worker.work(chunk))
        except Exception as error:  # the parent raises it
            link.send(error)


def _received(link: Connection) -> Iterator[Chunk]:
    """Yield chunks until the pipe ends."""
    with suppress(EOFError):
        while True:
            yield link.recv()
