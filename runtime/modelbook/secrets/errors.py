"""What can go wrong with a secret: each error has a stable code, a place and what to do.

No message repeats a value, what sops wrote to standard error, or the text of a parser's exception.
"""

from __future__ import annotations

from ..errors import ModelbookError
from .masking import shown


class SecretError(ModelbookError):
    """Base of every error about secrets.

    `id` is the secret (`openai/api_key`), `path` the file or source it is about, `hint` what to do;
    each is empty where there is none. `position` is line and column in the file, from 1, or None.
    """

    code = "secret"

    def __init__(
        self,
        message: str,
        *,
        id: str = "",
        path: str = "",
        hint: str = "",
        nearest: tuple[str, ...] = (),
        position: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(shown(message), id=shown(id), nearest=nearest)
        self.path = shown(path)
        self.hint = shown(hint)
        self.position = position


class SecretWarning(UserWarning):
    """Something about a secret that works and is probably not meant. Never with a value."""


class SecretNameError(SecretError, ValueError):
    """A text that is no name of a secret or of an environment. The message does not repeat it."""

    code = "secret-name"


class SecretValueError(SecretError, ValueError):
    """A value that cannot be a key: control characters, white space, not ASCII. Never repeated."""

    code = "secret-value"


class SecretUnknownError(SecretError, LookupError):
    """No catalog declares the secret; `nearest` has the declared ones most like it."""

    code = "secret-unknown"


class SecretNotFoundError(SecretError, LookupError):
    """No source has the secret; the message lists the sources that were asked, in order."""

    code = "secret-not-found"


class SecretExpiredError(SecretError):
    """The key that is kept is past its day of expiry."""

    code = "secret-expired"


class SecretRevokedError(SecretError):
    """The key was revoked and no other one is kept."""

    code = "secret-revoked"


class SecretHostError(SecretError, ValueError):
    """A key was asked for a host that it must not be sent to."""

    code = "secret-host"


class SecretSourceError(SecretError):
    """A source that may hold the secret cannot be believed or read: file mode, form, refusal."""

    code = "secret-source"


class SecretSettingsError(SecretError, ValueError):
    """The user's configuration, or a `MODELBOOK_*` variable, has no usable meaning."""

    code = "secret-settings"


class SecretStateError(SecretError):
    """A step of a rotation that does not fit what is kept, such as promoting what is not staged."""

    code = "secret-state"


class SecretRotationError(SecretError):
    """The vendor did not make, accept or revoke a key; what is kept is as the message says.

    `status` is the HTTP status of the vendor's answer; None where there was none.
    """

    code = "secret-rotation"
    status: int | None = None


class SopsError(SecretError):
    """Base of everything about sops and its files; by itself: sops failed in an unknown way."""

    code = "sops-failed"


class SopsNotInstalledError(SopsError):
    """There is no sops to run."""

    code = "sops-not-installed"


class SopsTooOldError(SopsError):
    """The sops that was found is older than what is needed, or is no sops."""

    code = "sops-too-old"


class SopsTimeoutError(SopsError, TimeoutError):
    """sops did not end in time and was killed."""

    code = "sops-timeout"


class SopsKeyError(SopsError):
    """No identity of yours opens the file."""

    code = "sops-key"


class SopsTamperedError(SopsError):
    """The file is not as its writer left it: a value, its place, or what the seal covers."""

    code = "sops-tampered"


class SopsNotEncryptedError(SopsError):
    """The file, or a value in it, is plain text."""

    code = "sops-not-encrypted"


class SopsMalformedError(SopsError):
    """The file is not the strict YAML, or not the record, that is kept in such files."""

    code = "sops-malformed"


class SopsFileMissingError(SopsError, LookupError):
    """There is no such file of secrets."""

    code = "sops-file-missing"


class SopsConfigError(SopsError):
    """`.sops.yaml` is missing, malformed, or has no rule for the file."""

    code = "sops-config"


class SopsPolicyError(SopsError):
    """The file is not encrypted in the way that `.sops.yaml` and our own rules demand."""

    code = "sops-policy"
