"""What UBGI's lines may say: words and numbers with their bounds, the options of `setoption`, what `go` asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from games.game import FIRST, NOBODY, SECOND

LONGEST = 60
"""The most characters of somebody's word that an error repeats."""

Reader = Callable[[str], object]


class Refused(ValueError):
    """A line that cannot be obeyed: one of the protocol's codes, and a sentence."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code = code


# --- words ------------------------------------------------------------------------------------------------


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds."""

    def read(word: str) -> int:
        if not (word.isascii() and word.isdecimal() and len(word) < 20 and least <= int(word) <= most):
            raise Refused("bad_argument", f"{quoted(word)} is not a whole number from {least} to {most}")
        return int(word)

    return read


def one_of(**meanings: object) -> Reader:
    """Return a reader of one of several words."""

    def read(word: str) -> object:
        if word not in meanings:
            raise Refused("bad_argument", f"{quoted(word)} is none of {', '.join(meanings)}")
        return meanings[word]

    return read


def quoted(word: str) -> str:
    """Return somebody's word, fit for an error."""
    return repr(word if len(word) <= LONGEST else word[:LONGEST] + "...")


def pairs(words: Sequence[str], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Read words two by two: a name and its value."""
    found = {}
    for name, value in zip(words[::2], [*words[1::2], ""], strict=False):
        if name not in readers:
            raise Refused("bad_argument", f"{quoted(name)} is none of {', '.join(readers)}")
        found[name] = readers[name](value)
    return found


def exactly(count: int, words: Sequence[str], form: str) -> Sequence[str]:
    """Return the words, if there are so many."""
    if len(words) != count:
        raise Refused("bad_argument", f"expected: {form}")
    return words


points, die = whole(0, 64), whole(1, 6)
player = one_of(p0=FIRST, p1=SECOND)
cube = {"value": whole(1, 4096), "owner": one_of(center=NOBODY, p0=FIRST, p1=SECOND)}

_switch, _check = one_of(on=True, off=False), one_of(true=True, false=False)
_SESSION = {"type": one_of(money=False, match=True), "length": points, "jacoby": _switch, "crawford": _switch}


def session(words: Sequence[str]) -> dict:
    """Read what `newsession` says."""
    said = pairs(words, _SESSION)
    if said.pop("type", None) is not bool(said.get("length")):
        raise Refused("bad_argument", "expected: newsession type money, or type match length N")
    return said


# --- options ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UbgiSettings:
    """What `setoption` and `go` set. `visits` or `seconds` above 0: tree search instead of plies."""

    model: str = "backgammon"
    plies: int = 0
    visits: int = 0
    seconds: float = 0
    seed: int = 1
    threads: int = 1
    deterministic: bool = False
    cubeful: bool = False
    ids: bool = False
    info: bool = False

    @property
    def searches(self) -> bool:
        return bool(self.visits or self.seconds)

    @property
    def slow(self) -> bool:
        return bool(self.plies or self.searches)

    @property
    def at_sight(self) -> bool:
        """Whether nothing but the best play is asked for, by the network alone."""
        return not (self.slow or self.cubeful or self.ids or self.info)


_MODES = {"cubeless": False, "cubeful": True}
_plies, _visits = whole(0, 2), whole(0, 10**9)

OPTIONS: dict[str, tuple[str, str, Reader]] = {
    "Model": ("model", "type string default {}", str),
    "Plies": ("plies", "type spin default {} min 0 max 2", _plies),
    "Visits": ("visits", "type spin default {} min 0 max 1000000000", _visits),
    "Seed": ("seed", "type spin default {} min 0 max 2147483647", whole(0, 2**31 - 1)),
    "Threads": ("threads", "type spin default {} min 1 max 1024", whole(1, 1024)),
    "Deterministic": ("deterministic", "type check default {}", _check),
    "EvalMode": ("cubeful", "type combo default {} var cubeless var cubeful", one_of(**_MODES)),
    "MoveIds": ("ids", "type check default {}", _check),
    "Info": ("info", "type check default {}", _check),
    "Variant": ("", "type combo default backgammon var backgammon", one_of(backgammon=None)),
}
"""What may be set: the setting, what `ubgi` says of it, how its value is read.

`MoveIds` adds `bestmoveid`, the position after the play as the next player has it, which the first draft of v0.1 knew;
`Info` adds the equity and the chances. `Variant` knows one word, for controllers that name it.
"""


def told(name: str, settings: UbgiSettings) -> str:
    """Return the line that tells of an option and its value now."""
    setting, text, _ = OPTIONS[name]
    value = getattr(settings, setting, "")
    if name == "EvalMode":
        value = next(mode for mode, meaning in _MODES.items() if meaning == value)
    return f"option name {name} {text.format(str(value).lower() if isinstance(value, bool) else value)}"


def changed(settings: UbgiSettings, words: Sequence[str]) -> UbgiSettings:
    """Return the settings after `setoption name NAME value VALUE`."""
    if len(words) < 4 or words[0] != "name" or words[2] != "value":
        raise Refused("bad_argument", "expected: setoption name NAME value VALUE")
    if words[1] not in OPTIONS:
        raise Refused("unsupported_feature", f"there is no option {quoted(words[1])}")
    setting, _, read = OPTIONS[words[1]]
    value = read(" ".join(words[3:]))
    changes: dict[str, Any] = {setting: value} if setting else {}
    return replace(settings, **changes)


# --- what is asked ----------------------------------------------------------------------------------------

CHEQUER, CUBE, TURN = "chequer", "cube", "turn"
_ROLES = (CHEQUER, CUBE, TURN)
_LIMITS = {"movetime": whole(1, 10**9), "depth": _plies, "nodes": whole(1, 10**9)}


def asked(words: Sequence[str], settings: UbgiSettings) -> tuple[str, UbgiSettings]:
    """Return the role that `go` names, and the settings with its limits."""
    role, rest = CHEQUER, list(words[1:] if words[:1] == ["role"] else words)
    if rest[:1] and (rest[0] in _ROLES or words[0] == "role"):
        role = rest.pop(0)
    if role not in _ROLES:
        raise Refused("bad_argument", f"{quoted(role)} is none of {', '.join(_ROLES)}")
    if "trials" in rest[::2]:
        raise Refused("unsupported_feature", "there are no rollouts: say depth, nodes or movetime")
    return role, _limited(settings, pairs(rest, _LIMITS))


def _limited(settings: UbgiSettings, limits: dict) -> UbgiSettings:
    if "depth" in limits:
        settings = replace(settings, plies=limits["depth"], visits=0)
    if "nodes" in limits:
        settings = replace(settings, visits=limits["nodes"])
    return replace(settings, seconds=limits["movetime"] / 1000) if "movetime" in limits else settings
