"""GTP commands that play a game: moves, time, the end of the game, boards and records.

Sources: Farnebäck's draft of GTP 2; the manuals of GoGui, kgsGtp, gomill and KataGo.
"""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.clock import Limit
from engine.go.gtp_engine import GtpEngine
from engine.go.gtp_protocol import LONGEST, Command, number, paired, side, whole
from games.game import FIRST

if TYPE_CHECKING:
    from engine.players import SearchPlayer

# --- playing ----------------------------------------------------------------------------------------------


def play(gtp: GtpEngine, colour: str, vertex: str) -> str:
    gtp.play_moves([(side(colour), gtp.table.move(vertex))])
    return ""


def play_sequence(gtp: GtpEngine, *pairs: str) -> str:
    gtp.play_moves([(side(colour), gtp.table.move(vertex)) for colour, vertex in paired(pairs)])
    return ""


def undo(gtp: GtpEngine) -> str:
    gtp.table.undo()
    return ""


def gg_undo(gtp: GtpEngine, moves: str = "1") -> str:
    gtp.table.undo(whole(moves))
    return ""


def genmove(gtp: GtpEngine, colour: str) -> str:
    return gtp.play_own(side(colour), gtp.choose(side(colour)))


def reg_genmove(gtp: GtpEngine, colour: str) -> str:
    move = gtp.choose(side(colour))
    return "resign" if move is None else gtp.table.vertex(move)


def genmove_cleanup(gtp: GtpEngine, colour: str) -> str:
    """Generate a move that never resigns, nor passes before all dead stones of the opponent are captured."""
    player = side(colour)
    move = gtp.choose(player)
    if move is None:
        move = next((line.move for line in gtp.look(player)), gtp.table.a_pass)
    if move == gtp.table.a_pass:
        move = gtp.capture(player, gtp.look(player))
    return gtp.play_own(player, move)


def clear_cache(gtp: GtpEngine) -> str:
    gtp.looked = None
    gtp.player.forget()
    return ""


# --- time -------------------------------------------------------------------------------------------------


def time_settings(gtp: GtpEngine, main: str, period: str, stones: str) -> str:
    return kgs_time_settings(gtp, "canadian", main, period, stones)


def kgs_time_settings(gtp: GtpEngine, kind: str, *numbers: str) -> str:
    """Set both clocks: none, absolute, canadian, byoyomi or fischer, then seconds and counts."""
    gtp.start_clocks(_time_settings(kind.lower(), [number(word) for word in numbers]))
    return ""


def time_left(gtp: GtpEngine, colour: str, seconds: str, stones: str) -> str:
    player, left, count = side(colour), number(seconds, -1e9), whole(stones)
    gtp.clocks[player].update(max(left, 0.0), count)
    return ""


def get_param(gtp: GtpEngine, name: str) -> str:
    value = getattr(_limit(gtp), _param(name))
    return f"{1e9 if value is None else value:g}"


def set_param(gtp: GtpEngine, name: str, value: str) -> str:
    if _param(name) == "visits":
        limit = replace(_limit(gtp), visits=whole(value, 1))
    else:
        limit = replace(_limit(gtp), seconds=number(value, 0.001))
    _searcher(gtp).limit = limit
    return ""


def _limit(gtp: GtpEngine) -> Limit:
    return _searcher(gtp).limit


def _searcher(gtp: GtpEngine) -> "SearchPlayer":
    searcher = gtp.player.searcher
    if searcher is None:
        raise ValueError(f"the player {gtp.player.name} has no limits")
    return searcher


def _param(name: str) -> str:
    """Return which field of a `Limit` KataGo's parameter names."""
    fields = {"maxVisits": "visits", "maxTime": "seconds"}
    if name not in fields:
        raise ValueError(f"unknown parameter {name[:LONGEST]!r}: {', '.join(fields)}")
    return fields[name]


def _time_settings(kind: str, numbers: list[float]) -> dict:
    """Return the arguments of a `Clock`, none of them where time is not limited."""
    shapes = {"none": (), "absolute": ("main",), "canadian": ("main", "period", "stones")}
    shapes |= {"byoyomi": ("main", "period", "periods"), "fischer": ("main", "increment")}
    if kind not in shapes or len(numbers) != len(shapes[kind]):
        known = "; ".join(" ".join([name, *words]) for name, words in shapes.items())
        raise ValueError(f"time settings are one of: {known}")
    settings = dict(zip(shapes[kind], numbers, strict=True))
    for count in {"stones", "periods"} & set(settings):
        settings[count] = whole(str(settings[count]))
    if kind == "canadian" and settings["period"] and not settings["stones"]:
        return {}  # GTP's way to say so
    return settings if any(settings.values()) else {}


# --- the end of the game, boards and records --------------------------------------------------------------


def final_score(gtp: GtpEngine) -> str:
    return gtp.table.result()


def final_status_list(gtp: GtpEngine, status: str) -> str:
    wanted = gtp.table.statuses().get(status.lower())
    if wanted is None:
        raise ValueError(f"{status[:LONGEST]!r} is no status: dead, alive or seki")
    return "\n".join(" ".join(map(gtp.table.vertex, chain)) for chain in gtp.table.chains(wanted))


def showboard(gtp: GtpEngine) -> str:
    return "\n" + gtp.table.drawn()


def loadsgf(gtp: GtpEngine, file: str, *words: str) -> str:
    """Load FILE [MOVE]: the game up to before that move, or to its end; return whose turn it is."""
    *path, last = [file, *words]
    before = whole(last, 1) if path and last.isdecimal() else None
    remarks = gtp.table.load(" ".join(path if before else [*path, last]), before and before - 1)
    for remark in remarks:
        print(f"loadsgf: {remark}", file=sys.stderr, flush=True)
    clear_cache(gtp)
    return "black" if gtp.table.to_play == FIRST else "white"


def printsgf(gtp: GtpEngine, *file: str) -> str:
    """Return the game as SGF, or write it to a file."""
    return gtp.table.as_sgf(" ".join(file))


COMMANDS: dict[str, Command] = {
    "kgs-game_over": clear_cache,
    "clear_cache": clear_cache,
    "play": play,
    "gogui-play_sequence": play_sequence,
    "undo": undo,
    "gg-undo": gg_undo,
    "genmove": genmove,
    "reg_genmove": reg_genmove,
    "kgs-genmove_cleanup": genmove_cleanup,
    "time_settings": time_settings,
    "kgs-time_settings": kgs_time_settings,
    "kata-time_settings": kgs_time_settings,
    "time_left": time_left,
    "kata-get-param": get_param,
    "kata-set-param": set_param,
    "final_score": final_score,
    "final_status_list": final_status_list,
    "showboard": showboard,
    "loadsgf": loadsgf,
    "printsgf": printsgf,
}
