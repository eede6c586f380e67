"""Models that are known only at run time, beside those of a generated package.

`ModelManager` answers what a generated package answers, by the same code; what is registered with
it is laid over the package's rows, checked as catalog files are, and kept in a file on request.
"""

from __future__ import annotations

from .manager import ModelManager
from .recommending import Recommendation

__all__ = ["ModelManager", "Recommendation"]
