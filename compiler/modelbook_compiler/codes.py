"""The register of diagnostic codes. Every code has a title, a reason and two examples.

0xx files and YAML, 1xx shape, 2xx ids and references, 3xx meaning, 4xx written output, 5xx the
secrets kept beside a catalog.
Codes of rules are registered where the rule is written (`rules/`), all others here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem, as `modelbook explain` shows it."""

    id: str
    title: str
    why: str
    bad: str
    good: str


REGISTER: dict[str, Code] = {}
"""All codes by id; complete once `modelbook_compiler.rules` is imported."""


def register(id: str, title: str, why: str, *, bad: str, good: str) -> str:
    """Add a code to the register and return its id."""
    if id in REGISTER:
        raise ValueError(f"{id} is registered twice")
    REGISTER[id] = Code(id, title, " ".join(why.split()), bad.strip("\n"), good.strip("\n"))
    return id


UNKNOWN_PLACE = register(
    "MB001",
    "a file in a place the catalog does not know",
    """Kind and id of a file follow from its place, so a file elsewhere would be read as nothing at
    all and its facts silently lost.""",
    bad="catalog/model/openai/gpt-4o.yaml",
    good="catalog/models/openai/gpt-4o.yaml",
)
BAD_NAME = register(
    "MB002",
    "a file or folder name that cannot be an id",
    """Ids come from paths. They are lower-case, so that no two files differ only by case, and hold
    no character that a file system, a URL or a shell reads in its own way. A `:` is %3A.""",
    bad="catalog/models/OpenAI/GPT 4o.yml",
    good="catalog/models/openai/gpt-4o.yaml",
)
UNREADABLE = register(
    "MB003",
    "a file that cannot be read",
    "Only regular files inside the catalog folder are read, up to a bound in size.",
    bad="catalog/models/openai/gpt-4o.yaml -> /dev/zero",
    good="a regular file of at most 1 MiB",
)
NOT_TEXT = register(
    "MB004",
    "a file that is not plain UTF-8 text",
    """Other encodings and control characters look different in every editor, and can hide what a
    reviewer should see.""",
    bad='name: "GPT\\x1b[2J4"',
    good="name: GPT-4",
)
BAD_YAML = register(
    "MB005",
    "a file that is not well-formed YAML",
    "Nothing of such a file can be trusted, so all of it drops out until it is mended.",
    bad="limits: {context: 128000",
    good="limits: {context: 128000}",
)
DUPLICATE_KEY = register(
    "MB006",
    "the same key twice in one mapping",
    "Readers disagree on which one counts; most keep the last and say nothing.",
    bad="name: GPT-4o\nname: GPT-4 Omni",
    good="name: GPT-4o",
)
FORBIDDEN_YAML = register(
    "MB007",
    "a YAML feature the catalog does not use",
    """Anchors, aliases, merge keys, tags, directives and several documents make a file mean more
    than it shows. Every fact is written where it holds.""",
    bad="limits: &big {context: 128000}",
    good="limits: {context: 128000}",
)
AMBIGUOUS_SCALAR = register(
    "MB008",
    "a value that YAML 1.1 and 1.2 read differently",
    """Your editor and this compiler could see different values: `no` is false or text, `010` is 8
    or 10, `12:30` is 750 or text. Quotes make it text for everybody.""",
    bad="name: no\nfamily: 1_000",
    good='name: "no"\nfamily: "1_000"',
)
TOO_LARGE = register(
    "MB009",
    "a file too large or nested too deeply",
    "Catalog files are small; a huge or deep one is a mistake or an attack on YAML readers.",
    bad="aliases: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    good="aliases: [openai/gpt-4-omni]",
)
MODELINE = register(
    "MB010",
    "a first line that does not name the file's schema",
    """The modeline tells the editor which schema to complete and check against while you type.
    Every catalog file starts with it.""",
    bad="name: GPT-4o",
    good="# yaml-language-server: $schema=../../../schemas/model.schema.json\nname: GPT-4o",
)
BAD_JSON = register(
    "MB011",
    "a row that is not well-formed JSON",
    """A bulk source has one JSON object a line. Nothing of a line that is not JSON can be trusted,
    so the row drops out until it is mended; the lines after it are read all the same.""",
    bad='{"id": "acme/alpha-1", "name": "Alpha 1",}',
    good='{"id": "acme/alpha-1", "name": "Alpha 1"}',
)
MORE_ROWS = register(
    "MB012",
    "more rows with problems than are shown",
    """A bulk source can have as many problems as rows, mostly the same one. The first hundred rows
    with problems are shown whole, the others are counted.""",
    bad="a file in which every row lacks `sources`",
    good="mend what is shown, and compile again",
)
OTHER_SHAPE = register(
    "MB100",
    "a value the schema does not allow",
    "The schema of this kind of file refuses the value for a reason without a code of its own.",
    bad="kind: api\nruntime: vllm",
    good="kind: self-hosted\nruntime: vllm",
)
UNKNOWN_FIELD = register(
    "MB101",
    "a field that does not exist",
    """A misspelt field would be dropped in silence, and the fact with it: a public catalog lost
    the prices of 19 models that way.""",
    bad="licence: Apache-2.0",
    good="license: Apache-2.0",
)
MISSING_FIELD = register(
    "MB102",
    "a field that must be there is not",
    "Without it the record has no meaning, or nobody can tell where its facts come from.",
    bad="name: GPT-4o",
    good='name: GPT-4o\nsources: [{url: "https://platform.openai.com/docs", checked: 2026-11-01}]',
)
NOT_A_CHOICE = register(
    "MB103",
    "a value outside a fixed list",
    "The field takes one of a few words, so that filters and other tools can rely on them.",
    bad="lifecycle: {status: deprcated}",
    good="lifecycle: {status: deprecated}",
)
WRONG_TYPE = register(
    "MB104",
    "a value of the wrong type",
    """A number, a text, a list and a mapping are different things to every reader. What is not
    known is left out, never null.""",
    bad='limits: {context: "128000"}',
    good="limits: {context: 128000}",
)
WRONG_FORM = register(
    "MB105",
    "a text that does not have the form the field asks for",
    "Ids, dates, URLs and codes have one spelling, so that equal things are equal text.",
    bad="released: 13.05.2024",
    good="released: 2024-05-13",
)
OUT_OF_RANGE = register(
    "MB106",
    "a number or list of an impossible size",
    """A limit of zero or below does not exist: catalogs that write 0 for 'not known' make every
    filter wrong. Leave the field out where the number is not known.""",
    bad="limits: {context: 0}",
    good="limits: {context: 128000}",
)
ID_INSIDE = register(
    "MB107",
    "an id written inside a file",
    "The path is the id. Written twice, the two sooner or later differ.",
    bad="id: openai/gpt-4o\nname: GPT-4o",
    good="# catalog/models/openai/gpt-4o.yaml\nname: GPT-4o",
)
BAD_PRICE = register(
    "MB108",
    "a price that is not quoted decimal text",
    """Money is exact. An unquoted 2.50 is a binary fraction to YAML, 0 cannot be told from 'not
    known', and 1e-6 is text to one reader and a number to another. Quote the decimal; write `free`
    for a price of nothing; leave out what is not known.""",
    bad="prices:\n  - {input: 2.50, output: 0}",
    good='prices:\n  - {input: "2.50", output: free}',
)
REPEATED = register(
    "MB109",
    "the same item twice in a list",
    "The list is a set; the second item says nothing, or was meant to be another.",
    bad="pipelines: [text-generation, text-generation]",
    good="pipelines: [image-text-to-text, text-generation]",
)
MISSING_LAYER = register(
    "MB212",
    "a layer that cannot be read",
    """The manifest names the catalogs that this one stands on. A package must be installed and
    bring its catalog; a folder must hold a `catalog.yaml`; of a git repository the commit must be
    here, since nothing is fetched.""",
    bad="layers: [{package: modelbook_catalogue}]",
    good="layers: [{package: modelbook_catalog}]",
)
UNFIT_LAYERS = register(
    "MB213",
    "layers that do not go together",
    """What a layer says is recorded under its name, so no two layers have the same one: two copies
    of the public book are two layers `public`. A layer stands in the list once, and none stands on
    itself.""",
    bad="layers: [{package: modelbook_catalog}, {folder: ../checkout-of-modelbook/catalog}]",
    good="layers: [{package: modelbook_catalog}, {folder: ../org-models/catalog}]",
)
DRIFT = register(
    "MB401",
    "committed output that differs from what the catalog compiles to",
    """Applications import the committed package, so it must say what the catalog says. Run
    `modelbook compile` and commit what it writes.""",
    bad="a changed price, and generated/ from before the change",
    good="modelbook compile && git add generated schemas",
)
ORPHAN = register(
    "MB402",
    "a generated file that no part of the catalog compiles to",
    """It was left behind by a provider or creator that is gone: run `modelbook compile`, which
    removes it. A file that no compile wrote is never removed: move it out of the package.""",
    bad="generated/modelbook_catalog/providers/gone.py",
    good="modelbook compile && git add -A generated",
)
UNFINISHED = register(
    "MB403",
    "a compile that was interrupted while it wrote its output",
    """Some files are new and some are old. The next `modelbook compile` finishes or repeats the
    work; until then the output must not be trusted.""",
    bad="generated/.journal.json is there",
    good="modelbook compile",
)
