"""AWS Secrets Manager, through boto3: only where the chain names it.

    # ~/.config/modelbook/config.toml
    [secrets]
    chain = ["environment", "sops", "aws"]
    [secrets.aws]
    prefix = "modelbook/"      # usual; the secret is modelbook/prod/openai/api_key
    region = "eu-central-1"    # usual: as boto3 finds it, like the credentials

The staging labels are the slots: AWSCURRENT, AWSPENDING (next) and AWSPREVIOUS.
"""

from __future__ import annotations

from ...record import FrozenDict
from ..errors import SecretSettingsError
from ..keyfile import Values, parse_json
from ..reading import Fault
from . import Found, refused
from .file import chosen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..declared import Declaration
    from . import Context

STAGES = {"current": "AWSCURRENT", "next": "AWSPENDING", "previous": "AWSPREVIOUS"}
OPTIONS = ("prefix", "region", "profile")
ABSENT = "ResourceNotFoundException"


class Aws:
    """Asks AWS. Only "no such secret" lets the next source be asked."""

    name = "aws"
    fresh = 300.0

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return the key: the whole text of the secret, or its entry in an object of JSON.

        The current key, for a secret without one in the slot that is asked for. Raises
        `SecretSourceError` with AWS's code where it does not answer.
        """
        options = options_of(context)
        if unknown := {*options} - {*OPTIONS}:
            told = f"[secrets.aws] has no key `{min(unknown)}`"
            raise SecretSettingsError(told, hint=f"keys are {', '.join(OPTIONS)}")
        name = path(declaration, context)
        found = _asked(options, name, context.slot, declaration)
        if found is None and context.slot != "current":
            found = _asked(options, name, "current", declaration)
        if isinstance(found, Fault):
            raise refused(self.name, found, declaration.id)
        return found

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return the name of the secret at AWS."""
        return path(declaration, context)


def options_of(context: Context) -> Mapping[str, str]:
    """Return the table of the configuration that is for AWS."""
    return context.settings.plugins.get("aws", FrozenDict({}))


def path(declaration: Declaration, context: Context) -> str:
    """Return how a secret is called at AWS: prefix, environment if one was chosen, id."""
    prefix = options_of(context).get("prefix", "modelbook/")
    environment = "" if context.stated is None else f"{context.stated}/"
    return f"{prefix}{environment}{declaration.id}"


def _asked(
    options: Mapping[str, str], name: str, slot: str, declaration: Declaration
) -> Found | Fault | None:
    """Return what AWS holds, or why it does not say: by its code alone."""
    try:
        import boto3
        from botocore.exceptions import ClientError
    except ModuleNotFoundError:
        return Fault(words="boto3 is not installed", hint="pip install 'modelbook[aws]'")
    try:
        session = boto3.Session(
            region_name=options.get("region"), profile_name=options.get("profile")
        )
        client = session.client("secretsmanager")
        answer = client.get_secret_value(SecretId=name, VersionStage=STAGES[slot])
        return _read(answer, name, slot, declaration)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
    except Exception as error:  # no credentials, no region, no network, an unknown profile
        code = type(error).__name__
    return None if code == ABSENT else Fault(words=f"{name}: {code}", hint="see the guide on AWS")


def _read(
    answer: Mapping[str, object], name: str, slot: str, declaration: Declaration
) -> Found | Fault:
    """Return the key in an answer."""
    text = answer.get("SecretString")
    where = f"aws: {name}"
    if not isinstance(text, str):
        return Fault(words=f"{name}: is no text", hint="keep the key as text")
    if not text.startswith("{"):
        return Found(value=text, where=where, slot=slot)
    pairs = parse_json(text)
    if isinstance(pairs, Fault):
        return pairs
    entries = {str(key): value for key, value in pairs.items() if isinstance(value, str)}
    found = chosen(Values(entries), declaration, where)
    if found is None:
        return Fault(words=f"{name}: has no entry for it", hint=f"use {declaration.env[0]}")
    return found.changed(slot=slot)


SOURCE = Aws()
