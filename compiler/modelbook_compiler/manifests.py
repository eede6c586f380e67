"""Bytes of a manifest -> whether it may name layers, before anything is parsed."""

from __future__ import annotations


def may_name_layers(manifest: bytes) -> bool:
    """Tell whether a manifest may name layers: by the word, or by a backslash that may spell it."""
    return b"layers" in manifest or b"\\" in manifest
