"""How a game of Go begins: what can be chosen, and what the choices make."""

from collections.abc import Mapping
from typing import Any

from engine.clock import Clock
from engine.networks.model import shipped
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from gui.field import NOTHING, Field, Values
from gui.level_field import level_field, limit_fields
from gui.opponent import Opponent, of_choices

CLOCKS: dict[str, tuple[str, dict]] = {
    "": ("none", {}),
    "blitz": ("1 minute, 5 times 10 s", {"main": 60, "period": 10, "periods": 5}),
    "rapid": ("10 minutes, 5 times 30 s", {"main": 600, "period": 30, "periods": 5}),
    "fischer": ("3 minutes and 5 s a move", {"main": 180, "increment": 5}),
    "canadian": ("10 minutes, 20 moves in 5", {"main": 600, "period": 300, "stones": 20}),
}

RULES = tuple((name, sentence) for name, sentence in (
    ("chinese", "Chinese"), ("tromp-taylor", "Tromp-Taylor"), ("japanese", "Japanese"), ("aga", "AGA"),
    ("new-zealand", "New Zealand"),
))  # fmt: skip

PEOPLE = {"black": {FIRST}, "white": {SECOND}, "both": {FIRST, SECOND}, "none": set()}


def fields(values: Values = NOTHING) -> tuple[Field, ...]:
    """List what can be chosen on the start page where `values` are chosen already: a board's size has its levels."""
    sizes = tuple((size, f"{size} x {size}") for size in (9, 13, 19, *range(2, 26)))
    models = tuple((name, name) for name in (*shipped("go"), "rollouts"))
    sides = (("black", "Black"), ("white", "White"), ("both", "both"), ("none", "nobody: Yomi alone"))
    stones = tuple((k, f"{k} stones" if k else "none") for k in (0, *range(2, 10)))
    clocks = tuple((name, words) for name, (words, _) in CLOCKS.items())
    return (
        Field("size", "Board", 9, tuple(dict(sizes).items()), "The smaller, the shorter: 9 x 9 to learn.", True, True),
        Field("colour", "You play", "black", sides, "Black begins.", front=True),
        level_field("go", {"size": values.get("size", 9)}),
        *limit_fields("2"),
        Field("model", "Engine", "go", models, "By time: the network that proposes moves, or none."),
        Field("rules", "Rules", "chinese", RULES, "Chinese rules count stones and points, Japanese prisoners."),
        Field("komi", "Komi", "", (), "Points for White, in halves; empty: 7, with a handicap 0.5."),
        Field("handicap", "Handicap", 0, stones, "Stones that Black begins with, where it is the weaker side."),
        Field("clock", "Clock", "", clocks, "Time for both sides; who has none left has lost."),
        Field("seed", "Seed", "1", (), "The same seed, visits and one thread: the same game."),
    )


def chosen_opponent(values: dict[str, object]) -> Opponent:
    """Return who plays by the choices of the start page, or as in a game that was kept."""
    return of_choices("go", values, 2.0, whole(values.get("seed", 1), "the seed"))


def values(
    size: int, colour: str, komi: float | None, rules: str, handicap: int, opponent: Opponent
) -> dict[str, object]:
    """Return the choices of a game that a command line describes."""
    chosen = {"size": size, "colour": str(colour), "rules": str(rules), "handicap": handicap}
    return chosen | {"komi": "" if komi is None else komi, "opponent": opponent}


def opening(values: Mapping[str, Any]) -> Position:
    """Return the position that a game with these choices begins with."""
    size, handicap = int(values.get("size", 9)), int(values.get("handicap", 0))
    rules, komi = str(values.get("rules", "chinese")), str(values.get("komi", "")).strip()
    stones = go_board.fixed_handicap(size, handicap) if handicap > 1 else []
    points = number(komi, "komi") if komi else 0.5 if handicap else 7
    to_play, bonus = SECOND if stones else FIRST, go_board.handicap_bonus(rules, handicap)
    start = go_board.setup(size, points, rules, black=stones, to_play=to_play, handicap_bonus=bonus)
    return Position(go, start)


def number(text: object, what: str) -> float:
    """Read a number that a person typed."""
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        raise ValueError(f"{what}: {text!r} is not a number") from None


def whole(text: object, what: str) -> int:
    """Read a whole number from 0 that a person typed."""
    if not str(text).strip().isdecimal() or len(str(text)) > 18:
        raise ValueError(f"{what}: {text!r} is not a whole number")
    return int(str(text))


def clocks_of(values: dict[str, object]) -> dict[int, Clock] | None:
    """Return the clocks that the choices describe, None for a game without."""
    words = CLOCKS.get(str(values.get("clock", "")), ("", {}))[1]
    return {side: Clock(**words) for side in (FIRST, SECOND)} if words else None
