"""`modelbook secrets verify`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..shared import CLEAN, PROBLEMS, json_option, print_json
from . import here, identities
from .quiet import Quiet
from .telling import refuse, told

if TYPE_CHECKING:
    from modelbook.secrets.folder import Folder
    from modelbook.secrets.sops.policy import Fault
