"""How a match of backgammon begins: what can be chosen, and what the choices make."""

import secrets
from collections.abc import Mapping
from typing import Any

from games.backgammon.board import start
from games.backgammon.dice import Dice, GivenDice, SeededDice
from games.game import FIRST, SECOND
from gui.backgammon.book import OpenedMatch, begin, resume
from gui.backgammon.match import MatchSession, names_of
from gui.field import NOTHING, Field, Values
from gui.following import ladder_of
from gui.level_field import level_field, limit_fields
from gui.opponent import Opponent, PlayerStore, of_choices, seconds_of
from gui.thinker import Thinker

PEOPLE = {"first": {FIRST}, "second": {SECOND}, "both": {FIRST, SECOND}, "none": set()}

LENGTHS = ((0, "for money"), *((points, f"match to {points}") for points in (1, 3, 5, 7, 9, 11, 13, 15, 17, 21, 25)))

MOST_DRAWN = 10**6
"""Seeds that nobody chose are short enough to be typed again."""

ON_OFF = (("on", "yes"), ("off", "no"))

SIDES = (("first", "Dark, below"), ("second", "Light"), ("both", "both"), ("none", "nobody: Yomi alone"))

THROWN = (("seed", "from a seed"), ("manual", "thrown by hand"))


def fields(values: Values = NOTHING) -> tuple[Field, ...]:
    """List what can be chosen on the start page."""
    return (
        Field("length", "Match", 0, LENGTHS, "For money, each game counts by itself.", front=True),
        Field("colour", "You play", "first", SIDES, "Dark is seen from below.", front=True),
        level_field("backgammon"),
        *limit_fields("2", "a turn"),
        Field("model", "Engine", "backgammon", (), "By time: a network that ships, a model folder or a run."),
        Field("dice", "Dice", "seed", THROWN, "By hand: you throw real dice and say what fell."),
        Field("seed", "Seed of the dice", "", (), "Same seed, same dice, whatever is played; empty: any."),
        Field("cube", "Doubling cube", "on", ON_OFF, "A side may offer to play for twice the points."),
        Field("jacoby", "Jacoby's rule", "on", ON_OFF, "For money: gammons count only once the cube was turned."),
        Field("load", "Go on from", "", (), "A .mat file, a GNU Backgammon ID or an XGID; empty: none."),
    )


def begin_match(values: dict[str, object], store: PlayerStore, thinker: Thinker | None = None) -> MatchSession:
    """Return a match with the choices of the start page; raise `ValueError` for what cannot be."""
    make = store.maker(chosen_opponent(values))
    people = PEOPLE[str(values.get("colour", "first"))]
    return MatchSession(opening(values), make, people, names_of(people), thinker, opponent=chosen_opponent(values))


def chosen_opponent(values: dict[str, object]) -> Opponent:
    """Return who plays by the choices of the start page, or as in a match that was kept; else the strongest level."""
    return of_choices("backgammon", values, 2.0, level=str(len(ladder_of("backgammon", {})) or "time"))


def values(
    length: int,
    colour: str,
    dice: str,
    seed: int | None,
    cube: bool,
    jacoby: bool,
    load: str,
    opponent: Opponent,
) -> dict[str, object]:
    """Return the choices of a match that a command line describes."""
    if opponent.spec.seconds:
        seconds_of(opponent.spec.seconds)
    throwing = {"dice": str(dice), "seed": "" if seed is None else seed}
    rules = {"length": length, "cube": "on" if cube else "off", "jacoby": "on" if jacoby else "off"}
    return throwing | rules | {"opponent": opponent, "colour": str(colour), "load": load}


def opening(values: Mapping[str, Any]) -> OpenedMatch:
    """Return the match that the choices describe, before its first throw or where a record ends."""
    dice, load = dice_of(values), str(values.get("load", "")).strip()
    if load:
        return resume(load, dice)
    cube, jacoby = (values.get(name, "on") in ("on", True) for name in ("cube", "jacoby"))
    return begin(start(int(values.get("length", 0)), cube=cube, jacoby=jacoby), dice)


def dice_of(values: Mapping[str, Any]) -> Dice:
    """Return where the dice come from."""
    if values.get("dice", "seed") == "manual":
        return GivenDice()
    seed = str(values.get("seed", "")).strip()
    if seed and (not seed.isdecimal() or len(seed) > 20):
        raise ValueError(f"the seed: {seed[:40]!r} is not a whole number")
    drawn = int(seed) if seed else secrets.randbelow(MOST_DRAWN)
    return SeededDice(drawn, bool(values.get("swapped", False)))
