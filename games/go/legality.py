"""How far a line of moves that was played somewhere else keeps to the rules of Go; repetition is not looked at."""

import numpy as np

from games import go
from games.compiling import compiled
from games.game import FIRST
from games.go import rules as go_rules

ALTERNATING = np.empty(0, np.int8)
"""`turns` of a line in which the sides move in turn."""


@compiled
def count_legal(s, moves, turns):
    """Play moves up to the first that is illegal; return how many. `s` is left before that move.

    `turns` says who makes each move, where they do not alternate. Play may go on after two passes.
    """
    area = np.int64(s[go_rules.SIZE]) ** 2
    for k in range(len(moves)):
        move, colour = np.int64(moves[k]), np.int64(s[go_rules.TO_PLAY])
        if len(turns):
            colour = np.int64(go.BLACK if turns[k] == FIRST else go.WHITE)
        if colour != np.int64(s[go_rules.TO_PLAY]) or s[go_rules.PASSES] >= 2:
            s[go_rules.TO_PLAY], s[go_rules.KO], s[go_rules.PASSES] = colour, 0, 0
        if move < 0 or move > area:
            return k
        if move < area:
            p = go_rules.move_point(s, move)
            if s[p + go_rules.COLOUR] != go.EMPTY:
                return k
            if not go_rules.is_legal(s, p, colour):
                return k
        go_rules.make_move(s, move)
    return len(moves)
