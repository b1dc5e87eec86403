"""Compare our rules with GNU Backgammon's own command line: legal plays, and cube decisions. Exit 1 if any differ.

    python tests/measures/crosscheck_gnubg.py --positions 2100 --cubes 300 --seed 1

*Plays*: for each of the 21 rolls the positions that our plays end in, against those of gnubg's `hint` list. A fifth of
the positions each come from random play, from gnubg's own play, from bear-offs with and without contact, from entering
with checkers on the bar, and from checkers scattered over few open points, where a roll often cannot be played in full.

*Cubes*: what gnubg answers through its socket, as `engine.gnubg` asks it, against its `hint` about the same position:
money with and without Jacoby's rule, matches at uneven scores, Crawford's game, owned cubes; doubling and taking. That
compares nothing of ours but how positions are told, and no other part of gnubg could say whether it understood them.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from time import perf_counter

import numpy as np

from engine.backgammon.gnubg import Gnubg, after_play, board_of, find_program
from games import backgammon
from games.backgammon.rules import BAR, CHECKERS_EACH, DOUBLE, OFF, POINTS, ROLLS, SIDE, TAKE
from games.game import FIRST, NOBODY

AT_ONCE = 210
"""Questions to one gnubg process."""

EVERY_PLAY = 9999
"""Plays that `hint` may list."""

TYPED = "set player 0 human,set player 1 human,set automatic game off,set automatic roll off,set confirm new off"
AT_0_PLIES = "set evaluation chequerplay evaluation plies 0,set evaluation cubedecision evaluation plies 0"
SETTINGS = ["set display off", "set beavers 0", *TYPED.split(","), *AT_0_PLIES.split(",")]


def ask_gnubg(questions: list[list[str]]) -> list[str]:
    """Type the commands of each question into a gnubg; return what it says to each."""
    answers = []
    for k in range(0, len(questions), AT_ONCE):
        block = questions[k : k + AT_ONCE]
        typed = [*SETTINGS, *(line for question in block for line in [*question, "show turn"]), "quit", "y"]
        told = subprocess.run(
            [find_program(), "-t", "-q", "-r"],
            input="\n".join(typed) + "\n",
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=600,
        ).stdout
        parts = re.split(r"^yomi i[ns] on (?:move|roll)\.", told, flags=re.MULTILINE)
        if len(parts) != len(block) + 1:
            raise RuntimeError(f"gnubg answered {len(parts) - 1} of {len(block)} questions: ...{told[-200:]}")
        answers += parts[:-1]
    return answers


def set_board(board: np.ndarray) -> str:
    """Return the command that sets up a board [2, 26]: the mover's bar, the points, the other's bar."""
    mine, theirs = board.tolist()
    points = [mine[k] - theirs[25 - k] for k in range(1, POINTS + 1)]
    return "set board simple " + " ".join(map(str, [mine[BAR], *points, theirs[BAR]]))


def begin(length: int = 0) -> list[str]:
    """Return the commands that begin a game of player 1, named so that `show turn` ends every answer alike."""
    return [f"new match {length}" if length else "new session", "set player 1 name yomi", "set turn 1"]


# --- positions --------------------------------------------------------------------------------------------


def boards(count: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield boards [2, 26], a player on roll first, of five kinds in turn."""
    with Gnubg() as gnubg:
        played = _from_games(random, lambda board, dice: _random_after(board, dice, random))
        judged = _from_games(random, gnubg.best_board)
        kinds = [
            lambda: next(played),
            lambda: next(judged),
            *(lambda k=k: k(random) for k in (bear_off, entering, tight)),
        ]
        for k in range(count):
            yield kinds[k % len(kinds)]()


def _from_games(random, choose) -> Iterator[np.ndarray]:
    """Yield every third position of game after game."""
    while True:
        board, moves = board_of(backgammon.start()), 0
        while not (board[:, OFF] == CHECKERS_EACH).any():
            if moves % 3 == 2:
                yield board
            board, moves = choose(board, sorted(random.integers(1, 7, 2).tolist()))[::-1].copy(), moves + 1


def _random_after(board, dice, random) -> np.ndarray:
    after, _ = our_plays(board, dice)
    return after[random.integers(len(after))]


def bear_off(random: np.random.Generator) -> np.ndarray:
    """Return a board with the mover's checkers home or off; half of the time a checker of the other is behind them."""
    board = np.zeros((2, SIDE), np.int8)
    for side in board:
        np.add.at(side, random.integers(0, 7, CHECKERS_EACH), 1)
    if random.random() < 0.5:
        empty = [25 - k for k in range(1, 7) if board[0, k] == 0] + [BAR]
        _shift(board[1], random.choice(empty), random.integers(1, 3), random)
    return board if (board[:, OFF] < CHECKERS_EACH).all() else bear_off(random)


def entering(random: np.random.Generator) -> np.ndarray:
    """Return a board with one to four of the mover's checkers on the bar."""
    board = tight(random, most=8)
    _shift(board[0], BAR, random.integers(1, 5), random)
    return board


def tight(random: np.random.Generator, most: int = 12) -> np.ndarray:
    """Return a board whose points belong to one side or the other by lot, up to `most` each; few stay open."""
    board, owners = np.zeros((2, SIDE), np.int8), random.integers(0, 2, POINTS)
    for side in (0, 1):
        points = np.flatnonzero(owners == side)[: random.integers(2, most)] + 1
        points = points if side == 0 else 25 - points
        np.add.at(board[side], random.choice(points if len(points) else [BAR], CHECKERS_EACH), 1)
    return board


def _shift(checkers, point, count, random) -> None:
    """Take checkers from elsewhere, from the bar last, and put them on a point."""
    for _ in range(count):
        sources = [k for k in range(SIDE) if checkers[k] and k != point]
        if sources:
            checkers[random.choice(sources)] -= 1
            checkers[point] += 1


# --- plays ------------------------------------------------------------------------------------------------


def our_plays(board: np.ndarray, dice: tuple[int, int]) -> tuple[list[np.ndarray], int]:
    """List the boards [2, 26] that our plays end in, the mover first, and how many dice they play.

    The board itself stays where no play is possible.
    """
    plays = backgammon.plays(backgammon.set_up(*board, dice=dice, cube=False))
    played = max((len(moves) for moves, _ in plays), default=0)
    return [after[: 2 * SIDE].reshape(2, SIDE) for _, after in plays] or [board], played


def hinted(board: np.ndarray, answer: str) -> list[np.ndarray]:
    """List the boards that the plays of a `hint` end in."""
    plays = re.findall(r"^ +\d+\. Cube(?:ful|less) \S+ +(.*?) +(?:Eq|MWC)", answer, re.MULTILINE)
    return [after_play(board, play) for play in plays] or [board]


def compare_plays(count: int, random: np.random.Generator, tally: Counter) -> list[str]:
    """Compare so many positions, 21 rolls each; return the differences."""
    cases = [(board, roll) for board in boards(-(-count // len(ROLLS)), random) for roll in ROLLS.tolist()]
    questions = [[*begin(), set_board(board), f"set dice {a} {b}", f"hint {EVERY_PLAY}"] for board, (a, b) in cases]
    found = []
    for (board, roll), answer in zip(cases, ask_gnubg(questions), strict=True):
        after, played = our_plays(board, roll)
        ours = [board.tobytes() for board in after]
        theirs = [after.tobytes() for after in hinted(board, answer)]
        tally["positions with dice"] += 1
        tally["plays"] += len(ours)
        tally["rolls of which nothing can be played"] += played == 0
        tally["rolls that can be played in part"] += 0 < played < (4 if roll[0] == roll[1] else 2)
        tally["positions with checkers on the bar"] += board[0, BAR] > 0
        if sorted(ours) != sorted(theirs):
            found.append(_difference(board, roll, set(ours), set(theirs)))
    return found


def _difference(board, roll, ours, theirs) -> str:
    diagram = backgammon.describe(backgammon.set_up(*board, cube=False))
    counts = f"{len(ours - theirs)} plays only ours, {len(theirs - ours)} only gnubg's"
    return f"{set_board(board)}, roll {roll}: {counts}\n{diagram}"


# --- cubes ------------------------------------------------------------------------------------------------


def compare_cubes(count: int, random: np.random.Generator, tally: Counter) -> list[str]:
    """Compare the decisions about so many cubes; return the differences."""
    found = []
    with Gnubg() as gnubg:
        games = _from_games(random, gnubg.best_board)
        cases = [_cube_case(next(games), random) for _ in range(count)]
        for state, answer in zip(cases, ask_gnubg([_cube_question(state) for state in cases]), strict=True):
            verdict = re.search(r"Proper cube action: (.*)", answer)
            if not verdict:
                raise RuntimeError(f"gnubg gave no hint about the cube: {answer[-300:]}")
            double = re.match("double|redouble", verdict[1], re.IGNORECASE) is not None
            take = "pass" not in verdict[1]
            doubled = state[None].copy()
            backgammon.play(doubled, np.array([DOUBLE], np.int32))
            ours = gnubg.cube_action(state, 0) == DOUBLE, gnubg.cube_action(doubled[0], 0) == TAKE
            tally["cubes"] += 1
            tally[f"cubes to be {'turned' if double else 'left'} and {'taken' if take else 'dropped'}"] += 1
            if ours != (double, take):
                found.append(f"the socket says {ours}, hint {verdict[1]}:\n{backgammon.describe(state)}")
    return found


def _cube_case(board, random) -> np.ndarray:
    """Return a position of either player on roll who may double: money, or a match at some score."""
    mover, length = int(random.integers(2)), int(random.choice([0, 0, 3, 5, 7, 11]))
    score = tuple(int(points) for points in random.integers(0, length, 2)) if length else (0, 0)
    value = int(random.choice([1, 1, 2, 4]))
    owner = NOBODY if value == 1 else mover
    checkers = board if mover == FIRST else board[::-1]
    words = {"length": length, "score": score, "jacoby": bool(random.integers(2))}
    state = backgammon.set_up(*checkers, mover, value=value, owner=owner, **words)
    return state if state[backgammon.TURN] == mover else _cube_case(board, random)


def _cube_question(state) -> list[str]:
    mover, length = int(state[backgammon.MOVER]), int(state[backgammon.LENGTH])
    mine, theirs = (int(state[backgammon.SCORE + player]) for player in (mover, 1 - mover))
    lines = [f"set jacoby {'on' if state[backgammon.JACOBY] else 'off'}", *begin(length)]
    if length:
        lines.append(f"set score {theirs} {mine}")
        lines += ["set postcrawford on"] if length - 1 in (mine, theirs) else []
    owner = "set cube centre" if state[backgammon.OWNER] == NOBODY else "set cube owner 1"
    return [*lines, set_board(board_of(state)), f"set cube value {1 << int(state[backgammon.CUBE])}", owner, "hint"]


def main() -> int:
    """Read the command line, compare, print the differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--positions", type=int, default=2100, help="positions with dice, a fifth of each kind")
    parser.add_argument("--cubes", type=int, default=300, help="cube decisions, as the socket and as hint tell them")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not find_program():
        sys.exit("gnubg is not installed: apt install gnubg")
    random, tally, began = np.random.default_rng(options.seed), Counter(), perf_counter()
    found = compare_plays(options.positions, random, tally)
    print(f"plays: {len(found)} positions differ, {perf_counter() - began:.0f} s")
    cubes = compare_cubes(options.cubes, random, tally)
    print(f"cubes: {len(cubes)} decisions differ, {perf_counter() - began:.0f} s")
    for what, count in tally.items():
        print(f"  {count:7} {what}")
    print("\n".join([*found, *cubes][:20]))
    return 1 if found or cubes else 0


if __name__ == "__main__":
    sys.exit(main())
