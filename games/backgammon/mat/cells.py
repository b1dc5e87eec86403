"""The text of a match as cells: who did what, in which line. Knows no rules.

Every pattern here takes time in proportion to the text, whatever the text is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from games.backgammon.mat.match import MatError
from games.game import FIRST, SECOND

LONGEST = 200
"""Characters behind dice that are read; more is no play."""

NARROWEST = 10
"""A left column has at least so many places."""

MOST_DIGITS = 9
"""Digits of a number that are read; no number in a match has more."""


@dataclass(frozen=True)
class Cell:
    """One entry of a column.

    `kind` is dice, double, take, drop, beaver, wins, loses or resign; `number` the dice as two digits, the new cube,
    the points (0: not said), or what is resigned (1 to 3, 0: the match); `text` the play.
    """

    line: int
    side: int
    kind: str
    number: int = 0
    text: str = ""


@dataclass
class GameText:
    """One game as it stands in the file."""

    line: int
    number: int
    players: tuple[str, str] = ("", "")
    score: tuple[int, int] = (0, 0)
    cells: list[Cell] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    """Text that is neither a turn nor a result, and its line."""
    right: int = 0
    """The place of a line from where it belongs to the right column; 0 before the names."""


@dataclass
class Sheet:
    """A whole file: the tags of its head, the match's length, its games; `beyond` is the line of a second match."""

    info: dict[str, str] = field(default_factory=dict)
    length: int = 0
    games: list[GameText] = field(default_factory=list)
    beyond: int = 0


# --- lines ------------------------------------------------------------------------------------------------

_LENGTH = re.compile(
    r"""(?:(\d{1,4})\ ?-?\ ?(?:points?|pts?\.?)\ match
    |match\ (?:to|of|length:?)\ (\d{1,4})
    |(?:unlimited|money)\ (?:game|match|session))\b""",
    re.I | re.X,
)
_SCORE = re.compile(r": *(\d{1,4})(?!\S)")
_NUMBER = re.compile(r" *\d{1,4} *\)")
_STRAY_NUMBER = re.compile(r"(?:^|(?<= ))\d{1,4}\)$")


def scan(lines: Sequence[str]) -> Sheet:
    """Return the cells of a file; raise `MatError` where it holds no match."""
    sheet, begun, again = Sheet(), False, 0
    for number, line in enumerate(lines, 1):
        line = line.lstrip("\ufeff").expandtabs().replace("\u00a0", " ").rstrip()
        if line.lstrip().startswith(";"):
            _read_tag(line, sheet.info)
        elif found := _LENGTH.match(" ".join(line[:80].split())):
            again = number if begun else 0
            sheet.length, begun = sheet.length if begun else int(found[1] or found[2] or 0), True
        elif begun and (game := _game_number(line)) is not None:
            if again and sheet.games and game <= sheet.games[-1].number:
                sheet.beyond = again
                break
            sheet.games.append(GameText(number, game))
        elif sheet.games and line:
            _read_line(sheet.games[-1], line, number)
    if not begun:
        raise MatError("it does not say what match it is (5 point match)", len(lines))
    if not sheet.games:
        raise MatError("there is no game in it", len(lines))
    return sheet


def _read_tag(line: str, info: dict[str, str]) -> None:
    """Take up a tag of the head: ; [Site "Galaxy"]."""
    inside = line.strip().lstrip("; ")
    name, quote, rest = inside.removeprefix("[").partition('"')
    value, closed, _ = rest.rpartition('"')
    if inside.startswith("[") and name.strip() and quote and closed:
        info[name.strip()] = value


def _game_number(line: str) -> int | None:
    """Return the number in a line such as "Game 3", None for any other line."""
    words = line[:80].replace("#", " ").split()
    if len(words) < 2 or words[0].lower() != "game" or (len(words) > 2 and not words[2].startswith("(")):
        return None
    digits = words[1].rstrip(".:")
    return int(digits[:MOST_DIGITS]) if digits.isdecimal() else None


def _read_line(game: GameText, line: str, number: int) -> None:
    if not game.right:
        _read_names(game, line)
        return
    numbered = _NUMBER.match(line)
    at = numbered.end() if numbered else 0
    cells = list(_parts(line, at, number, game))
    if {cell.kind for cell in cells[-2:]} == {"wins", "loses"}:  # the columns may have slipped
        cells[-2:] = [replace(cell, side=side) for side, cell in zip((FIRST, SECOND), cells[-2:], strict=True)]
    game.cells += cells


def _read_names(game: GameText, line: str) -> None:
    """Take up the players and the score: Ann : 0      Bob : 2."""
    scores = list(_SCORE.finditer(line))
    if len(scores) < 2 or scores[-1].end() != len(line):
        return
    left, right = scores[0], scores[-1]
    second = line[left.end() : right.start()]
    game.players = line[: left.start()].strip(), second.strip()
    game.score = int(left[1]), int(right[1])
    begins = left.end() + len(second) - len(second.lstrip())
    game.right = max(NARROWEST, begins // 2)


# --- cells of a line --------------------------------------------------------------------------------------

_ACTION = re.compile(
    r"""(?P<dice>(?<![\w/*-])(?P<die>\d)-?(?P<other>\d)(?:\ ?:|(?=\ {1,3}(?:bar|\d{1,2})/)))
    |(?P<double>\b(?:re)?doubles?\b(?:\ {0,3}=>?\ {0,3}(?P<value>\d+))?)
    |(?P<take>\b(?:takes?|accepts?)\b)
    |(?P<drop>\b(?:drops?|pass(?:es)?|rejects?|declines?)\b)
    |(?P<beaver>\b(?:beavers?|raccoons?)\b)
    |(?P<wins>\b(?:wins?|won)\b
        (?:\ {1,3}(?P<points>\d+)(?:\ {0,3}(?:points?|pts?)\b\.?)?)?(?:\ and\ the\ match\b)?)
    |(?P<loses>\b(?:loss(?:es)?|loses?|lost)\b
        (?:\ {1,3}(?P<lost>\d+)(?:\ {0,3}(?:points?|pts?)\b\.?)?)?(?:\ and\ the\ match\b)?)
    |(?P<resign>\b(?:resign(?:s|ed|ation)?|retire[sd]?|concede[sd]?|surrenders?|(?:gives?|gave)\ up|forfeits?)\b
        (?:\ {1,3}(?:an?|the|single|game|match|(?P<gammon>gammon)|(?P<backgammon>backgammon))\b)*)""",
    re.I | re.X,
)
_KINDS = "dice", "double", "take", "drop", "beaver", "wins", "loses", "resign"
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_COUNT = re.compile(r"\( ?[1-4] ?\)")
_BEFORE_A_WORD = set("0123456789*):?²³⁴")


def _parts(line: str, at: int, number: int, game: GameText) -> Iterator[Cell]:
    """Yield the cells of a line from a place on; what else stands there becomes remarks of the game."""
    line = _without_brackets(line, number, game)
    actions = [
        action for action in _ACTION.finditer(line, at) if action["dice"] or _begins_a_cell(line, action.start())
    ]
    stray = line[at : actions[0].start() if actions else None].strip()
    if stray:
        game.remarks.append((number, stray))
    for k, action in enumerate(actions):
        end = actions[k + 1].start() if k + 1 < len(actions) else len(line)
        text = _STRAY_NUMBER.sub("", line[action.end() : min(end, action.end() + LONGEST)].strip())
        side = SECOND if k or action.start() >= game.right else FIRST
        cell = _cell(action, text, side, number)
        if text and cell.kind != "dice":
            game.remarks.append((number, text))
        yield cell


def _without_brackets(line: str, number: int, game: GameText) -> str:
    """Blank what stands in brackets, except counts such as (2)."""

    def blank(found: re.Match) -> str:
        if _COUNT.fullmatch(found[0]):
            return found[0]
        inside = found[0][1:-1].strip()
        if inside.lower() not in NOTHING:
            game.remarks.append((number, inside))
        return " " * len(found[0])

    return _BRACKETED.sub(blank, line)


def _begins_a_cell(line: str, at: int) -> bool:
    """Tell whether a word can be an action where it stands: not in the middle of a sentence."""
    before = line[max(0, at - 2) : at].rjust(2)
    return before == "  " or before[1] == ")" or before[0] in _BEFORE_A_WORD or line[max(0, at - 4) : at] == "off "


NOTHING = {"", "-", "cannot move", "can't move", "no move", "no play", "dances", "dance", "illegal play"}
"""What files write where no checker moves; a row of ? stands for a turn that was not recorded."""


def _cell(action: re.Match, text: str, side: int, line: int) -> Cell:
    kind = next(name for name in _KINDS if action[name])
    if kind == "dice":
        return Cell(line, side, kind, int(action["die"] + action["other"]), text)
    if kind == "resign":
        return Cell(line, side, kind, _resigned(action))
    digits = action["value"] or action["points"] or action["lost"] or "0"
    return Cell(line, side, kind, int(digits[:MOST_DIGITS]))


def _resigned(action: re.Match) -> int:
    if action["backgammon"] or action["gammon"]:
        return 3 if action["backgammon"] else 2
    return 0 if "match" in action[0].lower() else 1
