"""GNU Backgammon: how positions are written to it, what it answers, and what is said when it fails."""

import sys
from collections import Counter

import numpy as np
import pytest

from engine.backgammon import gnubg
from engine.backgammon.gnubg import Gnubg, GnubgFailed, after_play, fibs_line
from engine.backgammon.gnubg_player import GnubgPlayer
from engine.review_command import position_of
from engine.reviewing import ReviewRequest
from games import backgammon
from games.backgammon.rules import DOUBLE, DROP, ROLL, TAKE
from games.game import CHANCE, FIRST, SECOND, Position
from tests.measures import crosscheck_gnubg, match_gnubg

installed = pytest.mark.skipif(gnubg.find_program() is None, reason="gnubg is not installed")


def side(off=0, bar=0, **points):
    """Return the 26 counts of a side: side(p6=5, bar=1)."""
    checkers = [0] * 26
    checkers[0], checkers[25] = off, bar
    for point, count in points.items():
        checkers[int(point[1:])] = count
    return checkers


NORMAL = side(p24=2, p13=5, p8=3, p6=5)
BUILDER = side(p24=2, p13=5, p8=2, p6=4, p5=2)
"""One side of the asymmetric position 4HPwATCwZ/ABMA; the other is as at the start."""


def position(mine=BUILDER, theirs=NORMAL, mover=FIRST, **more):
    """Return a position whose mover has the checkers `mine`."""
    checkers = (mine, theirs) if mover == FIRST else (theirs, mine)
    return backgammon.set_up(*checkers, mover, **more)


def board(mine, theirs):
    return np.array([mine, theirs], np.int8)


# --- positions as text ------------------------------------------------------------------------------------

CHECKERS = "0:-2:0:0:0:0:6:0:2:0:0:0:-5:5:0:0:0:-3:0:-5:0:0:0:0:2:0"


def test_a_position_is_written_as_its_mover_sees_it():
    # the other has 2 checkers on his 24-point, which is the mover's 1-point
    mine = side(p24=2, p13=5, p8=2, p6=6)
    for mover in (FIRST, SECOND):
        line = fibs_line(position(mine, mover=mover), (6, 1))
        assert line == f"board:mover:other:9999:0:0:{CHECKERS}:1:6:1:6:1:1:1:1:0:1:-1:0:25:0:0:0:0:0:0:0:0"


def test_men_on_the_bar_and_off():
    fields = fibs_line(position(side(p6=10, off=3, bar=2), side(p6=9, off=5, bar=1))).split(":")
    assert fields[6] == "-1"
    assert fields[31] == "2"
    assert fields[43:49] == ["0", "25", "3", "5", "2", "1"]


def test_match_and_cube():
    words = {"length": 7, "score": (6, 2), "value": 4, "owner": SECOND}
    fields = fibs_line(position(mover=SECOND, **words)).split(":")
    assert fields[3:6] == ["7", "2", "6"]
    assert fields[37:40] == ["4", "1", "0"]
    assert fields[-1] == "1", "after the Crawford game"
    fields = fibs_line(position(mover=SECOND, **words), reverse_scores=True).split(":")
    assert fields[3:6] == ["7", "6", "2"]
    fields = fibs_line(position(length=7, score=(6, 2), crawford=True)).split(":")
    assert fields[37:40] == ["1", "1", "1"]
    assert fields[-1] == "0"


@pytest.mark.parametrize(
    ("text", "mine", "theirs"),
    [
        ("", BUILDER, NORMAL),
        ("13/7 8/7", side(p24=2, p13=4, p8=1, p7=2, p6=4, p5=2), NORMAL),
        ("13/7*/6(2)", side(p24=2, p13=3, p8=2, p6=6, p5=2), NORMAL),
        ("24/18* 13/12", side(p24=1, p18=1, p13=4, p12=1, p8=2, p6=4, p5=2), None),
    ],
)
def test_reading_plays(text, mine, theirs):
    before = NORMAL if theirs else side(p24=2, p13=5, p8=3, p6=4, p7=1)
    theirs = theirs or side(p24=2, p13=5, p8=3, p6=4, bar=1)
    assert np.array_equal(after_play(board(BUILDER, before), text), board(mine, theirs))


def test_reading_plays_from_the_bar_and_off():
    before = board(side(bar=2, p6=13), side(p3=1, p1=14))
    assert np.array_equal(after_play(before, "bar/22*/20 25/24"), board(side(p20=1, p24=1, p6=13), side(bar=1, p1=14)))
    before = board(side(p6=2, p2=2, off=11), side(p1=15))
    assert np.array_equal(after_play(before, "6/off 2/0(2)"), board(side(p6=1, off=14), side(p1=15)))


@pytest.mark.parametrize("text", ["hello", "13", "12/7", "13/7/", "26/1", "8/5(9)", "6/"])
def test_what_is_no_play(text):
    before = board(BUILDER, NORMAL)
    with pytest.raises(ValueError, match="play|no checker can move"):
        after_play(before, text)
    assert np.array_equal(before, board(BUILDER, NORMAL))


# --- its answers ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge():
    with Gnubg() as judge:
        yield judge


def names(state, moves):
    return sorted(backgammon.notation(state, move) for move in moves)


@installed
@pytest.mark.parametrize("mover", [FIRST, SECOND])
@pytest.mark.parametrize("plies", [0, 2])
def test_the_best_play(judge, mover, plies):
    state = position(mover=mover, dice=(6, 1), jacoby=False)
    assert names(state, judge.best_play(state, plies)) == ["13/7", "8/7"]


@installed
def test_the_best_play_of_a_double_and_from_the_bar(judge):
    state = position(NORMAL, dice=(6, 6), jacoby=False)
    assert names(state, judge.best_play(state)) == ["13/7", "13/7", "24/18", "24/18"]
    state = position(side(bar=2, p6=13), dice=(4, 4), theirs=side(p6=2, p1=13))
    assert names(state, judge.best_play(state))[-2:] == ["bar/21", "bar/21"]


@installed
def test_the_best_play_of_a_turn_that_has_begun(judge):
    states = position(NORMAL, dice=(3, 1), cube=False)[None]
    backgammon.play(states, np.array([backgammon.checker_move(8, 3)], np.int32))
    assert names(states[0], judge.best_play(states[0])) == ["6/5"]


@installed
def test_bearing_off_the_last_man_ends_a_turn_that_has_begun(judge):
    states = position(side(p5=1, p2=1, p1=1, off=12), side(p1=2, off=13), dice=(5, 1), cube=False)[None]
    backgammon.play(states, np.array([backgammon.checker_move(1, 1)], np.int32))
    assert names(states[0], judge.best_play(states[0])) == ["5/off"]


@installed
def test_evaluations(judge):
    """The asymmetric position's figures at 0 plies, and its afterstate of 13/7 8/7."""
    expected = [0.597, 0.199, 0.011, 0.100, 0.005]
    for mover in (FIRST, SECOND):
        numbers = judge.evaluate(position(mover=mover, jacoby=False))
        assert np.allclose(numbers[:5], expected, atol=0.001)
        win, win_gammon, win_backgammon, lose_gammon, lose_backgammon, equity = numbers
        assert equity == pytest.approx(
            2 * win - 1 + win_gammon + win_backgammon - lose_gammon - lose_backgammon, abs=1e-5
        )
        assert np.allclose(judge.evaluate_board(gnubg.board_of(position(mover=mover))), numbers)


@installed
def test_two_plies_with_the_cube_give_the_known_equity(judge):
    moves = judge.best_play(position(dice=(6, 1), jacoby=False), 2)
    after = position(dice=(6, 1), jacoby=False)[None]
    for move in moves:
        backgammon.play(after, np.array([move], np.int32))
    assert -judge.evaluate(after[0], 2, cubeful=True)[-1] == pytest.approx(0.397, abs=0.03)


@installed
def test_jacoby_takes_the_gammons_away(judge):
    plain, jacoby = (judge.evaluate(position(jacoby=rule), cubeful=True)[-1] for rule in (False, True))
    assert plain - jacoby > 0.02
    turned = {"value": 2, "owner": FIRST}
    assert judge.evaluate(position(jacoby=True, **turned), 0, True) == pytest.approx(
        judge.evaluate(position(jacoby=False, **turned), 0, True)
    )


@installed
def test_match_chances_are_the_movers_own(judge):
    for mover, score in ((FIRST, (5, 1)), (SECOND, (1, 5))):
        leading = judge.evaluate(position(mover=mover, length=7, score=score))[-1]
        trailing = judge.evaluate(position(mover=mover, length=7, score=score[::-1]))[-1]
        assert leading > 0.8
        assert trailing < 0.3


@installed
def test_crawford_matters(judge):
    during, after = (
        judge.evaluate(position(length=7, score=(0, 6), crawford=game), cubeful=True)[-1] for game in (True, False)
    )
    assert during < after


def doubled(state):
    states = state[None].copy()
    backgammon.play(states, np.array([DOUBLE], np.int32))
    return states[0]


@installed
@pytest.mark.parametrize("mover", [FIRST, SECOND])
def test_cube_decisions_for_money(judge, mover):
    ahead = position(side(p6=3, p4=3, p2=3, off=6), side(p6=5, p5=5, p4=5), mover, jacoby=False)
    even = position(NORMAL, NORMAL, mover, jacoby=False)
    better = position(side(p6=5, p5=4, p4=3, p3=3), side(p6=6, p5=5, p4=4), mover, jacoby=False)
    assert judge.cube_action(ahead, 0) == DOUBLE
    assert judge.cube_action(doubled(ahead), 0) == DROP
    assert judge.cube_action(even, 0) == ROLL
    assert judge.cube_action(doubled(even), 0) == TAKE
    assert judge.cube_action(better, 0) == DOUBLE
    assert judge.cube_action(doubled(better), 0) == TAKE


@installed
@pytest.mark.parametrize("mover", [FIRST, SECOND])
def test_cube_decisions_know_the_score(judge, mover):
    """One needs 2 points, the other 6: a trailer who is two away doubles by the value of the cube alone."""

    def match(mine, theirs, checkers=(NORMAL, NORMAL)):
        return position(*checkers, mover, length=7, score=(mine, theirs) if mover == FIRST else (theirs, mine))

    worse = (NORMAL, BUILDER)
    assert judge.cube_action(match(0, 6, worse), 0) == DOUBLE, "a free double after the Crawford game"
    assert judge.cube_action(match(5, 0, worse), 0) == ROLL
    ahead = (side(p6=3, p4=4, p2=5, off=3), side(p7=1, p6=4, p5=5, p4=5))
    assert judge.cube_action(doubled(match(1, 5, ahead)), 0) == DROP


@installed
def test_questions_that_have_no_answer(judge):
    rolled, waiting = position(dice=(6, 1)), position(cube=False)
    with pytest.raises(ValueError, match="no checkers to move"):
        judge.best_play(waiting)
    with pytest.raises(ValueError, match="before the roll"):
        judge.evaluate(rolled)
    with pytest.raises(ValueError, match="no cube decision"):
        judge.cube_action(rolled)


@installed
def test_its_processes_end_with_it():
    with Gnubg() as judge:
        judge.evaluate(position())
        (running,) = judge.processes.values()
    assert running.process.poll() is not None
    assert judge.processes == {}


# --- as a player ------------------------------------------------------------------------------------------


def play_out(players, start, seed):
    random, game = np.random.default_rng(seed), Position(backgammon, start)
    while not game.over:
        if game.turn == CHANCE:
            moves, odds, counts = backgammon.legal(game.state[None])
            odds = odds[0, : counts[0]].astype(float)
            move = random.choice(moves[0, : counts[0]], p=odds / odds.sum())
        else:
            move = players[game.turn].choose(game)
        game.play(int(move))  # raises for what is illegal
    return game


@installed
def test_it_plays_whole_games_with_the_cube():
    player = GnubgPlayer()
    games = [
        play_out([player, player], start, seed)
        for seed, start in enumerate([backgammon.start(), backgammon.start(5, (3, 1)), backgammon.start(cube=False)])
    ]
    player.close()
    assert player.name == "gnubg 0-ply"
    assert any(DOUBLE in game.moves for game in games)
    assert DOUBLE not in games[-1].moves


@installed
def test_a_play_is_chosen_once_and_anew_after_undo():
    player, game = GnubgPlayer(), Position(backgammon, position(NORMAL, dice=(3, 1)))
    first = player.choose(game)
    (asked,) = player.gnubg.processes.values()
    game.play(first)
    asked.ask = None  # nothing is asked for the rest of the play
    game.play(player.choose(game))
    del asked.ask
    game.undo()
    game.undo()
    assert player.choose(game) == first
    player.close()


# --- the match and its luck -------------------------------------------------------------------------------


BOARDS = np.stack(
    [
        board(BUILDER, NORMAL),
        board(side(bar=2, p6=13), side(p6=2, p1=13)),
        board(side(p3=1, p1=1, off=13), side(p6=15)),
        board(side(p6=15), side(p1=2, off=13)),
    ]
)


def test_afterstates_of_many_boards_are_those_of_the_rules():
    dice = np.array([(1, 6), (4, 4), (2, 6), (6, 6)])
    after, starts = match_gnubg.afterstates(BOARDS, dice)
    for before, roll, mine in zip(BOARDS, dice.tolist(), np.split(after, starts[1:]), strict=True):
        expected, _ = crosscheck_gnubg.our_plays(before, roll)
        assert sorted(row.tobytes() for row in mine) == sorted(row.tobytes() for row in expected)


def test_points_won():
    finished, gone = side(off=15), side(p6=14, off=1)
    boards = [board(finished, gone), board(finished, side(p18=15)), board(finished, side(p19=1, p6=14)), BOARDS[0]]
    boards.append(board(finished, side(bar=1, p6=14)))
    assert match_gnubg.points_of(np.stack(boards)).tolist() == [1, 2, 3, 0, 3]


def test_the_luck_of_all_rolls_is_nothing():
    luck = match_gnubg.luck_by(match_gnubg.pips)
    faces = np.array([(a, b) for a in range(1, 7) for b in range(1, 7)])
    for before in BOARDS:
        values = luck.rolled(np.repeat(before[None], 36, axis=0), faces)
        assert values.mean() == pytest.approx(luck.expected(before[None])[0], abs=1e-6)
        assert np.ptp(values) > 0


@installed
def test_the_luck_of_all_rolls_is_nothing_to_gnubg_either():
    faces = np.array([(a, b) for a in range(1, 7) for b in range(1, 7)])
    with match_gnubg.Pool(2) as pool:
        luck = match_gnubg.luck_by_gnubg(pool)
        expected = luck.expected(BOARDS)
        values = [luck.rolled(np.repeat(before[None], 36, axis=0), faces).mean() for before in BOARDS]
    assert np.allclose(values, expected, atol=1e-4)


@installed
def test_a_match_of_gnubg_with_itself_is_even_but_for_luck():
    with match_gnubg.Pool(1) as pool:
        gnubg_itself = pool.player(0)
        match = match_gnubg.play_match(gnubg_itself, gnubg_itself, match_gnubg.luck_by_gnubg(pool), 8, 1)
        assert (match_gnubg.errors(pool, match.decisions[:20], 0) == 0).all()
    assert set(np.abs(match.points)) <= {1, 2, 3}
    assert match.adjusted.std() < match.points.std() / 3


@installed
def test_bad_plays_are_errors():
    before, dice = board(NORMAL, NORMAL), np.array([3, 1])
    best, blunder = (after_play(before, play) for play in ("8/5 6/5", "24/21 6/5"))
    with match_gnubg.Pool(1) as pool:
        good, bad = match_gnubg.errors(pool, [(before, dice, best), (before, dice, blunder)], 0)
    assert good == 0
    assert 0.05 < bad < 0.5


@installed
def test_rules_and_cubes_agree_with_its_command_line():
    random, tally = np.random.default_rng(7), Counter()
    assert crosscheck_gnubg.compare_plays(63, random, tally) == []
    assert crosscheck_gnubg.compare_cubes(20, random, tally) == []
    assert tally["plays"] > 300


# --- failures ---------------------------------------------------------------------------------------------

PROGRAM = """
import socket, sys, time
path = next(line.split()[1] for line in sys.stdin if line.startswith("external 127"))
host, port = path.split(":")
with socket.create_server((host, int(port))) as server:
    talk = server.accept()[0]
    while (line := talk.recv(4096).decode()):
        talk.sendall({answer}.encode())
"""


@pytest.fixture
def culprit(tmp_path):
    """Return a function that starts a program which answers every line by an expression, on a local port only."""
    started = []

    def start(answer, timeout=20.0):
        script = tmp_path / "culprit.py"
        script.write_text(PROGRAM.replace("{answer}", answer))
        started.append(Gnubg(f"{sys.executable} {script}", timeout))
        return started[-1]

    yield start
    for program in started:
        program.close()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("exit()", "died at 'evaluation fibsboard"),
        ("time.sleep(60)", "did not answer 'evaluation fibsboard .* in 0.5 s"),
        ("'rubbish\\n'", "answered 'rubbish' for an evaluation"),
        ("'0.5 0.1\\n'", "answered '0.5 0.1' for an evaluation"),
        ("'Error: syntax error\\n'", "answered 'Error: syntax error' to 'evaluation"),
    ],
)
def test_what_goes_wrong_is_named(culprit, answer, told):
    program = culprit(answer, 0.5 if "sleep" in answer else 20)
    for _ in range(2):  # the second time with a fresh process
        with pytest.raises(GnubgFailed, match=f"gnubg {told}"):
            program.evaluate(position())


@pytest.mark.parametrize(
    ("answer", "told"),
    [("'off you go\\n'", "'off you go' for a play"), ("'24/18\\n'", "a play that is not legal here")],
)
def test_plays_that_make_no_sense(culprit, answer, told):
    with pytest.raises(GnubgFailed, match=told):
        culprit(answer).best_play(position(dice=(6, 1)))


def test_cube_answers_that_make_no_sense(culprit):
    program = culprit("'take\\n'")
    with pytest.raises(GnubgFailed, match="'take' to a question about the cube"):
        program.cube_action(position())
    assert program.cube_action(doubled(position())) == TAKE


def test_a_program_that_is_not_there(monkeypatch):
    with pytest.raises(GnubgFailed, match="cannot be started"):
        Gnubg("no-such-gnubg").evaluate(position())
    with pytest.raises(GnubgFailed, match="ended before it opened its socket"):
        Gnubg(f"{sys.executable} -c exit()").evaluate(position())
    monkeypatch.setattr(gnubg, "find_program", lambda: None)
    with pytest.raises(GnubgFailed, match="not installed"):
        Gnubg().evaluate(position())


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("AAAAAAAAAAAAAA:cAkAAAAAAAAA", "borne off all its checkers"),
        ("4HPwATDgc/ABMA:////////////", "match ID"),
        ("//////////////:cAkAAAAAAAAA", "bits"),
        ("XGID=-b:1", "an XGID looks like"),
    ],
)
def test_an_id_of_a_position_that_cannot_be_is_no_file(text, wrong):
    found = position_of(text)
    assert found is not None
    with pytest.raises(ValueError, match=wrong):
        found.review(ReviewRequest(text))


@pytest.mark.parametrize("name", ["game.mat", "14/letters:12", "x" * 5000])
def test_a_name_is_no_id(name):
    assert position_of(name) is None
