"""Where the encrypted files are: settings and the working folder -> root, and environment."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..names import nearest
from ..record import Record
from .errors import SecretSettingsError, SecretSourceError
from .ids import ENVIRONMENT, RULES, SECRETS
from .ids import environment as checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .settings import Settings


class Place(Record):
    """The folder that holds `.sops.yaml` and `secrets/`, and how it was found."""

    root: Path
    how: str
    """In words: the setting that names it, or that it was looked for upward from here."""


def find(settings: Settings, explicit: str | Path | None = None) -> Place | None:
    """Return where the encrypted files are; None where there are none.

    An explicit folder goes before the settings, and those before the first folder upward from here
    with both `.sops.yaml` and `secrets/`. Raises `SecretSettingsError` for a folder that is named
    and lacks one of them, `SecretSourceError` for one that was found and belongs to others or can
    be written by them.
    """
    named = explicit if explicit is not None else settings.folder
    if named is None:
        return _upward()
    how = "given" if explicit is not None else settings.origins["folder"]
    root = Path(os.path.realpath(named))
    for part, there in ((RULES, Path.is_file), (SECRETS, Path.is_dir)):
        if not there(root / part):
            raise SecretSettingsError(
                f"{root} ({how}) has no `{part}`",
                path=str(root),
                hint="name the folder that holds both `.sops.yaml` and `secrets/`",
            )
    return Place(root=root, how=how)


def environments(root: Path) -> tuple[str, ...]:
    """Return the environments under a root, sorted: the folders in `secrets/` with such a name."""
    try:
        with os.scandir(root / SECRETS) as entries:
            found = [one.name for one in entries if one.is_dir(follow_symlinks=False)]
    except OSError as error:
        raise SecretSourceError(
            f"{root / SECRETS} cannot be read: {os.strerror(error.errno or 0)}",
            path=str(root / SECRETS),
        ) from None
    return tuple(sorted(name for name in found if ENVIRONMENT.match(name)))


def environment(settings: Settings, root: Path, explicit: str | None = None) -> str:
    """Return the environment that is meant: given, from the settings, or the only one there is.

    One that is named need not be there: whoever asks says what its absence means. Raises
    `SecretNameError` for what is no name, `SecretSettingsError` where several are there and none is
    chosen.
    """
    named = explicit if explicit is not None else settings.environment
    if named is not None:
        return checked(named)
    there = environments(root)
    if len(there) == 1:
        return there[0]
    told = f"which of {', '.join(there)} is meant is not said" if there else "there is none yet"
    raise SecretSettingsError(
        f"{root / SECRETS}: {told}",
        path=str(root / SECRETS),
        hint="say environment=… or set MODELBOOK_ENV" if there else "modelbook secrets init",
    )


def present(root: Path, environment: str) -> str:
    """Return an environment that is there; raise `SecretSettingsError` naming the nearest ones."""
    there = environments(root)
    if environment in there:
        return environment
    near = nearest(environment, there)
    raise SecretSettingsError(
        f"there is no environment `{environment}` in {root / SECRETS}",
        path=str(root / SECRETS),
        hint=f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(there) or 'none'}",
        nearest=near,
    )


def _upward() -> Place | None:
    """Return the first folder from here upward that holds encrypted files."""
    try:
        here = Path.cwd()
    except OSError:  # the working folder was taken away
        return None
    for root in (here, *here.parents):
        if os.path.lexists(root / RULES) and os.path.lexists(root / SECRETS):
            _believe(root)
            return Place(root=root, how=f"found upward from {here}")
    return None


def _believe(root: Path) -> None:
    """Refuse a folder of others: they could have put it in the way."""
    owners = (0, os.geteuid())
    forms = ((root, stat.S_ISDIR), (root / SECRETS, stat.S_ISDIR), (root / RULES, stat.S_ISREG))
    for path, form in forms:
        found = path.lstat()
        if not form(found.st_mode):
            wrong = "is not what it is called"
        elif found.st_uid not in owners:
            wrong = "belongs to another user"
        elif found.st_mode & stat.S_IWOTH:
            wrong = "can be written by everybody"
        else:
            continue
        hint = f"if it is meant, set MODELBOOK_SECRETS={root}"
        raise SecretSourceError(f"{path} {wrong}", path=str(path), hint=hint)
