"""What is known of a model's files and card -> the pipeline types it serves, and why.

One procedure for everybody: the lookup, `modelbook scan` and the compiler. Its tables are catalog
data (`auto-classes.yaml`, `class-suffixes.yaml`, `libraries.yaml`, `architectures/`); they load
when something is decided.
"""

from __future__ import annotations

from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

    from .catalog import Catalog

    Confidence = Literal["certain", "high", "medium", "low", "unknown"]
    Suffixes = Iterable[tuple[tuple[str, ...], tuple[str, ...]]]

OTHER_FRAMEWORKS = ("TF", "Flax")
"""What TensorFlow and JAX classes of transformers put before the name of the PyTorch class."""

WRITES_TEXT = ("ForConditionalGeneration", "ForCausalLM", "LMHeadModel", "ChatModel", "Chat")
"""Endings of classes that write text, whatever they read."""

SEES = ("vision", "visual", "vit", "image", "img", "mm_vision", "clip")
HEARS = ("audio", "speech", "sound")
"""How the names of configurations for what a model sees and hears begin."""

GENERIC = frozenset({"text-generation", "feature-extraction"})
"""Types that say nothing of what a model reads besides text."""


class Evidence(Record):
    """What is known of a model before anything of it is loaded. What is not known is left out."""

    pipeline_tag: str | None = None
    """`pipeline_tag` of the model card."""
    library: str | None = None
    """`library_name` of the model card."""
    tags: tuple[str, ...] = ()
    """`tags` of the model card."""
    files: tuple[str, ...] = ()
    """Paths of the repository's files."""
    model_index_class: str | None = None
    """`_class_name` of `model_index.json` (diffusers)."""
    architectures: tuple[str, ...] = ()
    """`architectures` of `config.json`."""
    auto_map: tuple[str, ...] = ()
    """Keys of `auto_map` in `config.json`: `AutoModelForCausalLM` and the like."""
    model_type: str | None = None
    """`model_type` of `config.json`."""
    sub_configs: tuple[str, ...] = ()
    """Names of configurations inside `config.json`: `vision_config`, `audio_config`."""
    num_labels: int | None = None
    """Number of classes, from `num_labels` or `id2label`."""
    sentence_transformers_modules: tuple[str, ...] = ()
    """`type` of each entry of `modules.json`."""


class Decision(Record):
    """The pipeline types of a model, and how sure they are."""

    pipelines: tuple[str, ...]
    """Official ids, the primary one first; empty where nothing is known."""
    confidence: Confidence
    """certain: the card says so; high: a table of exact names; medium, low: rules of thumb."""
    reasons: tuple[str, ...]
    """Which evidence led there, in words, in the order it was looked at."""


def decide(evidence: Evidence, catalog: Catalog) -> Decision:
    """Return the pipeline types that evidence speaks for. Never raises for what a file may say.

    In this order: the card's tag, the library's own files, the exact class, the auto class that
    remote code names, configurations inside, the model type, the ending of the name, other tags.
    """
    seen = _Seen(evidence, catalog)
    tagged, maybe = seen.tag()
    inferred = seen.inferred()
    if tagged:
        return seen.agreed(tagged, inferred)
    if maybe:
        return seen.narrowed(maybe, inferred)
    return seen.decision(*inferred)


def class_pipelines(name: str, classes: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the pipeline types of a model class, empty if it is not known.

    `classes` holds rows of architectures by name. A TensorFlow or JAX class is that of PyTorch.
    """
    known = known_class(name, classes)
    return tuple(classes[known]["pipelines"]) if known else ()


def known_class(name: str, classes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the name under which a class is known: its own, or without `TF` or `Flax` before."""
    if name in classes:
        return name
    bare = (name[len(one) :] for one in OTHER_FRAMEWORKS if name.startswith(one))
    return next((one for one in bare if one in classes), None)


def by_suffix(name: str, suffixes: Suffixes) -> tuple[str, ...]:
    """Return what the ending of a class's name says: the first row that fits, else nothing."""
    return next((types for endings, types in suffixes if name.endswith(endings)), ())


class _Seen:
    """The evidence and the tables, while one model is decided."""

    def __init__(self, evidence: Evidence, catalog: Catalog) -> None:
        self.evidence = evidence
        self.catalog = catalog
        self.tables = catalog.table("_decision")
        self.classes = catalog.table("_architectures").ARCHITECTURES
        self.official = catalog.table("_pipelines").PIPELINES
        self.reasons: list[str] = []
        self.names = _texts(evidence.architectures)
        self.libraries = self._libraries()

    # The outcome

    def decision(self, pipelines: Iterable[str], confidence: Confidence) -> Decision:
        """Return the decision, of official ids only."""
        kept = tuple(dict.fromkeys(id for id in pipelines if id in self.official))
        reasons = tuple(self.reasons) or ("nothing known speaks for a pipeline type",)
        return Decision(
            pipelines=kept, confidence=confidence if kept else "unknown", reasons=reasons
        )

    def agreed(self, tagged: str, inferred: tuple[Iterable[str], Confidence]) -> Decision:
        """Return what the card says, and further types of the class if it serves that one too."""
        further = tuple(inferred[0])
        if further and tagged not in further:
            self.reasons.append(f"the rest speaks for {further[0]}; the card's word counts")
            further = ()
        return self.decision((tagged, *further), "certain")

    def narrowed(
        self, candidates: tuple[str, ...], inferred: tuple[Iterable[str], Confidence]
    ) -> Decision:
        """Return what the rest says, among the types that an ambiguous tag could mean."""
        further, confidence = tuple(inferred[0]), inferred[1]
        inside = tuple(id for id in further if id in candidates)
        if inside:
            return self.decision((*inside, *further), confidence)
        self.reasons.append(f"without more to go by, {candidates[0]} is the first it could mean")
        return self.decision(candidates[:1], "low")

    # 1. The card

    def tag(self) -> tuple[str | None, tuple[str, ...]]:
        """Return the type that the card's tag means, or else those that it could mean."""
        from .errors import ModelbookError

        tag = self.evidence.pipeline_tag
        if not isinstance(tag, str) or not tag:
            return None, ()
        try:
            found = self.catalog.pipeline_id(tag)
        except ModelbookError as error:
            if error.code == "ambiguous":
                self.reasons.append(f"the card's pipeline_tag `{tag}` could mean several types")
                return None, error.nearest
            self.reasons.append(f"the card's pipeline_tag `{tag}` is no pipeline type")
            return None, ()
        self.reasons.append(f"the card's pipeline_tag is `{tag}`")
        return found, ()

    # What else there is, the strongest first

    def inferred(self) -> tuple[tuple[str, ...], Confidence]:
        """Return pipeline types and confidence from everything but the card's tag."""
        for step in (
            self.by_library,
            self.by_class,
            self.by_auto_class,
            self.by_model_type,
            self.by_ending,
            self.by_tags,
        ):
            pipelines, confidence = step()
            if pipelines:
                return pipelines, confidence
        return (), "unknown"

    def by_library(self) -> tuple[tuple[str, ...], Confidence]:
        """2. What a library's own files say, and libraries that do one thing only."""
        name = self.evidence.model_index_class
        if isinstance(name, str) and name:
            return self._diffusers(name)
        modules = _texts(self.evidence.sentence_transformers_modules)
        named = "sentence-transformers" in self.libraries
        if named and self._ranks():
            self.reasons.append("a cross-encoder of sentence-transformers")
            return ("text-ranking", "text-classification"), "high"
        if modules:
            return self._modules(modules)
        if named and self._classifies():
            return (), "unknown"  # a cross-encoder with several labels: the class says it
        for library in self.libraries:
            row = self.tables.LIBRARIES[library]
            if row.get("decides"):
                self.reasons.append(f"models of {row['name']} serve this")
                return row["pipelines"], "high" if self.evidence.library else "medium"
        return (), "unknown"

    def by_class(self) -> tuple[tuple[str, ...], Confidence]:
        """3. The exact class."""
        for name in self.names:
            pipelines = class_pipelines(name, self.classes)
            if not pipelines:
                continue
            basis = self.classes[known_class(name, self.classes)]["basis"]
            self.reasons.append(f"the class `{name}` is known ({basis})")
            if pipelines[0] == "text-classification" and self._scores():
                return ("text-ranking", *pipelines), "medium"
            return pipelines, "medium" if basis == "proposal" else "high"
        return (), "unknown"

    def by_auto_class(self) -> tuple[tuple[str, ...], Confidence]:
        """4. and 5. The auto class that remote code names, and what configurations add to it."""
        known = [
            name for name in _texts(self.evidence.auto_map) if name in self.tables.AUTO_CLASSES
        ]
        known.sort(key=lambda name: name in ("AutoModel", "AutoModelForPreTraining"))
        pipelines = tuple(self.tables.AUTO_CLASSES[known[0]]) if known else ()
        writes = "text-generation" in pipelines or any(map(_writes_text, self.names))
        if writes and (not pipelines or set(pipelines) <= GENERIC):
            senses = self._senses()
            if senses:
                return senses, "medium"
        ending = by_suffix(self.names[0], self.tables.SUFFIXES) if self.names else ()
        if pipelines == ("feature-extraction",) and ending:
            return (), "unknown"  # AutoModel stands beside anything: the name says more
        if pipelines:
            self.reasons.append(f"remote code for `{known[0]}`")
        return pipelines, "medium"

    def by_model_type(self) -> tuple[tuple[str, ...], Confidence]:
        """6. An unknown class of a known model type."""
        model_type = self.evidence.model_type
        ids = self.tables.MODEL_TYPES  # which are lower-case, as all ids are
        known = ids.get(model_type.lower()) if isinstance(model_type, str) else None
        if not known:
            return (), "unknown"
        name = self.names[0] if self.names else ""
        ending = by_suffix(name, self.tables.SUFFIXES)
        if ending and ending[0] in known:
            self.reasons.append(f"`{name}` ends so, and model type `{model_type}` serves it")
            return ending, "medium"
        self.reasons.append(f"model type `{model_type}` serves it")
        if "For" in name or not name:  # a head of its own, so more than features
            known = sorted(known, key=lambda id: id in ("feature-extraction", "fill-mask"))
        return tuple(known[:1]), "low"

    def by_ending(self) -> tuple[tuple[str, ...], Confidence]:
        """7. The ending of a name that nobody knows."""
        for name in self.names:
            pipelines = by_suffix(name, self.tables.SUFFIXES)
            if pipelines:
                self.reasons.append(f"`{name}` is not known, and ends so")
                return pipelines, "low"
        return (), "unknown"

    def by_tags(self) -> tuple[tuple[str, ...], Confidence]:
        """8. Tags that are pipeline types, in the official order; then what the library is for."""
        tags = {*_texts(self.evidence.tags)}
        found = tuple(id for id in self.official if id in tags)
        if found:
            self.reasons.append(f"the card has the tag `{found[0]}`")
            return found, "low"
        for library in self.libraries:
            row = self.tables.LIBRARIES[library]
            if len(row.get("pipelines", ())) == 1:
                self.reasons.append(f"{row['name']} is mostly for this")
                return row["pipelines"], "low"
        return (), "unknown"

    # Parts

    def _libraries(self) -> list[str]:
        """Return the known libraries that are named: by the card, else by a tag, else by files."""
        known: Mapping[str, Mapping[str, Any]] = self.tables.LIBRARIES
        stated = [one for one in _texts((self.evidence.library,)) if one in known]
        tagged = [one for one in _texts(self.evidence.tags) if one in known]
        files = _texts(self.evidence.files)
        held = [
            id
            for id, row in known.items()
            if any(file.endswith(row.get("files", ())) for file in files)
        ]
        return stated or tagged or held

    def _diffusers(self, name: str) -> tuple[tuple[str, ...], Confidence]:
        """Return what the pipeline class of diffusers says."""
        pipelines = class_pipelines(name, self.classes)
        if pipelines:
            self.reasons.append(f"model_index.json names `{name}`")
            return pipelines, "high"
        ending = by_suffix(name, self.tables.SUFFIXES)
        self.reasons.append(f"model_index.json names `{name}`, which is not known")
        return ending, "low"

    def _modules(self, modules: tuple[str, ...]) -> tuple[tuple[str, ...], Confidence]:
        """Return what the modules of a sentence-transformers model say."""
        row = self.tables.LIBRARIES.get("sentence-transformers", {})
        self.reasons.append("modules.json: a model of sentence-transformers")
        for special in row.get("modules", ()):
            if any(special["contains"] in module.lower() for module in modules):
                return special["pipelines"], "high"
        return row.get("pipelines", ()), "high"

    def _ranks(self) -> bool:
        """Tell whether a model of sentence-transformers scores pairs: a cross-encoder."""
        tagged = {"cross-encoder", "reranker", "text-ranking"} & {*_texts(self.evidence.tags)}
        return bool(tagged) or "CrossEncoder" in self.names or self._scores()

    def _scores(self) -> bool:
        """Tell whether a classifier has one label, so that it scores; a reward model does too."""
        rewards = {"reward-model", "reward", "rlhf"} & {*_texts(self.evidence.tags)}
        one = type(self.evidence.num_labels) is int and self.evidence.num_labels == 1
        if self._classifies() and one and not rewards:
            self.reasons.append("it has one label: it scores")
            return True
        return False

    def _classifies(self) -> bool:
        """Tell whether the class sorts texts into classes."""
        return any(name.endswith("ForSequenceClassification") for name in self.names)

    def _senses(self) -> tuple[str, ...]:
        """Return the types of a model that writes text, by the configurations inside."""
        inside = _texts(self.evidence.sub_configs)
        sees = [name for name in inside if name.startswith(SEES)]
        hears = [name for name in inside if name.startswith(HEARS)]
        if sees or hears:
            listed = " and ".join(f"`{name}`" for name in (*sees[:1], *hears[:1]))
            self.reasons.append(f"config.json has {listed}, and the model writes text")
        image = ("image-text-to-text",) if sees else ()
        return (*image, *(("audio-text-to-text",) if hears else ()))


def _writes_text(name: str) -> bool:
    """Tell whether a class writes text, going by its name."""
    return name.endswith(WRITES_TEXT)


def _texts(values: object) -> tuple[str, ...]:
    """Return the texts among values, which come from files that may say anything."""
    if isinstance(values, str):
        return (values,)
    if not isinstance(values, tuple | list | set | frozenset):
        return ()
    return tuple(one for one in values if isinstance(one, str) and one)
