"""Replay a collection, one game a line, in Yomi's rules and in sgfmill's boards, and compare after every move.

    python tests/measures/replay_collection.py GAMES.sgf.xz

Prints one line; ends with 1 if any board differs. sgfmill reads the lines by itself, so reading is checked too.
"""

import lzma
import sys
import time
from collections import Counter
from itertools import chain

import numpy as np
from sgfmill.sgf import Sgf_game
from sgfmill.sgf_moves import get_setup_and_moves

from games import go
from games.compiling import compiled
from games.game import FIRST, Record
from games.go import board as go_board
from games.go import rules as go_rules
from games.go import sgf

FINE, TAKEN, KO, SUICIDE = range(4)
COLOUR = {None: go.EMPTY, "b": go.BLACK, "w": go.WHITE}


@compiled
def replay(s, moves, turns, boards, verdicts):
    """Play all moves but those on stones; fill boards [M, size * size] and what simple rules say of each move."""
    for k in range(len(moves)):
        s[go_rules.TO_PLAY] = go.BLACK if turns[k] == FIRST else go.WHITE
        verdicts[k] = judge(s, moves[k])
        if verdicts[k] != TAKEN:
            go_rules.make_move(s, moves[k])
        for move in range(boards.shape[1]):
            boards[k, move] = s[go_rules.move_point(s, move) + go_rules.COLOUR]


@compiled
def judge(s, move):
    """Say which rule of those that every ruleset but the oldest shares forbids a move."""
    p = go_rules.move_point(s, move)
    if move == np.int64(s[go_rules.SIZE]) * np.int64(s[go_rules.SIZE]) or p == 0:
        return FINE
    if s[p + go_rules.COLOUR] != go.EMPTY:
        return TAKEN
    if go_rules.can_place(s, p, np.int64(s[go_rules.TO_PLAY])):
        return FINE
    return KO if p == s[go_rules.KO] else SUICIDE


def ours(record: Record) -> tuple[list[bytes], np.ndarray]:
    """Return every board of a game, row by row from the top, and the verdicts on its moves."""
    state = go_board.setup(**record.start)
    boards = np.empty((len(record.moves), record.start["size"] ** 2), np.uint8)
    verdicts = np.zeros(len(record.moves), np.int8)
    replay(state, np.array(record.moves, np.int32), np.array(record.turns, np.int8), boards, verdicts)
    return [board.tobytes() for board in boards], verdicts


def theirs(line: bytes) -> list[bytes]:
    """Return every board of a game as sgfmill plays it."""
    board, plays = get_setup_and_moves(Sgf_game.from_bytes(line))
    boards = []
    for colour, point in plays:
        if point and board.get(*point) is None:
            board.play(*point, colour)
        boards.append(bytes(map(COLOUR.__getitem__, chain.from_iterable(reversed(board.board)))))
    return boards


def repetitions(boards: list[bytes]) -> int:
    """Count moves that bring an earlier board back (positional superko)."""
    seen, previous, count = {bytes(len(boards[0]))} if boards else set(), b"", 0
    for board in boards:
        count += board != previous and board in seen
        seen.add(board)
        previous = board
    return count


def lines(path: str):
    """Yield the lines that hold a game."""
    with (lzma.open if path.endswith(".xz") else open)(path, "rb") as file:
        yield from (line for line in file if line.strip())


def main(path: str) -> int:
    """Compare all games; return how many differ."""
    began, games, moves, different, repeated, illegal = time.time(), 0, 0, 0, [], Counter()
    for record, line in zip(sgf.read(path), lines(path), strict=True):
        boards, verdicts = ours(record)
        games, moves, different = games + 1, moves + len(boards), different + (boards != theirs(line))
        repeated.append(repetitions(boards))
        illegal.update(verdicts.tolist())
    print(
        f"{games} games, {moves} moves, {different} games differ; illegal moves: {illegal[TAKEN]} on a stone, "
        f"{illegal[SUICIDE]} suicide, {illegal[KO]} ko; {sum(repeated)} moves in {np.count_nonzero(repeated)} games "
        f"repeat an earlier board (superko); {time.time() - began:.0f} s"
    )
    return different


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/measures/replay_collection.py GAMES.sgf[.xz]")
    try:
        sys.exit(1 if main(sys.argv[1]) else 0)
    except sgf.SgfError as error:
        sys.exit(str(error))
