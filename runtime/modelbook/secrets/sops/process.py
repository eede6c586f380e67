"""One run of sops: arguments and bytes in, exit code and bytes out; nothing else gets out of it.

The bytes go through pipes, never through a file or an argument. What it writes to standard error
is thrown away unread: it may repeat a key. It gets a few variables of ours and no terminal; when
its time is up, or it writes too much, it is killed with all that it started.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from contextlib import contextmanager, suppress

from ..errors import SopsError, SopsNotInstalledError, SopsTimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import IO, TypeAlias

    Child: TypeAlias = subprocess.Popen[bytes]

PASSED = (
    "HOME",
    "XDG_CONFIG_HOME",
    "SOPS_AGE_KEY",
    "SOPS_AGE_KEY_FILE",
    "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
)
"""Variables of ours that sops gets: where the identities of age are."""

SERVICES = ("AWS_", "AZURE_", "GOOGLE_", "VAULT_", "HUAWEICLOUD_", "GNUPG", "SOPS_GPG_EXEC")
SERVICES_TOO = ("PATH", "SOPS_AGE_KEY_CMD", "CLOUDSDK_CONFIG", "XDG_RUNTIME_DIR")
"""Those it gets, too, where the user's own settings allow key services."""

MOST = 4 * 1024 * 1024
"""Most bytes that a run may write: many times what the largest file decrypts to."""

CHUNK = 65_536


def environment(own: Mapping[str, str], *, allow_key_services: bool = False) -> dict[str, str]:
    """Return the variables that sops gets, out of ours."""
    found = {name: own[name] for name in PASSED if own.get(name)}
    found |= {
        "PATH": "/usr/bin:/bin",
        "SOPS_CONFIG": os.devnull,
        "SOPS_DISABLE_VERSION_CHECK": "1",
        "SOPS_GPG_EXEC": "/bin/false",
    }
    if allow_key_services:
        found |= {n: v for n, v in own.items() if n.startswith(SERVICES) or n in SERVICES_TOO}
    return found


def run(
    argv: Sequence[str], given: bytes, variables: Mapping[str, str], timeout: float
) -> tuple[int, bytes]:
    """Return the exit code and the output of a program.

    Raises `SopsNotInstalledError` if it cannot be started, `SopsTimeoutError` when its time (s) is
    up, `SopsError` if it writes too much.
    """
    with started(argv, variables) as child:
        return finished(child, given, timeout)


@contextmanager
def started(argv: Sequence[str], variables: Mapping[str, str]) -> Iterator[Child]:
    """Start a program, which waits for its input; kill what is left of it afterwards."""
    child = _start(argv, variables)
    try:
        yield child
    finally:
        _end(child)


def finished(child: Child, given: bytes, timeout: float) -> tuple[int, bytes]:
    """Return the exit code and the output of a program that was started; errors as of `run`."""
    until = time.monotonic() + timeout
    path = str(child.args[0]) if isinstance(child.args, list) else ""
    out = _talk(child, given, until)
    if out is not None and len(out) > MOST:
        raise SopsError("sops wrote far more than it should have, and was killed", path=path)
    code = _wait(child, until) if out is not None else None
    if out is None or code is None:
        hint = "is a key on a device that waits for you, or a key service out of reach?"
        message = f"sops did not end in {timeout:g} s and was killed"
        raise SopsTimeoutError(message, path=path, hint=hint)
    return code, out


def _start(argv: Sequence[str], variables: Mapping[str, str]) -> Child:
    """Start a program in a session of its own, so that it can be killed with all its children."""
    try:
        return subprocess.Popen(  # noqa: S603  # an argument list, of our own making
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(variables),
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or "it is no program"
    hint = "set MODELBOOK_SOPS to a sops that runs on this machine"
    message = f"{argv[0]} cannot be started: {told}"
    raise SopsNotInstalledError(message, path=argv[0], hint=hint)


def _talk(child: Child, given: bytes, until: float) -> bytes | None:
    """Write and read until the child closes its output; None when its time is up.

    Reading ends as soon as there is more than `MOST`.
    """
    assert child.stdin is not None and child.stdout is not None  # noqa: PT018, S101  # both are pipes
    out, left = bytearray(), memoryview(given)
    with selectors.DefaultSelector() as waiting:
        for pipe, event in (
            (child.stdin, selectors.EVENT_WRITE),
            (child.stdout, selectors.EVENT_READ),
        ):
            os.set_blocking(pipe.fileno(), False)
            waiting.register(pipe, event)
        while child.stdout.fileno() in waiting.get_map():
            ready = waiting.select(max(0.0, until - time.monotonic()))
            if not ready:
                return None
            for key, _ in ready:
                if key.fileobj is child.stdin:
                    left = _write(waiting, child.stdin, left)
                elif not _read(waiting, child.stdout, out):
                    return bytes(out)
    return bytes(out)


def _write(waiting: selectors.BaseSelector, pipe: IO[bytes], left: memoryview) -> memoryview:
    """Write what the child takes now; return what is left. Closes its input after the last byte."""
    try:
        left = left[os.write(pipe.fileno(), left[:CHUNK]) :] if left else left
    except BlockingIOError:
        return left
    except OSError:  # it does not want any more
        left = left[:0]
    if not left:
        waiting.unregister(pipe)
        with suppress(OSError):
            pipe.close()
    return left


def _read(waiting: selectors.BaseSelector, pipe: IO[bytes], out: bytearray) -> bool:
    """Read what the child has written; tell whether reading goes on."""
    try:
        found = os.read(pipe.fileno(), CHUNK)
    except BlockingIOError:
        return True
    if not found:
        waiting.unregister(pipe)
        return False
    out += found
    return len(out) <= MOST


def _wait(child: Child, until: float) -> int | None:
    """Return the exit code of a child that has closed its output; None when its time is up."""
    try:
        return child.wait(max(0.01, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None


def _end(child: Child) -> None:
    """Kill what is left of a child and all that it started, and close its pipes."""
    with suppress(ProcessLookupError, PermissionError):  # all of them have ended
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
