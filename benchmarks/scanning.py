"""What a scan of a cache costs, beside huggingface_hub's own, which reads no file's content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from rows import Row
from timing import interleaved, middle, process, ratio

MODELS = 1_000
OURS = """
import sys
from pathlib import Path
from modelbook.scan.search import scan
from modelbook_catalog import catalog
assert len(scan([Path(sys.argv[1])], catalog()).models) == int(sys.argv[2])
"""
THEIRS = """
import sys
from huggingface_hub import scan_cache_dir
assert len(scan_cache_dir(sys.argv[1]).repos) == int(sys.argv[2])
"""
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "torch_dtype": "bfloat16",
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 32,
    "max_position_embeddings": 131072,
}


def rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """Yield the row for a made-up cache in a scratch folder."""
    root = _cache(scratch / "hub")
    arguments = (str(root), str(MODELS))
    sides = {
        "ours": process("-c", OURS, *arguments),
        "theirs": process("-c", THEIRS, *arguments),
    }
    samples = interleaved(sides, rounds)
    yield Row(
        f"scan of {MODELS:,} cached models, whole process",
        middle(samples, "ours"),
        "s",
        "huggingface_hub.scan_cache_dir: sizes only",
        middle(samples, "theirs"),
        ratio(samples, "ours", "theirs"),
        "seconds",
    )


def _cache(root: Path) -> Path:
    """Make a cache of models with headers as long as those of an 8B model, but hardly weights."""
    header: dict[str, object] = {}
    for n in range(291):
        name = f"model.layers.{n // 9}.self_attn.part_{n % 9}.weight"
        header[name] = {"dtype": "BF16", "shape": [1, 1], "data_offsets": [2 * n, 2 * n + 2]}
    raw = json.dumps(header).encode()
    files = {
        "config.json": json.dumps(CONFIG).encode(),
        "tokenizer_config.json": b'{"model_max_length": 131072}',
        "generation_config.json": b"{}",
        "README.md": b"---\npipeline_tag: text-generation\nlicense: apache-2.0\n---\n",
        "model.safetensors": len(raw).to_bytes(8, "little") + raw + bytes(2 * 291),
    }
    for n in range(MODELS):
        _repository(root / f"models--org--model-{n:04}", files)
    return root


def _repository(folder: Path, files: dict[str, bytes]) -> None:
    """Lay files out as the hub's cache does."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    for part in ("blobs", "refs", f"snapshots/{commit}"):
        (folder / part).mkdir(parents=True)
    (folder / "refs/main").write_text(commit)
    for name, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        (folder / "blobs" / digest).write_bytes(content)
        (folder / f"snapshots/{commit}" / name).symlink_to(f"../../blobs/{digest}")
