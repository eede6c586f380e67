"""Keys of vendors: the name of a secret -> the key, from wherever its owner keeps it.

    from modelbook.secrets import get
    key = get("openai/api_key")
    headers = {"Authorization": f"Bearer {key.reveal_for(url)}"}

`get` asks the sources of the user's chain in order; `explain` tells which one answers and why.
Nothing but this file is loaded until something is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .chain import clear as clear
    from .chain import get as get
    from .errors import SecretError as SecretError
    from .errors import SecretExpiredError as SecretExpiredError
    from .errors import SecretHostError as SecretHostError
    from .errors import SecretNameError as SecretNameError
    from .errors import SecretNotFoundError as SecretNotFoundError
    from .errors import SecretRevokedError as SecretRevokedError
    from .errors import SecretSettingsError as SecretSettingsError
    from .errors import SecretSourceError as SecretSourceError
    from .errors import SecretStateError as SecretStateError
    from .errors import SecretUnknownError as SecretUnknownError
    from .errors import SecretValueError as SecretValueError
    from .errors import SecretWarning as SecretWarning
    from .errors import SopsConfigError as SopsConfigError
    from .errors import SopsError as SopsError
    from .errors import SopsFileMissingError as SopsFileMissingError
    from .errors import SopsKeyError as SopsKeyError
    from .errors import SopsMalformedError as SopsMalformedError
    from .errors import SopsNotEncryptedError as SopsNotEncryptedError
    from .errors import SopsNotInstalledError as SopsNotInstalledError
    from .errors import SopsPolicyError as SopsPolicyError
    from .errors import SopsTamperedError as SopsTamperedError
    from .errors import SopsTimeoutError as SopsTimeoutError
    from .errors import SopsTooOldError as SopsTooOldError
    from .explained import Explanation as Explanation
    from .explained import explain as explain
    from .masking import redact as redact
    from .redaction import RedactingFormatter as RedactingFormatter
    from .redaction import protect_logging as protect_logging
    from .secret import Secret as Secret

WHERE = {
    "get": "chain",
    "clear": "chain",
    "explain": "explained",
    "Explanation": "explained",
    "Secret": "secret",
    "redact": "masking",
    "RedactingFormatter": "redaction",
    "protect_logging": "redaction",
}
"""Public name to the module that has it; errors stand in `errors`."""


def __getattr__(name: str) -> object:
    """Return a public name, loading the module that has it on first use."""
    where = WHERE.get(name, "errors" if name.startswith(("Secret", "Sops")) else "")
    if where:
        from importlib import import_module

        found: object = getattr(import_module(f"{__name__}.{where}"), name, None)
        if found is not None:
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
