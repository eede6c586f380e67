"""Everything about the program sops and its files: bytes and rules in, plain mappings out."""
