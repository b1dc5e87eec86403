"""The referee: who wins, who fails and how, and what is kept of a game. Players here are scripts."""

import time

import numpy as np
import pytest

from engine.clock import Clock
from engine.players import RESIGN, Player, RandomPlayer
from engine.spec import PlayerSpec
from games import backgammon, go
from games.backgammon import mat
from games.backgammon.dice import SeededDice
from games.backgammon.rules import DOUBLE, DROP, ROLL, TAKE
from games.game import SECOND, IllegalMove, Position
from games.go import board as go_board
from games.go import sgf, sgf_words, symmetries
from training.backgammon.arena import BackgammonArena, MatchVariant
from training.go.arena import GoArena, GoVariant
from training.tournament.contestants import Contestant
from training.tournament.referee import Referee, digest

ABOUT = {"event": "test", "round": "7", "date": "2026-01-02", "comment": "seed 1"}


class Scripted(Player):
    """Plays moves by name, one after the other, and then what `rest` says; an exception is raised instead."""

    def __init__(self, *moves, rest="pass", seconds=0.0):
        self.moves, self.rest, self.seconds = list(moves), rest, seconds

    def choose(self, position, clock=None):
        time.sleep(self.seconds)
        said = self.moves.pop(0) if self.moves else self.rest
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, int) else go_board.move(said, len(go.colours(position.state)))


def seat(name, player):
    contestant = Contestant(PlayerSpec(name=name, kind="random"), lambda seed: player)
    contestant.begin(1)
    return contestant


def play_go(black, white, komi=2.5, clocks=(None, None), most_moves=0, opening=()):
    referee = Referee([seat("black", black), seat("white", white)], clocks, most_moves)
    return GoArena(GoVariant(5, komi)).play(referee, opening, 1)


# --- Go: how games end ------------------------------------------------------------------------------------


def test_area_is_counted_with_every_stone_alive():
    """White's stone behind Black's wall is dead, but nobody captures it: it counts, and what it touches is nobody's."""
    wall, others = ["C5", "C4", "C3", "C2", "C1"], ["D5", "D4", "D3", "D2", "D1"]
    played = play_go(Scripted(*wall), Scripted(*others, "A5"))
    assert (played.outcome.result, played.outcome.points, played.outcome.end) == ("W+8.5", 0.0, "score")
    assert play_go(Scripted(*wall, "B5", "A4"), Scripted(*others, "A5")).outcome.result == "B+2.5"


def test_a_draw():
    outcome = play_go(Scripted("C3"), Scripted(), komi=25).outcome
    assert (outcome.result, outcome.points) == ("0", 0.5)


@pytest.mark.parametrize(("side", "points", "result"), [(0, 0.0, "W+R"), (1, 1.0, "B+R")])
def test_resigning(side, points, result):
    players = [Scripted("C3"), Scripted("C4")]
    players[side].moves.append(RESIGN)
    outcome = play_go(*players).outcome
    assert (outcome.points, outcome.result, outcome.end, outcome.fault) == (points, result, "resign", "")


def test_a_game_that_is_too_long_is_counted_as_it_stands():
    played = play_go(RandomPlayer(1), RandomPlayer(2), most_moves=6)
    assert played.outcome.end == "too long"
    assert played.moves == 6
    assert played.outcome.result == sgf_words.write_result(go.final_lead(played.positions[0].state))


def test_moves_of_the_opening_are_made_for_the_players():
    played = play_go(Scripted(), Scripted(), opening=[12, 7, 6])
    assert played.positions[0].moves == [12, 7, 6, 25, 25]


# --- failures, each with its name -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "end", "told"),
    [
        ("C3", "illegal", "white played C3, which is illegal: the point is taken (move 2)"),
        (99, "illegal", "white played 99, which is illegal: a board of size 5 has no such point (move 2)"),
        (IllegalMove("9/3 is blocked"), "illegal", "white answered 9/3 is blocked (move 2)"),
        (ZeroDivisionError("by nothing"), "crash", "white crashed: ZeroDivisionError: by nothing (move 2)"),
    ],
)
def test_whoever_fails_is_named_and_loses(said, end, told):
    outcome = play_go(Scripted("C3"), Scripted(said)).outcome
    assert (outcome.points, outcome.result, outcome.end) == (1.0, "B+F", end)
    assert (outcome.fault, outcome.note) == ("white", told)


def test_who_takes_back_a_ko_at_once_is_told_why():
    """White takes a stone, Black takes the ko, and White may not take it back."""
    black = ["B3", "C4", "C2", "E5", "D3"]
    white = ["E3", "D4", "D2", "C3"]
    played = play_go(Scripted(*black), Scripted(*white, rest="C3"))
    assert played.outcome.end == "illegal"
    assert played.outcome.note == "white played C3, which is illegal: it takes back a ko at once (move 10)"


def test_an_answer_after_its_time_loses_on_time():
    clock = Clock(0, period=0.05, periods=1)
    outcome = play_go(Scripted("C3"), Scripted("C4", seconds=0.3), clocks=(None, clock)).outcome
    assert (outcome.points, outcome.result, outcome.end, outcome.fault) == (1.0, "B+T", "time", "white")
    assert "answered after 0.3" in outcome.note


def test_both_sides_times_are_kept():
    played = play_go(Scripted("C3", seconds=0.1), Scripted())
    assert played.seconds[0] > 0.1 > played.seconds[1]


def test_a_main_time_is_for_the_whole_game():
    clock = Clock(0.5)
    played = play_go(Scripted("C3", "C4", "C5", "D5", "E5", seconds=0.3), Scripted(), clocks=(clock, None))
    assert (played.outcome.end, played.outcome.fault) == ("time", "black")
    assert 2 <= len(played.positions[0].moves) <= 6


# --- backgammon -------------------------------------------------------------------------------------------


def play_backgammon(one, other, seed=3, **rules):
    referee = Referee([seat("one", one), seat("other", other)], most_moves=3000)
    return BackgammonArena(MatchVariant(**rules)).play(referee, (), seed)


class Cautious:
    """Plays the first legal move, and treats the cube as told."""

    def __init__(self, cube=ROLL, answer=TAKE):
        self.cube, self.answer = cube, answer

    def choose(self, position, clock=None):
        legal = position.legal()
        for move in (self.cube, self.answer, ROLL):
            if move in legal:
                return move
        return int(legal[0])


def test_points_and_dice_are_those_of_the_seed():
    played, again = play_backgammon(Cautious(), Cautious()), play_backgammon(Cautious(), Cautious())
    assert digest(played.positions) == digest(again.positions)
    assert digest(played.positions) != digest(play_backgammon(Cautious(), Cautious(), seed=4).positions)
    outcome = played.outcome
    assert outcome.result == f"{1 if outcome.points > 0 else 2}+{abs(outcome.points):g}"
    throw, move = SeededDice(3).throw(0, 0, True), played.positions[0].moves[0]
    assert backgammon.notation(played.positions[0].states[0], move)[:2] == "".join(map(str, sorted(throw)[::-1]))


def test_a_dropped_double_costs_what_the_cube_showed():
    outcome = play_backgammon(Cautious(DOUBLE), Cautious(answer=DROP)).outcome
    assert (outcome.points, outcome.result) == (1.0, "1+1")


def test_resigning_costs_what_the_cube_shows():
    class Resigns(Cautious):
        def choose(self, position, clock=None):
            doubled = position.state[backgammon.CUBE] > 0 and not position.state[backgammon.OFFERED]
            return RESIGN if doubled else super().choose(position)

    outcome = play_backgammon(Cautious(DOUBLE), Resigns()).outcome
    assert (outcome.points, outcome.result, outcome.end) == (2.0, "1+2R", "resign")


def test_a_match_is_one_result_and_its_record_is_read_back():
    played = play_backgammon(Cautious(), Cautious(), length=3, cube=False)
    one, other = map(int, played.outcome.result.split("-"))
    assert max(one, other) >= 3 > min(one, other)
    assert played.outcome.points == (1.0 if one > other else -1.0)
    match = mat.read(BackgammonArena(MatchVariant(3)).record(played, ("one", "other"), ABOUT).decode())
    assert match.length == 3
    ends = [mat.position(each).state for each in match.records]
    assert np.array_equal(ends, [each.state for each in played.positions])


def test_a_player_who_fails_loses_a_single_game_of_the_cube():
    class Fails(Cautious):
        def choose(self, position, clock=None):
            return 999

    outcome = play_backgammon(Fails(), Cautious()).outcome
    assert (outcome.points, outcome.end, outcome.fault) == (-1.0, "illegal", "one")


def test_luck_is_asked_of_finished_games():
    referee = Referee([seat("one", Cautious()), seat("other", Cautious())])
    arena = BackgammonArena(MatchVariant(cube=False))
    played = arena.play(referee, (), 1, luck=lambda positions: len(positions) / 2)
    assert played.luck == 0.5


# --- what is kept -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", range(8))
def test_a_digest_is_the_same_for_all_symmetries(k):
    table = symmetries.symmetry(k, 5)
    moves, other = [7, 12, 8, 25, 3, 17], [7, 12, 8, 25, 3, 18]
    digests = [GoArena().digest([_position(each)]) for each in (moves, [int(table[move]) for move in moves], other)]
    assert digests[0] == digests[1] != digests[2]


def _position(moves):
    position = Position(go, go.start(5, 2.5, "chinese"))
    for move in moves:
        position.play(move)
    return position


def test_a_record_of_go_is_read_back_with_its_note():
    played = play_go(Scripted("C3", "C2"), Scripted("C4", "C4"), opening=[])
    (kept,) = sgf.parse(GoArena().record(played, ("black", "white"), ABOUT))
    assert kept.moves == played.positions[0].moves
    assert (kept.result, kept.players, kept.info["EV"]) == ("B+F", ("black", "white"), "test")
    assert "the point is taken" in kept.comments[3]


def test_a_backgammon_game_that_broke_off_in_a_turn_has_a_record():
    class FailsLate(Cautious):
        def choose(self, position, clock=None):
            dice = position.state[backgammon.DICE : backgammon.DICE + 4]
            late = len(position.moves) > 20 and np.count_nonzero(dice) == 1
            return 999 if late else super().choose(position)

    played = play_backgammon(FailsLate(), Cautious(), cube=False)
    assert played.outcome.end == "illegal"
    match = mat.read(BackgammonArena(MatchVariant(0)).record(played, ("one", "other"), ABOUT).decode())
    assert match.records[0].result.startswith("2+1")
    assert len(match.records[0].moves) <= len(played.positions[0].moves)


def test_who_begins_is_thrown_for():
    starters = {
        int(play_backgammon(Cautious(), Cautious(), seed=seed, cube=False).positions[0].states[1][backgammon.MOVER])
        for seed in range(6)
    }
    assert SECOND in starters
    assert len(starters) == 2
