"""Diagnostics for machines: JSON, SARIF 2.1.0 and GitHub's workflow commands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from .. import codes
from ..diagnostics import FILE_START, Diagnostic, Span
from .escape import printable


def as_json(found: Iterable[Diagnostic], files: int) -> str:
    """Return diagnostics as a JSON object; lines and columns count from 1, ends are exclusive."""
    problems = [_problem(one) for one in found]
    return json.dumps({"files": files, "problems": problems}, indent=1, ensure_ascii=True)


def as_sarif(found: Iterable[Diagnostic]) -> str:
    """Return diagnostics as a SARIF 2.1.0 log, for code scanning."""
    listed = list(found)
    used = sorted({one.code for one in listed})
    rules = [_sarif_rule(codes.REGISTER[code]) for code in used]
    driver = {"name": "modelbook", "rules": rules}
    results = [_sarif_result(one, used.index(one.code)) for one in listed]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=1)


def as_github(found: Iterable[Diagnostic]) -> str:
    """Return diagnostics as workflow commands, which GitHub shows beside the lines."""
    return "\n".join(map(_command, found))


def _problem(one: Diagnostic) -> dict[str, Any]:
    """Return one diagnostic as plain data."""
    notes = [{"path": n.path, **_range(n.span), "message": n.text} for n in one.notes]
    return {
        "code": one.code,
        "severity": one.severity,
        "path": one.path,
        **_range(one.span),
        "pointer": list(one.pointer),
        "message": one.message,
        "hint": one.hint,
        "fixable": one.fix is not None,
        "notes": notes,
    }


def _range(span: Span | None) -> dict[str, int]:
    """Return a span as plain data."""
    known = span or FILE_START
    return {name: getattr(known, name) for name in ("line", "column", "end_line", "end_column")}


def _sarif_rule(code: codes.Code) -> dict[str, Any]:
    """Return the description of a code."""
    return {
        "id": code.id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {"text": f"Run `modelbook explain {code.id}`."},
    }


def _sarif_result(one: Diagnostic, rule: int) -> dict[str, Any]:
    """Return one diagnostic as a SARIF result."""
    text = printable(one.message + (f"; {one.hint}" if one.hint else ""))
    result = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": one.severity,
        "message": {"text": text},
        "locations": [_sarif_location(one.path, one.span)],
    }
    if one.notes:
        result["relatedLocations"] = [
            {**_sarif_location(n.path, n.span), "message": {"text": printable(n.text)}}
            for n in one.notes
        ]
    return result


def _sarif_location(path: str, span: Span | None) -> dict[str, Any]:
    """Return a place as a SARIF location."""
    known = span or FILE_START
    region = {
        "startLine": known.line,
        "startColumn": known.column,
        "endLine": known.end_line,
        "endColumn": known.end_column,
    }
    artifact = {"uri": quote(printable(path))}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _command(one: Diagnostic) -> str:
    """Return one diagnostic as a workflow command."""
    span = one.span or FILE_START
    where = {
        "file": printable(one.path),
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "title": one.code,
    }
    properties = ",".join(f"{name}={_escaped(str(value), True)}" for name, value in where.items())
    text = printable(one.message) + (f"\nhint: {printable(one.hint)}" if one.hint else "")
    return f"::{one.severity} {properties}::{_escaped(text, False)}"


def _escaped(text: str, in_property: bool) -> str:
    """Return a text as workflow commands carry it."""
    out = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return out.replace(":", "%3A").replace(",", "%2C") if in_property else out
