"""The options that choose deployments, the same for every command that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .completion import pipelines, providers
from .shared import F

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook.requirements import Requirements
    from modelbook.selection import Selection

SEVERAL: Mapping[str, tuple[str, str]] = {
    "exclude_provider": ("exclude_providers", "Not at this provider."),
    "model": ("models", "This model."),
    "creator": ("creators", "A model of this creator."),
    "method": ("methods", "Reached by cli, api, sdk or in-process."),
    "lacks": ("lacks", "A capability that it is known not to have."),
    "takes": ("input", "Input it takes: text, image, audio, …"),
    "gives": ("output", "Output it gives: text, embedding, …"),
    "license": ("licenses", "SPDX id of its licence."),
    "status": ("statuses", "preview, active, deprecated or retired."),
    "in_region": (
        "regions",
        "Known to be served in this region: eu, us, …; self-hosted passes. Few state any.",
    ),
}
"""Option that may be repeated to the requirement it states, and its help."""

COUNTS: Mapping[str, tuple[str, str]] = {
    "min_context": ("min_context_length", "Least context, in tokens: 128k."),
    "min_output": ("min_output_tokens", "Least output, in tokens: 16k."),
    "min_parameters": ("min_parameters", "Least number of weights: 7B."),
    "max_parameters": ("max_parameters", "Most weights: 70B."),
    "max_memory": ("max_memory", "Most memory for the weights, if self-hosted: 24GB, 24GiB."),
    "max_retention_days": ("max_retention_days", "Most days for which what is sent is kept."),
}
"""Option that takes a count, and so on."""

CAPS: Mapping[str, tuple[str, str]] = {
    "max_cost_per_1k": (
        "max_cost_per_1k",
        "Most that 1,000 standard input tokens may cost, in USD.",
    ),
    "max_input_cost": ("max_input_cost", "Most that 1M standard input tokens may cost, in USD."),
    "max_output_cost": ("max_output_cost", "Most that 1M standard output tokens may cost, in USD."),
    "max_call_cost": ("max_cost_per_call", "Most that a call of --call may cost, in USD."),
}
"""Option that takes an amount of money, and so on."""

COMMON = (
    click.option(
        "--pipeline",
        "-p",
        shell_complete=pipelines,
        help="Pipeline type, in any spelling: text-generation, ner, …",
    ),
    click.option(
        "--provider",
        multiple=True,
        shell_complete=providers,
        help="Only at this provider; repeat, or use commas, as for all that name one thing.",
    ),
    click.option("--api/--no-api", default=True, help="Include APIs and gateways."),
    click.option("--self-hosted/--no-self-hosted", default=True, help="Include self-hosted ones."),
    click.option("--requires", "-r", multiple=True, help="A capability: tools, vision, …; repeat."),
    click.option("--text", help="Words that occur in its names."),
    click.option("--at", help="As of this UTC date, YYYY-MM-DD; default now."),
    click.option("--retired", is_flag=True, help="Include deployments that no longer answer."),
    click.option("--available", is_flag=True, help="Only what is within reach: keys, commands."),
    click.option("--open-weights/--closed-weights", default=None, help="By its weights."),
    click.option(
        "--no-training",
        is_flag=True,
        help="Known not to train on what is sent; few providers state it.",
    ),
    click.option(
        "--zero-retention",
        is_flag=True,
        help="Known to keep nothing that is sent; few providers state it.",
    ),
    click.option("--call", multiple=True, metavar="UNIT=COUNT", help="What a call uses; repeat."),
)

OPTIONS = (
    *COMMON,
    *(click.option(f"--{one.replace('_', '-')}", help=text) for one, (_, text) in CAPS.items()),
    *(
        click.option(f"--{one.replace('_', '-')}", metavar="COUNT", help=text)
        for one, (_, text) in COUNTS.items()
    ),
    *(
        click.option(f"--{one.replace('_', '-')}", one, multiple=True, help=text)
        for one, (_, text) in SEVERAL.items()
    ),
)

SIZES = {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40, "kb": 10**3, "mb": 10**6}
SIZES |= {"gb": 10**9, "tb": 10**12}
"""Units of memory, in bytes."""


def filter_options(function: F) -> F:
    """Add the options that choose deployments."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def chosen(
    catalog: Catalog,
    options: Mapping[str, Any],
    limit: int | None,
    sort: str | None = None,
    prefer: tuple[str, ...] = (),
    policy: str | None = None,
) -> Selection:
    """Return the deployments that meet the options, or a policy.

    Raises `RequestError` for further filters beside a policy.
    """
    from modelbook.errors import RequestError
    from modelbook.package import select
    from modelbook.policies import select_by_policy

    if policy is None:
        needs = stated(options).changed(limit=limit, sort=sort, prefer=several(prefer) or None)
        return select(catalog, needs, at=options["at"])
    if filtered(options) or sort or prefer:
        raise RequestError("`--policy` says all that is required; beside it go --at and --limit")
    return select_by_policy(catalog, policy, at=options["at"], limit=limit)


def stated(options: Mapping[str, Any]) -> Requirements:
    """Return what the options require, as they state it."""
    from modelbook.requirements import Requirements

    fields: dict[str, Any] = {
        **{field: several(options[one]) or None for one, (field, _) in SEVERAL.items()},
        **{field: options[one] for one, (field, _) in CAPS.items()},
        **{field: _count(options[one], one) for one, (field, _) in COUNTS.items()},
        "lacks": several(options["lacks"]),
    }
    return Requirements(
        **fields,
        pipeline=options["pipeline"],
        include_api=options["api"],
        include_self_hosted=options["self_hosted"],
        providers=several(options["provider"]) or None,
        requires=several(options["requires"]),
        text=options["text"],
        include_retired=options["retired"],
        available_only=options["available"],
        open_weights=options["open_weights"],
        trains_on_inputs=False if options["no_training"] else None,
        zero_retention=True if options["zero_retention"] else None,
        usage=_usage(options["call"]),
    )


def several(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of an option that may be repeated; each may hold several, with commas."""
    names = (name.strip() for text in given for name in text.split(","))
    return tuple(name for name in names if name) or given


def _count(text: str | None, option: str) -> int | None:
    """Return a count such as 16k or 70B, or bytes such as 24GB; raise `RequestError`."""
    from modelbook.errors import RequestError
    from modelbook.names import shown

    from .counts import count

    if text is None:
        return None
    name, plain, factor = f"--{option.replace('_', '-')}", text.strip().lower(), 1
    if option == "max_memory":
        word = next((word for word in SIZES if plain.endswith(word)), "")
        plain, factor = plain.removesuffix(word).strip(), SIZES.get(word, 1)
    found = count(plain, name) * factor
    if found != int(found):
        raise RequestError(f"`{name}` takes a whole number, not {shown(text)}")
    return int(found)


def _usage(pairs: tuple[str, ...]) -> dict[str, Any] | None:
    """Return what a call uses; None if nothing is said of it."""
    from .counts import SHORT, typed

    none_of_them = dict.fromkeys(SHORT)
    return typed({**none_of_them, "units": pairs}, "--call") if pairs else None


def filtered(options: Mapping[str, Any]) -> bool:
    """Tell whether any of the options leaves something out."""
    from modelbook.requirements import Requirements

    needs = stated(options).changed(usage=None).__dict__
    return any(value not in (getattr(Requirements, name), ()) for name, value in needs.items())


def tell_why_empty(selection: Selection) -> None:
    """Print why nothing is left, if so, and what comes nearest."""
    from modelbook_compiler.report.escape import printable

    why = selection.why_empty
    if why is None:
        return
    click.echo(printable(why.text), err=True)
    for one in why.nearest[1:]:
        click.echo(printable(f"  {one.id} {one.text}"), err=True)
