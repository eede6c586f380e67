"""A key in memory: it shows itself to nobody, and goes only where it may (B1, B3, H5, H8)."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
import traceback
from typing import Any

import pytest
from modelbook.secrets import Secret, SecretHostError, SecretValueError, get
from modelbook.secrets.binding import ANY, narrowed

KEY = "CANARY" + "memory-0123456789"
HOSTS = ("api.openai.com",)


def secret(value: str = KEY, hosts: tuple[str, ...] = HOSTS) -> Secret:
    """Return a secret."""
    return Secret(value, id="openai/api_key", source="given", allowed_hosts=hosts)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com",
        "https://api.openai.com/v1?x=@evil.example",
        "https://API.OPENAI.COM/v1",
        "HTTPS://api.openai.com:8443/v1",
    ],
)
def test_B1_where_it_may_go(url: str) -> None:
    assert secret().reveal_for(url) == KEY


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1",
        "http://api.openai.com/v1",
        "https://api.openai.com@evil.example",
        "https://api.openai.com:443@evil.example/",
        "https://user:pass@api.openai.com",
        "https://@api.openai.com",
        "https://api.openai.com.evil.example",
        "https://evil-api.openai.com",
        "https://eu.api.openai.com",
        "https://api.openai.com.",
        "https://api.openai.com\u3002evil.example",
        "https://api\u3002openai\u3002com",
        "https://api.open\u0430i.com",
        "https://api.openai.com\\@evil.example",
        "https://evil.example\\.api.openai.com",
        "https://evil.example#@api.openai.com",
        "https://evil.example?@api.openai.com",
        "https://evil.example[api.openai.com]/",
        "https://[api.openai.com]/",
        "https://api.openai.com%2eevil.example",
        "https://api.openai.com;evil.example",
        "https://api.openai.com:https://evil.example",
        "https://api.openai.com:99999/",
        "https://api.openai.com:/v1:80@evil.example",
        "https://[::1]/",
        "https://[::1",
        "https:api.openai.com",
        "https:///api.openai.com",
        "//api.openai.com",
        "api.openai.com",
        "ftp://api.openai.com",
        "file:///etc/passwd",
        "https://api.openai.com/\r\nHost: evil.example",
        "\thttps://api.openai.com",
        "https://api.openai.com /",
        "",
    ],
)
def test_B1_where_it_must_not_go(url: str) -> None:
    with pytest.raises(SecretHostError) as caught:
        secret().reveal_for(url)
    assert KEY not in str(caught.value) + repr(caught.value.__dict__)
    assert "evil" not in str(caught.value)


def test_B1_hosts_by_address() -> None:
    local = secret(hosts=("127.0.0.1", "localhost"))
    assert local.reveal_for("http://127.0.0.1:8000/v1") == KEY
    assert local.reveal_for("http://localhost:8000/v1") == KEY
    for url in ("http://127.0.0.1.evil.example", "http://evil.example[::1]/", "http://127.1/"):
        with pytest.raises(SecretHostError):
            local.reveal_for(url)
    assert secret(hosts=ANY).reveal_for("https://[2001:db8::1]:8443/v1") == KEY
    for url in ("https://evil.example[::1]/", "http://evil.example/"):
        with pytest.raises(SecretHostError):
            secret(hosts=ANY).reveal_for(url)


def test_B1_a_redirect_asks_again() -> None:
    key = secret()
    assert key.reveal_for("https://api.openai.com/v1/models") == KEY
    with pytest.raises(SecretHostError, match=r"one of api\.openai\.com"):
        key.reveal_for("https://cdn.example/v1/models")


def test_B1_a_record_may_allow_less_never_more() -> None:
    assert narrowed("a/b", ("x.com", "y.com"), ("y.com",)) == ("y.com",)
    assert narrowed("a/b", ("x.com",), None) == ("x.com",)
    with pytest.raises(SecretHostError):
        narrowed("a/b", ("x.com",), ("x.com", "evil.example"))


def test_B1_hosts_cannot_be_added() -> None:
    key: Any = secret()
    with pytest.raises(AttributeError):
        key.allowed_hosts = ANY
    with pytest.raises(AttributeError):
        del key.allowed_hosts
    with pytest.raises(TypeError):
        type("Loud", (Secret,), {})


BAD = ["x\r\nX-Evil: 1", "a b", "", "\n", "k\u0435y-cyrillic", "\ufeffkey", "k\x00y", "k\u200by"]


@pytest.mark.parametrize("text", [*BAD, "k" * 65_537])
def test_B3_a_value_that_breaks_a_header_is_refused(text: str) -> None:
    with pytest.raises(SecretValueError) as caught:
        secret(text)
    assert not text.strip() or text not in str(caught.value)


def test_B3_one_line_end_is_an_editors() -> None:
    assert secret(f"{KEY}\r\n").reveal() == secret(f"{KEY}\n").reveal() == KEY
    with pytest.raises(SecretValueError):
        secret(f"{KEY}\n\n")


def test_H8_it_is_not_shown() -> None:
    key = secret()
    shown = [f"{key}", str(key), repr(key), f"{key:>40}", "%s %r" % (key, key), str([key])]  # noqa: UP031
    assert all(KEY not in one for one in shown)
    assert (bool(key), key == secret(), key == secret(KEY + "x"), key == KEY) == (
        True,
        True,
        False,
        False,
    )


def take(one: object) -> object:
    """Return what another process was given."""
    return one


@pytest.mark.parametrize(
    "leak",
    [
        pickle.dumps,
        lambda key: pickle.dumps({"client": [key]}, 0),
        json.dumps,
        vars,
        hash,
        lambda key: key.__getstate__(),
        lambda key: key.__reduce__(),
        lambda key: "".join(["Bearer ", key]),
        lambda key: "Bearer " + key,
    ],
)
def test_H8_it_cannot_be_written_away(leak: Any) -> None:
    with pytest.raises(TypeError) as caught:
        leak(secret())
    assert KEY not in str(caught.value)


def test_H8_it_does_not_cross_to_another_process() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(TypeError):
        pool.apply(take, (secret(),))


def test_H8_a_copy_is_itself() -> None:
    key = secret()
    assert copy.copy(key) is copy.deepcopy(key) is key
    assert copy.deepcopy({"k": [key]})["k"][0] is key


def captured(error: BaseException) -> str:
    """Return a traceback with the variables of our frames, and all that hangs on the error."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    own = [frame for frame in told.stack if "modelbook/secrets" in frame.filename]
    seen = [f"{frame.name} {frame.locals}" for frame in own]
    while error is not None:
        seen.append(f"{error!r} {error.__dict__}")
        error = error.__context__  # type: ignore[assignment]
    return "\n".join(seen)


def test_H5_no_traceback_shows_a_value_that_is_refused() -> None:
    bad = KEY + "\nX-Evil: 1"
    with pytest.raises(SecretValueError) as caught:
        get("openai/api_key", value=bad)
    assert "_asked" in captured(caught.value)
    assert KEY not in captured(caught.value)
    with pytest.raises(SecretValueError) as caught:
        Secret(bad, id="a/b", source="given", allowed_hosts=ANY)
    assert KEY not in captured(caught.value)


def test_H5_no_traceback_of_an_application_shows_what_get_returned() -> None:
    def call() -> None:
        key = get("openai/api_key", value=KEY)
        raise RuntimeError(f"the call with {key} failed")

    with pytest.raises(RuntimeError) as caught:
        call()
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(told.format())
