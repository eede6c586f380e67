"""Keys from AWS Secrets Manager: a real server of moto on this machine, asked through boto3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from modelbook.secrets import (
    SecretNotFoundError,
    SecretSettingsError,
    SecretSourceError,
    chain,
    explain,
    get,
)
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ID, NAME = "openai/api_key", "OPENAI_API_KEY"
KEY = "CANARY" + "aws-0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a server."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def aws(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of it, and let the chain ask it."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MODELBOOK_CHAIN": "environment,aws",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("secretsmanager")
    yield client
    for one in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=one["Name"], ForceDeleteWithoutRecovery=True)


def test_a_key_and_its_slots(aws: Any) -> None:
    with pytest.raises(SecretNotFoundError, match="aws: modelbook/openai/api_key"):
        get(ID)
    aws.create_secret(Name=f"modelbook/{ID}", SecretString=KEY)
    found = get(ID)
    assert (found.reveal(), found.source) == (KEY, f"aws: modelbook/{ID}")
    with pytest.raises(SecretNotFoundError, match="has no previous key"):
        get(ID, slot="previous")
    aws.put_secret_value(SecretId=f"modelbook/{ID}", SecretString=KEY + "new")
    assert get(ID) is found  # AWS is asked every five minutes
    chain.clear()
    assert get(ID).reveal() == KEY + "new"
    assert (get(ID, slot="previous").reveal(), get(ID, slot="previous").slot) == (KEY, "previous")


def test_an_object_of_json_as_the_console_makes_it(aws: Any) -> None:
    aws.create_secret(Name=f"modelbook/prod/{ID}", SecretString=json.dumps({NAME: KEY, "x": "y"}))
    assert get(ID, environment="prod").reveal() == KEY
    aws.put_secret_value(SecretId=f"modelbook/prod/{ID}", SecretString='{"x": "CANARY"}')
    chain.clear()
    with pytest.raises(SecretSourceError, match="has no entry for it"):
        get(ID, environment="prod")


def test_a_prefix_of_the_users(aws: Any, config: Callable[[str], Path]) -> None:
    config('[secrets.aws]\nprefix = "team/"\nregion = "eu-central-1"\n')
    aws.create_secret(Name=f"team/{ID}", SecretString=KEY)
    assert get(ID).reveal() == KEY
    config('[secrets.aws]\nprefx = "team/"\n')
    chain.clear()
    with pytest.raises(SecretSettingsError, match="no key `prefx`"):
        get(ID)


def test_what_aws_refuses_stops_the_chain(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.create_secret(Name=f"modelbook/{ID}", SecretBinary=KEY.encode())
    with pytest.raises(SecretSourceError, match="is no text") as caught:
        get(ID)
    assert "CANARY" not in str(caught.value)
    aws.delete_secret(SecretId=f"modelbook/{ID}", RecoveryWindowInDays=7)
    with pytest.raises(SecretSourceError, match="InvalidRequestException"):
        get(ID)
    aws.restore_secret(SecretId=f"modelbook/{ID}")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with pytest.raises(SecretSourceError, match="ProfileNotFound"):
        get(ID)
    assert explain(ID).code == "secret-source"


def test_no_region_and_no_server(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/no/such")
    with pytest.raises(SecretSourceError, match="NoRegionError"):
        get(ID)
