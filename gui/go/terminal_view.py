"""A game of Go drawn for a terminal: a position in, something that rich can print out. It knows no commands."""

from dataclasses import dataclass

import numpy as np
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.players import Analysis
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules
from gui.terminal_look import Look

NAMES = {FIRST: "Black", SECOND: "White"}


@dataclass(frozen=True)
class Thought:
    """What a search found, and for which side it searched."""

    analysis: Analysis
    mover: int


def view(
    position: Position, look: Look, thought: "Thought | None" = None, dead: np.ndarray | None = None
) -> RenderableType:
    """Draw a position: the board, and beside it, or below where the terminal is narrow, what is known about it.

    `thought` is the engine's last analysis; `dead`, bool [size, size], marks dead stones.
    """
    beside = Group(*facts(position), *thoughts(position, thought, look))
    return Padding(Columns([board(position, look, dead), beside], padding=(0, 4)), (1, 0, 1, 1), expand=False)


def board(position: Position, look: Look, dead: np.ndarray | None = None) -> Text:
    """Draw the board with coordinates; the last stone stands in parentheses."""
    colours = go.colours(position.state)
    if dead is None:
        dead = np.zeros(colours.shape, bool)
    letters = Text("   " + " ".join(go_board.COLUMNS[: len(colours)]) + "   ", "dim")
    rows = [_row(position, colours, dead, row, look) for row in range(len(colours))]
    return Text("\n", no_wrap=True).join([letters, *rows, letters])


def _row(position: Position, colours: np.ndarray, dead: np.ndarray, row: int, look: Look) -> Text:
    size = len(colours)
    last = position.moves[-1] if position.moves else -1
    wood = Text(style=look.wood)
    for column in range(size + 1):
        wood.append(*_gap(row, column, last, size, look))
        if column < size:
            wood.append(*_point(colours[row, column], dead[row, column], row, column, size, look))
    return Text.assemble((f"{size - row:2}", "dim"), wood, (f"{size - row:<2}", "dim"))


def _gap(row: int, column: int, last: int, size: int, look: Look) -> tuple[str, str]:
    """Draw what is left of a point: a piece of the line, or a parenthesis beside the last stone."""
    if row == last // size and last < size * size:
        if column == last % size:
            return "(", look.last_style
        if column == last % size + 1:
            return ")", look.last_style
    return (look.line if 0 < column < size else " "), ""


def _point(colour: int, dead: bool, row: int, column: int, size: int, look: Look) -> tuple[str, str]:
    if colour == go.EMPTY:
        return _crossing(row, column, size, look), ""
    style = look.black_style if colour == go.BLACK else look.white_style
    return look.dead if dead else look.black if colour == go.BLACK else look.white, style


def _crossing(row: int, column: int, size: int, look: Look) -> str:
    if row * size + column in _stars(size):
        return look.star
    return look.grid[_third(row, size)][_third(column, size)]


def _third(at: int, size: int) -> int:
    return 0 if at == 0 else 2 if at == size - 1 else 1


def _stars(size: int) -> list[int]:
    most = go_board.most_handicap(size)
    return go_board.fixed_handicap(size, most) if most else []


def facts(position: Position) -> list[Text]:
    """Return the number of the move, whose turn it is, prisoners and komi."""
    state = position.state
    lost = {colour: int(state[go_rules.LOST + np.uint64(colour)]) for colour in (go.BLACK, go.WHITE)}
    komi = go_board.described(state)["komi"]
    number, last = len(position.moves), ""
    if position.moves:
        played = go.notation(state, position.moves[-1])
        last = f"  {NAMES[position.movers[-1]]} " + ("passed" if played == "pass" else f"played {played}")
    turn = f"{NAMES[position.turn]} to play" if not position.over else "the game is over"
    return [
        Text.assemble((f"move {number}", "bold"), last),
        Text(turn),
        Text(f"captured  by Black {lost[go.WHITE]}, by White {lost[go.BLACK]}", "dim"),
        Text(f"komi {komi:g}", "dim"),
    ]


def thoughts(position: Position, thought: "Thought | None", look: Look) -> list[RenderableType]:
    """Show the winning chance and the best lines of a search."""
    if thought is None or not thought.analysis.lines:
        return []
    return [
        Text(),
        chance_bar(thought.analysis.value, look),
        Text(f"{thought.analysis.visits:,} visits, {thought.analysis.seconds:.1f} s", "dim"),
        best_lines(position, thought),
    ]


def chance_bar(value: float, look: Look, width: int = 16) -> Text:
    """Draw both sides' winning chances: value 1 is Black's certain win."""
    chance = (1 + value) / 2
    filled = round(chance * width)
    bar = look.bar[0] * filled + look.bar[1] * (width - filled)
    return Text.assemble(f"Black {chance:.0%} ", (bar, "bold"), f" {1 - chance:.0%} White")


def best_lines(position: Position, thought: "Thought", count: int = 3) -> Table:
    """List the most visited moves with the winning chance of the side that plays them, and how play may go on."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("move", style="bold")
    table.add_column("visits", justify="right")
    table.add_column("wins", justify="right")
    table.add_column("then", no_wrap=True, overflow="ellipsis")
    for line in thought.analysis.lines[:count]:
        chance = (1 + (line.value if thought.mover == FIRST else -line.value)) / 2
        then = " ".join(go.notation(position.state, move) for move in line.variation[1:5])
        table.add_row(go.notation(position.state, line.move), f"{line.visits:,}", f"{chance:.0%}", then)
    return table


def verdict(result: str) -> str:
    """Say a result such as "B+3.5" or "W+R" in words."""
    winner = {"B": "Black", "W": "White"}.get(result[:1])
    if not winner:
        return "nobody wins: a draw"
    return f"{winner} wins " + ("by resignation" if result[2:] == "R" else f"by {result[2:]}") + f" ({result})"
