"""`modelbook secrets`: the group of its commands. Each one's module loads when it is called."""

from __future__ import annotations

import click

from .quiet import QuietGroup

COMMANDS = {
    "init": "init",
    "set": "set",
    "get": "get",
    "list": "list",
    "status": "status",
    "rotate": "rotate",
    "rekey": "rekey",
    "add-recipient": "add_recipient",
    "remove-recipient": "remove_recipient",
    "verify": "verify",
    "scan": "scan",
    "run": "run",
    "import": "importing",
    "explain": "explain",
    "doctor": "doctor",
}
"""Command to the module that holds it, in the order of the help page."""

SUMMARIES = {
    "init": "Make an identity, .sops.yaml and secrets/ENV/.",
    "set": "Store a key; its value never stands on the command line.",
    "get": "Show what is known of a key; with --reveal, its value.",
    "list": "List the keys that are stored; needs no identity.",
    "status": "Show which keys are due, expired or rotating; needs no identity.",
    "rotate": "Take one step from an old key to a new one.",
    "rekey": "Encrypt anew for the recipients of .sops.yaml.",
    "add-recipient": "Let one more identity read an environment.",
    "remove-recipient": "Take an identity out of an environment.",
    "verify": "Check every file of secrets; without an identity, all but the values.",
    "scan": "Find keys that stand in plain text.",
    "run": "Run a program with the keys in its environment.",
    "import": "Store the keys of a .env file.",
    "explain": "Show where a key is looked for, and what answers.",
    "doctor": "Show which sops, identity and folder are used.",
}


@click.group(
    "secrets",
    cls=QuietGroup,
    package=__package__,
    modules=COMMANDS,
    summaries=SUMMARIES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
def command() -> None:
    """Keep API keys in SOPS files: store, rotate, check, use.

    Keys are kept encrypted in secrets/ENV/VENDOR.sops.yaml, beside a .sops.yaml that says who may
    read them. No command shows a value unless --reveal asks for it, and none takes one as an
    argument.

    \b
    Examples:
      modelbook secrets init
      modelbook secrets set openai/api_key --owner platform --expires 2027-02-01
      modelbook secrets status
      modelbook secrets rotate openai/api_key --stage
      modelbook secrets run --env dev -- python app.py
    """
