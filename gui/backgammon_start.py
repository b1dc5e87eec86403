"""How a match of backgammon begins: what can be chosen, and what the choices make."""

import secrets
from collections.abc import Callable

from engine.clock import Limit
from engine.model import find
from engine.players import Player
from games.backgammon_board import start
from games.dice import Dice, GivenDice, SeededDice
from games.game import FIRST, SECOND
from gui.backgammon_match import Match
from gui.backgammon_session import Session as Book
from gui.backgammon_session import resume
from gui.page import Field
from gui.thinker import Thinker

SIDES = ("Dark", "Light")

PEOPLE = {"first": {FIRST}, "second": {SECOND}, "both": {FIRST, SECOND}, "none": set()}

LEVELS: dict[str, tuple[str, int | None, Limit]] = {
    "0": ("1: at a glance", 0, Limit()),
    "1": ("2: a ply ahead", 1, Limit()),
    "2": ("3: two plies ahead", 2, Limit()),
    "tree": ("tree search, seconds below", None, Limit(seconds=2.0)),
}
"""Words, plies, and the limit of the tree search, for each level."""

LENGTHS = ((0, "for money"), *((points, f"match to {points}") for points in (1, 3, 5, 7, 9, 11, 13, 15, 17, 21, 25)))

MOST_DRAWN = 10**6
"""Seeds that nobody chose are short enough to be typed again."""

ON_OFF = (("on", "yes"), ("off", "no"))

FIELDS = (
    Field("length", "Match", 0, LENGTHS),
    Field("colour", "You play", "first", (("first", "Dark, below"), ("second", "Light"), ("both", "both"),
                                          ("none", "nobody: Yomi alone"))),
    Field("level", "Level", "1", tuple((name, words) for name, (words, _, _) in LEVELS.items()),
          "How far Yomi reads ahead."),
    Field("seconds", "Seconds a turn", "2", (), "For the tree search."),
    Field("model", "Engine", "backgammon", (), "A network that ships with Yomi, a model folder or a run."),
    Field("dice", "Dice", "seed", (("seed", "from a seed"), ("manual", "thrown by hand"))),
    Field("seed", "Seed of the dice", "", (), "The same seed, the same dice, whatever is played; empty: a new one."),
    Field("cube", "Doubling cube", "on", ON_OFF),
    Field("jacoby", "Jacoby's rule", "on", ON_OFF, "For money: gammons count only once the cube was turned."),
    Field("load", "Go on from", "", (), "A .mat file, a GNU Backgammon ID or an XGID; empty: a new match."),
)  # fmt: skip


class PlayerStore:
    """Keeps the player made last: its network and its compiled code serve the next match too."""

    def __init__(self):
        self.asked: tuple | None = None
        self.player: Player | None = None

    def maker(self, model: str, plies: int | None, limit: Limit, threads: int | None = None) -> Callable[[], Player]:
        """Return what makes the player, in the thinking thread; raise `ValueError` where there is no such model."""
        found = find(model)
        if found.game != "backgammon":
            raise ValueError(f"{model} plays {found.game}, not backgammon")
        asked = (model, plies, limit, threads)

        def make() -> Player:
            if asked != self.asked:
                from engine.backgammon_player import make_backgammon_player
                from games import backgammon

                player = make_backgammon_player(model, limit, plies, 1, threads)
                player.warm_up(backgammon, start())
                self.player, self.asked = player, asked
            self.player.forget()
            return self.player

        return make


def begin_match(values: dict[str, object], store: PlayerStore, thinker: Thinker | None = None) -> Match:
    """Return a match with the choices of the start page; raise `ValueError` for what cannot be."""
    _, plies, limit = LEVELS[str(values.get("level", "1"))]
    if limit != Limit():
        visits, seconds = values.get("visits"), values.get("seconds", 2)
        limit = Limit(visits, None if visits and not seconds else seconds_of(seconds))
    make = store.maker(str(values.get("model", "backgammon")).strip(), plies, limit, values.get("threads"))
    people = PEOPLE[str(values.get("colour", "first"))]
    return Match(book_of(values), make, people, names_of(people), thinker)


def values(
    length: int,
    colour: str,
    model: str,
    plies: int,
    visits: int | None,
    seconds: float | None,
    dice: str,
    seed: int | None,
    cube: bool,
    jacoby: bool,
    threads: int | None,
    load: str,
) -> dict[str, object]:
    """Return the choices of a match that a command line describes."""
    reading = {"level": "tree" if visits or seconds else str(plies), "visits": visits, "seconds": seconds}
    throwing = {"dice": str(dice), "seed": "" if seed is None else seed}
    rules = {"length": length, "cube": "on" if cube else "off", "jacoby": "on" if jacoby else "off"}
    return reading | throwing | rules | {"colour": str(colour), "model": model, "threads": threads, "load": load}


def book_of(values: dict[str, object]) -> Book:
    """Return the dice and the game that the choices describe."""
    dice, load = dice_of(values), str(values.get("load", "")).strip()
    if load:
        return resume(load, dice)
    cube, jacoby = (values.get(name, "on") in ("on", True) for name in ("cube", "jacoby"))
    return Book(start(int(values.get("length", 0)), cube=cube, jacoby=jacoby), dice)


def dice_of(values: dict[str, object]) -> Dice:
    """Return where the dice come from."""
    if values.get("dice", "seed") == "manual":
        return GivenDice()
    seed = str(values.get("seed", "")).strip()
    if seed and (not seed.isdecimal() or len(seed) > 20):
        raise ValueError(f"the seed: {seed[:40]!r} is not a whole number")
    return SeededDice(int(seed) if seed else secrets.randbelow(MOST_DRAWN))


def names_of(people: set[int]) -> tuple[str, str]:
    """Return what the sides are called."""
    if len(people) != 1:
        return SIDES
    return tuple("You" if side in people else "Yomi" for side in (FIRST, SECOND))


def seconds_of(text: object) -> float:
    """Read the seconds of a turn."""
    try:
        seconds = float(str(text).replace(",", "."))
    except ValueError:
        raise ValueError(f"seconds a turn: {text!r} is not a number") from None
    if not 0.01 <= seconds <= 3600:
        raise ValueError("seconds a turn are between 0.01 and 3600")
    return seconds
