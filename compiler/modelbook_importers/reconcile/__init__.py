"""Claims of many sources -> the facts that an import writes, and every claim that lost."""
