"""Go Text Protocol 2 around a player, with what GoGui, Sabaki, CGOS, KGS and Lizzie ask beyond it.

The engine is in `gtp_engine.py`; here all its commands come together, and it is connected to standard input and output.
"""

import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import TYPE_CHECKING

from engine.go import gtp_analysis, gtp_playing, gtp_setup
from engine.go.gtp_engine import GtpEngine

if TYPE_CHECKING:
    from engine.go.gtp_game import Fits
    from engine.players import Player


class Gtp(GtpEngine):
    """The GTP engine with all its commands."""

    commands = gtp_setup.COMMANDS | gtp_playing.COMMANDS | gtp_analysis.COMMANDS


def serve(
    make_player: "Callable[[], Player]",
    rules: str = "tromp-taylor",
    size: int = 19,
    fits: "Fits" = lambda size, komi: None,
) -> None:
    """Speak GTP on standard input and output; whatever else anybody prints goes to standard error.

    `fits(size, komi)` raises `ValueError` where the player does not know them.
    """
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", errors="replace", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    Gtp(make_player, out, rules, size, fits=fits).run(sys.stdin)
