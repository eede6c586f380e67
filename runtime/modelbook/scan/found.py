"""The records of a scan. `None` always means "not known"."""

from __future__ import annotations

from ..record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Kind = Literal["hub", "folder", "gguf", "server"]
    State = Literal["complete", "partial", "no weights"]


class Problem(Record):
    """One line of the report: what could not be read or does not fit together."""

    place: str
    """The file, folder, repository or URL."""
    text: str


class Cache(Record):
    """What a model keeps for every token of its context, in bytes per token."""

    full: int
    """In the layers that keep all tokens."""
    sliding: int = 0
    """In the layers that keep the last `window` tokens only."""
    window: int | None = None

    @property
    def per_token(self) -> int:
        """Bytes that one more token takes while the window is not full."""
        return self.full + self.sliding

    def at(self, context: int) -> int:
        """Return the bytes kept at a context in tokens."""
        return self.full * context + self.sliding * min(context, self.window or context)


class Found(Record):
    """A model that is here."""

    name: str
    """`org/name`, the folder's or file's name, or the name the server states."""
    kind: Kind
    where: str
    """Path or URL."""
    state: State | None = None
    """Whether all files of the weights are here; None for servers."""
    title: str | None = None
    """Its own name for itself, where its files state one."""
    repo: str | None = None
    """HuggingFace repository, for the hub's cache."""
    variant: str | None = None
    """Which file of the repository, where each runs by itself: a GGUF quantization."""
    revision: str | None = None
    """Commit that was read."""
    refs: tuple[str, ...] = ()
    """Branches and tags that point at it."""
    revisions: tuple[str, ...] = ()
    """All commits that are cached."""
    format: str | None = None
    """safetensors, gguf, pytorch, onnx, …"""
    runtime: str | None = None
    """Software that runs it as it is, as provider files name it."""
    library: str | None = None
    architecture: str | None = None
    """Class, as `architectures` of `config.json` names it."""
    model_type: str | None = None
    pipelines: tuple[str, ...] = ()
    confidence: str = "unknown"
    reasons: tuple[str, ...] = ()
    """Why these pipeline types."""
    parameters: int | None = None
    dtype: str | None = None
    """Number format: float32, bfloat16, …; for GGUF that of most weights, such as Q4_K."""
    quantization: str | None = None
    """Method, such as gptq."""
    context: int | None = None
    context_from: str | None = None
    """The field that says it."""
    weight_bytes: int | None = None
    cache: Cache | None = None
    memory: int | None = None
    """Estimate in bytes of weights and cache at `memory_context`, with a fifth for the rest."""
    memory_context: int | None = None
    base_model: str | None = None
    license: str | None = None
    size: int | None = None
    """Bytes of all its files on disk."""
    protocol: str | None = None
    """openai or ollama, for servers."""
    problems: tuple[Problem, ...] = ()


class Report(Record):
    """All that one scan saw."""

    places: tuple[str, ...]
    """What was looked at."""
    models: tuple[Found, ...]
    problems: tuple[Problem, ...]
    """Those of no one model."""
    others: int = 0
    """Cached repositories that are no models: datasets, spaces, kernels."""

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Every problem of the report once, in the order found."""
        of_models = (problem for model in self.models for problem in model.problems)
        return tuple(dict.fromkeys((*self.problems, *of_models)))
