"""A small catalog with the real tables and no models, releases a test makes, and the import."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from modelbook_cli.commands import cli
from modelbook_compiler.discover import place
from modelbook_compiler.modeline import modeline
from modelbook_compiler.values import Origin

DAY = "2026-11-20"
SOURCES = [{"url": "https://example.com/models", "checked": "2026-01-02"}]
TABLES = (
    "api-pipelines",
    "catalog",
    "creators",
    "currencies",
    "libraries",
    "pipeline-aliases",
    "provider-slugs",
    "same-models",
    "trust",
    "units",
    "waivers",
    "wire-names",
)
VLLM = {"provider": "vllm", "release": "vllm 0.33.0", "url": "https://example.com/vllm"}
RUNTIMES = {
    "runtimes": [VLLM],
    "classes": {"NobodyForCausalLM": {"runtimes": ["vllm"]}},
    "sources": SOURCES,
}
HOST = {
    "name": "vLLM",
    "kind": "self-hosted",
    "runtime": "vllm",
    "access": [{"method": "api", "protocol": "openai", "base_url": "http://localhost:8000/v1"}],
    "sources": SOURCES,
}
CHAT = {"mode": "chat"}
TEXT = {"input": ["text"], "output": ["text"]}
MILLION = 1_000_000


@dataclass(frozen=True)
class Shop:
    """A catalog folder, the releases beside it, and the command as a user gives it."""

    root: Path

    @property
    def catalog(self) -> Path:
        """Return the catalog's folder."""
        return self.root / "catalog"

    def litellm(self, rows: Mapping[str, Any], version: str = "1.109.1") -> Path:
        """Return a wheel of litellm: key to provider, input, output (USD/1M), further fields."""
        return self.litellm_of(json.dumps({key: _row(row) for key, row in rows.items()}), version)

    def litellm_of(self, text: str | bytes, version: str = "1.109.1") -> Path:
        """Return a wheel of litellm with a map as it is given."""
        path = self.root / f"litellm-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("litellm/model_prices_and_context_window_backup.json", text)
        return path

    def genai(self, rows: Mapping[tuple[str, str], str], version: str = "0.2.3") -> Path:
        """Return a wheel of genai-prices: provider and id to the text of `prices`."""
        providers: dict[str, list[str]] = {}
        for (provider, id), prices in rows.items():
            model = f"ModelInfo(id={id!r}, match=ClauseEquals(equals={id!r}), prices={prices})"
            providers.setdefault(provider, []).append(model)
        listed = ",".join(
            f"Provider(id={id!r}, name={id!r}, api_pattern='x', models=[{','.join(models)}])"
            for id, models in providers.items()
        )
        path = self.root / f"genai_prices-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("genai_prices/data.py", f"providers: list[Provider] = [{listed}]\n")
        return path

    def models_dev(self, rows: Mapping[tuple[str, str], Any], day: str = "2026-07-02") -> Path:
        """Return a feed of models.dev: provider and id to the row's fields."""
        data: dict[str, Any] = {}
        for (provider, id), row in rows.items():
            models = data.setdefault(provider, {"id": provider, "models": {}})["models"]
            models[id] = {"id": id, "name": id, "modalities": TEXT, **row}
        return self.file(f"models.dev-api-{day}.json", json.dumps(data))

    def openrouter(self, rows: Mapping[str, Any], day: str = "2026-05-12") -> Path:
        """Return a feed of OpenRouter: id to the row's fields."""
        data = [{"id": id, "name": id, **row} for id, row in rows.items()]
        return self.file(f"openrouter-models-{day}.json", json.dumps({"data": data}))

    def file(self, name: str, text: str) -> Path:
        """Return a file beside the catalog."""
        path = self.root / name
        path.write_text(text)
        return path

    def run(self, *paths: Path | str, at: str = DAY) -> Result:
        """Run the import; options may stand among the paths."""
        words = [*map(str, paths), "--catalog", str(self.catalog), "--at", at]
        return CliRunner().invoke(cli, ["import", "market", *words])

    def take(self, *paths: Path | str, at: str = DAY) -> dict[str, Any]:
        """Run the import, which must succeed, and return its summary."""
        done = self.run(*paths, "--json", at=at)
        assert done.exit_code == 0, done.output
        summary: dict[str, Any] = json.loads(done.stdout)
        return summary

    def read(self, path: str) -> Any:
        """Return a catalog file's data; None where there is no file."""
        file = self.catalog / path
        return yaml.load(file.read_text(), yaml.BaseLoader) if file.exists() else None  # noqa: S506

    def sold(self, id: str) -> Any:
        """Return the data of a deployment."""
        provider, _, wire = id.partition(":")
        return self.read(f"providers/{provider}/deployments/{wire.replace(':', '%3A')}.yaml")

    def model(self, id: str) -> Any:
        """Return the data of a model."""
        return self.read(f"models/{id}.yaml")

    def lost(self, id: str) -> list[Any]:
        """Return the claims about a deployment or a model that lost."""
        kind = "deployments" if ":" in id else "models"
        path = id.replace(":", "/", 1).replace(":", "%3A")
        data = self.read(f"disputes/imported/{kind}/{path}.yaml")
        return list(data["claims"]) if data else []

    def write(self, path: str, data: Mapping[str, Any]) -> Path:
        """Write a file that people keep."""
        file = self.catalog / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(path, data))
        return file

    def check(self) -> None:
        """Assert that the catalog has no errors."""
        done = CliRunner().invoke(cli, ["check", "--catalog", str(self.catalog)])
        assert done.exit_code == 0, done.output

    def bytes(self) -> dict[str, str]:
        """Return the digest of every file and link of the catalog."""
        return dict(_digests(self.catalog))


def written(path: str, data: Mapping[str, Any]) -> str:
    """Return the text of a catalog file as somebody might write it by hand."""
    placed = place(path)
    assert isinstance(placed, tuple)
    return f"{modeline(Origin(f'catalog/{path}', *placed, ''))}\n{json.dumps(data)}\n"


def _digests(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(root)), hashlib.sha256(path.read_bytes()).hexdigest()


def _row(row: Any) -> dict[str, Any]:
    """Return a row of litellm; a short one is provider, input, output and further fields."""
    if isinstance(row, Mapping):
        return dict(row)
    provider, input, output, *further = row
    more: dict[str, Any] = dict(further[0]) if further else {}
    prices = {"input_cost_per_token": input / MILLION, "output_cost_per_token": output / MILLION}
    return {"litellm_provider": provider, **CHAT, **prices, **more}


def mtok(input: str, output: str, more: str = "") -> str:
    """Return prices as genai-prices writes them."""
    return f"ModelPrice(input_mtok=Decimal({input!r}), output_mtok=Decimal({output!r}){more})"


def cost(input: float, output: float, **more: Any) -> dict[str, Any]:
    """Return prices as models.dev writes them."""
    return {"cost": {"input": input, "output": output, **more}}


Claims = Sequence[Mapping[str, Any]]
NewShop = Callable[[], Shop]


@pytest.fixture
def new_shop(tmp_path: Path, root: Path) -> NewShop:
    """Return a function that makes a catalog of its own each time."""
    made: list[Path] = []

    def make() -> Shop:
        home = tmp_path / f"shop{len(made)}"
        made.append(home)
        catalog = home / "catalog"
        shutil.copytree(root / "catalog" / "pipelines", catalog / "pipelines")
        for name in TABLES:
            shutil.copy(root / "catalog" / f"{name}.yaml", catalog / f"{name}.yaml")
        shop = Shop(home)
        shop.write("runtime-classes.yaml", RUNTIMES)
        shop.write("providers/vllm/provider.yaml", HOST)
        return shop

    return make


@pytest.fixture
def shop(new_shop: NewShop) -> Shop:
    """Return a catalog without models or providers."""
    return new_shop()
