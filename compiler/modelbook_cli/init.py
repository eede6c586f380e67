"""`modelbook init`."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

import click
import modelbook

from .compile import importable
from .schemas import schema_files
from .shared import fail, needs

FILES = {
    "catalog/catalog.yaml": "catalog.yaml",
    "catalog/models/{name}/support-20b.yaml": "model.yaml",
    "catalog/providers/{name}-vllm/provider.yaml": "provider.yaml",
    "catalog/providers/{name}-vllm/deployments/{name}/support-20b.yaml": "deployment.yaml",
    "catalog/providers/groq/deployments/openai/gpt-oss-20b.yaml": "override.yaml",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
    ".sops.yaml": "keys.yaml",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".github/workflows/catalog.yaml": "workflow.yaml",
    "requirements.txt": "requirements.txt",
    "README.md": "README.md",
}
"""Path in the new folder to the template of the file."""

STARTER = Path(__file__).parent / "starter"
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
MOST = 40
"""Longest name, in characters."""
KEPT = "README.md"
"""A file that a fresh repository has, which we can do without."""
SHOWN = 5
"""Most files that a message lists."""
TAKEN = ("public", "groq", "openai")
"""Names that the public book has, of itself or of creators in the examples."""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--name", help="Name of the catalog, such as acme.  [default: the folder's name]")
@click.option("--package", help="Import name of its package.  [default: NAME_models]")
def command(folder: Path, name: str | None, package: str | None) -> None:
    """Start a catalog of your own on top of the public book.

    Writes a manifest, an example of a private model on your own server, an example of a price that
    differs from the public one, and what a repository needs. Nothing that is there is overwritten;
    a README.md that is there stands in place of ours.

    \b
    Examples:
      modelbook init                        # here; the name is that of this folder
      modelbook init acme-models            # in a new folder
      modelbook init --name acme --package acme_models
    """
    slug = _name(folder, name)
    words = {
        "name": slug,
        "package": _package(package or f"{slug.replace('-', '_')}_models"),
        "version": modelbook.__version__,
        "day": datetime.now(UTC).date().isoformat(),
    }
    files = {path.format(name=slug): _text(file, words) for path, file in FILES.items()}
    files |= {f"schemas/{path}": text for path, text in schema_files().items()}
    if os.path.lexists(folder / KEPT):
        del files[KEPT]
    _write(folder, files)
    _next(folder, words["package"], slug, len(FILES), kept=KEPT not in files)


def _name(folder: Path, stated: str | None) -> str:
    """Return the name of the catalog; end with a message where it cannot be one."""
    found = stated if stated is not None else folder.resolve().name
    name = found if stated is not None else re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-")
    name = name if stated is not None else re.sub(r"-(models|catalog)$", "", name)
    hint = "give one with --name: lower-case letters and digits, parted by `-`, such as acme"
    if not NAME.fullmatch(name) or len(name) > MOST:
        fail(f"`{found}` cannot be the name of a catalog", hint)
    if name in TAKEN:
        fail(f"the public book has the name `{name}` already", hint)
    return name


def _package(name: str) -> str:
    """Return the name of the package; end with a message where it cannot be one."""
    try:
        if not re.fullmatch("[a-z][a-z0-9_]*", name) or name == "modelbook_catalog":
            raise click.BadParameter(f"`{name}` cannot be the name of a generated package")
        return importable(name)
    except click.BadParameter as error:
        fail(error.message, "give one with --package, such as acme_models")


def _text(file: str, words: dict[str, str]) -> bytes:
    """Return a file as its template makes it."""
    with needs("compiler"):
        from jinja2 import Environment, StrictUndefined
    template = (STARTER / f"{file}.j2").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    return environment.from_string(template).render(words).encode()


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write all files, or none where one of them is there already."""
    with needs("compiler"):
        from modelbook_compiler.files import write_file
    if os.path.lexists(folder) and not folder.is_dir():
        fail(f"`{folder}` is there already, and it is not a folder")
    there = [path for path in files if os.path.lexists(folder / path)]
    if there:
        listed = ", ".join(f"`{folder / path}`" for path in there[:SHOWN])
        more = f" and {len(there) - SHOWN:,} more" if len(there) > SHOWN else ""
        verb = "is" if len(there) == 1 else "are"
        hint = "nothing was written: start in an empty folder, or move what is there away"
        fail(f"{listed}{more} {verb} there already", hint)
    try:
        for path, content in files.items():
            write_file(folder / path, content)
    except OSError as error:
        fail(f"cannot write `{error.filename2 or error.filename}`: {error.strerror}")


def _next(folder: Path, package: str, name: str, count: int, *, kept: bool) -> None:
    """Print what to do next; `kept` where a page of the user's own stands in place of ours."""
    place = "" if folder.resolve() == Path.cwd() else f"cd {quote(str(folder))}\n  "
    click.echo(f"{folder}: {count - kept} files, and schemas/ for the editor\n")
    click.echo(
        "next:\n"
        f"  {place}modelbook check\n"
        f"  modelbook compile                  # writes generated/{package}\n"
        "  modelbook why groq:openai/gpt-oss-20b prices\n"
        f'  PYTHONPATH=generated python -c "from {package} import get_models_for_pipeline as ask;'
        f" print(ask('text-generation', provider='{name}-vllm').ids)\"\n"
        "  git init && git add . && git commit\n"
        + (
            "README.md was there, and is as it was."
            if kept
            else "README.md says what is where, and what is committed."
        )
    )
