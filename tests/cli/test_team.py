"""A team's catalog on the command line: its package is what its manifest names."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def name_package(mini: Path, text: str) -> None:
    """Put a line at the end of the manifest."""
    manifest = mini / "catalog.yaml"
    manifest.write_text(manifest.read_text() + text)


def test_the_manifest_names_the_package_and_other_commands_ask_it(
    modelbook: Run, mini: Path
) -> None:
    name_package(mini, "package: acme_models  # ours\n")
    (mini.parent / "schemas" / "overlay").mkdir(parents=True)
    for name in ("deployment.schema.json", "overlay/deployment.schema.json"):
        (mini.parent / "schemas" / name).write_text("old")
    assert modelbook("compile", cwd=mini.parent).returncode == 0
    assert (mini.parent / "generated/acme_models/__init__.py").is_file()
    assert '"limits"' in (mini.parent / "schemas/overlay/deployment.schema.json").read_text()
    assert modelbook("compile", "--check", cwd=mini.parent).returncode == 0
    done = modelbook("show", "acme/alpha-1", cwd=mini.parent)
    assert "name: Alpha 1" in done.stdout
    named = modelbook("show", "acme/alpha-1", cwd=mini.parent, MODELBOOK_PACKAGE="acme_models")
    assert "name: Alpha 1" in named.stdout
    other = modelbook(
        "show", "acme/alpha-1", cwd=mini.parent, MODELBOOK_PACKAGE="modelbook_catalog"
    )
    assert other.returncode == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layers: [{folder: ../base}]\n", "names no package, and the public book has one"),
        ("package: class\n", "`class` cannot be the name of a generated package"),
    ],
)
def test_a_package_that_cannot_be_is_refused(
    modelbook: Run, mini: Path, text: str, said: str
) -> None:
    name_package(mini, text)
    done = modelbook("compile", cwd=mini.parent)
    assert (done.returncode, said in " ".join(done.stderr.split())) == (2, True), done.stderr
    assert [path.name for path in mini.parent.iterdir()] == ["catalog"]


def test_from_above_a_layer_shows_its_lines_too(modelbook: Run, mini: Path) -> None:
    team = mini.parent / "team" / "catalog"
    team.mkdir(parents=True)
    (team / "catalog.yaml").write_text(
        "# yaml-language-server: $schema=../schemas/manifest.schema.json\n"
        "schema: 1\nname: team\ntitle: Team\nlayers: [{folder: ../../catalog}]\n"
    )
    (mini / "models/acme/alpha-1.yaml").write_text("name: [\n")
    done = modelbook("check", "--catalog", "team/catalog", cwd=mini.parent)
    assert "--> catalog/models/acme/alpha-1.yaml:" in done.stdout
    assert "| name: [" in done.stdout
    told = modelbook("why", "acme", "--catalog", "team/catalog", cwd=mini.parent).stderr
    assert "1 problem: see" in told
