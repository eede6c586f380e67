"""The records of the lookup. Every field's meaning and unit is written here once.

`None` always means "not known"; it is never 0, an empty string or False.
"""

from __future__ import annotations

from .record import FrozenDict, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Literal

    SourceType = Literal["api", "self-hosted"]
    Status = Literal["preview", "active", "deprecated", "retired"]

CAPABILITIES = (
    "tools",
    "parallel_tools",
    "json_mode",
    "json_schema",
    "reasoning",
    "streaming",
    "system_prompt",
    "temperature",
    "prompt_cache",
    "batch",
    "fine_tuning",
    "web_search",
    "code_execution",
    "computer_use",
)
"""Capabilities a catalog file may state, in schema order."""

MODALITIES = (
    "text",
    "image",
    "audio",
    "video",
    "document",
    "table",
    "embedding",
    "scores",
    "labels",
    "boxes",
    "masks",
    "keypoints",
    "3d",
    "time-series",
    "graph",
    "state",
    "action",
)
"""Kinds of data that models read and write, in schema order."""

DERIVED_CAPABILITIES = FrozenDict(
    {
        "vision": ("input", "image"),
        "audio_input": ("input", "audio"),
        "video_input": ("input", "video"),
        "document_input": ("input", "document"),
        "image_output": ("output", "image"),
        "audio_output": ("output", "audio"),
        "video_output": ("output", "video"),
    }
)
"""Capabilities that follow from modalities: name to (direction, modality)."""


class Source(Record):
    """Where facts come from."""

    url: str
    """The page or file that states them."""
    checked: str
    """Day it was read, UTC, YYYY-MM-DD."""
    fields: tuple[str, ...] | None = None
    """The fields it speaks for; None means the whole record."""
    note: str | None = None
    """How to read it."""


class Modalities(Record):
    """Kinds of data in and out, such as text, image, audio, embedding."""

    input: tuple[str, ...] | None = None
    output: tuple[str, ...] | None = None


class Limits(Record):
    """Sizes in tokens."""

    context: int | None = None
    """Most tokens of input and output together."""
    max_input: int | None = None
    """Most tokens of input, where stated apart from the context."""
    max_output: int | None = None
    """Most tokens of output."""


class Capabilities(Record):
    """What a model can do: True, False, or None where not known."""

    tools: bool | None = None
    parallel_tools: bool | None = None
    json_mode: bool | None = None
    json_schema: bool | None = None
    reasoning: bool | None = None
    streaming: bool | None = None
    system_prompt: bool | None = None
    temperature: bool | None = None
    prompt_cache: bool | None = None
    batch: bool | None = None
    fine_tuning: bool | None = None
    web_search: bool | None = None
    code_execution: bool | None = None
    computer_use: bool | None = None


class Parameters(Record):
    """Number of weights, counted one by one."""

    total: int | None = None
    active: int | None = None
    """Used for one token, in a mixture of experts."""


class Weights(Record):
    """Where the weights are and how large."""

    hf: str | None = None
    """HuggingFace repository."""
    bytes: int | None = None
    """Size of the weight files, in bytes."""
    dtype: str | None = None
    """Number format they are published in."""


class DataPolicy(Record):
    """What happens to what is sent, as the provider's terms for paid use have it."""

    trains_on_inputs: bool | None = None
    """Whether models are trained on it."""
    retention_days: int | None = None
    """Days for which it is kept, at most."""
    zero_retention: bool | None = None
    """Whether nothing is kept, or one can have it so."""


class Lifecycle(Record):
    """Where a deployment stands between release and retirement. Dates are UTC, YYYY-MM-DD."""

    status: Status
    released: str | None = None
    deprecated_on: str | None = None
    """Day its end was announced."""
    not_retired_before: str | None = None
    """Day until which the provider promises that it answers, where no end is announced."""
    retired_on: str | None = None
    """First day it no longer answers; announced or past."""
    successor: str | None = None
    """Id of the deployment that its provider names as replacement."""


class Target(Record):
    """One step of a moving name: from this UTC instant on it means this deployment."""

    from_: str
    deployment: str


class Window(Record):
    """A part of the day; `until` at or before `from_` means on the next day."""

    from_: str
    """Opening time HH:MM, inclusive."""
    until: str
    """Closing time HH:MM, exclusive."""
    zone: str
    """IANA time zone of the times."""
    days: tuple[str, ...] | None = None
    """Days it opens on (mon … sun); None means every day."""


class Conditions(Record):
    """What must hold for a price entry to apply; all that is stated, None where nothing is."""

    tier: str | None = None
    """Processing tier, such as batch; None is the standard one."""
    context_above: int | None = None
    """More input tokens than this (strictly above; cached tokens count)."""
    region: str | None = None
    speed: str | None = None
    size: str | None = None
    """Width x height in pixels."""
    quality: str | None = None
    window: Window | None = None


STANDARD = Conditions()
"""No conditions: the standard price."""


class Allowance(Record):
    """A quantity that is free of charge in each period."""

    quantity: int
    """In the unit's own quantity (tokens, seconds, …)."""
    per: str
    """request, day or month."""


class Price(Record):
    """One price entry. For each unit the last entry that applies wins."""

    amounts: FrozenDict[str, Decimal | None] = FrozenDict()
    """Unit id to the price per the unit's `per` (tokens: per 1M), in `currency`. 0 is
    `free`; None is `unknown`, which ends what an earlier entry says."""
    currency: str = "USD"
    from_: str | None = None
    """First UTC instant it applies, inclusive; None means always."""
    until: str | None = None
    """First UTC instant it no longer applies, exclusive; None means no end."""
    when: Conditions = STANDARD
    marginal: bool = False
    """With `when.context_above`: only the tokens above the threshold have this price."""
    multiply: Decimal | None = None
    """Factor on the prices that apply without this entry."""
    units: tuple[str, ...] | None = None
    """The units that `multiply` applies to; None means all."""
    minimum: FrozenDict[str, int] = FrozenDict()
    """Least quantity charged for one request, per unit, in the unit's own quantity."""
    allowance: FrozenDict[str, Allowance] = FrozenDict()
    source: Source | None = None


class Throughput(Record):
    """How many tokens a deployment processes a second, all its accelerators together."""

    accelerators: int
    """How many it runs on; each is paid by the hour (`gpu_hours`)."""
    input: int | None = None
    """Input tokens a second."""
    output: int | None = None
    """Output tokens a second."""


class Facts(Record):
    """What a model is, wherever it runs. A deployment restates only what differs there."""

    family: str | None = None
    released: str | None = None
    """First available to the public: YYYY-MM-DD, YYYY-MM or YYYY."""
    knowledge_cutoff: str | None = None
    """Last date of the training data: YYYY-MM-DD, YYYY-MM or YYYY."""
    modalities: Modalities = Modalities()
    limits: Limits = Limits()
    capabilities: Capabilities = Capabilities()
    dimensions: int | None = None
    """Length of the vector an embedding model returns by default."""
    pipelines: tuple[str, ...] = ()
    """HuggingFace pipeline types it serves, the primary one first."""
    architecture: str | None = None
    """Model class, as `architectures` in `config.json` names it."""
    parameters: Parameters = Parameters()
    license: str | None = None
    """SPDX id, or `LicenseRef-…`, of the licence of the weights."""
    open_weights: bool | None = None
    weights: Weights = Weights()

    def supports(self, capability: str) -> bool | None:
        """Tell whether it has a capability (also `vision` and the like): True, False, None unknown.

        Raises `RequestError` for a name that is no capability.
        """
        if capability in DERIVED_CAPABILITIES:
            direction, modality = DERIVED_CAPABILITIES[capability]
            known: tuple[str, ...] | None = getattr(self.modalities, direction)
            return None if known is None else modality in known
        if capability in CAPABILITIES:
            answer: bool | None = getattr(self.capabilities, capability)
            return answer
        from .names import unknown_capability

        raise unknown_capability(capability)


class Model(Facts):
    """A model, wherever it runs."""

    id: str
    """`creator/name`, such as `openai/gpt-4o`."""
    name: str
    """The creator's own name for it."""
    aliases: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def creator(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]


class Deployment(Facts):
    """One model at one provider, the model's facts merged in."""

    id: str
    """`provider:wire-name`, such as `openai:gpt-4o-2024-08-06`."""
    provider: str
    """Id of the provider."""
    source_type: SourceType
    """`api` (gateways too) or `self-hosted`."""
    model: str
    """Id of the model."""
    model_name: str
    """The creator's own name for the model."""
    wire_name: str
    """The name to send, in its true case."""
    lifecycle: Lifecycle
    aliases: tuple[str, ...] = ()
    points_to: tuple[Target, ...] = ()
    """For a moving name: what it means from when, oldest first."""
    fine_tuned: bool = False
    """Whether the name stands for those of models tuned from it: it has their prices, and nobody
    can call it as it stands."""
    prices: tuple[Price, ...] = ()
    """Price entries, those of the targets for a moving name; empty where not known."""
    throughput: Throughput | None = None
    """How fast it is, for a self-hosted one that is paid by the hour."""
    quantization: str | None = None
    """Number format it is served in, where that is not the published one."""
    regions: tuple[str, ...] | None = None
    """Where it is known to be served; the provider's, where it states none of its own."""
    data_policy: DataPolicy = DataPolicy()
    """The provider's, but for what is stated apart."""
    sources: tuple[Source, ...] = ()

    def price(
        self,
        unit: str,
        at: object = None,
        *,
        tier: str | None = None,
        region: str | None = None,
        speed: str | None = None,
        size: str | None = None,
        quality: str | None = None,
        input_tokens: int = 0,
        currency: str = "USD",
    ) -> Decimal | None:
        """Return the price of a unit at an instant; None where it is not known.

        Per the unit's `per`: for tokens per 1M. Without more it is the standard price. `at` is a
        date, a datetime or ISO text, UTC, default now; `input_tokens` is how many the request has,
        for prices that depend on it. A price in another currency is not known in this one. Raises
        `RequestError` for an unknown unit, and for a tier, region, speed, size or quality that no
        price of this deployment speaks of. What a whole call costs, `modelbook_catalog.price` says.
        """
        from .instants import seconds
        from .prices import checked_call, price_in_call

        units: tuple[str, ...] | None = self.__dict__.get("_units")
        if units is not None and unit not in units:
            from .names import unknown_unit

            raise unknown_unit(unit, units)
        call = checked_call(
            self.prices,
            self.id,
            tier=tier,
            region=region,
            speed=speed,
            size=size,
            quality=quality,
        )
        return price_in_call(self.prices, unit, seconds(at), call, input_tokens, currency)


class Access(Record):
    """One way to reach a provider."""

    method: str
    """cli, api, sdk or in-process."""
    protocol: str | None = None
    """Wire format of the API, such as openai."""
    base_url: str | None = None
    command: str | None = None
    """The executable, for cli."""
    package: str | None = None
    """The Python package, for sdk and in-process."""
    secret: str | None = None
    """Id of the credential a call needs."""


class Provider(Record):
    """Who runs models."""

    id: str
    name: str
    kind: str
    """api, gateway or self-hosted."""
    runtime: str | None = None
    """The software that runs the weights, for self-hosted."""
    website: str | None = None
    access: tuple[Access, ...] = ()
    """Ways to reach it, the preferred one first."""
    regions: tuple[str, ...] | None = None
    """Where it is known to serve."""
    data_policy: DataPolicy = DataPolicy()
    sources: tuple[Source, ...] = ()

    @property
    def source_type(self) -> SourceType:
        """`self-hosted`, or `api` for APIs and gateways."""
        return "self-hosted" if self.kind == "self-hosted" else "api"


class Pipeline(Record):
    """A pipeline type: a HuggingFace task."""

    id: str
    name: str
    modality: str
    """The official family: nlp, audio, cv, multimodal, tabular, rl or other."""
    order: int
    """Position in the official list."""
    input: tuple[str, ...]
    """What goes in; all of it is needed."""
    output: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    """Other spellings, beside case, `_` and `-`."""
    subtasks: FrozenDict[str, str] = FrozenDict()
    """Official subtask id to its name."""
    hidden_in_models: bool = False
    hidden_in_datasets: bool = False
    canonical: str | None = None
    """The task whose page on the Hub describes this one."""
    transformers: FrozenDict[str, str] = FrozenDict()
    """`v4`/`v5` to the name under which transformers' `pipeline()` runs it."""
    sources: tuple[Source, ...] = ()


class Architecture(Record):
    """A model class."""

    id: str
    """Class name, as `architectures` in `config.json` states it."""
    pipelines: tuple[str, ...]
    """Pipeline types it serves, the primary one first."""
    basis: str
    """How that is known: official rule, derived from it, or set by hand."""
    model_types: tuple[str, ...] = ()
    """`model_type`s of `config.json` that use it; none for libraries without them."""
    library: str = "transformers"
    """The library it belongs to."""
    last_seen: str | None = None
    """The last release known to have it, where newer ones do not."""
    reason: str | None = None
