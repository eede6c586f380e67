"""What emitters hand to `publish`: a path below the output folder, and the bytes for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Artifact:
    """One file to write."""

    path: str
    """Below the output folder, parted by `/`."""
    content: bytes
