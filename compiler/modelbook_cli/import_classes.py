"""`modelbook import transformers`, `diffusers` and `runtimes`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .importing import command, day, part, shared_options
from .shared import fail, needs, print_json

if TYPE_CHECKING:
    from modelbook_importers.derive import Derived
    from modelbook_importers.known import Known
    from modelbook_importers.plan import Changes, Origin


@command.command("transformers")
@click.argument("wheels", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared_options
def transformers(
    wheels: tuple[Path, ...], catalog: Path, at: datetime | None, dry_run: bool, as_json: bool
) -> None:
    """Derive what every model class of transformers is for, from its wheels.

    The wheels are read as zip files: nothing is installed, unpacked or run. Of a class in several
    releases the newest one speaks. Rules and overrides come from the catalog: auto-classes.yaml,
    class-suffixes.yaml and architecture-overrides.yaml.

    \b
    Examples:
      pip download --no-deps transformers
      modelbook import transformers transformers-*.whl --dry-run
    """
    with needs("compiler"):
        from modelbook_importers.derive import derive
        from modelbook_importers.plan import Origin
        from modelbook_importers.transformers import release
        from modelbook_importers.wheels import version_of

    def work(known: Known) -> tuple[Derived, Origin]:
        releases = [release(one) for one in wheels]
        versions = sorted((one.version for one in releases), key=version_of, reverse=True)
        url = "https://github.com/huggingface/transformers"
        return derive(releases, known.rules), Origin("transformers", url, tuple(versions), day(at))

    _run(catalog, work, dry_run=dry_run, as_json=as_json)


@command.command("diffusers")
@click.argument("wheel", type=click.Path(path_type=Path))
@shared_options
def diffusers(
    wheel: Path, catalog: Path, at: datetime | None, dry_run: bool, as_json: bool
) -> None:
    """Derive what every pipeline class of diffusers is for, from its wheel.

    \b
    Examples:
      modelbook import diffusers diffusers-0.42.1-py3-none-any.whl --dry-run
    """
    with needs("compiler"):
        from modelbook_importers.diffusers import derive_diffusers
        from modelbook_importers.plan import Origin

    def work(known: Known) -> tuple[Derived, Origin]:
        derived, version = derive_diffusers(wheel, known.rules)
        url = "https://github.com/huggingface/diffusers"
        return derived, Origin("diffusers", url, (version,), day(at), own_file=True)

    _run(catalog, work, dry_run=dry_run, as_json=as_json)


@command.command("runtimes")
@click.argument("releases", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared_options
def runtimes(
    releases: tuple[Path, ...], catalog: Path, at: datetime | None, dry_run: bool, as_json: bool
) -> None:
    """Read which model classes vLLM and SGLang load, into runtime-classes.yaml.

    vLLM is read from its source archive, which has the examples of its tests, and SGLang from a
    wheel. Nothing is installed, unpacked or run. What is not named stays as it was.

    \b
    Examples:
      modelbook import runtimes vllm-0.33.0.tar.gz sglang-0.5.23-*.whl --dry-run
    """
    with needs("compiler"):
        from modelbook_compiler.files import write_file
        from modelbook_importers.runtimes import FILE, loads, runtime_table
        from modelbook_importers.wheels import CannotImportError

    try:
        changes = runtime_table(catalog, [loads(one) for one in releases], day(at))
    except CannotImportError as error:
        fail(str(error), error.hint)
    if not dry_run and changes.text is not None:
        try:
            write_file(catalog / FILE, changes.text.encode())
        except OSError as error:
            fail(f"cannot write `{error.filename}`: {error.strerror}", "run the import again")
    if as_json:
        print_json({"files": [FILE] if changes.text else [], **changes.parts()})
        return
    for name, lines in changes.parts().items():
        part(name, lines)
    verb = "would be written" if dry_run else "written"
    click.echo(f"{FILE} {verb if changes.text else 'stays as it is'}")


def _run(
    catalog: Path,
    work: Callable[[Known], tuple[Derived, Origin]],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Do an import: read, plan, write, and say what changed."""
    from modelbook_compiler.files import write_file
    from modelbook_importers.known import known
    from modelbook_importers.plan import plan
    from modelbook_importers.wheels import CannotImportError

    try:
        there = known(catalog)
        derived, origin = work(there)
        changes = plan(derived, there, origin)
    except CannotImportError as error:
        fail(str(error), error.hint)
    if not dry_run:
        try:
            for path, text in changes.files.items():
                write_file(catalog / path, text.encode())
        except OSError as error:
            fail(f"cannot write `{error.filename}`: {error.strerror}", "run the import again")
    _summary(changes, derived, dry_run=dry_run, as_json=as_json)


def _summary(changes: Changes, derived: Derived, *, dry_run: bool, as_json: bool) -> None:
    """Print what an import changes, or would."""
    parts = {
        "new": changes.new,
        "changed": changes.changed,
        "gone": changes.gone,
        "kept by hand": changes.kept,
        "mappings without a rule": list(derived.unknown_tables),
        "classes without a type": list(derived.untyped),
    }
    if as_json:
        named = {name.replace(" ", "_"): lines for name, lines in parts.items()}
        print_json({"files": sorted(changes.files), "same": changes.same, **named})
        return
    for name, lines in parts.items():
        part(name, lines)
    verb = "would be written" if dry_run else "written"
    click.echo(f"{len(changes.files):,} files {verb}; {changes.same:,} classes stay as they are")
    if derived.unknown_tables:
        click.echo("hint: add the mappings to catalog/auto-classes.yaml and import again")
