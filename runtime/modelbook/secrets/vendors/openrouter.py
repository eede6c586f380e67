"""OpenRouter's key management: a management key makes, and deletes, the keys that call models.

Facts: openrouter.ai/docs/features/provisioning-api-keys and its API reference, read in copies kept
in November 2025 and later. `POST /keys` returns the key once, beside the hash by which
`DELETE /keys/{hash}` revokes it; `GET /key` describes the very key that asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import SecretRotationError
from ..rotation import Made
from .http import call

if TYPE_CHECKING:
    from ..secret import Secret


def create(base_url: str, admin: Secret, label: str) -> Made:
    """Return a new key with what it is revoked by."""
    answer = call("POST", f"{base_url}/keys", admin, {"name": label})
    value = answer.get("key")
    data = answer.get("data")
    key_id = data.get("hash") if isinstance(data, dict) else None
    if not isinstance(value, str) or not isinstance(key_id, str):
        raise SecretRotationError(
            "the vendor's answer has no key, or no hash to revoke it by",
            id=admin.id,
            hint=f"look at the vendor's console for a key named `{label}`, and delete it there",
        )
    expires = data.get("expires_at") if isinstance(data, dict) else None
    return Made(value=value, key_id=key_id, expires_at=str(expires)[:10] if expires else None)


def verify(base_url: str, key: Secret) -> None:
    """Return if the vendor knows a key; raise `SecretRotationError` if not."""
    call("GET", f"{base_url}/key", key)


def revoke(base_url: str, admin: Secret, key_id: str) -> None:
    """Delete a key at the vendor; one that is gone already is fine."""
    try:
        call("DELETE", f"{base_url}/keys/{quote(key_id, safe='')}", admin)
    except SecretRotationError as error:
        if error.status != 404:
            raise
