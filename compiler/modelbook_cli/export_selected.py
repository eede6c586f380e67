"""`modelbook export` of what the filters choose: rows, a list of models, a litellm proxy."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .completion import policies
from .filters import chosen, filter_options, filtered
from .shared import F, fail, needs, package, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelbook.selection import Selection
    from modelbook_exporters.litellm_router import Book, Named

STRATEGIES = (
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing",
    "usage-based-routing-v2",
)
"""How litellm may choose among the deployments of a model."""


def selected(function: F) -> F:
    """Add the options of `modelbook models`, and where to write."""
    function = click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write this file, whole or not at all, instead of printing.",
    )(function)
    for option in (
        click.option("--policy", shell_complete=policies, help="What a named policy asks."),
        click.option("--limit", type=int, help="At most so many."),
    ):
        function = option(function)
    return filter_options(function)


by_option = click.option(
    "--by",
    type=click.Choice(["model", "deployment"]),
    default="model",
    show_default=True,
    help="Whose ids clients ask for.",
)


@click.command("csv")
@selected
def csv(limit: int | None, output: Path | None, **options: Any) -> None:
    """Write a row for each deployment as CSV, for a spreadsheet.

    The columns are those of the SQL table `deployments`, then the prices per 1M tokens. An empty
    cell is what is not known. A text that a spreadsheet would run has a `'` before it.

    \b
    Examples:
      modelbook export csv -p text-generation --output models.csv
      modelbook export csv --provider openai --retired
    """
    from modelbook.frames import to_csv

    write(to_csv(_chosen(options, limit)).encode(), output)


@click.command("ndjson")
@selected
def ndjson(limit: int | None, output: Path | None, **options: Any) -> None:
    """Write a row for each deployment as JSON, one a line; null is what is not known.

    \b
    Examples:
      modelbook export ndjson -p embeddings | jq -r .id
      modelbook export ndjson --provider groq --at 2026-07-01 --output groq.ndjson
    """
    from modelbook.frames import to_ndjson

    write(to_ndjson(_chosen(options, limit)).encode(), output)


@click.command("parquet")
@selected
def parquet(limit: int | None, output: Path | None, **options: Any) -> None:
    """Write a row for each deployment as a Parquet file, prices as exact decimals.

    \b
    Examples:
      modelbook export parquet --output deployments.parquet
      modelbook export parquet -p text-generation -r tools -o tools.parquet
    """
    from modelbook.frames import to_parquet

    if output is None:
        raise click.UsageError("Parquet is no text: name a file with --output")
    with told():
        content = to_parquet(_chosen(options, limit))
    write(content, output)


@click.command("openai-models")
@selected
@by_option
def openai_models(limit: int | None, output: Path | None, by: str, **options: Any) -> None:
    """Write the answer to `GET /v1/models` of an API like OpenAI's.

    `created` is the release day. Clients need it, so it is 0 where no day is known; those are
    counted on standard error.

    \b
    Examples:
      modelbook export openai-models --provider openai --by deployment
      modelbook export openai-models -p text-generation -r tools --output models.json
    """
    with needs("compiler"):
        from modelbook_exporters.openai_models import export
        from modelbook_exporters.text import text
    found = export(_chosen(options, limit), by)
    write(text(found.data).encode(), output)
    if unknown := found.left.total():
        click.echo(f"{unknown:,} without a known release day: `created` is 0", err=True)


@click.command("litellm-router")
@selected
@by_option
@click.option("--routing", type=click.Choice(STRATEGIES), help="How litellm chooses among several.")
@click.option(
    "--litellm-map",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="litellm's own map of models; prices that it has are left out.",
)
def litellm_router(
    limit: int | None,
    output: Path | None,
    by: str,
    routing: str | None,
    litellm_map: Path | None,
    **options: Any,
) -> None:
    """Write the configuration of a litellm proxy for what the filters choose.

    Keys are named, never written: `api_key: os.environ/OPENAI_API_KEY`. Deployments that litellm
    has no way to are counted on standard error. With a policy, clients ask for its name, and what
    it falls back to is tried where all that meets it fails.

    \b
    Examples:
      modelbook export litellm-router --provider openai --provider groq --output config.yaml
      modelbook export litellm-router -p text-generation -r tools --limit 20 --by deployment
      modelbook export litellm-router --provider vllm --routing least-busy
      modelbook export litellm-router --policy cheap-chat --limit 5
    """
    with needs("compiler"):
        from modelbook_exporters.litellm_router import export
        from modelbook_exporters.text import yaml
    policy = options["policy"]
    if policy is None and not filtered(options) and limit is None:
        fail(
            "a proxy for everything that the book lists is nobody's: choose what yours serves",
            "say which, with --provider, --pipeline or another filter",
        )
    found = _chosen(options, limit)
    named = _named(policy, found) if policy is not None else None
    out = export(found, _book(litellm_map), found.at, by, routing, named)
    if not out.data["model_list"]:
        fail("nothing that litellm can reach meets the filters", _counted(out.unreachable) or None)
    write(yaml(out.data).encode(), output)
    for words, left in (
        ("prices that this shape cannot say", out.left),
        ("deployments that litellm has no way to", out.unreachable),
    ):
        if left:
            click.echo(f"{left.total():,} {words}: {_counted(left)}", err=True)


def _named(policy: str, found: Selection) -> Named:
    """Return a policy as a proxy knows it: of its fallback what is not chosen anyway."""
    from modelbook.policies import get_policy
    from modelbook_exporters.litellm_router import Named

    catalog = package().catalog()
    fallback = () if found.fell_back else get_policy(catalog, policy).fallback
    further = tuple(map(catalog.get_deployment, (id for id in fallback if id not in found.ids)))
    return Named(policy, further)


def _book(litellm_map: Path | None) -> Book:
    """Return what an export for litellm looks up."""
    from modelbook_exporters.litellm_router import Book
    from modelbook_exporters.words import table, words_of

    public = table()
    addresses = {id: facts.get("base_url") for id, facts in public["providers"].items()}
    return Book(
        package().catalog(),
        words_of(public, "litellm"),
        {id: url for id, url in addresses.items() if url},
        _map(litellm_map) if litellm_map else {},
    )


def _map(path: Path) -> Mapping[str, Any]:
    """Return litellm's map of models, numbers exact; end with a message where it is none."""
    try:
        data = json.loads(path.read_bytes(), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        fail(f"`{path}` cannot be read as litellm's map of models: {error}")
    if not isinstance(data, dict) or not all(isinstance(one, dict) for one in data.values()):
        fail(f"`{path}` is not litellm's map of models", "it maps names to fields")
    return data


def _chosen(options: Mapping[str, Any], limit: int | None) -> Selection:
    """Return what the filters choose; end with a message for a filter without meaning."""
    with told():
        return chosen(package().catalog(), options, limit, policy=options["policy"])


def write(content: bytes, output: Path | None) -> None:
    """Print bytes, or write them to a file, whole or not at all."""
    from modelbook_compiler.files import write_file

    if output is None:
        click.echo(content, nl=False)
        return
    if not output.absolute().parent.is_dir():
        fail(f"`{output}` cannot be written: there is no folder `{output.parent}`")
    try:
        write_file(output, content)
    except OSError as error:
        fail(f"`{output}` cannot be written: {error.strerror}")


def _counted(left: Counter[str]) -> str:
    """Return words with how often each occurs, the most frequent first."""
    most = sorted(left.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{word} {number:,}" for word, number in most)


COMMANDS = (csv, ndjson, parquet, openai_models, litellm_router)
