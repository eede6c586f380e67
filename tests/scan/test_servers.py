"""Servers on this machine, real ones: what they list, and every way of answering badly."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from modelbook.scan import servers

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Return a function that starts a server and returns its URL: path to answer."""
    running: list[ThreadingHTTPServer] = []

    def start(answers: dict[str, Answer], seen: list[tuple[str, Any]] | None = None) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if seen is not None:
                    seen.append((self.path, dict(self.headers)))
                with suppress(OSError):
                    answers.get(self.path, plain("no", 404))(self)

            def log_message(self, *_: object) -> None:
                """Be silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def plain(body: str | bytes, status: int = 200, **headers: str) -> Answer:
    """Return an answer with a body."""
    raw = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


def listed(value: object) -> Answer:
    """Return an answer in JSON."""
    return plain(json.dumps(value))


VLLM = {
    "object": "list",
    "data": [
        {
            "id": "meta-llama/Llama-3.1-8B-Instruct",
            "object": "model",
            "owned_by": "vllm",
            "max_model_len": 131072,
        }
    ],
}
LLAMA_CPP = {
    "data": [
        {
            "id": "tiny",
            "owned_by": "llamacpp",
            "meta": {"n_ctx_train": 4096, "n_params": 134515008, "size": 96576768, "n_vocab": 9},
        }
    ]
}
OLLAMA = {
    "models": [
        {
            "name": "llama3.1:8b",
            "model": "llama3.1:8b",
            "size": 4920753328,
            "details": {
                "format": "gguf",
                "family": "llama",
                "parameter_size": "8.0B",
                "quantization_level": "Q4_K_M",
            },
        }
    ]
}


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/models"])
def test_openai_s_list(serve: Any, suffix: str) -> None:
    url = serve({"/v1/models": listed(VLLM)})
    (found,), problems = servers.ask(servers.checked(url + suffix))
    assert problems == ()
    assert (found.name, found.kind, found.where) == (
        *("meta-llama/Llama-3.1-8B-Instruct", "server"),
        f"{url}/v1",
    )
    assert (found.context, found.runtime, found.protocol) == (131072, "vllm", "openai")
    assert (found.parameters, found.weight_bytes, found.memory) == (None, None, None)


def test_llama_cpp_says_more(serve: Any) -> None:
    (found,), _ = servers.ask(serve({"/v1/models": listed(LLAMA_CPP)}))
    assert (found.context, found.parameters) == (4096, 134515008)
    assert (found.weight_bytes, found.runtime) == (96576768, "llama-cpp")


@pytest.mark.parametrize("suffix", ["", "/api/tags"])
def test_ollama_s_list(serve: Any, suffix: str) -> None:
    url = serve({"/api/tags": listed(OLLAMA), "/v1/models": listed(VLLM)})
    (found,), _ = servers.ask(url + suffix)
    assert (found.name, found.where, found.runtime) == ("llama3.1:8b", url, "ollama")
    assert (found.weight_bytes, found.dtype, found.model_type) == (4920753328, "Q4_K_M", "llama")
    assert found.parameters is None  # "8.0B" is rounded


def test_a_server_without_models(serve: Any) -> None:
    assert servers.ask(serve({"/api/tags": listed({"models": []})})) == ((), ())


def test_no_key_is_sent_and_no_proxy_asked(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    seen: list[tuple[str, Any]] = []
    url = serve({"/v1/models": listed(VLLM)}, seen)
    found, _ = servers.ask(url)
    assert len(found) == 1
    assert [path for path, _ in seen] == ["/api/tags", "/v1/models"]
    names = {name.lower() for _, headers in seen for name in headers}
    assert names == {"host", "accept", "accept-encoding"}


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" " * 100_000)


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(100):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\x01 not http at all\r\n\r\n")


BAD = {
    "HTML": (plain("<html>hello</html>"), "is not JSON"),
    "a list": (listed([1, 2]), "without a list of models"),
    "another object": (listed({"data": "x"}), "without a list of models"),
    "nested": (plain("[" * 100_000), "nested too deep"),
    "401": (plain("", 401), "answers 401: it wants a key, and none is sent"),
    "403": (plain("", 403), "wants a key"),
    "500": (plain("oops", 500), "answers 500"),
    "endless": (endless, "more than 5,000,000 bytes"),
    "away": (plain("", 302, Location="http://localhost:1/v1/models"), "another host"),
    "away, no scheme": (plain("", 302, Location="//example.com/v1/models"), "another host"),
    "file": (plain("", 302, Location="file:///etc/passwd"), "another host"),
    "no URL": (plain("", 302, Location="http://[::bad"), "another host"),
    "in circles": (plain("", 307, Location="/v1/models"), "leads in circles"),
    "nowhere": (plain("", 302), "answers 302"),
    "garbage": (garbage, "does not answer as a web server does"),
    "not UTF-8": (plain(b"\xff\xfe\xfa"), "is not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_a_line_in_the_report(serve: Any, name: str) -> None:
    answer, said = BAD[name]
    found, (problem,) = servers.ask(serve({"/v1/models": answer}) + "/v1")
    assert found == ()
    assert said in problem.text


def test_a_redirect_on_the_same_host_is_followed(serve: Any) -> None:
    url = serve(
        {
            "/v1/models": plain("", 301, Location="/v1/models/"),
            "/v1/models/": listed(VLLM),
        }
    )
    found, problems = servers.ask(f"{url}/v1")
    assert (len(found), problems) == (1, ())


@pytest.mark.parametrize("answer", [drip, drip_headers, lambda _: time.sleep(5)])
def test_a_slow_server_is_left_in_time(serve: Any, answer: Answer) -> None:
    start = time.perf_counter()
    url = serve({"/v1/models": answer})
    _, (problem,) = servers.ask(f"{url}/v1", deadline=0.5)
    assert problem.text == "does not answer within 0.5 seconds"
    assert time.perf_counter() - start < 4


def test_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found, (problem,) = servers.ask(f"http://127.0.0.1:{port}")
    assert (found, problem.text) == ((), "nothing listens there")


HOSTILE = [
    {"id": 7},
    {"id": ""},
    {"id": "a\x1b[31mb"},
    {"id": "x" * 1000},
    {},
    "text",
    None,
    [1],
    {"id": "good", "max_model_len": "many", "owned_by": ["vllm"], "meta": 5},
    {"id": "fine", "max_model_len": -1, "meta": {"n_params": 1e400, "size": True}},
]


def test_hostile_rows_are_told_and_the_others_read(serve: Any) -> None:
    found, problems = servers.ask(serve({"/v1/models": listed({"data": HOSTILE})}))
    assert [one.name for one in found] == ["good", "fine"]
    assert {(one.context, one.runtime, one.parameters, one.weight_bytes) for one in found} == {
        (None, None, None, None)
    }
    assert len(problems) >= 6


def test_a_list_beyond_reason_is_cut(serve: Any) -> None:
    rows = [{"id": f"m{n}"} for n in range(servers.MAX_MODELS + 5)]
    found, (problem,) = servers.ask(serve({"/v1/models": listed({"data": rows})}))
    assert len(found) == servers.MAX_MODELS
    assert "lists 10,005 models" in problem.text


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434",
        "ftp://host/",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@host/",
        "http://host:port/",
        "http://host:99999/",
        "http://host/?a=b",
        "http://host/#x",
        "http://host/\r\nX: y",
        "http://ho st/",
        "http://hóst/",
        "",
    ],
)
def test_addresses_that_are_not_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r"no http|no URL|not asked|no address has") as refused:
        servers.checked(url)
    assert "secret" not in str(refused.value)
