"""Models by the million: reading, checking, writing and looking them up."""
