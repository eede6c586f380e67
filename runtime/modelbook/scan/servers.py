"""A URL -> the models that the server there says it has. Only that host is ever asked.

No key is sent, no proxy is used, no redirect to another host is followed, and nothing is waited
for longer than `DEADLINE` or read further than `MAX_ANSWER`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import suppress
from threading import Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from .config import MOST_TOKENS
from .files import UnreadableError, parse_json
from .found import Found, Problem
from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE = 10.0
"""Seconds for one answer, from connecting to its last byte."""
MAX_ANSWER = 5_000_000
"""Bytes of one answer."""
MAX_MODELS = 10_000
MAX_REDIRECTS = 3
OLLAMA, OPENAI = "/api/tags", "/models"
OWNERS = {"vllm": "vllm", "llamacpp": "llama-cpp", "sglang": "sglang", "library": "ollama"}
"""Owner that a server states for its models, to the runtime that states it."""


class SilentError(UnreadableError):
    """Nothing answers, so no other path of that host will."""


class Server(NamedTuple):
    """An address to ask."""

    url: str
    """The API's base, to which paths are added."""
    protocol: str
    path: str

    @property
    def address(self) -> str:
        """The whole address."""
        return self.url + self.path


def checked(url: str) -> str:
    """Return a URL that may be asked, without `/` at its end; raise `ValueError` in words."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"`{url}` is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError(f"`{url}` is no http:// or https:// address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address with a user name or password is not asked")
    if parts.query or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"`{url}` has a query, a fragment, or characters that no address has")
    return url.rstrip("/")


def ask(url: str, deadline: float = DEADLINE) -> tuple[tuple[Found, ...], tuple[Problem, ...]]:
    """Return the models of a server, and what went wrong. The URL is one that `checked` returned.

    Ollama's list is asked for first, since it says more; then OpenAI's.
    """
    problems: list[Problem] = []
    for server in _candidates(url):
        try:
            answer = parse_json(_get(server.address, deadline))
        except UnreadableError as error:
            problems.append(Problem(place=server.address, text=str(error)))
            if isinstance(error, SilentError):
                break
            continue
        key = "models" if server.protocol == "ollama" else "data"
        listed = answer.get(key) if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            problems.append(Problem(place=server.address, text="answers without a list of models"))
            continue
        noted: list[Problem] = []
        found = tuple(_models(server, listed, noted))
        return found, tuple(noted)
    return (), tuple(problems)


def _candidates(url: str) -> Iterator[Server]:
    """Yield the addresses that a URL may mean, the most telling first."""
    if url.endswith(OLLAMA):
        yield Server(url.removesuffix(OLLAMA), "ollama", OLLAMA)
    elif url.endswith(f"/v1{OPENAI}"):
        yield Server(url.removesuffix(OPENAI), "openai", OPENAI)
    elif url.endswith("/v1"):
        yield Server(url, "openai", OPENAI)
    else:
        yield Server(url, "ollama", OLLAMA)
        yield Server(f"{url}/v1", "openai", OPENAI)


def _get(url: str, deadline: float) -> bytes:
    """Return the body of an answer; raise `UnreadableError`."""
    first = urlsplit(url)
    for _ in range(MAX_REDIRECTS + 1):
        status, location, body = _once(urlsplit(url), deadline)
        if status not in (301, 302, 303, 307, 308) or location is None:
            return _accepted(status, body)
        try:
            url = urljoin(url, location)
            there = urlsplit(url)
            same = (there.scheme, there.netloc) == (first.scheme, first.netloc)
        except ValueError:
            same = False
        if not same:
            raise UnreadableError("leads to another host, which is not asked")
    raise UnreadableError("leads in circles")


def _accepted(status: int, body: bytes) -> bytes:
    """Return the body of a good answer; raise `UnreadableError` for another."""
    if status in (401, 403):
        raise UnreadableError(f"answers {status}: it wants a key, and none is sent")
    if status != 200:
        raise UnreadableError(f"answers {status}")
    if len(body) > MAX_ANSWER:
        raise UnreadableError(f"answers with more than {MAX_ANSWER:,} bytes")
    return body


def _once(url: SplitResult, deadline: float) -> tuple[int, str | None, bytes]:
    """Return status, redirect and body of one request; raise `SilentError`."""
    connection = _connection(url, deadline)
    late: list[bool] = []
    sockets: list[socket.socket] = []

    def stop() -> None:
        """End a server that answers a byte at a time, which no timeout of a socket would."""
        late.append(True)
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    timer = Timer(deadline, stop)
    timer.daemon = True
    timer.start()
    try:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        connection.connect()
        sockets.append(connection.sock)  # which the connection may hand over to the response
        connection.request("GET", url.path or "/", headers=headers)
        response = connection.getresponse()
        body = response.read(MAX_ANSWER + 1)
        if late:
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SilentError(_failure(error, bool(late), deadline)) from None
    finally:
        timer.cancel()
        connection.close()
    return response.status, response.getheader("Location"), body


def _connection(url: SplitResult, deadline: float) -> http.client.HTTPConnection:
    """Return a connection, not yet opened, to the host of a URL."""
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, url.port, timeout=deadline, context=context)
    return http.client.HTTPConnection(host, url.port, timeout=deadline)


def _failure(error: Exception, late: bool, deadline: float) -> str:
    """Return in words why there is no answer."""
    if late or isinstance(error, TimeoutError):
        return f"does not answer within {deadline:g} seconds"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be reached: {error.strerror}"
    return "does not answer as a web server does"


def _models(server: Server, listed: list[object], problems: list[Problem]) -> Iterator[Found]:
    """Yield the models of an answer; one without a name is a problem."""
    if len(listed) > MAX_MODELS:
        text = f"lists {len(listed):,} models; {MAX_MODELS:,} are read"
        problems.append(Problem(place=server.address, text=text))
    for one in listed[:MAX_MODELS]:
        said = Reader(one, server.address, problems)
        name = said.text("id") if server.protocol == "openai" else _ollama_name(said)
        if name is None:
            said.say("lists a model without a name")
        elif server.protocol == "openai":
            yield _openai(server, said, name)
        else:
            yield _ollama(server, said, name)


def _ollama_name(said: Reader) -> str | None:
    """Return the name of a model in Ollama's list."""
    return said.text("name") or said.text("model")


def _openai(server: Server, said: Reader, name: str) -> Found:
    """Return a model of OpenAI's list; vLLM and llama.cpp say more than the format asks for."""
    owner = said.values.get("owned_by")
    meta = said.part("meta")
    context, field = said.count("max_model_len", MOST_TOKENS), "max_model_len"
    if context is None and meta.has("n_ctx_train"):
        context, field = meta.count("n_ctx_train", MOST_TOKENS), "n_ctx_train"
    return Found(
        name=name,
        kind="server",
        where=server.url,
        protocol="openai",
        runtime=OWNERS.get(owner) if isinstance(owner, str) else None,
        parameters=meta.count("n_params", 10**15),
        context=context,
        context_from=field if context else None,
        weight_bytes=meta.count("size", 10**15),
    )


def _ollama(server: Server, said: Reader, name: str) -> Found:
    """Return a model of Ollama's list. Its `parameter_size` is rounded, so it is left out."""
    details = said.part("details")
    size = said.count("size", 10**15)
    return Found(
        name=name,
        kind="server",
        where=server.url,
        protocol="ollama",
        runtime="ollama",
        format=details.text("format"),
        model_type=details.text("family"),
        dtype=details.text("quantization_level"),
        quantization="gguf" if details.values.get("format") == "gguf" else None,
        weight_bytes=size,
        size=size,
    )
