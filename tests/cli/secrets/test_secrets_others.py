"""import, scan, explain, doctor, and the help pages."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_cli.secrets import COMMANDS, SUMMARIES

from .conftest import OPENAI, Call, People, git

DEV = ("--env", "dev")
GROQ = "gsk_" + "CANARY" + "fromdotenv0" * 3


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(secrets: Call, command: str) -> None:
    done = secrets(command, "--help")
    assert (done.code, done.err) == (0, "")
    examples = done.out.partition("Examples:\n")[2].partition("\n\n")[0]
    assert f"modelbook secrets {command}" in examples


def test_the_group_lists_its_commands(secrets: Call) -> None:
    shown = secrets("--help").out.partition("Commands:\n")[2]
    assert re.findall(r"^  ([a-z-]+)  ", shown, re.M) == list(COMMANDS) == list(SUMMARIES)
    assert "secrets [OPTIONS] COMMAND" in secrets().err + secrets().out
    near = secrets("statsu")
    assert near.err == "error[usage]: there is no such command\nhint: did you mean `status`?\n"


def test_import_takes_what_is_declared(secrets: Call, tree: Path) -> None:
    path = tree / ".env"
    path.write_text(f"# mine\nexport GROQ_API_KEY='{GROQ}'\nDATABASE_URL=CANARY-else\nEMPTY=\n")
    dry = secrets("import", ".env", *DEV, "--dry-run", "--json")
    assert json.loads(dry.out) == {
        "environment": "dev",
        "stored": ["groq/api_key"],
        "left_out": ["DATABASE_URL"],
        "dry_run": True,
    }
    assert not (tree / "secrets/dev/groq.sops.yaml").exists()
    done = secrets("import", ".env", *DEV, "--owner", "platform")
    assert done.code == 0
    assert "groq/api_key from GROQ_API_KEY" in done.out
    assert "DATABASE_URL" in done.out
    assert "delete it" in done.out
    assert "CANARY" not in done.out + done.err
    assert path.exists()
    assert secrets("get", "groq/api_key", *DEV, "--reveal").out == f"{GROQ}\n"
    again = secrets("import", ".env", *DEV)
    assert (again.code, again.out) == (2, "")
    assert "error[secret-state]: stored already: groq/api_key" in again.err
    assert secrets("import", ".env", *DEV, "--replace").code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GROQ_API_KEY=CANARY$HOME\n", "keys.env:1 "),
        ("A=1\nGROQ_API_KEY='CANARY x y'\n", "GROQ_API_KEY: the value holds white space"),
        ("A=1\nnot a line CANARY\n", "keys.env:2 "),
        ("A=1\nA=CANARY\n", "keys.env:2 has a name twice"),
        ("GEMINI_API_KEY=CANARY1\nGOOGLE_API_KEY=CANARY2\n", "differ"),
    ],
)
def test_import_of_what_is_not_plain_writes_nothing(
    secrets: Call, tree: Path, text: str, words: str
) -> None:
    (tree / "keys.env").write_text(text)
    done = secrets("import", "keys.env", *DEV)
    assert (done.code, done.out) == (2, ""), done
    assert words in done.err
    assert "CANARY" not in done.err
    assert git(tree, "status", "--porcelain", "secrets") == ""


def test_import_of_no_file(secrets: Call) -> None:
    done = secrets("import", "none.env", *DEV)
    assert done.err == "error[secret-source]: there is no file `none.env`\n"


def test_scan_finds_plain_keys_and_shows_where(secrets: Call, tree: Path) -> None:
    assert secrets("scan").code == 0
    (tree / "catalog").mkdir()
    (tree / "catalog/note.yaml").write_text(f"a: 1\nnote: use {GROQ}\n")
    done = secrets("scan")
    assert done.code == 1
    assert done.out == "catalog/note.yaml:2:11: looks like a key by its form\n"
    assert "CANARY" not in done.out + done.err
    rows = json.loads(secrets("scan", "--json").out)
    assert rows == [
        {
            "path": "catalog/note.yaml",
            "line": 2,
            "column": 11,
            "reason": "looks like a key by its form",
            "id": None,
        }
    ]


def test_scan_looks_at_what_is_staged_not_at_what_is_there(secrets: Call, tree: Path) -> None:
    path = tree / "app ü.py"
    path.write_text(f"KEY = '{GROQ}'\n")
    git(tree, "add", "-A")
    path.write_text("KEY = None\n")
    done = secrets("scan", "--staged")
    assert done.code == 1
    assert done.out.startswith("staged: app ü.py:1:8: ")
    assert secrets("scan", str(path)).code == 0
    (tree / "below").mkdir()
    assert secrets("scan", "--staged", cwd=tree / "below").code == 1


def test_scan_knows_the_stored_keys_in_any_form(secrets: Call, tree: Path) -> None:
    from base64 import b64encode

    (tree / "dump.txt").write_text(f"x {b64encode(b'..' + OPENAI.encode()).decode()}\n")
    (tree / "log.txt").write_text(
        f"fine\nstate {OPENAI[:-1]} {OPENAI} modelbook: no secret: mine!\n"
    )
    assert secrets("scan", "dump.txt").code == 0
    done = secrets("scan", ".", "--known", *DEV)
    assert done.code == 1
    assert "dump.txt:1:" in done.out
    assert "is a stored key (openai/api_key current of dev)" in done.out
    assert "log.txt:2:" in done.out
    assert "CANARY" not in done.out + done.err
    eve = secrets("scan", "--known", *DEV, who="eve")
    assert (eve.code, eve.out) == (2, "")
    assert eve.err.startswith("error[sops-key]: ")


def test_scan_of_what_is_not_there_or_no_repository(
    secrets: Call, tree: Path, tmp_path: Path
) -> None:
    gone = secrets("scan", "nowhere")
    assert (gone.code, gone.out) == (2, "")
    assert "error[system]: the system refused `nowhere`" in gone.err
    outside = secrets("scan", "--staged", cwd=tmp_path)
    assert (outside.code, outside.out) == (2, "")
    assert outside.err.startswith("error[git]: ")
    assert secrets("scan", cwd=tmp_path).code == 0


def test_explain_tells_each_source_in_order(secrets: Call, tree: Path) -> None:
    done = secrets("explain", "openai/api_key", *DEV, "--json")
    assert done.code == 0
    told = json.loads(done.out)
    steps = [(one["source"], one["state"]) for one in told["steps"]]
    assert steps == [
        ("environment", "absent"),
        ("mounted", "absent"),
        ("file", "absent"),
        ("sops", "answers"),
    ]
    assert told["folder"] == str(tree)
    assert told["identities"][0].endswith("sops/age/keys.txt")
    shown = secrets("explain", "openai/api_key", *DEV, OPENAI_API_KEY=GROQ)
    assert shown.code == 0
    assert "ANOTHER value" in shown.out
    assert "CANARY" not in shown.out + done.out


def test_explain_of_what_cannot_be_read_says_why(secrets: Call) -> None:
    done = secrets("explain", "openai/api_key", *DEV, who="eve")
    assert done.code == 1
    assert "no source answers (sops-key)" in done.out
    assert "hint: " in done.out
    unknown = secrets("explain", "openai/api_kye")
    assert (unknown.code, unknown.out) == (2, "")
    assert "did you mean `openai/api_key`" in unknown.err


def test_doctor_of_a_sound_place(secrets: Call, people: People, tree: Path) -> None:
    done = secrets("doctor", "--json")
    assert done.code == 0, done
    found = json.loads(done.out)
    assert {one["state"] for one in found} == {"ok"}
    about = {one["what"]: one["about"] for one in found}
    assert about["sops"].startswith("3.")
    assert re.fullmatch("[0-9a-f]{64}", about["its sha256"])
    assert about["identity"].endswith(people.public("alice"))
    assert about["secrets/prod/"] == "2 recipients, you are one"
    assert "AGE-SECRET-KEY" not in done.out


def test_doctor_names_what_is_wrong(
    secrets: Call, people: People, tree: Path, tmp_path: Path
) -> None:
    eve = secrets("doctor", who="eve")
    assert eve.code == 1
    assert "you are none of them" in eve.out
    nobody = secrets("doctor", who="nobody", cwd=tmp_path, MODELBOOK_SOPS="/nowhere/sops")
    assert nobody.code == 1
    assert nobody.out.count("problem") == 3
    wide = tmp_path / "wide.txt"
    wide.write_text(people.keys("alice").read_text())
    wide.chmod(0o644)
    done = secrets("doctor", who="nobody", SOPS_AGE_KEY_FILE=str(wide))
    assert "others may read it: its mode is 0644, not 0600" in done.out
    assert f"chmod 600 {wide}" in done.out
    odd = secrets("doctor", who="nobody", SOPS_AGE_KEY="CANARY" * 5, SOPS_AGE_KEY_CMD="x")
    assert "SOPS_AGE_KEY: an identity in it is of a kind unknown here" in odd.out
    assert "SOPS_AGE_KEY_CMD is set, and never passed on" in odd.out
    assert "CANARY" not in odd.out + odd.err


def test_a_process_is_as_quiet(process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = process("status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)) == 2


HOSTILE = """\
from pathlib import Path
Path({mark!r}).touch()
SECRETS: dict = {{"openai/api_key": {{"env": ("OPENAI_API_KEY",), "allowed_hosts": ("a.b",)}}}}
"""


def test_a_package_that_somebody_put_there_is_read_and_never_run(
    secrets: Call, tree: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    package = tree / "generated" / "evil_models"
    package.mkdir(parents=True)
    (tree / "catalog").mkdir(exist_ok=True)
    (tree / "catalog" / "catalog.yaml").write_text("package: evil_models\n")
    for module in ("__init__", "_registry", "_more"):
        (package / f"{module}.py").write_text(HOSTILE.format(mark=str(mark)))
    for command in (("verify",), ("explain", "openai/api_key"), ("get", "openai/api_key")):
        secrets(*command, *DEV)
    shown = secrets("get", "openai/api_key", *DEV)
    assert "a.b" in shown.out + shown.err
    (package / "_registry.py").write_text("SECRETS: dict = dict(open('x'))")
    broken = secrets("get", "openai/api_key", *DEV)
    assert (broken.code, "modelbook compile" in broken.err) == (2, True)
    assert not mark.exists()
