"""Models that are known only at run time."""
