"""Rows of bulk sources -> tables: models by the million, checked as model files are.

sources → reading → checking (in processes of their own: worker, pool) → staging (names and weights
held against each other) → tables for DuckDB, and a SQLite file for the lookup. Nothing is held in
memory but what is wrong.
"""
