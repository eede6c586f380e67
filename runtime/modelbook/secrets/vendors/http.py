"""One call of a vendor's API with a key: a method and a URL -> the JSON object that came back.

The key goes only where it is bound to, no redirect is followed, and no error repeats an answer:
answers of such APIs hold keys.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from ..bare import bare
from ..errors import SecretRotationError

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from ..secret import Secret

PATIENCE = 20.0
"""Seconds that one call may take."""

MOST = 65_536
"""Most bytes of an answer that are read."""


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: the key is bound to the host that was asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return nothing, which ends the call with the status of the redirect."""


@bare
def call(method: str, url: str, key: Secret, body: object = None) -> dict[str, Any]:
    """Return the JSON object that an API answers with; an empty one where it answers nothing.

    Raises `SecretHostError` where the key must not go to the URL, and `SecretRotationError` for any
    other status than 2xx, for no answer, and for one that is no object; with the status alone.
    """
    headers = {"Authorization": f"Bearer {key.reveal_for(url)}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, headers, method=method)  # noqa: S310  # the binding wants https
    status = None
    try:
        answer: HTTPResponse
        with _opener(url).open(request, timeout=PATIENCE) as answer:
            return _object(answer.read(MOST))
    except HTTPError as error:
        status = error.code
        error.close()
    except (URLError, OSError, ValueError):
        pass
    told = "there was no usable answer" if status is None else f"it answered {status}"
    failed = SecretRotationError(
        f"{method} at the vendor of `{key.id}` failed: {told}",
        id=key.id,
        hint="look at the vendor's console whether the key is there and may do this",
    )
    failed.status = status
    raise failed


def _opener(url: str) -> OpenerDirector:
    """Return what opens a URL: by the user's proxy over https, and directly over http.

    A proxy only passes on what is encrypted; without that it would read the key.
    """
    direct = [ProxyHandler({})] if url.startswith("http:") else []
    return build_opener(_Stay, *direct)


def _object(raw: bytes) -> dict[str, Any]:
    """Return the object in an answer; raise `ValueError` for anything else."""
    found = json.loads(raw) if raw.strip() else {}
    if not isinstance(found, dict):
        raise ValueError
    return found
