"""A game of backgammon drawn for a terminal: a position in, something that rich can print out. It knows no commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.backgammon.cube import CubeDecision
from engine.backgammon.plies import Candidate
from games.backgammon import rules
from games.backgammon.board import checkers as checkers_of
from games.backgammon.board import pip_count
from games.backgammon.writing import write_play
from games.game import FIRST, NOBODY
from gui.terminal_look import Look

TALLEST = 5
"""Checkers drawn on a point; where there are more, the last is a number."""

UPPER, LOWER = range(13, 25), range(12, 0, -1)
"""The points of the two halves from left to right, as the player below counts them."""

CHANCES = ("win", "gammon", "backg", "lose g", "lose bg")


@dataclass(frozen=True)
class Scene:
    """What surrounds a position: names of FIRST and SECOND, the number of the game (from 1), points won, dice.

    `points` are those of the games before: of a match its score, for money what each has won.
    """

    names: tuple[str, str]
    game: int = 1
    points: tuple[int, int] = (0, 0)
    dice: str = ""


def view(state: np.ndarray, viewer: int, look: Look, scene: Scene) -> RenderableType:
    """Draw a position with the viewer's home below at the right, and beside it what is known about it."""
    beside = Group(*facts(state, viewer, look, scene))
    return Padding(Columns([board(state, viewer, look), beside], padding=(0, 3)), (1, 0, 1, 1), expand=False)


# --- the board --------------------------------------------------------------------------------------------


def board(state: np.ndarray, viewer: int, look: Look) -> Text:
    """Draw the board; points are numbered as the viewer counts, and outside, dim, as the other does."""
    other = 1 - viewer
    rows = [
        _numbers([25 - point for point in UPPER], "dim"),
        _numbers(UPPER, "bold"),
        *(_row(state, viewer, UPPER, height, other, look) for height in range(TALLEST)),
        _middle(look),
        *(_row(state, viewer, LOWER, height, viewer, look) for height in reversed(range(TALLEST))),
        _numbers(LOWER, "bold"),
        _numbers([25 - point for point in LOWER], "dim"),
    ]
    return Text("\n", no_wrap=True).join(rows)


def _numbers(points: Sequence[int], style: str) -> Text:
    cells = [f"{point:^3}" for point in points]
    return Text(f" {''.join(cells[:6])}     {''.join(cells[6:])} ", style)


def _row(state: np.ndarray, viewer: int, points: Sequence[int], height: int, on_bar: int, look: Look) -> Text:
    """Draw one row of a half board: a cell of each point, and the bar with the checkers of one side."""
    row = Text(f"{_edge(look)}")
    wood = Text(style=look.wood)
    for place, point in enumerate(points):
        if place == 6:
            wood.append(_edge(look))
            wood.append(*_checker(int(checkers_of(state, on_bar)[rules.BAR]), on_bar, height, look, ""))
            wood.append(_edge(look))
        mine, theirs = int(checkers_of(state, viewer)[point]), int(checkers_of(state, 1 - viewer)[25 - point])
        wood.append(*_checker(mine or theirs, viewer if mine else 1 - viewer, height, look, _dot(look)))
    return Text.assemble(row, wood, _edge(look))


def _checker(count: int, player: int, height: int, look: Look, empty: str) -> tuple[str, str]:
    """Draw what stands at a height on a point: a checker, nothing, or how many checkers there are."""
    style = look.black_style if player == FIRST else look.white_style
    if count > TALLEST and height == TALLEST - 1:
        return f"{count:^3}", style
    if count > height:
        return f" {glyph(player, look)} ", style
    return f" {empty if height == 0 and empty else ' '} ", ""


def glyph(player: int, look: Look) -> str:
    """Return the sign of a player's checkers."""
    return look.black if player == FIRST else look.white


def _edge(look: Look) -> str:
    return "|" if look.line == " " else "│"


def _dot(look: Look) -> str:
    return "." if look.line == " " else "·"


def _middle(look: Look) -> Text:
    half = " " * 18
    return Text.assemble(_edge(look), (f"{half}{_edge(look)}bar{_edge(look)}{half}", look.wood), _edge(look))


# --- what is known ----------------------------------------------------------------------------------------


def facts(state: np.ndarray, viewer: int, look: Look, scene: Scene) -> list[Text]:
    """Say the score, both sides' pips and checkers off, the cube, and what is to be done."""
    names = scene.names
    lines = [Text(which_game(state, scene), "bold"), Text(standing(scene))]
    for player in (1 - viewer, viewer):
        lines.append(
            Text.assemble(
                (f"{glyph(player, look)} {names[player]:<8}", "bold"),
                f" {pip_count(state, player):3} pips, {checkers_of(state, player)[rules.OFF]:2} off",
            )
        )
    lines += [Text(cube_line(state, names)), Text(todo(state, names))]
    return [*lines, Text(scene.dice, "dim")] if scene.dice else lines


def which_game(state: np.ndarray, scene: Scene) -> str:
    """Say which game of what this is."""
    if not state[rules.LENGTH]:
        return f"money game {scene.game}"
    return f"game {scene.game}, match to {state[rules.LENGTH]}" + ", Crawford" * int(state[rules.CRAWFORD])


def standing(scene: Scene) -> str:
    """Say the score."""
    (first, second), (one, two) = scene.names, scene.points
    return f"{first} {one}, {second} {two}"


def cube_line(state: np.ndarray, names: Sequence[str]) -> str:
    """Return what the cube shows and whose it is."""
    if not state[rules.USE_CUBE]:
        return "no cube"
    value = 1 << int(state[rules.CUBE])
    owner = "in the middle" if state[rules.OWNER] == NOBODY else f"owned by {names[state[rules.OWNER]]}"
    return f"cube {value}, {owner}"


def todo(state: np.ndarray, names: Sequence[str]) -> str:
    """Return what comes next."""
    mover = names[state[rules.MOVER]]
    if state[rules.TURN] == NOBODY:
        return "the game is over"
    if state[rules.OFFERED]:
        return f"{mover} doubles to {2 << int(state[rules.CUBE])}"
    if state[rules.DICE]:
        left = [str(die) for die in state[rules.DICE : rules.DICE + 4] if die]
        return f"{mover} rolled {state[rules.ROLLED]}-{state[rules.ROLLED + 1]}, to play {' '.join(left)}"
    return "the opening roll" if state[rules.OPENING] else f"{mover} to roll"


def plays_table(state: np.ndarray, ranked: Sequence[Candidate]) -> Table:
    """List plays with their equities, losses against the best, and the five chances of the side that plays them."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("play", style="bold", no_wrap=True)
    for heading in ("plies", "equity", "loses", *CHANCES):
        table.add_column(heading, justify="right", no_wrap=True)
    for play in ranked:
        loss = ranked[0].equity - play.equity
        figures = (str(play.plies), f"{play.equity:+.3f}", f"{loss:.3f}" if loss else "")
        table.add_row(write_play(state, play.moves), *figures, *(f"{chance:.1%}" for chance in play.outputs))
    return table


def cube_table(verdict: CubeDecision, outputs: np.ndarray) -> Group:
    """Show the verdict on the cube: its sentence, the three equities, and the five chances of who may double."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("no double", "double, take", "double, drop", *CHANCES):
        table.add_column(heading, justify="right", no_wrap=True)
    equities = (verdict.no_double, verdict.double_take, verdict.double_pass)
    table.add_row(*(f"{equity:+.3f}" for equity in equities), *(f"{chance:.1%}" for chance in outputs))
    return Group(Text(verdict.sentence, "bold"), table)


def dice_table(log: Mapping[tuple[int, int], tuple[int, int]], width: int = 20) -> Table:
    """List the dice that fell, a row a game or part of one."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    games: dict[int, list[str]] = {}
    for (game, _), (one, other) in sorted(log.items()):
        games.setdefault(game, []).append(f"{one}{other}")
    for game, dice in games.items():
        for first in range(0, len(dice), width):
            table.add_row(f"game {game + 1}, from roll {first + 1}", " ".join(dice[first : first + width]))
    return table
