"""`modelbook`: the group of commands. Each command's module loads when it is called."""

from __future__ import annotations

import click
import modelbook

from .lazy import LazyGroup

COMMANDS = {
    "init": "init",
    "check": "check",
    "compile": "compile",
    "models": "models",
    "show": "show",
    "why": "why",
    "price": "price",
    "compare": "compare",
    "pipelines": "pipelines",
    "policies": "policies",
    "disputes": "disputes",
    "stats": "stats",
    "sql": "sql",
    "import": "imports",
    "export": "export",
    "adopt": "adopt",
    "sources": "sources",
    "scan": "scan",
    "secrets": "secrets",
    "explain": "explain",
    "schemas": "schemas",
    "completion": "completion",
}
"""Command to the module that holds it, in the order of the help page."""

SUMMARIES = {
    "init": "Start a catalog of your own on top of the public book.",
    "check": "Check the catalog files and show every problem.",
    "compile": "Write the generated package and the DuckDB catalog.",
    "models": "List deployments, filtered.",
    "show": "Show all that is known about an id.",
    "why": "Show who states each field of an id, and what it replaced.",
    "price": "Show what a call costs, exactly.",
    "compare": "Compare what a workload costs at many deployments.",
    "pipelines": "List the pipeline types.",
    "policies": "List the named policies, and what meets each.",
    "disputes": "List what other sources say and the book does not.",
    "stats": "Show how large, whole and old the book is.",
    "sql": "Ask the DuckDB catalog; read-only.",
    "import": "Take in facts from other people's releases.",
    "export": "Write the rows in other people's shapes.",
    "adopt": "Take imported files over, into people's hands.",
    "sources": "Show what public catalogs say, and what is not taken over.",
    "scan": "Show which models are installed here.",
    "secrets": "Keep API keys in SOPS files: store, rotate, check, use.",
    "explain": "Explain a diagnostic code.",
    "schemas": "Write the JSON schemas for an editor.",
    "completion": "Print the shell completion script.",
}


@click.group(
    cls=LazyGroup,
    package=__package__,
    modules=COMMANDS,
    summaries=SUMMARIES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(modelbook.__version__, prog_name="modelbook")
def cli() -> None:
    """The book of AI models: check it, compile it, ask it.

    \b
    Examples:
      modelbook check
      modelbook compile --check
      modelbook models --pipeline text-generation --min-context 8192 --max-cost-per-1k 0.01
      modelbook show openai:gpt-4o
      modelbook price openai:gpt-4o --input 12k --output 800
      modelbook sql "SELECT provider_id, count(*) FROM deployments GROUP BY ALL"
      modelbook explain MB301
    """
