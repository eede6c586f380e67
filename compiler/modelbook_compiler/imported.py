"""Facts of a file that an import wrote -> whose it is: the import's, until somebody edits it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b

from .values import Json


def is_owned(data: Mapping[str, Json]) -> bool:
    """Tell whether an importer owns a file: it wrote it, and nobody has edited it since."""
    return "imported" in data and data["imported"]["digest"] == digest_of(data)


def digest_of(data: Mapping[str, Json]) -> str:
    """Return the digest of a file's facts, `imported` itself left out."""
    facts = {name: value for name, value in data.items() if name != "imported"}
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()
