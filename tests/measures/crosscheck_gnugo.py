"""Compare the rule book with GNU Go's, over GTP: boards, prisoners, legal moves and scores. Exit 1 if any differ.

    python tests/measures/crosscheck_gnugo.py --games 300 --positions 20000 --judged 40 --seed 1

Three kinds of games, spread evenly over sizes and rulesets:

* *tidy* random games fill no eye of their own and end with two passes: nothing is dead then, so the scores must agree;
* *wild* random games play anything legal (suicides, ko, filled eyes) for 400 moves, on small boards too, where superko
  bites most;
* *judged* games are GNU Go's own against itself: it names the dead stones, we count what it leaves, area or territory.

Every position of the first two is compared: stones, prisoners, and all legal moves of the side to play, superko
included. A game ends at its first difference.

Two differences are GNU Go's own; they are proved slowly each time, and counted:

* it looks for repetition as if a suicide's stones stayed on the board, so it never forbids a suicide that repeats one;
* it counts no eye in a seki, whatever the rules (right in Japan, wrong in China; we count it everywhere);

and a game of its own in which it passes while a border is still open, and divides that region by judgement, is not
compared: both colours reach the region, so by the rules it is nobody's.
"""

import argparse
import random
import shutil
import subprocess
import sys
from collections import Counter
from itertools import cycle, islice, product
from time import perf_counter

import numpy as np

from games import go
from games.game import Position
from games.go import rules as go_rules
from tests.measures import slow_go

PROGRAM = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")
COMMON = ["--mode", "gtp", "--level", "1", "--never-resign"]
OPTIONS = {
    "tromp-taylor": ["--chinese-rules", "--allow-suicide", "--positional-superko"],
    "chinese": ["--chinese-rules", "--forbid-suicide", "--positional-superko"],
    "aga": ["--chinese-rules", "--forbid-suicide", "--situational-superko"],
    "new-zealand": ["--chinese-rules", "--allow-suicide", "--situational-superko"],
    "japanese": ["--japanese-rules", "--forbid-suicide", "--simple-ko"],
}
"""How GNU Go is told each of our rulesets; its --allow-suicide excepts single stones, as ours do."""

COLOURS = {go.BLACK: "black", go.WHITE: "white"}
KOMI = 6.5
SIZES = 9, 13, 19
LONGEST = 400  # moves of a wild game; GNU Go remembers 500 for its superko


class GnuGo:
    """One GNU Go process with one ruleset, asked over GTP."""

    def __init__(self, rules: str, seed: int = 1):
        command = [PROGRAM, *COMMON, *OPTIONS[rules], "--seed", str(seed)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command: str) -> str:
        """Send one command and return its answer; raise `ValueError` where GNU Go refuses."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines = iter(self.process.stdout.readline, "\n")
        answer = "".join(lines).strip()
        if not answer.startswith("="):
            raise ValueError(f"GNU Go refuses {command!r}: {answer or 'it has died'}")
        return answer[1:].strip()

    def begin(self, size: int, komi: float) -> None:
        for command in (f"boardsize {size}", "clear_board", f"komi {komi}"):
            self.ask(command)

    def points(self, command: str, size: int) -> set[int]:
        """Return the points of an answer as move numbers."""
        return {_number(name, size) for name in self.ask(command).split()}

    def quit(self) -> None:
        self.process.communicate("quit\n", timeout=60)


def _number(name: str, size: int) -> int:
    column = "ABCDEFGHJKLMNOPQRSTUVWXYZ".index(name[0].upper())
    return (size - int(name[1:])) * size + column


# --- one position -----------------------------------------------------------------------------------------


def differences(gnugo: GnuGo, position: Position, tally: Counter) -> list[str]:
    """Name what GNU Go sees otherwise in this position."""
    state = position.state
    size, board = int(state[go_rules.SIZE]), go.colours(state).ravel()
    ours, theirs = _legal_points(position), gnugo.points(f"all_legal {COLOURS[_mover(state)]}", size)
    unseen = {move for move in theirs - ours if _repeats_by_suicide(position, move)}
    tally["repetitions by suicide that GNU Go overlooks"] += len(unseen)
    pairs = [("legal moves", ours, theirs - unseen)]
    for colour, word in COLOURS.items():
        stones = set(np.flatnonzero(board == colour).tolist())
        pairs.append((f"{word} stones", stones, gnugo.points(f"list_stones {word}", size)))
        prisoners = int(state[int(go_rules.LOST) + 3 - colour])
        pairs.append((f"prisoners of {word}", {prisoners}, {int(gnugo.ask(f"captures {word}"))}))
    return [_difference(what, ours, theirs, position) for what, ours, theirs in pairs if ours != theirs]


def _repeats_by_suicide(position, move) -> bool:
    """Tell whether a suicide leaves a whole board that this game has seen: no keys, every point compared."""
    state, after = position.state, position.state[None].copy()
    if go_rules.can_place(state, go_rules.move_point(state, move), _mover(state)):
        return False
    go.play(after, np.array([move], np.int32))
    past = position.states
    if state[go_rules.RULES] & go_rules.SITUATIONAL:
        past = [old for old in past if old[go_rules.TO_PLAY] == after[0, go_rules.TO_PLAY]]
    return any(np.array_equal(go.colours(old), go.colours(after[0])) for old in past)


def _mover(state) -> int:
    return int(state[go_rules.TO_PLAY])


def _legal_points(position) -> set[int]:
    return set(position.legal().tolist()) - {go.move_count(position.state) - 1}


def _difference(what, ours, theirs, position) -> str:
    moves = " ".join(go.notation(position.state, move) for move in position.moves)
    return f"{what}: only ours {sorted(ours - theirs)}, only GNU Go's {sorted(theirs - ours)}, after {moves}"


# --- one game ---------------------------------------------------------------------------------------------


def tidy_game(gnugo: GnuGo, size: int, rules: str, chance: random.Random, tally: Counter) -> list[str]:
    """Play until both sides have nothing but their own eyes left, comparing every position and the score."""
    position = _opening(gnugo, size, rules)
    while not position.over:
        if found := _compare(gnugo, position, tally):
            return found
        choices = [move for move in _legal_points(position) if _tidy(position.state, move)]
        _play(gnugo, position, chance.choice(choices) if choices else size * size)
    ours, theirs = _result(go.final_lead(position.state)), gnugo.ask("final_score")
    tally["scores of finished games"] += 1
    return [] if ours == theirs else [_difference("score", {ours}, {theirs}, position)]


def wild_game(gnugo: GnuGo, size: int, rules: str, chance: random.Random, tally: Counter) -> list[str]:
    """Play anything legal while there are points to play on, comparing every position."""
    position = _opening(gnugo, size, rules)
    while not position.over and len(position.moves) < LONGEST:
        if found := _compare(gnugo, position, tally):
            return found
        _play(gnugo, position, _wild_move(position, chance))
    return []


def _wild_move(position, chance) -> int:
    """Choose a legal move, seldom a pass; often one without an empty neighbour: there captures, ko and suicide live."""
    state, legal = position.state, sorted(_legal_points(position))
    tight = [move for move in legal if state[go_rules.move_point(state, move) + go_rules.AROUND] < go_rules.ONE_EMPTY]
    if not legal or chance.random() < 0.02:
        return go.move_count(state) - 1
    return chance.choice(tight if tight and chance.random() < 0.7 else legal)


def judged_game(gnugo: GnuGo, size: int, rules: str, chance: random.Random, tally: Counter) -> list[str]:
    """Let GNU Go play itself and name the dead; compare our count of what is left with its score."""
    position = _opening(gnugo, size, rules)
    for _ in range(3):  # openings differ, so games do
        _play(gnugo, position, chance.choice(sorted(_legal_points(position))))
    while not position.over:
        move = gnugo.ask(f"genmove {COLOURS[_mover(position.state)]}")
        position.play(size * size if move == "PASS" else _number(move, size))
    dead = np.zeros((size, size), bool)
    dead.ravel()[sorted(gnugo.points("final_status_list dead", size))] = True
    regions = _regions(np.where(dead, go.EMPTY, go.colours(position.state)).ravel(), size)
    if _open_border(gnugo, regions, size):
        tally["judged games with an open border, not compared"] += 1
        return []
    eyes = _eyes_in_seki(gnugo, regions, size)
    ours, theirs = _result(go.final_lead(position.state, dead) - sum(eyes)), gnugo.ask("final_score")
    tally["scores of judged games"] += 1
    tally["dead stones in judged games"] += int(dead.sum())
    tally["eyes in seki that GNU Go does not count"] += len(eyes)
    return [] if ours == theirs else [_difference("score", {ours}, {theirs}, position)]


def _regions(board, size) -> list[tuple[set, set, set]]:
    """List the empty regions: their points, the stones beside them, the colours of those stones."""
    regions = []
    for move in np.flatnonzero(board == go.EMPTY).tolist():
        if not any(move in points for points, _, _ in regions):
            points, beside = slow_go.region(board, move, size)
            regions.append((points, beside, {int(board[stone]) for stone in beside}))
    return regions


def _open_border(gnugo, regions, size) -> bool:
    owned = [gnugo.points(f"final_status_list {word}_territory", size) for word in COLOURS.values()]
    return any(len(reached) == 2 and points & set.union(*owned) for points, _, reached in regions)


def _eyes_in_seki(gnugo, regions, size) -> list[int]:
    """List 1 for every point that only Black reaches, -1 for White's, where a stone beside it is in seki."""
    seki = gnugo.points("final_status_list seki", size)
    eyes = [(points, reached) for points, beside, reached in regions if len(reached) == 1 and beside & seki]
    return [1 if reached == {go.BLACK} else -1 for points, reached in eyes for _ in points]


def _opening(gnugo, size, rules) -> Position:
    gnugo.begin(size, KOMI)
    return Position(go, go.start(size, KOMI, rules))


def _tidy(state, move) -> bool:
    """Tell whether a move neither fills an eye of its own nor kills its own stones."""
    point, colour = go_rules.move_point(state, move), _mover(state)
    return bool(go_rules.can_place(state, point, colour)) and not go_rules.fills_eye(state, point, colour)


def _compare(gnugo, position, tally) -> list[str]:
    tally["positions"] += 1
    tally[f"positions on {position.state[go_rules.SIZE]}"] += 1
    tally["positions where superko forbids"] += len(position.forbidden()) > 0
    return differences(gnugo, position, tally)


def _play(gnugo, position, move) -> None:
    gnugo.ask(f"play {COLOURS[_mover(position.state)]} {go.notation(position.state, move)}")
    position.play(move)


def _result(lead: float) -> str:
    return f"{'B' if lead > 0 else 'W'}+{abs(lead):.1f}" if lead else "0"


# --- many games -------------------------------------------------------------------------------------------


def crosscheck(
    games: int, positions: int, judged: int, seed: int, sizes=SIZES, wild_sizes=(2, 3, 4, 5, 7, *SIZES)
) -> list[str]:
    """Compare so many tidy games, at least so many wild positions and so many judged games; return differences."""
    engines = {rules: GnuGo(rules, seed) for rules in OPTIONS}
    chance, tally, found, began = random.Random(seed), Counter(), [], perf_counter()

    def compare(kind, size, rules):
        found.extend(f"{rules}: {line}" for line in kind(engines[rules], size, rules, chance, tally))

    for size, rules in islice(cycle(product(sizes, OPTIONS)), games):
        compare(tidy_game, size, rules)
    print(f"{games} tidy games: {tally['positions']} positions, {perf_counter() - began:.0f} s, {len(found)} differ")
    goal, kinds = tally["positions"] + positions, cycle(product(wild_sizes, OPTIONS))
    while tally["positions"] < goal:
        compare(wild_game, *next(kinds))
    print(f"with wild games: {tally['positions']} positions, {perf_counter() - began:.0f} s, {len(found)} differ")
    for size, rules in islice(cycle(product(sizes[:1], OPTIONS)), judged):
        compare(judged_game, size, rules)
    for engine in engines.values():
        engine.quit()
    for what, count in tally.items():
        print(f"  {count:7} {what}")
    print(f"{perf_counter() - began:.0f} s, {len(found)} differ")
    return found


def main() -> int:
    """Read the command line, compare, print the differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--games", type=int, default=300, help="random games played to the end and scored")
    parser.add_argument("--positions", type=int, default=20000, help="positions of wild games, beyond those")
    parser.add_argument("--judged", type=int, default=40, help="games of GNU Go against itself, with dead stones")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not PROGRAM:
        sys.exit("gnugo is not installed: apt install gnugo")
    found = crosscheck(options.games, options.positions, options.judged, options.seed)
    print("\n".join(found[:20]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
