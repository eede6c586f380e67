"""SQL of the macro that prices a table of calls, `cost_of`.

The table has a row for each call: `deployment_id`, `at` (UTC), what it asked for (`tier`, `region`,
…) and inclusive counts in columns named after units. Columns that are not there are NULL; others
are passed on. A usage is taken apart and checked as `modelbook.recipes` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modelbook.counts import MOST
from modelbook.units import FRACTIONAL

from .macros import ASKED, COST, EXACT, PRICE_AT, PRICE_FOR, QUANTITY, RATES, usual

ROW = "call_row"
"""Column that numbers the calls; a table to be priced cannot have one of that name."""

_IMPOSSIBLE = -1
"""Stands for a count that cannot be, until its problem is told; nothing is reckoned with it."""

_AT = """CASE WHEN isfinite(TRY_CAST("at" AS TIMESTAMP)) THEN TRY_CAST("at" AS TIMESTAMP) END"""

_MEASURED = ", ".join(f"'{one}'" for one in sorted(FRACTIONAL))
"""Quantities that are not counted one by one."""


def macros(units: Iterable[str]) -> Iterator[str]:
    """Yield the statements that create all macros, for a registry of units."""
    ids = tuple(units)
    yield EXACT
    yield COST
    yield PRICE_AT
    yield PRICE_FOR
    if ids:
        yield f"CREATE MACRO catalog.cost_of(calls) AS TABLE {_steps(ids)} {_TOTALS}"


def _steps(ids: tuple[str, ...]) -> str:
    """Return the steps from a table of calls to `lines` and `problems`."""
    text = ", ".join(f"NULL::VARCHAR AS {name}" for name in ("deployment_id", *ASKED))
    seeds = ", ".join(f'NULL::BOOLEAN AS "{id}"' for id in ids)
    counts = ", ".join(f'{_count(id)} AS "{id}"' for id in ids)
    listed = ", ".join(f'"{id}"' for id in ids)
    there = " OR ".join(f"typeof(\"{id}\") <> 'BOOLEAN'" for id in ids)
    asked = ", ".join(f"({usual(one, f'{one}::VARCHAR')}) AS {one}" for one in ASKED)
    return f"""
WITH RECURSIVE numbered AS MATERIALIZED (
    SELECT row_number() OVER () AS {ROW}, * FROM query_table(calls)
), shaped AS MATERIALIZED (
    SELECT NULL::BIGINT AS {ROW}, NULL::TIMESTAMP AS "at", {text}, {seeds} WHERE false
    UNION ALL BY NAME FROM numbered
), typed AS MATERIALIZED (
    SELECT {ROW}, {counts} FROM shaped
), counted AS MATERIALIZED (
    SELECT c.{ROW}, c.unit, u.own_price,
           CASE WHEN c.quantity = floor(c.quantity) OR u.quantity IN ({_MEASURED})
                THEN c.quantity ELSE {_IMPOSSIBLE} END AS quantity
    FROM (UNPIVOT typed ON {listed} INTO NAME unit VALUE quantity) c JOIN units u ON u.id = c.unit
), used AS MATERIALIZED (
    FROM counted WHERE quantity <> {_IMPOSSIBLE}
), question AS MATERIALIZED (
    SELECT s.{ROW} AS question, deployment_id::VARCHAR AS deployment_id,
           CASE WHEN typeof("at") = 'TIMESTAMP WITH TIME ZONE'
                THEN error('`at` is UTC without a time zone: write `at AT TIME ZONE ''UTC''`')
                ELSE coalesce({_AT}, now() AT TIME ZONE 'UTC') END AS instant,
           "at" IS NOT NULL AND {_AT} IS NULL AS timeless,
           coalesce(u.quantity, 0)::BIGINT AS tokens, ({there}) AS counting, {asked}
    FROM shaped s LEFT JOIN used u ON u.{ROW} = s.{ROW} AND u.unit = 'input'
), {RATES}, {_PARTS}"""


def _count(id: str) -> str:
    """Return SQL for the count of a unit, checked before anything is reckoned with it."""
    value = f'exact("{id}")'
    return f"""CASE WHEN "{id}" IS NOT NULL
        THEN coalesce(CASE WHEN {value} BETWEEN 0 AND {MOST} THEN {value} END, {_IMPOSSIBLE}) END"""


_PLACE = "CASE u.cache WHEN 'write' THEN 1 WHEN 'read' THEN 2 ELSE 0 END"

_PARTS = f"""
within AS MATERIALIZED (SELECT id AS unit, unnest(wholes) AS whole FROM units),
priced AS (
    SELECT question, unit, bool_and(amount IS NULL) AS unknown FROM rates GROUP BY question, unit
), candidate AS (
    SELECT u.{ROW}, u.unit, w.whole FROM used u JOIN within w USING (unit)
         JOIN priced p ON p.question = u.{ROW} AND p.unit = w.whole
    WHERE NOT u.own_price
), stand_in AS (
    SELECT c.{ROW}, c.unit FROM candidate c
    WHERE NOT EXISTS (FROM candidate o JOIN within w ON w.unit = o.whole AND w.whole = c.whole
                      WHERE o.{ROW} = c.{ROW} AND o.unit = c.unit)
    GROUP BY c.{ROW}, c.unit HAVING count(*) = 1
), apart AS MATERIALIZED (
    SELECT u.* FROM used u LEFT JOIN priced p ON p.question = u.{ROW} AND p.unit = u.unit
    WHERE p.unit IS NOT NULL OR u.unit <> 'requests'
      AND NOT EXISTS (FROM stand_in s WHERE s.{ROW} = u.{ROW} AND s.unit = u.unit)
), chain AS (
    SELECT {ROW}, unit, unit AS part, 1 AS sign FROM apart
    UNION ALL
    SELECT c.{ROW}, c.unit, a.unit, -c.sign
    FROM chain c JOIN within w ON w.whole = c.part
         JOIN apart a ON a.{ROW} = c.{ROW} AND a.unit = w.unit
), part AS MATERIALIZED (
    SELECT c.{ROW}, c.unit, sum(c.sign * u.quantity)::{QUANTITY} AS quantity
    FROM chain c JOIN used u ON u.{ROW} = c.{ROW} AND u.unit = c.part GROUP BY c.{ROW}, c.unit
    UNION ALL
    SELECT question, unit, 1 FROM priced
    WHERE unit = 'requests' AND question NOT IN (SELECT {ROW} FROM used WHERE unit = 'requests')
), calls_each AS (
    SELECT question AS {ROW}, coalesce(max(u.quantity), 1)::BIGINT AS requests,
           max(tokens) AS tokens
    FROM question LEFT JOIN used u ON u.{ROW} = question AND u.unit = 'requests' GROUP BY question
), placed AS (
    SELECT p.*, e.requests, e.tokens, coalesce(sum(CASE WHEN u.direction = 'input'
               THEN p.quantity END) OVER (PARTITION BY p.{ROW} ORDER BY {_PLACE}, u.seq
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later
    FROM part p JOIN units u ON u.id = p.unit JOIN calls_each e USING ({ROW})
    WHERE p.quantity <> 0
), charged AS (
    SELECT r.*, p.{ROW}, p.later, p.requests, p.tokens,
           greatest(greatest(p.quantity, coalesce(r.minimum, 0)) - CASE r.allowance_per
               WHEN 'request' THEN least(r.allowance::HUGEINT * p.requests, {MOST}) ELSE 0 END,
               0) AS quantity
    FROM placed p JOIN rates r ON r.question = p.{ROW} AND r.unit = p.unit
), topped AS (
    SELECT *, CASE WHEN above IS NULL THEN quantity
              ELSE greatest(least(quantity, (tokens - above)::{QUANTITY} - later), 0) END AS reached
    FROM charged
), lines AS MATERIALIZED (
    SELECT {ROW}, unit, (reached - coalesce(lead(reached) OVER (
               PARTITION BY {ROW}, unit ORDER BY above NULLS FIRST), 0))::{QUANTITY} AS quantity,
           amount, per, above, seq
    FROM topped
), costs AS MATERIALIZED (
    SELECT {ROW}, unit, quantity, amount, per, cost(quantity, amount, per) AS cost, above, seq
    FROM lines WHERE quantity > 0
), pair AS MATERIALIZED (
    SELECT a.unit AS one, b.unit AS other, arg_min(a.unit_, a.seq) AS shared
    FROM (SELECT w.whole AS unit, w.unit AS unit_, u.seq FROM within w JOIN units u
          ON u.id = w.unit) a JOIN (SELECT whole AS unit, unit AS unit_ FROM within) b
         ON b.unit_ = a.unit_ AND a.unit <> b.unit
    GROUP BY a.unit, b.unit
), inner_part AS (
    SELECT w.whole, u.{ROW}, u.unit, u.quantity FROM used u JOIN within w USING (unit)
         JOIN used v ON v.{ROW} = u.{ROW} AND v.unit = w.whole
), outer_part AS (
    SELECT i.* FROM inner_part i WHERE NOT EXISTS (
        FROM inner_part o JOIN within w ON w.unit = i.unit AND w.whole = o.unit
        WHERE o.{ROW} = i.{ROW} AND o.whole = i.whole)
), group_sum AS (
    SELECT o.{ROW}, o.whole, sum(o.quantity) AS quantity FROM outer_part o
    WHERE NOT EXISTS (FROM outer_part b JOIN pair p ON p.one = o.unit AND p.other = b.unit
                      WHERE b.{ROW} = o.{ROW} AND b.whole = o.whole)
    GROUP BY o.{ROW}, o.whole
    UNION ALL SELECT {ROW}, whole, quantity FROM outer_part
), currencies AS MATERIALIZED (
    SELECT p.{ROW}, max(r.currency) AS currency, count(DISTINCT r.currency) > 1 AS several
    FROM part p JOIN rates r ON r.question = p.{ROW} AND r.unit = p.unit GROUP BY p.{ROW}
), problem AS (
    SELECT question AS {ROW}, 1 AS place, 'unknown deployment' AS problem FROM question
    WHERE deployment_id IS NULL OR deployment_id NOT IN (SELECT id FROM deployments)
    UNION ALL
    SELECT question, 2, 'impossible instant in `at`' FROM question WHERE timeless
    UNION ALL
    SELECT question, 2, 'no price then for such a call' FROM question
    WHERE question NOT IN (SELECT question FROM answered)
    UNION ALL
    SELECT {ROW}, 3, 'impossible count of ' || unit FROM counted WHERE quantity = {_IMPOSSIBLE}
    UNION ALL
    SELECT question, 3, 'no column is named after a unit, such as `input`' FROM question
    WHERE NOT counting AND question NOT IN (SELECT question FROM priced WHERE unit = 'requests')
    UNION ALL
    SELECT question, 3, 'nothing is counted, and a request has no price' FROM question
    WHERE question NOT IN (SELECT {ROW} FROM used)
      AND question NOT IN (SELECT question FROM priced WHERE unit = 'requests')
    UNION ALL
    SELECT u.{ROW}, 4, u.unit || ' counts towards ' || w.whole || ', whose count is missing'
    FROM used u JOIN within w USING (unit) WHERE u.quantity <> 0
      AND NOT EXISTS (FROM used v WHERE v.{ROW} = u.{ROW} AND v.unit = w.whole)
    UNION ALL
    SELECT g.{ROW}, 5, 'the parts are more than ' || g.whole
    FROM group_sum g JOIN used u ON u.{ROW} = g.{ROW} AND u.unit = g.whole
    WHERE g.quantity > u.quantity
    UNION ALL
    SELECT {ROW}, 5, 'the parts are more than ' || unit FROM part WHERE quantity < 0
    UNION ALL
    SELECT a.{ROW}, 6, 'state ' || p.shared || ' too, 0 if none'
    FROM apart a JOIN apart b ON b.{ROW} = a.{ROW} JOIN pair p ON p.one = a.unit
         AND p.other = b.unit
    WHERE a.quantity <> 0 AND b.quantity <> 0 AND a.unit < b.unit
      AND NOT EXISTS (FROM within w WHERE (w.unit, w.whole) IN ((a.unit, b.unit), (b.unit, a.unit)))
      AND NOT EXISTS (FROM used u WHERE u.{ROW} = a.{ROW} AND u.unit = p.shared)
    UNION ALL
    SELECT p.{ROW}, 7, 'no known price for ' || p.unit
    FROM part p LEFT JOIN priced k ON k.question = p.{ROW} AND k.unit = p.unit
    WHERE p.quantity <> 0 AND coalesce(k.unknown, true)
    UNION ALL
    SELECT {ROW}, 7, 'no known price for ' || unit FROM lines
    WHERE amount IS NULL AND quantity <> 0
    UNION ALL
    SELECT {ROW}, 8, 'the cost of ' || unit || ' has more digits than fit' FROM costs
    WHERE cost IS NULL AND amount IS NOT NULL
    UNION ALL
    SELECT {ROW}, 8, 'prices in several currencies' FROM currencies WHERE several
    UNION ALL
    SELECT DISTINCT e.{ROW}, 9, 'its price depends on each request: one row for each'
    FROM calls_each e LEFT JOIN open o ON o.question = e.{ROW} AND NOT o.marginal
              AND o.context_above < e.tokens
         LEFT JOIN charged c ON c.{ROW} = e.{ROW} AND (c.minimum IS NOT NULL OR c.above IS NOT NULL)
    WHERE e.requests > 1 AND (o.seq IS NOT NULL OR c.unit IS NOT NULL)
    UNION ALL
    SELECT question, 0, 'tokens are paid by the hour of its machines: ask `price` in Python'
    FROM question JOIN deployments d ON d.id = deployment_id
    WHERE d.throughput_accelerators IS NOT NULL
      AND question IN (SELECT question FROM priced WHERE unit = 'gpu_hours')
      AND question NOT IN (SELECT {ROW} FROM used WHERE unit = 'gpu_hours')
), problems AS (
    SELECT {ROW}, arg_min(problem, (place, problem)) AS problem FROM problem GROUP BY {ROW}
)
"""

_TOTALS = f"""
, summed AS (
    SELECT {ROW}, sum(cost) AS total, list(struct_pack(
               unit := unit, quantity := quantity, amount := amount, per := per, cost := cost,
               above := above) ORDER BY seq, unit, above NULLS FIRST) AS lines
    FROM costs GROUP BY {ROW}
)
SELECT n.* EXCLUDE ({ROW}),
       CASE WHEN p.problem IS NULL THEN coalesce(s.total, 0)::DECIMAL(38,24) END AS total,
       CASE WHEN p.problem IS NULL THEN coalesce(c.currency, 'USD') END AS currency, p.problem,
       CASE WHEN p.problem IS NULL THEN coalesce(s.lines, []) END AS lines
FROM numbered n LEFT JOIN summed s USING ({ROW}) LEFT JOIN problems p USING ({ROW})
     LEFT JOIN currencies c USING ({ROW})
ORDER BY {ROW}
"""
