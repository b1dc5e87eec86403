"""What a search thinks, told while it thinks: lz-, kata-, Sabaki's and CGOS's analysis, GoGui's boards.

All these show chances from the view of the side to play; only GoGui's boards show Black's.
Sources: KataGo's GTP_Extensions.md, Sabaki's guide to engine analysis, zakki/cgos, GoGui's manual ("Analyze").
"""

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.clock import Limit
from engine.go.gtp_protocol import LONGEST, SIDES, number, side, whole
from games.game import FIRST

if TYPE_CHECKING:
    from engine.go.gtp_engine import GtpEngine
    from engine.players import Analysis, Line
    from games.game import Position

# --- what was asked for -----------------------------------------------------------------------------------


@dataclass
class Request:
    """The arguments of an analysis command."""

    side: int
    interval: float = 0.5  # seconds between reports
    ownership: bool = False
    root: bool = False
    most: int = 10**6  # moves to list
    allowed: set[int] | None = None
    avoided: set[int] = field(default_factory=set)

    def shows(self, line: "Line") -> bool:
        return line.move not in self.avoided and (self.allowed is None or line.move in self.allowed)


_KNOWN = ("interval", "ownership", "rootinfo", "maxmoves", "allow", "avoid")
_IGNORED = ("minmoves", "pvvisits", "pvedgevisits", "movesownership", "ownershipstdev", "movesownershipstdev")
"""KataGo's options that add fields which our search does not have; asking for them is no error."""


def read_request(words: tuple[str, ...], to_play: int, read_move: Callable[[str], int]) -> Request:
    """Read `[colour] [interval] {keyword value}`: both of the first are optional, in either order."""
    request, rest = Request(to_play), list(words)
    while rest:
        word = rest.pop(0).lower()
        if word in SIDES:
            request.side = SIDES[word]
        elif word.replace(".", "", 1).isdecimal():
            request.interval = _interval(word)
        else:
            _read_keyword(request, word, rest, read_move)
    return request


def _is_value(rest: list[str]) -> bool:
    """Tell whether the next word is the value of an option that we do not know, rather than another option."""
    return bool(rest) and rest[0].lower() not in (*_KNOWN, *_IGNORED, *SIDES)


def _interval(word: str) -> float:
    return max(number(word), 1) / 100


def _read_keyword(request: Request, word: str, rest: list[str], read_move: Callable[[str], int]) -> None:
    known = word in _KNOWN or word in _IGNORED
    needed = 3 if word in ("allow", "avoid") else int(known or _is_value(rest))
    values, rest[:] = rest[:needed], rest[needed:]
    if not known:
        print(f"the analysis option {word[:LONGEST]!r} is unknown and ignored", file=sys.stderr, flush=True)
        return
    if len(values) < needed:
        raise ValueError(f"the analysis option {word} lacks a value")
    if word == "interval":
        request.interval = _interval(values[0])
    elif word == "maxmoves":
        request.most = whole(values[0], 1)
    elif word == "ownership":
        request.ownership = _yes(values[0])
    elif word == "rootinfo":
        request.root = _yes(values[0])
    elif needed == 3:
        _restrict(request, word, values, read_move)


def _yes(word: str) -> bool:
    if word.lower() not in ("true", "false"):
        raise ValueError(f"{word[:LONGEST]!r} is neither true nor false")
    return word.lower() == "true"


def _restrict(request: Request, word: str, values: list[str], read_move: Callable[[str], int]) -> None:
    """Show only, or do not show, some moves: `avoid B D4,Q16 1` (the search itself goes on looking at them)."""
    moves, whose = {read_move(vertex) for vertex in values[1].split(",")}, side(values[0])
    whole(values[2], 1)
    if whose == request.side and word == "avoid":
        request.avoided |= moves
    elif whose == request.side:
        request.allowed = (request.allowed or set()) | moves


# --- lines of `info` --------------------------------------------------------------------------------------


def winrate(value: float, whose: int) -> float:
    """Turn a value, [-1, 1] from Black's view, into a side's chance to win, [0, 1]."""
    return min(max((1 + (value if whose == FIRST else -value)) / 2, 0.0), 1.0)


def lower_bound(chance: float, visits: int) -> float:
    """Return the lower end of the win rate's 95 % interval (Wilson 1927), for Leela Zero's field `lcb`."""
    z2, n = 1.96**2, max(visits, 1)
    spread = math.sqrt(z2 * (chance * (1 - chance) / n + z2 / (4 * n * n)))
    return max((chance + z2 / (2 * n) - spread) / (1 + z2 / n), 0.0)


def _lz(analysis: "Analysis", request: Request, scaled: Callable[[float], str], extra: str, vertex) -> str:
    lines = [line for line in analysis.lines if request.shows(line)][: request.most]
    return " ".join(_info(line, order, request.side, scaled, extra, vertex) for order, line in enumerate(lines))


def _info(line: "Line", order: int, whose: int, scaled: Callable[[float], str], extra: str, vertex) -> str:
    chance = winrate(line.value, whose)
    pairs = f"visits {line.visits} {extra.format(2 * chance - 1)}winrate {scaled(chance)} prior {scaled(line.prior)}"
    bound = scaled(lower_bound(chance, line.visits))
    moves = " ".join(vertex(move) for move in line.variation)
    return f"info move {vertex(line.move)} {pairs} lcb {bound} order {order} pv {moves}".rstrip()


def lz_info(analysis: "Analysis", request: Request, vertex: Callable[[int], str], ownership) -> str:
    """Write one report as Leela Zero does: chances times 10,000."""
    return _lz(analysis, request, lambda chance: str(round(10_000 * chance)), "", vertex)


def sabaki_info(analysis: "Analysis", request: Request, vertex: Callable[[int], str], ownership) -> str:
    """Write one report as Sabaki's own `analyze` does: chances as decimals, always with a point."""
    return _lz(analysis, request, lambda chance: f"{chance:.6f}", "", vertex) + _owners(request, ownership)


def kata_info(analysis: "Analysis", request: Request, vertex: Callable[[int], str], ownership) -> str:
    """Write one report as KataGo does: chances as decimals, utility in [-1, 1], on request the root and owners."""
    text = _lz(analysis, request, lambda chance: f"{chance:.6f}", "utility {:.6f} ", vertex)
    if request.root:
        chance = winrate(analysis.value, request.side)
        text += f" rootInfo visits {analysis.visits} utility {2 * chance - 1:.6f} winrate {chance:.6f}"
    return text + _owners(request, ownership)


def _owners(request: Request, ownership: Callable[[], np.ndarray]) -> str:
    if not request.ownership:
        return ""
    owners = ownership() * (1 if request.side == FIRST else -1)
    return " ownership " + " ".join(f"{owner:.3f}" for owner in owners.ravel())


def cgos_info(analysis: "Analysis", whose: int, vertex: Callable[[int], str], ownership: np.ndarray) -> str:
    """Write an analysis as CGOS's clients read it, one line of JSON (zakki/cgos, doc of cgos-genmove_analyze)."""
    moves = [
        {
            "move": vertex(line.move),
            "visits": line.visits,
            "winrate": round(winrate(line.value, whose), 4),
            "prior": round(line.prior, 6),
            "pv": " ".join(vertex(move) for move in line.variation[1:]),
        }
        for line in analysis.lines[:10]
    ]
    told = {"winrate": round(winrate(analysis.value, whose), 4), "visits": analysis.visits, "moves": moves}
    owners = np.rint((ownership.ravel() * (1 if whose == FIRST else -1) + 1) * 31).astype(int)
    return json.dumps(told | {"ownership": "".join(_SIXTY_FOUR[owner] for owner in owners)}, separators=(",", ":"))


_SIXTY_FOUR = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

# --- thinking aloud ---------------------------------------------------------------------------------------


def analysing(inform: Callable) -> Callable[..., str]:
    """Return the command that thinks and reports, through `inform`, until any line arrives, even an empty one."""

    def command(gtp: "GtpEngine", *words: str) -> str:
        request = _request(gtp, words)
        gtp.stream()
        gtp.ends_at_input = True
        try:
            _think_until_input(gtp, request, _reporter(gtp, request, inform))
        finally:
            gtp.ends_at_input = False
        return ""

    return command


def _think_until_input(gtp: "GtpEngine", request: Request, report: Callable) -> None:
    def watch(analysis: "Analysis") -> None:
        report(analysis)
        if gtp.input_waits:  # a line that came before the search could be stopped
            gtp.player.stop()

    searcher = gtp.player.searcher
    if searcher is not None and not gtp.input_waits:
        last = searcher.think(gtp.table.position.seen_by(request.side), Limit(), watch, min(request.interval, 0.1))
        if not gtp.input_waits:  # the search has ended by itself: the answer stays open all the same
            report(last, True)
    gtp.wait_for_input()


def generating(inform: Callable) -> Callable[..., str]:
    """Return the command that generates a move and reports meanwhile; input waits."""

    def command(gtp: "GtpEngine", *words: str) -> str:
        request = _request(gtp, words)
        gtp.stream()
        report = _reporter(gtp, request, inform)
        move = gtp.choose(request.side, report, min(request.interval, 0.1))
        if gtp.thought:
            report(gtp.thought, True)
        return "play " + gtp.play_own(request.side, move)

    return command


def _request(gtp: "GtpEngine", words: tuple[str, ...]) -> Request:
    request = read_request(words, gtp.table.to_play, gtp.table.move)
    if gtp.player.searcher is None:
        raise ValueError(f"the player {gtp.player.name} does not analyse")
    return request


def _reporter(gtp: "GtpEngine", request: Request, inform: Callable) -> Callable:
    """Return what writes an analysis down whenever the interval has passed, or when it must."""
    due, position = time.monotonic() + 0.9 * request.interval, gtp.table.position

    def report(analysis: "Analysis", now: bool = False) -> None:
        nonlocal due
        if analysis.lines and (now or time.monotonic() >= due):
            due = time.monotonic() + 0.9 * request.interval
            gtp.stream(inform(analysis, request, gtp.table.vertex, lambda: _ownership(position)))

    return report


def _ownership(position: "Position") -> np.ndarray:
    from games import go
    from games.go.patterns import shipped

    return go.ownership(position.state, shipped())


def cgos_genmove_analyze(gtp: "GtpEngine", colour: str) -> str:
    """Generate a move, and tell in JSON what was thought."""
    player, position = side(colour), gtp.table.position
    move = gtp.choose(player)
    told = cgos_info(gtp.thought, player, gtp.table.vertex, _ownership(position)) if gtp.thought else "{}"
    return f"\n{told}\nplay {gtp.play_own(player, move)}"


# --- GoGui's boards ---------------------------------------------------------------------------------------

GOGUI_COMMANDS = """\
dboard/Policy/yomi-policy
sboard/Visits/yomi-visits
dboard/Value/yomi-value
dboard/Ownership/yomi-ownership
varc/Best Line/yomi-variation %c
plist/Dead Stones/final_status_list dead
string/Estimated Score/final_score
string/Explain Last Move/gomill-explain_last_move
hstring/Describe Engine/gomill-describe_engine
none/Clear Cache/clear_cache"""
"""GoGui's analyse commands: type/label/command."""


def commands_of_gogui(gtp: "GtpEngine") -> str:
    return GOGUI_COMMANDS


def policy_board(gtp: "GtpEngine") -> str:
    return _board(gtp, lambda line: f"{line.prior:.4f}", "0")


def visits_board(gtp: "GtpEngine") -> str:
    return _board(gtp, lambda line: str(line.visits) if line.visits else '""', '""')


def value_board(gtp: "GtpEngine") -> str:
    return _board(gtp, lambda line: f"{line.value:.4f}" if line.visits else "0", "0")


def ownership_board(gtp: "GtpEngine") -> str:
    return _rows([f"{owner:.3f}" for owner in _ownership(gtp.table.position).ravel()], gtp.table.size)


def best_variation(gtp: "GtpEngine", colour: str) -> str:
    lines = gtp.look(side(colour))
    return " ".join(map(gtp.table.vertex, lines[0].variation)) if lines else ""


def _board(gtp: "GtpEngine", what: Callable[["Line"], str], nothing: str) -> str:
    """Write something about each candidate as a board of words."""
    cells = [nothing] * (gtp.table.size**2 + 1)
    for line in gtp.look(gtp.table.to_play):
        cells[line.move] = what(line)
    return _rows(cells[:-1], gtp.table.size)


def _rows(cells: list[str], size: int) -> str:
    return "\n".join(" ".join(cells[row * size : (row + 1) * size]) for row in range(size))


def explained(analysis: "Analysis", vertex: Callable[[int], str]) -> str:
    """Say in a sentence what a search found."""
    line = " ".join(map(vertex, analysis.lines[0].variation)) if analysis.lines else "nothing"
    chance = winrate(analysis.value, FIRST)
    return f"Black wins {chance:.1%} after {analysis.visits} visits in {analysis.seconds:.1f} s; expected: {line}"


COMMANDS: dict[str, Callable[..., str]] = {
    "lz-analyze": analysing(lz_info),
    "kata-analyze": analysing(kata_info),
    "analyze": analysing(sabaki_info),
    "lz-genmove_analyze": generating(lz_info),
    "kata-genmove_analyze": generating(kata_info),
    "genmove_analyze": generating(sabaki_info),
    "cgos-genmove_analyze": cgos_genmove_analyze,
    "gogui-analyze_commands": commands_of_gogui,
    "yomi-policy": policy_board,
    "yomi-visits": visits_board,
    "yomi-value": value_board,
    "yomi-ownership": ownership_board,
    "yomi-variation": best_variation,
}
