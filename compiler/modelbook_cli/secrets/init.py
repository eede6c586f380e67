"""`modelbook secrets init`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import click

from ..shared import json_option, print_json
from . import creation_rules, identities
from .quiet import Quiet
from .telling import aligned, refuse, told

IGNORED = (".*.tmp.yaml", "keys.txt", ".env")
"""Lines of .gitignore: unfinished files, identities, and keys in plain text."""
ATTRIBUTES = ("*.sops.yaml text eol=lf",)
"""Lines of .gitattributes: other line ends would break what sops authenticates."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to be there, and what was done for it."""

    what: str
    did: str
    """made, changed or there."""
    about: str


@click.command("init", cls=Quiet)
@click.option("--env", "environment", default="dev", show_default=True, help="Environment to add.")
@click.option(
    "--recipient",
    "others",
    multiple=True,
    metavar="AGE1…",
    help="Public key that may read it, in place of your own; repeat for several.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for .sops.yaml and secrets/.  [default: where they are, or the repository's top]",
)
@json_option
def command(environment: str, others: tuple[str, ...], root: Path | None, as_json: bool) -> None:
    """Make what keys are kept with: an identity of your own, .sops.yaml and secrets/ENV/.

    An identity that is there is used, never replaced. A rule for the environment is added to
    .sops.yaml; its other rules and its comments stay. Doing it again changes nothing.

    \b
    Examples:
      modelbook secrets init
      modelbook secrets init --env prod --recipient age1ops… --recipient age1ci…
    """
    from modelbook.secrets import ids

    with told():
        name = ids.environment(environment)
        place = root if root is not None else _root()
        own, readers = _identity(tuple(map(identities.valid_recipient, others)))
        steps = [own, *_files(place, name, readers)]
    if as_json:
        told_steps = [{"what": one.what, "did": one.did, "about": one.about} for one in steps]
        print_json({"root": str(place), "environment": name, "steps": told_steps})
        return
    aligned([[one.what, one.did, one.about] for one in steps])
    _next(place, name, made=own.did == "made")


def _root() -> Path:
    """Return where .sops.yaml is or should be: here, above, or at the top of the repository."""
    stated = os.environ.get("MODELBOOK_SECRETS")
    if stated:
        return Path(stated)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".sops.yaml").is_file() or os.path.lexists(folder / ".git"):
            return folder
    return here


def _identity(others: tuple[str, ...]) -> tuple[Step, tuple[str, ...]]:
    """Return what was done for an identity, and who may read; make one where it is needed."""
    own = identities.recipients()
    if others:
        mine = "yours is one of them" if set(own) & set(others) else "yours is not one of them"
        return Step("recipients", "given", f"{len(others):,} in all; {mine}"), others
    where = [one for one in identities.found() if one.recipients]
    if where:
        return Step("identity", "there", f"{where[0].place}: {own[0]}"), own[:1]
    path = identities.keys_file()
    if os.path.lexists(path):
        hint = "give who may read with --recipient age1…, or mend the file"
        refuse("sops-key", f"`{path}` is there, and holds no identity that can be used here", hint)
    public = identities.make(path)
    return Step("identity", "made", f"{path}: {public}"), (public,)


def _files(root: Path, environment: str, readers: tuple[str, ...]) -> list[Step]:
    """Make or complete the files of a folder; return what was done for each."""
    rules = _rules(root, environment, readers)
    folder = root / "secrets" / environment
    fresh = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    kept = Step(f"secrets/{environment}/", "made" if fresh else "there", "")
    ignored = _lines(root / ".gitignore", IGNORED)
    return [rules, kept, ignored, _lines(root / ".gitattributes", ATTRIBUTES)]


def _rules(root: Path, environment: str, readers: tuple[str, ...]) -> Step:
    """Add the rule of an environment to .sops.yaml; leave the one that is there."""
    from modelbook.secrets import ids
    from modelbook_compiler.files import write_file

    path = root / ".sops.yaml"
    text = _text(path)
    place = ids.place(environment, "vendor")
    rule = None if text is None else _recipients(text.encode(), place)
    if rule is not None:
        missing = [one for one in readers if one not in rule]
        if missing:
            hint = f"`modelbook secrets add-recipient {missing[0]} --env {environment}`"
            refuse("sops-config", f"the rule for secrets/{environment}/ leaves you out", hint)
        return Step(".sops.yaml", "there", _readable(rule))
    changed = creation_rules.with_rule(text or "", environment, readers)
    if _recipients(changed.encode(), place) != tuple(sorted(readers)):
        hint = f"add this rule by hand:\n{creation_rules.rule(environment, readers)}"
        refuse("sops-config", "a rule cannot be added to this .sops.yaml", hint)
    write_file(path, changed.encode())
    return Step(".sops.yaml", "made" if text is None else "changed", _readable(readers))


def _recipients(raw: bytes, place: str) -> tuple[str, ...] | None:
    """Return who may read a file by the rules of a .sops.yaml; None where no rule is for it."""
    from modelbook.secrets.errors import SopsConfigError
    from modelbook.secrets.sops.rules import rules

    if not re.search(rb"^\s*-\s", raw, re.M):
        return None
    try:
        return tuple(sorted(rules(raw).rule_for(place).recipients))
    except SopsConfigError as error:
        if error.position is not None:  # there is one, and something is wrong about it
            raise
        return None


def _readable(readers: tuple[str, ...]) -> str:
    """Return who may read, in words."""
    return f"readable by {readers[0]}" + (f" and {len(readers) - 1} more" * (len(readers) > 1))


def _lines(path: Path, wanted: tuple[str, ...]) -> Step:
    """Add to a file the lines that it lacks."""
    from modelbook_compiler.files import write_file

    text = _text(path)
    there = [re.sub(r"\s+", " ", line).strip() for line in (text or "").splitlines()]
    missing = [line for line in wanted if line not in there]
    if not missing:
        return Step(path.name, "there", "")
    before = text or ""
    gap = "" if before.endswith("\n") or not before else "\n"
    write_file(path, (before + gap + "".join(f"{line}\n" for line in missing)).encode())
    return Step(path.name, "made" if text is None else "changed", ", ".join(missing))


def _text(path: Path) -> str | None:
    """Return the text of a file; None for one that is not there."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        refuse("sops-config", f"`{path}` is no UTF-8 text", "mend it first")


def _next(root: Path, environment: str, *, made: bool) -> None:
    """Print what to do next."""
    lines = [f"modelbook secrets set openai/api_key --env {environment} --owner YOU"]
    if os.path.lexists(root / ".git"):
        lines.append("git add .sops.yaml .gitignore .gitattributes secrets && git commit")
    click.echo("\nnext:\n" + "".join(f"  {line}\n" for line in lines), nl=False)
    if not os.path.lexists(root / ".git"):
        click.echo(f"`{root}` is no git repository: `git init` keeps a history of the files")
    if made:
        click.echo("keep a copy of the identity elsewhere: without it nobody can read these keys")
