"""Write a large made-up catalog: same arguments, same bytes.

Pipelines, architectures, units, currencies and secrets are the shipped ones; models, providers and
deployments are made up, in sizes and shapes like the real ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

CREATORS = 50
MADE_UP = frozenset({"models", "providers", "policies", "secrets"})
SOURCE = '{url: "https://example.com/models", checked: 2026-11-01}'


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make up."""

    providers: int = 60
    models: int = 2_500
    deployments: int = 9_000


TEXT = """\
modalities: {input: [text], output: [text]}
pipelines: [text-generation]
architecture: LlamaForCausalLM
"""
VISION = """\
modalities: {input: [text, image], output: [text]}
pipelines: [image-text-to-text, text-generation]
"""
SPEECH = """\
modalities: {input: [audio], output: [text]}
pipelines: [automatic-speech-recognition]
"""
IMAGE = """\
modalities: {input: [text], output: [image]}
pipelines: [text-to-image]
"""
PROFILES = (TEXT, TEXT, TEXT, VISION, VISION, SPEECH, IMAGE)


def write(shipped: Path, folder: Path, size: Size = Size()) -> Path:
    """Write a catalog below `folder`, with the shared parts of the shipped one; return its root."""
    root = folder / "catalog"
    shutil.copytree(shipped, root, ignore=lambda _, names: MADE_UP & set(names))
    random = Random(size.deployments)  # noqa: S311  # repeatable, not secret
    models = [f"creator-{n % CREATORS:02}/model-{n:05}" for n in range(size.models)]
    for id in models:
        _put(root, f"models/{id}.yaml", "model", _model(random, id))
    shares = [models[number :: size.providers] for number in range(size.providers)]  # each once
    for number, own in enumerate(shares):
        share = size.deployments * (number + 1) // size.providers
        share -= size.deployments * number // size.providers
        others = [id for id in models if id not in own]
        _provider(root, random, number, [*own, *random.sample(others, share - len(own))])
    return root


def _provider(root: Path, random: Random, number: int, models: Sequence[str]) -> None:
    """Write a provider and its deployments; every sixth provider is self-hosted."""
    hosted = number % 6 == 5
    folder = f"providers/provider-{number:02}"
    kind = "kind: self-hosted\nruntime: vllm\n" if hosted else "kind: api\n"
    url = f"http://localhost:{8000 + number}/v1" if hosted else f"https://p{number}.example.com/v1"
    access = f'access: [{{method: api, protocol: openai, base_url: "{url}"}}]\n'
    text = f"name: Provider {number}\n{kind}{access}sources: [{SOURCE}]\n"
    _put(root, f"{folder}/provider.yaml", "provider", text)
    for model in models:
        name = model.rpartition("/")[2]
        text = _deployment(random, model, priced=not hosted)
        _put(root, f"{folder}/deployments/{name}.yaml", "deployment", text)


def _model(random: Random, id: str) -> str:
    """Return the YAML of a model."""
    number = int(id[-5:])
    year, month, day = 2021 + number % 5, random.randint(1, 12), random.randint(1, 28)
    profile = PROFILES[number % len(PROFILES)]
    flags = "" if profile is IMAGE else f"tools: {_flag(random)}, json_schema: {_flag(random)}, "
    return (
        f"name: Model {number}\n"
        f"family: family-{number // 20}\n"
        f"released: {year}-{month:02}-{day:02}\n"
        f"knowledge_cutoff: {year - 1}-{month:02}\n"
        f"{profile}"
        f"limits: {{context: {4096 * 2 ** random.randint(0, 8)}, max_output: 4096}}\n"
        f"capabilities: {{{flags}prompt_cache: {_flag(random)}}}\n"
        f"open_weights: {_flag(random)}\n"
        f"sources:\n  - {SOURCE}\n"
        '  - {url: "https://example.com/cards", checked: 2026-11-01, fields: [limits]}\n'
    )


def _deployment(random: Random, model: str, *, priced: bool) -> str:
    """Return the YAML of a deployment: one in ten retired, the priced ones with batch prices."""
    life = "status: active"
    if random.random() < 0.1:
        life = f"status: retired, retired_on: 2026-0{random.randint(1, 9)}-01"
    prices = _prices(random) if priced else ""
    return (
        f"model: {model}\nlifecycle: {{{life}}}\n"
        f"capabilities: {{streaming: true, batch: {_flag(random)}}}\n"
        f"{prices}sources:\n  - {SOURCE}\n"
    )


def _prices(random: Random) -> str:
    """Return price entries: standard, batch, some for long contexts, some with a later change."""
    cents = random.randint(100, 500)
    entries = [_entry("", cents)]
    if random.random() < 0.2:
        entries.append(_entry("from: 2026-06-01, ", cents * 0.75))
    entries.append(_entry("when: {tier: batch}, ", cents / 2))
    if random.random() < 0.3:
        entries.append(_entry("when: {context_above: 200000}, ", cents * 2))
    return "prices:\n" + "".join(entries)


def _entry(when: str, cents: float) -> str:
    """Return one price entry; output costs four times the input."""
    return f'  - {{{when}input: "{cents / 100:.4f}", output: "{cents / 25:.4f}"}}\n'


def _flag(random: Random) -> str:
    """Return `true` or `false`."""
    return "true" if random.random() < 0.5 else "false"


def _put(root: Path, place: str, kind: str, text: str) -> None:
    """Write a catalog file under the first line that names its schema."""
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    up = "../" * (place.count("/") + 1)
    line = f"# yaml-language-server: $schema={up}schemas/{kind}.schema.json\n"
    path.write_text(line + text, encoding="utf-8")
