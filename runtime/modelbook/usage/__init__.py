"""A vendor's response -> what was used, by unit: see `usage_from_response`.

Which fields hold what is catalog data, the `usage` rules in a provider's YAML. `paths` reads the
paths in them, `events` makes one list of whatever a response comes as, `reading` follows one rule,
`choosing` finds the rule that fits.
"""

from .choosing import usage_from_response
from .report import UsageReport

__all__ = ["UsageReport", "usage_from_response"]
