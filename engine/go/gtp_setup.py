"""GTP commands about the engine, and those that set up a game: board, komi, handicap, rules.

Sources: Farnebäck's draft of GTP 2; the manuals of GoGui, kgsGtp, gomill and KataGo.
"""

import json
import time

from engine.go import gtp_analysis as analysis
from engine.go.gtp_engine import GtpEngine
from engine.go.gtp_protocol import Command, number, paired, side, whole
from games.game import FIRST

# --- about the engine -------------------------------------------------------------------------------------


def protocol_version(gtp: GtpEngine) -> str:
    return "2"


def tell_name(gtp: GtpEngine) -> str:
    return gtp.name


def version(gtp: GtpEngine) -> str:
    from importlib import metadata

    try:
        return metadata.version("yomi")
    except metadata.PackageNotFoundError:
        return "unknown"


def list_commands(gtp: GtpEngine) -> str:
    return "\n".join(sorted(gtp.commands))


def known_command(gtp: GtpEngine, command: str) -> str:
    return "true" if command in gtp.commands else "false"


def quit(gtp: GtpEngine) -> str:
    gtp.finished = True
    return ""


def only_known(gtp: GtpEngine) -> str:
    return ""


def cputime(gtp: GtpEngine) -> str:
    return f"{time.process_time():.3f}"


def describe_engine(gtp: GtpEngine) -> str:
    return f"{gtp.name} {version(gtp)}\nplayer: {gtp.player.name}\nrules: {gtp.table.rules}"


def explain_last_move(gtp: GtpEngine) -> str:
    return analysis.explained(gtp.thought, gtp.table.vertex) if gtp.thought else ""


def chat(gtp: GtpEngine, kind: str, name: str, *message: str) -> str:
    """Answer on KGS, whatever is said, what the last search thought."""
    return explain_last_move(gtp) or f"I am {gtp.name}, and I have not read ahead yet."


# --- setting up -------------------------------------------------------------------------------------------


def boardsize(gtp: GtpEngine, size: str) -> str:
    try:
        gtp.new_game(whole(size))
    except ValueError as error:
        raise ValueError(f"unacceptable size: {error}") from None
    return ""


def rectangular_boardsize(gtp: GtpEngine, width: str, height: str) -> str:
    if whole(width) != whole(height):
        raise ValueError("unacceptable size: only square boards are played")
    return boardsize(gtp, width)


def clear_board(gtp: GtpEngine) -> str:
    gtp.new_game()
    return ""


def komi(gtp: GtpEngine, komi: str) -> str:
    gtp.table.change(komi=number(komi, -1000, 1000))
    return ""


def get_komi(gtp: GtpEngine) -> str:
    return f"{gtp.table.komi:g}"


def fixed_handicap(gtp: GtpEngine, stones: str) -> str:
    return _handicap(gtp, gtp.table.fixed_handicap(whole(stones)))


def place_free_handicap(gtp: GtpEngine, stones: str) -> str:
    return _handicap(gtp, gtp.table.free_handicap(whole(stones)))


def set_free_handicap(gtp: GtpEngine, *vertices: str) -> str:
    if len(vertices) < 2:
        raise ValueError("a handicap is two or more stones")
    _handicap(gtp, [gtp.table.point(vertex) for vertex in vertices])
    return ""


def _handicap(gtp: GtpEngine, stones: list[int]) -> str:
    gtp.table.place_handicap(stones)
    return " ".join(map(gtp.table.vertex, stones))


def set_position(gtp: GtpEngine, *pairs: str) -> str:
    """Replace the board by colour-vertex pairs, Black to play (as KataGo does)."""
    gtp.table.set_up(_stones(gtp, pairs), FIRST, anew=True)
    return ""


def gogui_setup(gtp: GtpEngine, *pairs: str) -> str:
    """Put stones on the board as it is, or take them off (colour e)."""
    gtp.table.set_up(_stones(gtp, pairs))
    return ""


def gogui_setup_player(gtp: GtpEngine, colour: str) -> str:
    gtp.table.set_up({}, side(colour))
    return ""


def _stones(gtp: GtpEngine, pairs: tuple[str, ...]) -> dict[int, int]:
    """Read colour-vertex pairs as {point: colour}, with the colours of `games.go`."""
    empty = ("e", "empty")
    return {gtp.table.point(vertex): 0 if c.lower() in empty else side(c) + 1 for c, vertex in paired(pairs)}


# --- rules ------------------------------------------------------------------------------------------------


def kgs_rules(gtp: GtpEngine, rules: str) -> str:
    gtp.table.change_rules(rules)
    return ""


def get_rules(gtp: GtpEngine) -> str:
    return json.dumps(gtp.table.kata_rules())


def set_rules(gtp: GtpEngine, *words: str) -> str:
    """Take a ruleset's name, KataGo's JSON or its short string."""
    gtp.table.change_rules(" ".join(words))
    return ""


COMMANDS: dict[str, Command] = {
    "protocol_version": protocol_version,
    "name": tell_name,
    "version": version,
    "list_commands": list_commands,
    "known_command": known_command,
    "quit": quit,
    "stop": only_known,
    "gogui-interrupt": only_known,
    "cputime": cputime,
    "gomill-cpu_time": cputime,
    "gomill-describe_engine": describe_engine,
    "gomill-explain_last_move": explain_last_move,
    "kgs-chat": chat,
    "boardsize": boardsize,
    "rectangular_boardsize": rectangular_boardsize,
    "clear_board": clear_board,
    "komi": komi,
    "get_komi": get_komi,
    "fixed_handicap": fixed_handicap,
    "place_free_handicap": place_free_handicap,
    "set_free_handicap": set_free_handicap,
    "set_position": set_position,
    "gogui-setup": gogui_setup,
    "gogui-setup_player": gogui_setup_player,
    "kgs-rules": kgs_rules,
    "kata-get-rules": get_rules,
    "kata-set-rules": set_rules,
}
