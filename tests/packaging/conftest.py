"""The sdist and the wheel, built once a session, offline, with what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
Python = Callable[..., "subprocess.CompletedProcess[str]"]
PLANTED = "CANARY" + "packaging"
PLAIN = (".env", ".env.local", "dev.env", "keys.txt")
ENCRYPTED = (".sops.yaml", "secrets/dev/openai.sops.yaml")
PACKAGES = ("compiler/modelbook_cli", "generated/modelbook_catalog", "runtime/modelbook", "tests")
LEFT = dict.fromkeys((".", *PACKAGES), (*PLAIN, *ENCRYPTED))
"""Folder to the files with keys that stand in it; not catalog/, where a build refuses them."""


def build(source: Path, out: Path, target: str) -> Path:
    """Build one distribution of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = out.iterdir()
    return built


def link(source: str, target: str) -> None:
    """Put a file at another place too, without its bytes where that is possible."""
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout in whose every folder somebody has left keys."""
    place = tmp_path_factory.mktemp("checkout") / "copy"
    out = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "build", "dist")
    shutil.copytree(ROOT, place, symlinks=True, ignore=out, copy_function=link)
    for folder, names in LEFT.items():
        for name in names:
            path = place / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # it may be the very file of the checkout
            path.write_text(f"KEY: {PLANTED}\n")
    return place


@pytest.fixture(scope="session")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the source distribution of the checkout."""
    return build(checkout, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of the checkout."""
    return build(checkout, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="session")
def second_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that the source distribution builds."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return build(source, tmp_path_factory.mktemp("second"), "wheel")


def environment(place: Path, *wheels: Path) -> Path:
    """Make a virtual environment with some wheels and nothing else; return its packages."""
    venv.create(place, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install"]
    quiet = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, *quiet, *map(str, wheels)], check=True, capture_output=True)
    (packages,) = place.glob("lib/python*/site-packages")
    return packages


def runner(place: Path) -> Python:
    """Return a function that runs a program of an environment, away from the checkout."""

    def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        clean = {name: text for name, text in os.environ.items() if name[:6] != "PYTHON"}
        whole = [str(place / "bin" / command[0]), *command[1:]]
        return subprocess.run(
            whole, cwd=cwd, env=clean, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture(scope="session")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Python:
    """Return a runner of an environment that holds the wheel alone."""
    place = tmp_path_factory.mktemp("bare")
    environment(place, wheel)
    return runner(place)


@pytest.fixture(scope="session")
def team(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory, modelbook: Python
) -> tuple[Python, Path]:
    """Return a runner of an environment with modelbook and the wheels of two teams, and its place.

    The teams are `acme_models` and `beta_models`; the second has another price.
    """
    work, place = tmp_path_factory.mktemp("teams"), tmp_path_factory.mktemp("team")
    mini = shutil.copytree(ROOT / "tests/mini/catalog", work / "catalog")
    price = mini / "providers/acme/deployments/alpha-1-2025-08-15.yaml"
    for name in ("acme_models", "beta_models"):
        options = ("--package", name, "--out", "src", "--wheel", "dist")
        done = modelbook("compile", *options, cwd=work)
        assert done.returncode == 0, done.stderr
        price.write_text(price.read_text().replace('input: "2.50"', 'input: "2.25"'))
    environment(place, wheel, *sorted((work / "dist").iterdir()))
    return runner(place), place


@pytest.fixture(scope="session")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Python:
    """Return a runner of an environment with the wheel and everything the checkout depends on."""
    place = tmp_path_factory.mktemp("full")
    packages = environment(place, wheel)
    ours = Path(pytest.__file__).parent.parent
    packages.joinpath("borrowed.pth").write_text(f"{ours}\n")  # a plain path: its .pth stay unread
    return runner(place)


@pytest.fixture(scope="session")
def names() -> Callable[[Path], set[str]]:
    """Return a function that lists the files in a distribution, without its top folder."""

    def listed(path: Path) -> set[str]:
        if path.suffix == ".whl":
            return set(zipfile.ZipFile(path).namelist())
        with tarfile.open(path) as archive:
            return {one.name.partition("/")[2] for one in archive if one.isfile()}

    return listed
