"""What is said of a deployment, and the facts of its model -> the facts of its file."""

from __future__ import annotations

from collections.abc import Mapping

from modelbook.served import served_by_api

from ..market.claims import Json
from .gather import Offer
from .models import MEDIA, Kinds, covers, in_order
from .price_lists import Agreed
from .voices import MEASURES, Hearing

QUANTIZATIONS = {"8bit": "int8", "4bit": "int4", "fp8-dynamic": "fp8", "mlx-4bit": "int4"}
"""Parts of names to the words of the schema, where they differ."""
KNOWN = frozenset({"fp8", "int8", "int4", "awq", "gptq", "gguf", "nvfp4", "mxfp4", "bf16", "fp16"})


def facts_of(
    offer: Offer,
    hearing: Hearing,
    agreed: Agreed | None,
    model: Mapping[str, Json],
    kinds: Kinds,
    at: str,
) -> dict[str, Json]:
    """Return the facts of a deployment: those of its model are stated only where they differ.

    `at` is the day of the import; what is to end before it has ended.
    """
    data: dict[str, Json] = {"model": offer.model}
    if offer.wire != offer.wire.lower():
        data["wire_name"] = offer.wire
    if offer.aliases:
        data["aliases"] = list(offer.aliases)
    if offer.tags.get("route") == "fine-tuned":
        data["fine_tuned"] = True
    data["lifecycle"] = lifecycle(hearing, at)
    for word in MEASURES:
        own = _differing(word, hearing, model.get(word, {}))
        if word == "limits":
            own = _bounded(own, model.get(word, {}))
        if own:
            data[word] = {field: own[field] for field in in_order(own)}
    pipelines = _pipelines(data, model, kinds)
    if pipelines:
        data["pipelines"] = pipelines
    written = offer.tags.get("quantization", "")
    written = QUANTIZATIONS.get(written, written)
    if written in KNOWN:
        data["quantization"] = written
    if agreed is not None:
        data["prices"] = [dict(entry) for entry in agreed.entries]
    return data


def lifecycle(hearing: Hearing, at: str) -> dict[str, Json]:
    """Return where a deployment stands: listed, it answers, unless somebody says otherwise."""
    said = {
        field.partition(".")[2]: heard.best.value
        for field, heard in hearing.items()
        if field.startswith("lifecycle.")
    }
    status = said.get("status", "active")
    if "retired_on" in said:
        status = "retired" if said["retired_on"] <= at else "deprecated"
    found = {**said, "status": status}
    return {field: found[field] for field in in_order(found)}


def _differing(word: str, hearing: Hearing, model: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is said outright of a deployment and is not what its model has."""
    found: dict[str, Json] = {}
    for field, heard in hearing.items():
        first, _, name = field.partition(".")
        value, known = heard.best.value, model.get(name)
        if first != word or value == known or (heard.best.rough and known is not None):
            continue
        if field == "modalities.output" and {*(known or ())} - MEDIA:
            continue  # catalogs that have no word for vectors and scores
        found[name] = value
    return found


def _pipelines(
    own: Mapping[str, Json], model: Mapping[str, Json], kinds: Kinds
) -> list[str] | None:
    """Return the pipeline types of a deployment that reads or writes less than its model."""
    types = kinds.of_model(model)
    if "modalities" not in own or not types:
        return None
    flat = {f"modalities.{one}": value for one, value in model.get("modalities", {}).items()}
    flat |= {f"modalities.{one}": value for one, value in own["modalities"].items()}
    kept = [one for one in types if covers(one, flat, kinds)]
    if kept == types:
        return None
    sides = (flat.get("modalities.input", ()), flat.get("modalities.output", ()))
    return kept or list(served_by_api({}, kinds.modalities, None, *sides)) or None


def _bounded(own: dict[str, Json], model: Mapping[str, Json]) -> dict[str, Json]:
    """Return limits that fit: what is above the context is left out, or is the context.

    No input or output can be longer than the context of this deployment, whatever the model can do.
    """
    context = own.get("context", model.get("context"))
    if context is None:
        return own
    for name in ("max_input", "max_output"):
        if own.get(name, 0) > context:
            del own[name]
        if name not in own and model.get(name, 0) > context:
            own[name] = context
    return own
