"""SQL of the price macros: `price_at`, `price_for` and `cost`, by the rules of the Python lookup.

Amounts are exact: DECIMAL(38,18) once factors are in, DECIMAL(38,24) as money. A product that needs
more than 18 places is NULL, never rounded. Quantities have up to 20 places. Only money that needs
more than 24 places (a second at a price per hour) is rounded.
"""

from __future__ import annotations

ASKED = ("tier", "region", "speed", "size", "quality")
"""What a call may ask for."""

_USUAL = {
    "tier": "('standard', 'default')",
    "region": "('global', 'default')",
    "speed": "('standard', 'default')",
    "quality": "('standard', 'default')",
}
"""Names for what is usual; the same as not asking."""

_DIGITS = "rtrim(h.multiply::VARCHAR, '0')"

PRODUCTS = f"""
factors AS (
    SELECT s.question, s.unit, s.seq, replace({_DIGITS}, '.', '')::HUGEINT AS digits,
           length({_DIGITS}) - strpos({_DIGITS}, '.') AS places,
           row_number() OVER (PARTITION BY s.question, s.unit, s.seq ORDER BY h.seq) AS n
    FROM stated s JOIN held h ON h.question = s.question AND h.role = 'factor' AND h.seq > s.seq
         AND (h.units IS NULL OR list_contains(h.units, s.unit))
), products AS (
    SELECT s.question, s.unit, s.seq, 0::BIGINT AS n,
           length(rtrim(s.amount::VARCHAR, '0')) - strpos(s.amount::VARCHAR, '.') AS places,
           replace(rtrim(s.amount::VARCHAR, '0'), '.', '')::HUGEINT AS digits
    FROM stated s WHERE s.amount IS NOT NULL
    UNION ALL
    SELECT p.question, p.unit, p.seq, f.n, p.places + f.places,
           CASE WHEN p.digits = 0 OR f.digits = 0 THEN 0::HUGEINT
                WHEN p.places + f.places <= 18
                 AND p.digits::DOUBLE * f.digits * power(10, 18 - p.places - f.places) < 9e37
                THEN p.digits * f.digits END
    FROM products p JOIN factors f ON f.question = p.question AND f.unit = p.unit
         AND f.seq = p.seq AND f.n = p.n + 1
), scaled AS (
    SELECT question, unit, seq,
           CASE WHEN digits = 0 THEN 0::DECIMAL(38,18)
                ELSE (digits * power(10, 18 - places)::HUGEINT)::DECIMAL(38,0)
                     * 0.000000000000000001::DECIMAL(18,18) END AS amount
    FROM products
    QUALIFY row_number() OVER (PARTITION BY question, unit, seq ORDER BY n DESC) = 1
)"""
"""From `held` (the entries that apply) and `stated` (prices among them) to exact products."""

PRICE_AT = f"""
CREATE MACRO catalog.price_at(instant) AS TABLE
WITH RECURSIVE entry AS (
    SELECT * FROM prices
    WHERE ("from" IS NULL OR "from" <= instant) AND (until IS NULL OR instant < until)
), asked AS MATERIALIZED (
    SELECT *, row_number() OVER () AS question FROM (
        SELECT DISTINCT deployment_id, tier, context_above, region, speed, size, quality, "window"
        FROM entry)
), held AS MATERIALIZED (
    SELECT question, e.* FROM asked a JOIN entry e ON e.deployment_id = a.deployment_id
       AND (e.tier IS NULL OR e.tier = a.tier)
       AND (e.context_above IS NULL OR e.context_above <= a.context_above)
       AND (e.region IS NULL OR e.region = a.region)
       AND (e.speed IS NULL OR e.speed = a.speed)
       AND (e.size IS NULL OR e.size = a.size)
       AND (e.quality IS NULL OR e.quality = a.quality)
       AND (e."window" IS NULL OR e."window" = a."window")
), stated AS MATERIALIZED (
    SELECT * FROM held WHERE role = 'price'
    QUALIFY row_number() OVER (PARTITION BY question, unit ORDER BY seq DESC) = 1
), bounds AS (
    SELECT s.question, s.unit, arg_max(h.minimum, h.seq) AS minimum,
           arg_max(h.allowance, h.seq) AS allowance,
           arg_max(h.allowance_per, h.seq) AS allowance_per
    FROM stated s JOIN held h ON h.question = s.question AND h.unit = s.unit AND h.seq >= s.seq
    GROUP BY s.question, s.unit
), {PRODUCTS}
SELECT a.deployment_id, s.unit, f.amount, s.per, s.currency, a.tier, a.context_above, a.region,
       a.speed, a.size, a.quality, a."window", s.marginal, b.minimum, b.allowance,
       b.allowance_per
FROM asked a JOIN stated s USING (question) JOIN bounds b USING (question, unit)
     JOIN scaled f ON f.question = s.question AND f.unit = s.unit AND f.seq = s.seq
WHERE f.amount IS NOT NULL
"""
"""What every unit costs at an instant, under each set of conditions that an entry in force states:
the last entry that holds, times the factors after it."""

_HERE = """(timezone(h.window_zone, timezone('UTC', h.instant)))"""
_CLOCK = f"strftime({_HERE}, '%H:%M')"
_OPEN = f"""CASE WHEN h."window" IS NULL THEN true
    WHEN {_CLOCK} >= h.window_from
    THEN (h.window_until <= h.window_from OR {_CLOCK} < h.window_until)
         AND (h.window_days IS NULL
              OR list_contains(h.window_days, lower(strftime({_HERE}, '%a'))))
    ELSE h.window_until <= h.window_from AND {_CLOCK} < h.window_until
         AND (h.window_days IS NULL
              OR list_contains(h.window_days, lower(strftime({_HERE} - INTERVAL 1 DAY, '%a'))))
    END"""
"""Whether the part of the day that an entry holds in has begun and not ended."""

_BEGIN = """(CASE WHEN d.deployed IS NOT NULL THEN d.deployed
    ELSE TRY_CAST(left(d.released || substr('-01-01', length(d.released) - 3), 10) AS DATE) END)"""

_ANSWERED = " AND ".join(
    f"bool_or(asked_{one} IS NULL OR coalesce(asked.{one} = asked_{one}, false))" for one in ASKED
)
"""What a call asks for, some entry in force speaks of."""

RATES = f"""
asked AS (
    SELECT q.question, q.instant, q.tokens, q.tier AS asked_tier, q.region AS asked_region,
           q.speed AS asked_speed, q.size AS asked_size, q.quality AS asked_quality, p.*
    FROM question q JOIN deployments d ON d.id = q.deployment_id
         JOIN prices p ON p.deployment_id = q.deployment_id
    WHERE (p."from" IS NULL OR p."from" <= q.instant) AND (p.until IS NULL OR q.instant < p.until)
      AND ({_BEGIN} IS NULL OR {_BEGIN} <= q.instant)
      AND {" AND ".join(f"(p.{one} IS NULL OR p.{one} = q.{one})" for one in ASKED)}
), answered AS (
    SELECT question FROM asked GROUP BY question
    HAVING {_ANSWERED}
), open AS MATERIALIZED (
    SELECT h.* FROM asked h JOIN answered USING (question) WHERE {_OPEN}
), held AS MATERIALIZED (
    SELECT * FROM open WHERE marginal OR context_above IS NULL OR context_above < tokens
), base AS (
    SELECT question, unit, max(seq) AS seq FROM held
    WHERE role = 'price' AND NOT marginal GROUP BY question, unit
), stated AS MATERIALIZED (
    SELECT h.* FROM held h
         LEFT JOIN base b ON b.question = h.question AND b.unit = h.unit
    WHERE h.role = 'price' AND (h.seq = b.seq OR h.marginal AND h.seq > coalesce(b.seq, -1)
          AND NOT EXISTS (FROM held o WHERE o.question = h.question AND o.unit = h.unit
                          AND o.role = 'price' AND o.marginal AND o.seq > h.seq
                          AND o.context_above <= h.context_above))
), bounds AS (
    SELECT s.question, s.unit, arg_max(h.minimum, h.seq) AS minimum,
           arg_max(h.allowance, h.seq) AS allowance,
           arg_max(h.allowance_per, h.seq) AS allowance_per
    FROM (SELECT question, unit, min(seq) AS seq FROM stated GROUP BY question, unit) s
         JOIN held h ON h.question = s.question AND h.unit = s.unit AND h.seq >= s.seq
    GROUP BY s.question, s.unit
), {PRODUCTS}, rates AS MATERIALIZED (
    SELECT s.question, s.deployment_id, s.unit,
           CASE WHEN s.marginal THEN s.context_above END AS above, f.amount, s.per, s.currency,
           b.minimum, b.allowance, b.allowance_per, s.seq
    FROM stated s JOIN bounds b USING (question, unit)
         LEFT JOIN scaled f ON f.question = s.question AND f.unit = s.unit AND f.seq = s.seq
)"""
"""From `question` (deployment, instant, what a call asks for, input tokens) to `rates`."""


def usual(name: str, value: str) -> str:
    """Return SQL for what a call asks for, NULL where that is what is usual."""
    return f"CASE WHEN {value} NOT IN {_USUAL[name]} THEN {value} END" if name in _USUAL else value


PRICE_FOR = f"""
CREATE MACRO catalog.price_for(
    instant, {", ".join(f"{one} := NULL" for one in ASKED)}, input_tokens := 0
) AS TABLE
WITH RECURSIVE question AS (
    SELECT id AS question, id AS deployment_id, instant::TIMESTAMP AS instant,
           input_tokens AS tokens,
           {", ".join(f"({usual(one, f'{one}::VARCHAR')}) AS {one}" for one in ASKED)}
    FROM (SELECT id FROM deployments)
), {RATES}
SELECT deployment_id, unit, above, amount, per, currency, minimum, allowance, allowance_per, seq
FROM rates
"""
"""The rate of every unit for such a call; `above` is NULL but for marginal prices."""

PLACES = 20
"""Most decimal places of a quantity; with 18 digits before them, 1000 counts can be added."""

QUANTITY = f"DECIMAL(38,{PLACES})"

_WHOLE = "('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', \
'UINTEGER', 'UBIGINT', 'UHUGEINT', 'BIGNUM')"


_CAST = f"TRY_CAST(number AS {QUANTITY})"
_DOUBLE = "TRY_CAST(number AS DOUBLE)"
_SHOWN = f"TRY_CAST({_DOUBLE}::VARCHAR AS {QUANTITY})"

EXACT = f"""
CREATE MACRO catalog.exact(number) AS
    CASE WHEN typeof(number) IN {_WHOLE} THEN {_CAST}
         WHEN typeof(number) IN ('DOUBLE', 'FLOAT')
         THEN CASE WHEN abs({_DOUBLE}) >= 0.001 OR {_SHOWN}::VARCHAR::DOUBLE = {_DOUBLE}
                   THEN {_SHOWN} END
         WHEN typeof(number) NOT LIKE 'DECIMAL%' THEN NULL
         WHEN TRY_CAST(regexp_extract(typeof(number), ',([0-9]+)', 1) AS INTEGER) <= {PLACES}
           OR rtrim(number::VARCHAR, '0') = rtrim({_CAST}::VARCHAR, '0') THEN {_CAST} END
"""
"""A number of any type as a quantity; NULL for what is none, or has more places.

A DOUBLE is the shortest decimal that means it, as in Python. A macro of its own, and not written
out for each unit: the file and every opening of it would be the larger and slower for it.
"""


def _money(quantity: str, amount: str, per: str) -> str:
    """Return SQL for `quantity * amount / per` in units of 1e-24; NULL where it does not fit.

    Whole quantities are multiplied as they are, others with amounts of few places too. The rest is
    reduced first: what the fraction has in common above and below would not fit. That is slow.
    """
    price = f"replace({amount}::VARCHAR, '.', '')::HUGEINT"
    digits = f"replace({quantity}::VARCHAR, '.', '')::HUGEINT"
    spare = "100000000000000::HUGEINT"  # 20 + 18 places in, 24 out
    below = f"({per}::HUGEINT * {spare})"
    first = f"gcd({price}, {below})"
    rest = f"({below} // {first})"
    second = f"gcd({digits}, {rest})"
    a, b, c = f"({price} // {first})", f"({digits} // {second})", f"({rest} // {second})"
    size = f"abs({quantity}::DOUBLE * {amount}::DOUBLE)"
    return f"""CASE WHEN {quantity} = floor({quantity}) AND {size} < 1e13
        THEN ({quantity}::HUGEINT * {price} * 1000000 + {per}::HUGEINT // 2) // {per}::HUGEINT
        WHEN {size} < 1e13 AND {price} % {spare} = 0
        THEN ({digits} * ({price} // {spare}) + {per}::HUGEINT // 2) // {per}::HUGEINT
        WHEN {size} / {per} < 1e12 AND abs({a}::DOUBLE * {b}::DOUBLE) < 1e38
        THEN ({a} * {b} + {c} // 2) // {c} END"""


COST = f"""
CREATE MACRO catalog.cost(quantity, amount, per) AS
    ({_money("exact(quantity)", "TRY_CAST(amount AS DECIMAL(38,18))", "per")})::DECIMAL(38,0)
    * 0.000000000000000000000001::DECIMAL(24,24)
"""
"""Money for a quantity, or NULL where it does not fit; `quantity * amount / per` is a DOUBLE."""
