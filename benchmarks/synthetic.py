"""Write a large made-up catalog: same arguments, same bytes.

Pipelines, architectures, units, currencies and secrets are the shipped ones; models, providers and
deployments are made up, in sizes and shapes like those of the whole market: a few providers serve
hundreds of models, most a handful, and a popular model is served by dozens.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

CREATORS = 250
MADE_UP = frozenset({"models", "providers", "policies", "secrets", "disputes"})
SOURCE = '{url: "https://example.com/models", checked: 2026-11-01}'
SPREAD = 0.7
"""How fast providers get smaller: number n has as much as the first, divided by n to this power."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make up. API providers have a secret each."""

    providers: int = 230
    models: int = 2_800
    deployments: int = 9_500
    disputes: int = 1_200


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
    models = [f"creator-{n % CREATORS:03}/model-{n:05}" for n in range(size.models)]
    for id in models:
        _put(root, f"models/{id}.yaml", "model", _model(random, id))
    unserved, left, priced = random.sample(models, len(models)), size.deployments, list[str]()
    for number, share in enumerate(_shares(size)):
        own = [unserved.pop() for _ in range(len(unserved) * share // left)]
        priced += _provider(root, random, number, _served(random, models, own, share))
        left -= share
    for place in sorted(random.sample(priced, size.disputes)):
        _put(root, f"disputes/deployments/{place}.yaml", "dispute", _dispute(random))
    return root


def _shares(size: Size) -> list[int]:
    """Return how many deployments each provider has, the largest first, at least one."""
    weights = [(number + 1) ** -SPREAD for number in range(size.providers)]
    left = size.deployments - size.providers
    ends = [round(left * sum(weights[:n]) / sum(weights)) for n in range(size.providers + 1)]
    return [1 + end - start for start, end in pairwise(ends)]


def _served(random: Random, models: Sequence[str], own: Sequence[str], share: int) -> list[str]:
    """Return the models that a provider serves: its own, and others that many want."""
    served = set(own)
    while len(served) < share:
        served.add(models[int(len(models) * random.random() ** 1.6)])
    return sorted(served)


def _provider(root: Path, random: Random, number: int, models: Sequence[str]) -> list[str]:
    """Write a provider, its secret and its deployments; return where those with prices stand.

    Every sixth provider is self-hosted, without secret and prices.
    """
    folder, hosted = f"provider-{number:03}", number % 6 == 5
    kind = "kind: self-hosted\nruntime: vllm\n" if hosted else "kind: api\n"
    url = f"http://localhost:{8000 + number}/v1" if hosted else f"https://p{number}.example.com/v1"
    key = "" if hosted else f", secret: vendor-{number:03}/api_key"
    access = f'access: [{{method: api, protocol: openai, base_url: "{url}"{key}}}]\n'
    text = f"name: Provider {number}\n{kind}{access}sources: [{SOURCE}]\n"
    _put(root, f"providers/{folder}/provider.yaml", "provider", text)
    if not hosted:
        _put(root, f"secrets/vendor-{number:03}/api_key.yaml", "secret", _secret(number))
    for model in models:
        name = model.rpartition("/")[2]
        text = _deployment(random, model, priced=not hosted)
        _put(root, f"providers/{folder}/deployments/{name}.yaml", "deployment", text)
    return [] if hosted else [f"{folder}/{model.rpartition('/')[2]}" for model in models]


def _secret(number: int) -> str:
    """Return the YAML of the secret of a provider."""
    return (
        f"description: API key of provider {number}\nenv: [PROVIDER_{number}_API_KEY]\n"
        f"allowed_hosts: [p{number}.example.com]\nsources: [{SOURCE}]\n"
    )


def _dispute(random: Random) -> str:
    """Return the YAML of what a source says of prices: another one than any deployment has."""
    return (
        f'claims:\n  - says: {{prices.input: "{random.randint(1100, 1900) / 100:.2f}"}}\n'
        '    source: {name: example 1.0, url: "https://example.com/prices", checked: 2026-11-01}\n'
        "    reason: Another price, and nobody knows why\n"
    )


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
        entries.append(_entry("when: {tier: batch, context_above: 200000}, ", cents))
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
