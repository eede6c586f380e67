"""Importers: other people's releases in, catalog files out. Only the command line uses them."""
