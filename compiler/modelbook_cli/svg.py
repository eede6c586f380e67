"""A bar chart as SVG: rows of amounts in, a document out; the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from xml.sax.saxutils import escape

from .chart import cut

WIDTH, ROW, TOP, LABEL, MONEY, GAP = 800, 22, 64, 290, 150, 10
"""Pixels: of the picture, a row, what stands above the rows, a name, an amount, between them."""

NAME = 38
"""Most characters of a name that is shown; all of it is in the tooltip."""

PARTS = ("input", "output", "other")
"""The parts of a bar, in order; each has a colour."""

CONTEXT = Context(prec=60)

STYLE = """\
svg { font: 12px ui-monospace, Menlo, Consolas, monospace }
.back { fill: #ffffff }
text { fill: #1c2126 }
.title { font-size: 15px; font-weight: bold }
.input { fill: #2f6fb5 }
.output { fill: #d1782a }
.other { fill: #6c8f3c }
@media (prefers-color-scheme: dark) {
.back { fill: #14181c }
text { fill: #e6e9ec }
.input { fill: #6aa9ec }
.output { fill: #eba25c }
.other { fill: #a3c76d }
}"""

Row = tuple[str, str, tuple[Decimal, Decimal, Decimal]]
"""A name, the text of its amount, and the amount in its parts."""


def document(title: str, words: str, rows: Sequence[Row]) -> str:
    """Return the chart of some rows, under a title, described in words."""
    height = TOP + ROW * len(rows) + GAP
    top = max((sum(parts, start=Decimal(0)) for _, _, parts in rows), default=Decimal(0))
    drawn = [line for n, row in enumerate(rows) for line in _row(row, TOP + ROW * n, top)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title words">',
            f'<title id="title">{_text(title)}</title>',
            f'<desc id="words">{_text(words)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="back" width="{WIDTH}" height="{height}"/>',
            f'<text class="title" x="{GAP}" y="24">{_text(cut(title, 80, True))}</text>',
            *_legend(rows),
            *drawn,
            "</svg>",
            "",
        ]
    )


def _legend(rows: Sequence[Row]) -> list[str]:
    """Return what the colours mean, of those that are there."""
    used = [n for n in range(len(PARTS)) if any(parts[n] for _, _, parts in rows)]
    out = []
    for place, n in enumerate(used):
        x = GAP + 90 * place
        out.append(f'<rect class="{PARTS[n]}" x="{x}" y="38" width="10" height="10"/>')
        out.append(f'<text x="{x + 15}" y="47">{PARTS[n]}</text>')
    return out


def _row(row: Row, y: int, top: Decimal) -> list[str]:
    """Return the elements of one row: its name, its bar in parts, its amount."""
    name, text, parts = row
    room = WIDTH - LABEL - MONEY - 3 * GAP
    x, bars = Decimal(LABEL + 2 * GAP), []
    for kind, part in zip(PARTS, parts, strict=True):
        if part:
            width = CONTEXT.divide(part * room, top)
            bars.append(
                f'<rect class="{kind}" x="{_at(x)}" y="{y}" width="{_at(width)}" height="14"/>'
            )
            x += width
    tip = f"<title>{_text(name)}: {_text(text)}</title>"
    label = f'<text x="{LABEL + GAP}" y="{y + 11}" text-anchor="end">'
    money = f'<text x="{_at(x + 6)}" y="{y + 11}">{_text(text)}</text>'
    return [f"<g>{tip}", f"{label}{_text(cut(name, NAME, True))}</text>", *bars, money, "</g>"]


def _at(value: Decimal) -> str:
    """Return a coordinate, in hundredths of a pixel."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_EVEN, CONTEXT):f}"


def _text(text: str) -> str:
    """Return a text as XML may have it."""
    from modelbook_compiler.report.escape import printable

    return escape(printable(text))
