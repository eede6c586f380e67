"""Names of secrets and environments: what may stand in one, and the place that follows from it."""

from __future__ import annotations

import re

from .errors import SecretNameError

VENDOR = r"[a-z0-9][a-z0-9-]{0,62}"
NAME = r"[a-z0-9][a-z0-9_]{0,62}"
REFERENCE = re.compile(rf"{VENDOR}/{NAME}\Z", re.ASCII)
"""A secret: vendor and name. `\\Z`, since `$` would let a line end through."""

ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z", re.ASCII)
"""An environment: the folder under `secrets/`, and the first key in its files."""

SECRETS = "secrets"
"""The folder that holds one folder per environment."""

RULES = ".sops.yaml"
"""The file beside it that says who may open which file."""

SUFFIX = ".sops.yaml"
"""How the name of every file of secrets ends."""


def split(reference: str) -> tuple[str, str]:
    """Return vendor and name of a secret; raise `SecretNameError` for what is no reference.

    What was given is not repeated: it may be a key pasted in the wrong place.
    """
    if not isinstance(reference, str) or not REFERENCE.match(reference):
        raise SecretNameError(
            "this is no name of a secret", hint="write vendor/name, such as openai/api_key"
        )
    vendor, _, name = reference.partition("/")
    return vendor, name


def environment(name: str) -> str:
    """Return the name of an environment; raise `SecretNameError` for what cannot be one."""
    if not isinstance(name, str) or not ENVIRONMENT.match(name):
        raise SecretNameError(
            "this is no name of an environment", hint="write lower-case letters, digits and `-`"
        )
    return name


def place(environment: str, vendor: str) -> str:
    """Return where a vendor's keys are kept, from the folder that holds `.sops.yaml`."""
    return f"{SECRETS}/{environment}/{vendor}{SUFFIX}"
