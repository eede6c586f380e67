"""What a deployment must meet: one frozen value, which `normal.py` checks and spells in one way."""

from __future__ import annotations

from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from typing import TypeAlias

    from .counts import Usage

    Cap: TypeAlias = int | float | str | Decimal
    Names: TypeAlias = str | Iterable[str]
    Wanted: TypeAlias = str | Iterable[str] | Mapping[str, bool]


class Requirements(Record):
    """What a deployment must meet. The default of each field demands nothing.

    Write values as they come: any spelling of a pipeline type, one name or several, whatever their
    case and separators (a model is named by its id or an alias), numbers as text.
    `Selection.requirements` has them checked and spelt in one way: official ids, tuples, frozen
    sets, `Decimal`. What is not known of a deployment satisfies no requirement.
    """

    pipeline: str | None = None
    """The pipeline type it must serve."""
    include_api: bool = True
    """Whether deployments at APIs and gateways may be chosen."""
    include_self_hosted: bool = True
    """Whether self-hosted deployments may be chosen."""
    providers: Names | None = None
    """Ids of the providers to choose from; None means all."""
    exclude_providers: Names | None = None
    """Ids of providers to leave out."""
    prefer: Names | None = None
    """Ids of providers, the best first: what `sort="preference"` goes by, and where nothing is said
    of the order, what comes first. It leaves nobody out."""
    models: Names | None = None
    """Ids of the models to choose from."""
    creators: Names | None = None
    """Who made the model: the parts of model ids before the slash."""
    text: str | None = None
    """Words; each must occur in the id, the model's id, its name or its family, whatever the case
    and the separators. Text without a letter, a digit or a sign other than those is refused."""
    methods: Names | None = None
    """Access methods of the provider: cli, api, sdk, in-process; one of them is enough."""
    min_context_length: int | None = None
    """Least context, in tokens."""
    min_output_tokens: int | None = None
    """Least output that it can write, in tokens."""
    max_cost_per_1k: Cap | None = None
    """Most that 1,000 standard input tokens may cost, in USD, inclusive. An unknown price passes no
    cap; a self-hosted deployment without prices is not metered and passes every cap."""
    max_input_cost: Cap | None = None
    """Most that 1M standard input tokens may cost, in USD, inclusive."""
    max_output_cost: Cap | None = None
    """Most that 1M standard output tokens may cost, in USD, inclusive."""
    usage: Usage | None = None
    """What one call uses, unit to count, as `price` takes it: for `max_cost_per_call`, and for
    sorting by cost."""
    max_cost_per_call: Cap | None = None
    """Most that a call of `usage` may cost, in USD, inclusive. A call that is too large for the
    deployment costs nothing known."""
    requires: Wanted = frozenset()
    """Capabilities that must be known to be true. A mapping may say False: `{"reasoning": False}`
    adds to `lacks`."""
    lacks: Names = frozenset()
    """Capabilities that must be known to be false."""
    input: Names | None = None
    """Modalities that it must be known to take, all of them."""
    output: Names | None = None
    """Modalities that it must be known to give, all of them."""
    licenses: Names | None = None
    """SPDX ids of licences of the weights; one of them."""
    open_weights: bool | None = None
    """Whether its weights must be known to be open (True) or closed (False)."""
    min_parameters: int | None = None
    """Least number of weights, all of them counted."""
    max_parameters: int | None = None
    """Most weights, all of them counted."""
    max_memory: int | None = None
    """Most bytes that its weights may have, in the format served. An API takes none of yours and
    passes."""
    statuses: Names | None = None
    """preview, active, deprecated, retired: one of them, as it stands at the time asked for. None
    means all but retired."""
    include_retired: bool = False
    """Whether deployments that no longer answer may be chosen."""
    regions: Names | None = None
    """Regions; it must be known to be served in one of them. Self-hosted is where you run it, and
    passes; so it does what follows on data, since nothing leaves."""
    trains_on_inputs: bool | None = None
    """False: what is sent must be known not to be trained on. True is refused."""
    max_retention_days: int | None = None
    """Most days for which what is sent may be kept."""
    zero_retention: bool | None = None
    """True: it must be known that nothing sent is kept, or that one can have it so. False is
    refused."""
    available_only: bool = False
    """Whether its provider must be within reach from here: see `modelbook.reach`."""
    sort: Names | None = None
    """The order: cost, output_cost, context, output, parameters, released, preference, name,
    provider, the best first; `-` before one turns it round. Several: a tuple, or `context,cost`."""
    limit: int | None = None
    """Most deployments to return."""


class Exclusion(Record):
    """Why a deployment was left out."""

    id: str
    """The deployment."""
    reason: str
    """The filter, one of `modelbook.words.REASONS`."""
    text: str
    """The same in words."""
