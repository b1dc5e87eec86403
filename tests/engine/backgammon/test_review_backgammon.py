"""Reviews of backgammon: errors, luck and cube decisions by hand, sums, and GNU Backgammon's own analysis."""

import json
import math
import re
import subprocess

import numpy as np
import pytest

from engine.backgammon import model as afterstates_model
from engine.backgammon.cube import as_equity, cubeful_equity
from engine.backgammon.gnubg import find_program
from engine.backgammon.player import BackgammonPlayer
from engine.backgammon.plies import NORMAL, Filter, Lookahead
from engine.backgammon.review import (
    BANDS,
    CLOSE,
    ReviewedCube,
    ReviewedGame,
    ReviewedPlay,
    grade,
    luck_of,
    result,
    result_value,
    review_backgammon,
    tally,
    unit,
    worst,
)
from engine.backgammon.review_report import annotated, as_json, outcome, summary
from games import backgammon
from games.backgammon import DOUBLE, DROP, ROLL, TAKE, mat
from games.backgammon.board import set_up, start, with_dice
from games.backgammon.writing import read_play
from games.game import CHANCE, FIRST, SECOND, Position, Record


@pytest.fixture(scope="module")
def lookahead():
    return Lookahead(afterstates_model.load("backgammon"))


def side(**points: int) -> list[int]:
    """Return the 26 counts of a side: p6=2 is two checkers on its 6-point; bar and off are names, too."""
    places = {"off": 0, "bar": 25} | {f"p{k}": k for k in range(1, 25)}
    checkers = [0] * 26
    for name, count in points.items():
        checkers[places[name]] = count
    checkers[0] += 15 - sum(checkers)
    return checkers


def opened(roll: str, *plays: str, **rules) -> Position:
    """Return a game that FIRST begins with a roll, and a play for each player who is to move next."""
    position = Position(backgammon, start(**rules))
    position.play(backgammon.roll_move(int(roll[0]), int(roll[1]), FIRST))
    for play in plays:
        for move in read_play(position.state, play):
            position.play(move)
    return position


# --- plays ------------------------------------------------------------------------------------------------


def test_a_bad_opening_play_costs_what_it_is_worth_less(lookahead):
    (judged,) = review_backgammon(opened("31", "24/20"), lookahead, 1)
    ranked = lookahead.rank(with_dice(opened("31").states[0], (3, 1)), 1)
    best = read_play(opened("31").state, "8/5 6/5")
    assert (judged.dice, judged.turn, judged.mover, judged.ply) == ((3, 1), 1, FIRST, 1)
    assert sorted(judged.best) == sorted(best)
    assert 0.1 < judged.error < 0.4
    assert judged.equity + judged.error == pytest.approx(ranked[0].equity, abs=1e-6)
    assert grade(judged.error) in ("bad", "very bad")
    assert (judged.choices, len(judged.candidates)) == (len(ranked), 5)


def test_the_best_play_costs_nothing_in_whatever_order_its_men_move(lookahead):
    for play in ("8/5 6/5", "6/5 8/5"):
        (judged,) = review_backgammon(opened("31", play), lookahead, 1)
        assert judged.error == 0
        assert sorted(judged.best) == sorted(judged.played)
        assert judged.equity == pytest.approx(judged.candidates[0].equity)


def test_a_play_that_the_filters_leave_out_is_read_as_deeply_as_the_best(lookahead):
    narrow = Lookahead(lookahead.network, filters=(Filter(1, 0.0), NORMAL[1]))
    position = opened("31", "13/10 24/23")
    (judged,) = review_backgammon(position, narrow, 1)
    after = position.state
    deep = -cubeful_equity(lookahead.outputs(after, 1), after)
    assert judged.plies == 1
    assert judged.equity == pytest.approx(float(as_equity(deep, position.states[1])[0]), abs=1e-5)
    assert judged.equity != pytest.approx(float(-cubeful_equity(lookahead.outputs(after, 0), after)[0]), abs=1e-4)


def test_there_is_nothing_to_decide_where_one_play_or_none_is_legal(lookahead):
    board = side(p2=2, p3=2, p4=2, p5=2, p6=2, p1=2, p7=1, p8=2)
    position = Position(backgammon, set_up(board, side(bar=1, p1=14), mover=SECOND, cube=False))
    position.play(backgammon.roll_move(6, 5))
    (dance,) = review_backgammon(position, lookahead, 1)
    assert (dance.choices, dance.played, dance.counted, dance.mover, dance.dice) == (0, (), False, SECOND, (6, 5))
    assert math.isnan(dance.equity)
    forced = Position(backgammon, set_up(side(p24=1), side(p24=1, p17=2), dice=(6, 1), cube=False))
    while forced.turn == FIRST:
        forced.play(int(forced.legal()[0]))
    (judged,) = review_backgammon(forced, lookahead, 1)
    assert (judged.choices, judged.counted, judged.error) == (1, False, 0)


def test_a_play_that_was_not_finished_is_not_judged(lookahead):
    position = opened("31")
    assert list(review_backgammon(position, lookahead, 0)) == []
    position.play(read_play(position.state, "8/5 6/5")[0])
    assert list(review_backgammon(position, lookahead, 0)) == []


def test_a_review_tells_how_far_it_is_and_can_be_stopped(lookahead):
    position, told, asked = opened("31", "8/5 6/5"), [], []
    list(review_backgammon(position, lookahead, 0, lambda *far: told.append(far)))
    assert told == [(1, 3), (3, 3)]
    assert list(review_backgammon(position, lookahead, 0, stop=lambda: asked.append(1) or len(asked) > 1)) == []


# --- luck -------------------------------------------------------------------------------------------------

BEAR_IN = set_up(side(p6=3, p5=3, p4=3), side(p6=4, p3=4), mover=SECOND)
ON_THE_BAR = set_up(side(p6=2, p5=2, p4=2, p3=2, p2=2, p8=3), side(bar=1, p6=5, p8=4), mover=SECOND, cube=False)
LATE = set_up(side(p6=2, p3=5), side(p4=2, p2=5), mover=FIRST, length=7, score=(3, 5), value=2, owner=FIRST)


@pytest.mark.parametrize("state", [start(), start(5, (4, 2), True), BEAR_IN, ON_THE_BAR, LATE])
def test_the_mean_luck_of_all_rolls_is_nothing(lookahead, state):
    rolling = state.copy()
    if state[backgammon.TURN] != CHANCE:
        backgammon.play(rolling[None], np.array([ROLL], np.int32))
    moves, odds, counts = backgammon.legal(rolling[None])
    luck = np.array([luck_of(lookahead, rolling, int(move)) for move in moves[0, : counts[0]]])
    by_first = np.where(rolling[backgammon.OPENING] & (moves[0, : counts[0]] >= 175), -1, 1)
    assert luck[:, 1] * by_first @ odds[0, : counts[0]] == pytest.approx(0, abs=1e-5)
    assert luck[:, 0] * unit(rolling) == pytest.approx(luck[:, 1])
    assert luck[:, 0].std() > 0.01


def test_a_roll_that_enters_and_hits_is_luck_and_dancing_is_none(lookahead):
    dances, enters = (luck_of(lookahead, ON_THE_BAR, backgammon.roll_move(*dice))[0] for dice in ((6, 5), (1, 1)))
    assert dances < 0 < enters


def test_luck_in_points_is_as_large_as_the_cube(lookahead):
    small = set_up(side(p6=3, p5=3), side(p6=4, p3=4), cube=False)
    large = small.copy()
    large[backgammon.CUBE] = 2
    one, four = (luck_of(lookahead, state, backgammon.roll_move(6, 6)) for state in (small, large))
    assert four[0] == pytest.approx(one[0], abs=1e-5)
    assert four[1] == pytest.approx(4 * one[1], abs=1e-5)


# --- the cube ---------------------------------------------------------------------------------------------

SURE = set_up(side(p1=2), side(p6=2, p5=2))
"""FIRST bears off next turn; SECOND never comes to roll."""

AHEAD = set_up(side(p6=3, p5=3, p4=3), side(p6=4, p5=4, p4=3))
LEVEL = set_up(side(p6=4, p5=4, p8=4), side(p6=4, p5=4, p8=4))


def cube_action(state, *moves, lookahead) -> list[ReviewedCube]:
    position = Position(backgammon, state)
    for move in moves:
        position.play(move)
    return [each for each in review_backgammon(position, lookahead, 0) if isinstance(each, ReviewedCube)]


def test_a_game_that_is_won_should_be_doubled_and_dropped(lookahead):
    (double,) = cube_action(SURE, DOUBLE, lookahead=lookahead)
    assert (double.error, double.best, double.counted, double.mover) == (0, DOUBLE, True, FIRST)
    _, take = cube_action(SURE, DOUBLE, TAKE, lookahead=lookahead)
    assert (take.mover, take.best, take.turn) == (SECOND, DROP, 1)
    assert take.error == pytest.approx(1, abs=1e-3)
    assert cube_action(SURE, DOUBLE, DROP, lookahead=lookahead)[1].error == 0


def test_a_double_that_was_missed_and_one_that_was_wrong_cost_something(lookahead):
    (missed,) = cube_action(AHEAD, ROLL, lookahead=lookahead)
    assert (missed.best, missed.action, missed.counted) == (DOUBLE, ROLL, True)
    found = missed.decision
    assert missed.error > 0
    assert missed.error == pytest.approx(min(found.double_take, found.double_pass) - found.no_double)
    behind = set_up(side(p6=4, p5=4, p8=4), side(p6=3, p5=3, p4=3))
    wrong, dropped = cube_action(behind, DOUBLE, DROP, lookahead=lookahead)
    assert (wrong.best, dropped.best, dropped.mover) == (ROLL, TAKE, SECOND)
    assert wrong.error > 0.1
    assert dropped.error > 0.5


def test_only_close_decisions_not_to_double_count(lookahead):
    behind = set_up(side(p6=4, p5=4, p8=4), side(p6=3, p5=3, p4=3))
    (far,) = cube_action(behind, ROLL, lookahead=lookahead)
    gap = far.decision.no_double - min(far.decision.double_take, far.decision.double_pass)
    assert (far.error, far.counted, gap > CLOSE) == (0, False, True)
    assert cube_action(behind, DOUBLE, lookahead=lookahead)[0].counted


# --- sums -------------------------------------------------------------------------------------------------


def play_of(mover: int, error: float, choices: int = 9, luck: float = 0.0) -> ReviewedPlay:
    state = start()
    return ReviewedPlay(1, 1, mover, (3, 1), luck, 2 * luck, state, (), (), 0.0, error, choices, 1, ())


def cube_of(mover: int, action: int, error: float, counted: bool = True) -> ReviewedCube:
    return ReviewedCube(0, 1, mover, start(), action, ROLL, error, counted, None)


DECISIONS = [
    *(play_of(FIRST, 0.05, luck=0.3), play_of(FIRST, 0.0, luck=-0.1), play_of(FIRST, 0.0, choices=1)),
    *(cube_of(FIRST, ROLL, 0.1), cube_of(FIRST, ROLL, 0.0, False), play_of(SECOND, 0.2), cube_of(SECOND, TAKE, 0.3)),
]


def test_the_decisions_of_a_side_add_up():
    first, second = (tally(DECISIONS, each) for each in (FIRST, SECOND))
    assert (first.plays, first.cubes, first.missed_doubles, first.wrong_takes) == (2, 1, 1, 0)
    assert (first.doubtful, first.bad, first.very_bad) == (1, 1, 0)
    assert (first.play_rate, first.cube_rate, first.rate) == pytest.approx((25, 100, 50))
    assert (first.luck, first.gain, first.band) == (pytest.approx(0.2), pytest.approx(0.4), "awful")
    assert (second.plays, second.wrong_takes, second.very_bad) == (1, 1, 2)
    assert tally([], FIRST).band == ""


@pytest.mark.parametrize(("milli", "name"), [(0, BANDS[0][1]), (2, "world class"), (7.9, "expert"), (12, BANDS[4][1])])
def test_players_are_called_what_their_rate_is(milli, name):
    assert tally([play_of(FIRST, milli / 1000)], FIRST).band == name


def test_the_worst_decisions_come_first_and_good_ones_not_at_all():
    assert [each.error for each in worst(DECISIONS)] == [0.3, 0.2, 0.1, 0.05]


# --- results ----------------------------------------------------------------------------------------------


def test_games_for_money_are_worth_their_points_and_luck_is_taken_off():
    games = [ReviewedGame(1, None, start(), [play_of(FIRST, 0, luck=0.5), play_of(SECOND, 0, luck=0.2)], True)] * 2
    found = result(games, [(FIRST, 4), (SECOND, 1)])
    assert (found.value, found.luck, found.adjusted) == pytest.approx((3, 1.2, 1.8))
    assert result(games, [(FIRST, 4), (FIRST, 0)]) is None
    assert result([], []) is None
    assert result([ReviewedGame(1, None, start())], [(FIRST, 1)]) is None


def test_the_games_of_a_match_add_up_to_the_match():
    states = [start(5), start(5, (2, 0)), start(5, (2, 4), True), start(5, (3, 4))]
    worth = [result_value(state, *won) for state, won in zip(states, [(0, 2), (1, 4), (0, 1), (0, 2)], strict=True)]
    assert sum(worth) == pytest.approx(1, abs=1e-6)
    assert sum(worth[:3]) + result_value(states[3], SECOND, 1) == pytest.approx(-1, abs=1e-6)


@pytest.mark.parametrize(("text", "means"), [("1+2", (0, 2)), ("2+16R", (1, 16)), ("", (0, 0))])
def test_results_of_records_are_read(text, means):
    assert outcome(Record("backgammon", {}, result=text)) == means


# --- a whole match ----------------------------------------------------------------------------------------


def self_played(lookahead: Lookahead, length: int, seed: int, names=("Ann", "Bob")) -> mat.Match:
    """Return a match that the network plays against itself at 0-ply; `Bob` plays every fourth turn at random."""
    random, player = np.random.default_rng(seed), BackgammonPlayer("it", lookahead, 0)
    match, state = mat.Match(names, length), start(length)
    while True:
        position = Position(backgammon, state)
        while not position.over:
            position.play(_chosen(position, player, random))
        match.records.append(mat.from_position(position, names))
        if backgammon.match_over(position.state) or len(match.records) == 3:
            return match
        state = backgammon.next_game(position.state)


def _chosen(position: Position, player: BackgammonPlayer, random: np.random.Generator) -> int:
    if position.turn == CHANCE:
        moves, odds, counts = backgammon.legal(position.state[None])
        odds = odds[0, : counts[0]].astype(float)
        return int(random.choice(moves[0, : counts[0]], p=odds / odds.sum()))
    if position.turn == SECOND and position.state[backgammon.DICE] and random.random() < 0.25:
        return int(random.choice(position.legal()))
    return player.choose(position)


@pytest.fixture(scope="module")
def match(lookahead):
    return self_played(lookahead, 5, 3)


@pytest.fixture(scope="module")
def games(lookahead, match):
    found = []
    for number, record in enumerate(match.records, 1):
        decisions = list(review_backgammon(mat.position(record), lookahead, 0))
        found.append(ReviewedGame(number, record, start(**record.start), decisions, True))
    return found


def test_every_roll_is_reviewed_once_and_the_better_player_errs_less(match, games):
    decisions = [each for game in games for each in game.decisions]
    rolls = sum(move >= 154 for record in match.records for move in record.moves)
    assert sum(isinstance(each, ReviewedPlay) for each in decisions) == rolls
    ann, bob = (tally(decisions, each) for each in (FIRST, SECOND))
    assert ann.play_error == pytest.approx(0, abs=1e-5)  # it was reviewed by the player itself
    assert bob.play_rate > 20


def test_a_match_is_told_as_tables_and_as_json(match, games):
    told, text = summary(match, games), annotated(match, games)
    assert all(word in told for word in ("Ann", "Bob", "supernatural", "error a decision", "without luck"))
    assert text.startswith(told)
    assert len(re.findall(r"^Game \d: Ann \d, Bob \d$", text, re.MULTILINE)) == len(games)
    found = json.loads(json.dumps(as_json(match, games, len(games))))
    assert (found["complete"], found["unit"], found["summary"]["first"]["band"]) == (True, "chances", "supernatural")
    first = found["games"][0]["decisions"][0]
    assert {"done", "best", "error", "luck", "dice", "plays"} < set(first)
    place = found["mistakes"][0]
    assert found["games"][place["game"] - 1]["decisions"][place["decision"]]["error"] == place["error"]
    assert not as_json(match, games[:1], len(games))["complete"]
    assert found["result"]["value"] - found["result"]["luck"] == pytest.approx(found["result"]["adjusted"], abs=2e-4)


def test_players_of_one_name_are_told_apart(match, games):
    twins = mat.Match(("Yomi", "Yomi"), match.length, match.records)
    assert "First  " in summary(twins, games)


# --- GNU Backgammon ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged_by_gnubg(match, tmp_path_factory) -> tuple[str, list[float]]:
    """Return the statistics that GNU Backgammon prints after its 0-ply analysis, and the luck of every roll."""
    folder = tmp_path_factory.mktemp("gnubg")
    (folder / "match.mat").write_text(mat.write(match))
    commands = [
        *("set confirm default yes", f"import mat {folder}/match.mat"),
        *("set analysis chequerplay evaluation plies 0", "set analysis cubedecision evaluation plies 0"),
        *("analyse match", "show statistics match", f"save match {folder}/match.sgf", ""),
    ]
    program = [find_program(), "-t", "-q", "-r"]
    told = subprocess.run(program, input="\n".join(commands), capture_output=True, text=True, timeout=120, check=False)
    luck = re.findall(r"LU\[(-?[\d.]+)", (folder / "match.sgf").read_text())
    return told.stdout, [float(each) for each in luck]


@pytest.mark.skipif(find_program() is None, reason="gnubg is not installed: apt install gnubg")
def test_luck_and_errors_agree_with_gnubg_within_reason(games, judged_by_gnubg):
    told, theirs = judged_by_gnubg
    decisions = [each for game in games for each in game.decisions]
    ours = np.array([each.luck for each in decisions if isinstance(each, ReviewedPlay)])
    assert len(theirs) == len(ours)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.97
    assert np.sqrt(np.mean((ours - theirs) ** 2)) < 0.06
    sides = [tally(decisions, each) for each in (FIRST, SECOND)]
    assert _row(told, "Unforced moves") == [each.plays for each in sides]
    errors = [-each for each in _row(told, "Error total EMG")]
    assert errors[1] == pytest.approx(sides[1].play_error, rel=0.3)
    assert errors[0] < errors[1] / 2


def _row(told: str, name: str) -> list[float]:
    """Return the two numbers of the first row of a table of statistics that begins with a name."""
    line = next(line for line in told.splitlines() if line.startswith(name))
    return [float(number) for number in re.findall(r"(?<![(\d.])[-+]?\d+(?:\.\d+)?(?=\s)", line[len(name) :])]
