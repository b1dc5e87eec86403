"""Rates on this machine, beside the figure to beat: `yomi bench`. Each game's wing measures its own rows."""

from collections.abc import Iterator

from engine.machine import cpu_name, usable_cores
from engine.measures.rates import Row
from games import wings

SUITES = ("rules", "search", "network")
"""What is measured, in this order; the `SUITES` of `engine/GAME/bench.py` holds the rows of a game by these names."""


def measure(suite: str = "all", seconds: float = 2.0) -> Iterator[Row]:
    """Run a suite, giving each row about so many seconds; raise `ValueError` if there is no such suite."""
    if suite != "all" and suite not in SUITES:
        raise ValueError(f"there is no benchmark {suite!r}; choose one of {', '.join(SUITES)}")
    for name in SUITES if suite == "all" else (suite,):
        for game in wings.having("engine", "bench"):
            if rows := wings.part("engine", game, "bench").SUITES.get(name):
                yield from rows(seconds)


def report_json(rows: list[Row]) -> dict:
    """Return what programs read: {"machine": ..., "rows": [{name, rate, unit, limit, ratio}]}."""
    return {"machine": machine(), "rows": [vars(row) | {"ratio": row.ratio} for row in rows]}


def machine() -> str:
    """Describe the machine in one line."""
    return f"{cpu_name()}, {usable_cores()} cores"


def report_table(rows: list[Row]):
    """Return the rates as a table for the terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(machine()), caption="limit: the figure to beat, or the raw rate")
    table.add_column("what")
    for heading in ("rate", "unit", "limit", "of it"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    for row in rows:
        figures = f"{row.rate:,.2f}" if row.rate < 100 else f"{row.rate:,.0f}"
        colour = "green" if row.ratio >= 0.5 else "yellow"
        table.add_row(row.name, figures, row.unit, f"{row.limit:,}", Text(f"{row.ratio:.0%}", colour))
    return table
