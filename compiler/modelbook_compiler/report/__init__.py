"""Diagnostics -> text for people, JSON, SARIF and GitHub annotations."""
