"""Rules about what models are, held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..diagnostics import Fix
from ..groups import Member
from ..values import Entry, Graph, Json
from .base import Finding, group_rule, rule
from .facts import facts, is_retired

WRITES_TEXT = ("tools", "parallel_tools", "json_mode", "json_schema", "system_prompt")
"""Capabilities of models that write text."""


@rule(
    "MB320",
    "a knowledge cutoff after the release",
    "model",
    bad="released: 2024-05-13\nknowledge_cutoff: 2024-10",
    good="released: 2024-05-13\nknowledge_cutoff: 2023-10",
)
def cutoff_after_release(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Nothing is trained on data that did not exist. The two dates are swapped, or one belongs to
    another version.
    """
    cutoff, released = entry.data.get("knowledge_cutoff"), entry.data.get("released")
    if cutoff and released and cutoff[: len(released)] > released[: len(cutoff)]:
        message = f"the cutoff {cutoff} is after the release {released}"
        yield Finding(message, ("knowledge_cutoff",), "check both dates at the source")


@rule(
    "MB321",
    "a limit that differs from the model's without a source",
    "deployment",
    bad="limits: {context: 32768}  # and no source that speaks for limits",
    good='sources: [{url: "https://…", checked: 2026-11-01, fields: [limits]}]',
)
def limit_without_source(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A provider may offer less context than the model has. When its number differs, readers must
    be able to see who says so: a source for the whole file, or one whose `fields` name the limit.
    What a layer above states has its layer and reason.
    """
    model = graph.kind("model").get(entry.data["model"])
    own = model.data.get("limits", {}) if model else {}
    for name, value in entry.data.get("limits", {}).items():
        if own.get(name, value) == value or ("limits", name) in entry.history:
            continue
        spoken = [source.get("fields", ["limits"]) for source in entry.data["sources"]]
        if not any({"limits", f"limits.{name}"} & set(fields) for fields in spoken):
            message = f"`{name}` {value:,} differs from the model's {own[name]:,}, with no source"
            hint = "add a source with `fields: [limits]`, or leave the limit out"
            yield Finding(message, ("limits", name), hint)


@rule(
    "MB322",
    "a moving name that points at what has ended",
    "deployment",
    bad="points_to: [{from: 2024-05-13, deployment: acme:a-1}]  # a-1 ended in 2025",
    good="points_to: [{from: 2024-05-13, deployment: acme:a-1}, {from: 2025-01-01, …}]",
)
def moving_gap(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A name that answers points at something that answers. When its target ended before the name
    moved on, either the date of the move is wrong or the next step is missing. While the end of the
    target is only announced, the next step need not be known.
    """
    steps = entry.data.get("points_to", ())
    last = entry.data["lifecycle"].get("retired_on")
    for position, step in enumerate(steps):
        after = steps[position + 1]["from"] if position + 1 < len(steps) else last
        target = graph.kind("deployment").get(step["deployment"])
        gone = target.data["lifecycle"].get("retired_on") if target else None
        if target is None or gone is None:
            continue
        if gone < after[:10] if after else is_retired(target) and not is_retired(entry):
            moves = f"moves on {after}" if position + 1 < len(steps) else "goes on pointing there"
            message = f"`{target.id}` ends on {gone}, and the name {moves}"
            hint = "add the next step, or mend the dates"
            yield Finding(message, ("points_to", position, "deployment"), hint)


@rule(
    "MB323",
    "a capability that the modalities rule out",
    "model",
    "deployment",
    bad="modalities: {input: [text], output: [embedding]}\ncapabilities: {tools: true}",
    good="modalities: {input: [text], output: [embedding]}",
)
def capability_without_modality(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """Tools, JSON and system prompts are things of models that write text. On any other model they
    were copied from its neighbour.
    """
    known = facts(entry, graph)
    output = known.get("modalities", {}).get("output")
    if output is None or {"text", "audio"} & set(output):
        return
    for name in WRITES_TEXT:
        if entry.data.get("capabilities", {}).get(name):
            message = f"`{name}` on a model that writes {' and '.join(output)}"
            hint = "delete it, or mend the modalities"
            yield Finding(message, ("capabilities", name), hint, "key")


@rule(
    "MB324",
    "closed weights with a repository",
    "model",
    bad="open_weights: false\nweights: {hf: openlab/gamma-7b}",
    good="open_weights: true\nweights: {hf: openlab/gamma-7b}",
)
def weights_disagree(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A repository that anybody can load is open weights, and closed weights have no repository.
    One of the two was copied from another model.
    """
    if entry.data.get("open_weights") is False and "hf" in entry.data.get("weights", {}):
        message = "the weights are said to be closed, and a repository is named"
        yield Finding(message, ("open_weights",), "mend one of the two")


@rule(
    "MB325",
    "a licence that SPDX does not know",
    "model",
    bad="license: Apache2",
    good="license: Apache-2.0",
)
def unknown_license(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Licences are compared and filtered by their SPDX id. One that SPDX does not list is written
    `LicenseRef-` and a name, such as `LicenseRef-Llama-3.1`.
    """
    license = entry.data.get("license")
    if license is None:
        return
    canonical = _as_listed(license)
    if canonical is None:
        hint = "find its id in the SPDX list, or write `LicenseRef-…`"
        yield Finding(f"SPDX lists no licence `{license}`", ("license",), hint)
        return
    if canonical != license:
        message = f"SPDX spells `{license}` another way"
        fix = Fix("replace", canonical)
        yield Finding(message, ("license",), f"write `{canonical}`", fix=fix)


@lru_cache(maxsize=1024)
def _as_listed(license: str) -> str | None:
    """Return a licence as SPDX spells it, None if it lists none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return canonicalize_license_expression(license)
    except InvalidLicenseExpression:
        return None


def _repository(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the repository of a model's weights, as its host tells them apart."""
    if "hf" in entry.data.get("weights", {}):
        yield entry.data["weights"]["hf"].lower(), None


@group_rule(
    "MB329",
    "two models with the same weights",
    "model",
    keys=_repository,
    bad="two model files with `weights: {hf: openlab/gamma-7b}`",
    good="one model file, and a deployment for each place it runs",
)
def same_weights(members: Sequence[Member], _graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """One repository of weights is one model. Written twice, its facts drift apart, and half of its
    deployments hang on each.
    """
    first, *others = members
    for other in others:
        yield other, shared_weights(first.id)


def shared_weights(first: str) -> Finding:
    """Return the finding in a model with the weights of another one."""
    hint = "keep one model, and let an alias lead to it"
    return Finding(f"`{first}` has the same weights", ("weights", "hf"), hint)
