"""The reports of a tournament: report.md, report.html, ratings.csv, results.json and ladder.json in its folder.

All of them are made anew from tournament.toml and games.jsonl, at any time, while the tournament runs or later.
`ladder.json` is the list of rated players that the window offers as levels, weakest first.
"""

import csv
import io
import json
import math
from collections import Counter
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from training.disk import write_file
from training.tournament.plots import plots
from training.tournament.results import Results, checkpoints, read_results
from training.tournament.tables import Table, headline, tables

LIMITS = ("visits", "seconds", "plies")
COLUMNS = (
    *("place", "name", "kind", "model", *LIMITS, "elo", "low", "high", "error", "games", "wins", "draws", "losses"),
    *("score", "first_games", "first_score", "resigned", "faults", "seconds_each"),
)
"""Of ratings.csv; bounds that are open are inf and -inf, `seconds_each` is for a move or a game, the arena's unit."""

WHOLE = ("player", "Elo", "95 %", "score")
"""Columns that a narrow terminal does not break."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 76em; padding: 0 1em; color: #222 }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { padding: .15em .8em .15em 0; text-align: left; vertical-align: top; white-space: nowrap }
td:last-child { white-space: normal } th { border-bottom: 1px solid #999 } td { border-bottom: 1px solid #eee }
svg { width: 100%; height: auto } pre, code { background: #f4f4f4; padding: .2em; overflow-x: auto }
"""


def write_report(folder: Path) -> Results:
    """Write all reports of a tournament, each of them whole or not at all; return what they hold."""
    folder = Path(folder)
    results = read_results(folder)
    texts = {
        "report.md": markdown(results),
        "report.html": page(results),
        "ratings.csv": csv_text(results),
        "results.json": json.dumps(as_json(results), indent=1) + "\n",
        "ladder.json": json.dumps(ladder(results), indent=1) + "\n",
    }
    for name, text in texts.items():
        write_file(folder / name, text.encode())
    return results


def resume_command(folder: Path) -> str:
    """Return the command that goes on with a tournament."""
    return f"yomi tournament {Path(folder).as_posix()}/tournament.toml"


# --- for readers ------------------------------------------------------------------------------------------


def markdown(results: Results) -> str:
    """Write the report as Markdown."""
    settings = results.settings
    parts = [f"# {settings.get('name') or results.folder.name}", headline(results), _about(results)]
    for table in tables(results):
        lines = [_line(table.head), _line(["---"] * len(table.head)), *map(_line, table.rows)]
        parts += [f"## {table.title}", "\n".join(lines), *table.notes]
    return "\n\n".join(parts) + "\n"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _about(results: Results) -> str:
    seed = results.settings.get("seed", "unknown")
    return f"Seed {seed}; to go on: `{resume_command(results.folder)}`"


def page(results: Results) -> str:
    """Write the report as one HTML page, with nothing loaded from elsewhere."""
    title = escape(results.settings.get("name") or results.folder.name)
    about = f"Seed {escape(str(results.settings.get('seed', 'unknown')))}; to go on: "
    about += f"<code>{escape(resume_command(results.folder))}</code>"
    settings = escape((results.folder / "tournament.toml").read_text("utf-8"))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{escape(headline(results))}<p>{about}{plots(results)}"
        f"{''.join(map(_html, tables(results)))}<h2>Settings</h2><pre>{settings}</pre></html>\n"
    )


def _html(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    notes = "".join(f"<p>{escape(note)}" for note in table.notes)
    return f"<h2>{escape(table.title)}</h2><table><tr>{head}</tr>{rows}</table>{notes}"


def terminal(results: Results) -> Any:
    """Return the tables for a rich console."""
    from rich.console import Group
    from rich.markup import escape as plain
    from rich.table import Table as Grid

    parts: list[Any] = [plain(headline(results)), plain(_about(results).replace("`", ""))]
    for table in tables(results):
        grid = Grid(title=plain(table.title), title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0))
        for cell in table.head:
            grid.add_column(plain(cell), overflow="fold", no_wrap=cell in WHOLE)
        for row in table.rows:
            grid.add_row(*map(plain, row))
        parts += ["", grid, *map(plain, table.notes)]
    return Group(*parts)


# --- for programs -----------------------------------------------------------------------------------------


def csv_text(results: Results) -> str:
    """Write the ratings as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    for place, row in enumerate(results.ratings.rows, 1):
        ends = results.ends.get(row.name, Counter())
        counted = {"resigned": ends.get("resign", 0), "faults": sum(ends.values()) - ends.get("resign", 0)}
        seconds = results.seconds.get(row.name, math.nan)
        known = {"place": place, "score": row.score, "seconds_each": round(seconds, 4)}
        writer.writerow(results.players.get(row.name, {}) | asdict(row) | counted | known)
    return text.getvalue()


def as_json(results: Results) -> dict:
    """Return everything as JSON can hold it: infinite and unknown numbers are null."""
    told = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "resume": resume_command(results.folder),
        "passed": results.passed,
        "settings": results.settings,
        "sessions": results.sessions,
        "games": len(results.games),
        "ratings": [asdict(row) | {"score": row.score} for row in results.ratings.rows],
        "anchor": results.ratings.anchor,
        "first_advantage": results.ratings.first_advantage,
        "draw_rate": results.ratings.draw_rate,
        "pairings": results.ratings.pairwise,
        "points": results.points,
        "ends": results.ends,
        "seconds_each": results.seconds,
        "checkpoints": checkpoints(results),
        "sprt": results.sprt,
        "gate": results.gate,
        "validity": results.validity,
    }
    return _plain(told)


def ladder(results: Results) -> list[dict]:
    """Return the rated players with what is needed to make them again, weakest first; open bounds are None."""
    measured = {name: results.settings[name] for name in results.arena.measured if name in results.settings}
    measured |= {"game": results.game, "tournament": results.settings.get("name", ""), "anchor": results.ratings.anchor}
    fingerprints = results.sessions[-1].get("fingerprints", {}) if results.sessions else {}
    levels = []
    for row in reversed([row for row in results.ratings.rows if row.rated]):
        player = {key: value for key, value in results.players.get(row.name, {}).items() if value not in ("", None)}
        if found := fingerprints.get(player.get("model")):
            player["fingerprint"] = found
        rating = {"elo": round(row.elo, 1), "low": round(row.low, 1), "high": round(row.high, 1), "games": row.games}
        levels.append(_plain({"name": row.name} | player | rating | measured))
    return levels


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
