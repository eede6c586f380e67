"""modelbook: what a generated catalog package stands on.

The core (records, lookup, selection, prices) needs nothing but the standard library and is
loaded piece by piece on first use. Applications import a generated package, such as
`modelbook_catalog`, and meet this package through the records and errors it hands out.
"""

__version__ = "0.1.0"

FORMAT = 1
"""Layout of generated packages that this runtime reads; a package states its own.

It changes only with a new minor version, and from 1.0 on with a new major one: the wheels of
catalogs count on that.
"""
