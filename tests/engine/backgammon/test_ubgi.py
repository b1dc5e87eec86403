"""UBGI: every command, every refusal, ten thousand fuzzed lines, and real engines behind pipes."""

import random
import re
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from engine.backgammon import afterstates, cube
from engine.backgammon import model as afterstates_model
from engine.backgammon.plies import Lookahead
from engine.backgammon.ubgi import COMMANDS, Ubgi
from engine.backgammon.ubgi_options import OPTIONS, UbgiSettings
from games import backgammon
from games.backgammon import gnubg_id, xgid
from games.backgammon.dice import rolls
from games.backgammon.rules import DICE, MOVER, SIDE, USE_CUBE
from games.backgammon.writing import read_play
from games.game import CHANCE, NOBODY, Position

ROOT = Path(__file__).resolve().parents[3]
START, ASYMMETRIC = "4HPwATDgc/ABMA", "4HPwATCwZ/ABMA"
XGID = "XGID=-b----E-C---eE---c-e----B-:0:0:1:52:0:0:0:7:10"
DOUBLED = XGID.replace(":52:", ":D:")
CLOSED = "XGID=bBBBBBBC-----e-----h------:0:0:-1:61:0:0:0:0:10"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """A small network that knows nothing, but always the same."""
    folder = tmp_path_factory.mktemp("model")
    afterstates_model.write(afterstates.fresh(12), folder, afterstates_model.describe())
    return str(folder)


@pytest.fixture(scope="module")
def network(model):
    return afterstates_model.load(model)


@pytest.fixture
def say(model):
    """Say lines to a new engine; return all that it answered since, when it has come to rest."""
    answers = []
    engine = Ubgi(UbgiSettings(model), answers.append)

    def say(*lines: str) -> list[str]:
        answers.clear()
        for line in lines:
            engine.hear(line)
        engine.wait()
        return answers.copy()

    say.engine = engine
    return say


def asked(say, position=ASYMMETRIC, dice="6 1", go="go role chequer") -> str:
    (answer,) = say(f"position gnubgid {position}", f"dice {dice}", go)
    return answer


# --- greeting and options ---------------------------------------------------------------------------------


def test_the_engine_introduces_itself(say):
    lines = say("ubgi")
    assert lines[0] == "id name Yomi"
    assert lines[1].startswith("id author ")
    assert lines[-1] == "ubgiok"
    assert [line.split()[2] for line in lines[2:-1]] == list(OPTIONS)
    assert all(re.fullmatch(r"option name \w+ type (spin|check|string|combo) default .+", line) for line in lines[2:-1])


def test_the_greeting_tells_options_as_they_are(say):
    say("setoption name Plies value 2", "setoption name EvalMode value cubeful", "setoption name Info value true")
    lines = say("ubgi")
    assert "option name Plies type spin default 2 min 0 max 2" in lines
    assert "option name EvalMode type combo default cubeful var cubeless var cubeful" in lines
    assert "option name Info type check default true" in lines


def test_ready_means_that_the_network_is_there(say):
    assert say.engine.lookahead is None
    assert say("isready") == ["readyok"]
    assert isinstance(say.engine.lookahead, Lookahead)


@pytest.mark.parametrize(
    ("option", "value", "setting", "read"),
    [
        ("Plies", "2", "plies", 2), ("Visits", "100", "visits", 100), ("Seed", "7", "seed", 7),
        ("Threads", "2", "threads", 2), ("Deterministic", "true", "deterministic", True),
        ("EvalMode", "cubeful", "cubeful", True), ("MoveIds", "true", "ids", True), ("Info", "true", "info", True),
    ],
)  # fmt: skip
def test_options_are_set(say, option, value, setting, read):
    assert say(f"setoption name {option} value {value}") == []
    assert asdict(say.engine.settings)[setting] == read


def test_a_controller_may_name_the_only_variant(say):
    assert say("setoption name Variant value backgammon") == []
    assert say("setoption name Variant value hypergammon")[0].startswith("error bad_argument ")


def test_another_model_is_loaded_and_plays(say, tmp_path):
    afterstates_model.write(afterstates.fresh(12, seed=5), tmp_path, afterstates_model.describe())
    before = asked(say, dice="4 3")
    assert say(f"setoption name Model value {tmp_path}") == []
    assert say.engine.settings.model == str(tmp_path)
    assert asked(say, dice="4 3") != before
    (answer,) = say("setoption name Model value nowhere")
    assert answer.startswith("error bad_argument there is no model 'nowhere'")
    assert say.engine.settings.model == str(tmp_path)


# --- plays ------------------------------------------------------------------------------------------------


def reachable(position: str, dice: tuple[int, int], answer: str) -> np.ndarray:
    """Return the position after an answered play; fail where it is no legal one."""
    state = backgammon.with_dice(gnubg_id.from_id(position), dice)
    moves = read_play(state, answer.removeprefix("bestmove "))
    return next(after for legal, after in backgammon.plays(state) if legal == moves)


def test_the_best_play_is_the_networks(say, network):
    answer = asked(say)
    state = backgammon.with_dice(gnubg_id.from_id(ASYMMETRIC), (6, 1))
    state[USE_CUBE] = 0
    best = Lookahead(network).rank(state)[0]
    assert (reachable(ASYMMETRIC, (6, 1), answer) == next(a for m, a in backgammon.plays(state) if m == best.moves))[
        : 2 * SIDE
    ].all()


def test_every_answer_in_random_games_is_a_legal_play(say):
    generator = np.random.default_rng(4)
    for game in range(3):
        position = Position(backgammon, backgammon.start(cube=False))
        for one, other in rolls(game, 1000, first=1).tolist():
            while position.turn != CHANCE and not position.over:
                position.play(int(generator.choice(position.legal())))
            if position.over:
                break
            before = gnubg_id.position_id(position.state)
            answer = asked(say, before, f"{one} {other}")
            if answer != "bestmove pass":
                reachable(before, (one, other), answer)
            throws = position.legal()
            position.play(int(throws[0]) if len(throws) == 30 else backgammon.roll_move(one, other))
            if answer == "bestmove pass":
                assert position.turn == CHANCE


@pytest.mark.parametrize(
    ("position", "dice", "word"), [("Np7BQSCYZ/AAWA", "5 3", "bar/"), ("/z0AADDeaxsAAA", "5 5", "/off")]
)
def test_bar_and_off_have_names(say, position, dice, word):
    answer = asked(say, position, dice)
    assert word in answer
    assert not re.search(r"\b25/|/0\b|[*(]", answer)


def test_checkers_are_moved_one_die_at_a_time(say):
    assert len(asked(say, START, "3 3").split()) == 5


def test_who_cannot_move_passes(say):
    say("setoption name MoveIds value true")
    answers = say(f"position xgid {CLOSED}", "go role chequer")
    assert answers[0] == "bestmove pass"
    state = xgid.from_id(CLOSED)
    assert answers[1] == f"bestmoveid {gnubg_id.position_id(state)}"


def test_ids_after_the_play_are_the_next_players(say):
    say("setoption name MoveIds value true")
    play, after = say(f"position gnubgid {ASYMMETRIC}", "dice 6 1", "go role chequer")
    assert after == f"bestmoveid {gnubg_id.position_id(reachable(ASYMMETRIC, (6, 1), play))}"


def test_information_comes_before_the_answer(say):
    say("setoption name Info value true")
    info, answer = say(f"position gnubgid {ASYMMETRIC}", "dice 6 1", "go role chequer")
    number = r"-?\d\.\d{4}"
    assert re.fullmatch(f"info role chequer depth 0 eq {number} pwin {number} pgammon {number} pbg {number}", info)
    assert answer.startswith("bestmove ")


@pytest.mark.parametrize("limit", ["depth 1", "depth 2", "nodes 40", "movetime 50"])
def test_deeper_looks_answer_too(say, limit):
    answer = asked(say, dice="3 1", go=f"go role chequer {limit}")
    reachable(ASYMMETRIC, (3, 1), answer)


def test_a_search_by_visits_is_the_same_again(say):
    say("setoption name Deterministic value true", "setoption name Visits value 60")
    first = asked(say, dice="5 2")
    asked(say, START, "4 1")
    assert asked(say, dice="5 2") == first


def test_a_long_search_hears_isready_and_stop(say):
    began = time.perf_counter()
    say("isready")
    answers = say(f"position gnubgid {ASYMMETRIC}", "dice 3 1", "go movetime 60000", "isready", "stop")
    assert answers[0] == "readyok"
    reachable(ASYMMETRIC, (3, 1), answers[1])
    assert time.perf_counter() - began < 30


def test_lines_behind_a_search_wait_for_its_answer(say):
    answers = say(f"position gnubgid {ASYMMETRIC}", "dice 3 1", "go nodes 40", "dice 6 6", "go", "fly")
    assert [answer.split()[0] for answer in answers] == ["bestmove", "bestmove", "error"]
    reachable(ASYMMETRIC, (6, 6), answers[1])


def test_stop_without_a_search_says_nothing(say):
    assert say("stop") == []


# --- the cube and the session -----------------------------------------------------------------------------


def test_the_cube_is_judged_as_the_theory_judges_it(say, network):
    for position in (START, ASYMMETRIC, "/z0AADDeaxsAAA", "2+4NAABk2wcAAA"):
        state = gnubg_id.from_id(position)
        verdict = cube.decide(Lookahead(network).outputs(state), state)
        (answer,) = say(f"position gnubgid {position}", "go role cube")
        assert answer == ("bestcube double" if verdict.double else "bestcube nodouble")


def test_a_double_is_answered(say):
    (answer,) = say(f"position xgid {DOUBLED}", "go role cube")
    assert answer in ("bestcube take", "bestcube drop")
    assert say("go role chequer", "dice 3 1", "go")[0].startswith("error missing_context")


def test_a_turn_is_both_decisions(say):
    (answer,) = say(f"position gnubgid {ASYMMETRIC}", "dice 6 1", "go role turn")
    match = re.fullmatch(r"bestturn cube=(double|nodouble) move=(.+)", answer)
    reachable(ASYMMETRIC, (6, 1), match[2])


@pytest.mark.parametrize(
    "lines",
    [
        ("newsession type match length 5", "setscore 4 2"),  # Crawford
        ("setcube value 2 owner p1",),
        ("newsession type match length 3", "setscore 0 0", "setcube value 4 owner p0"),  # the cube is dead
    ],
)
def test_who_may_not_double_does_not(say, lines):
    assert say(*lines, "position gnubgid 2+4NAABk2wcAAA", "go role cube") == ["bestcube nodouble"]


def test_a_session_tells_what_is_at_stake(say):
    say("newsession type match length 7 crawford off", "setscore 6 3", "setcube value 4 owner p1", "setturn p1")
    say(f"position gnubgid {ASYMMETRIC}")
    state = say.engine.table.state(rolled=False)
    expected = gnubg_id.from_id(ASYMMETRIC)
    assert (state[:SIDE] == expected[SIDE : 2 * SIDE]).all()
    about = (backgammon.LENGTH, backgammon.SCORE, backgammon.SCORE + 1, backgammon.CRAWFORD, backgammon.CUBE)
    assert [int(state[cell]) for cell in (*about, backgammon.OWNER, MOVER)] == [7, 6, 3, 0, 2, 1, 1]


def test_newgame_clears_the_board_and_keeps_the_session(say):
    say("newsession type match length 5", "setscore 1 2", f"position gnubgid {START}", "dice 3 1", "newgame")
    assert say.engine.table.session.score == (1, 2)
    assert say("go")[0].startswith("error missing_context there is no position")


def test_dice_stay_until_others_are_named(say):
    assert asked(say, START, "6 1") == say("go role chequer")[0]
    assert say("position gnubgid " + ASYMMETRIC, "go") == [asked(say, ASYMMETRIC, "6 1")]


def test_match_ids_and_xgids_tell_everything(say):
    state = xgid.from_id(XGID.replace(":52:0:0:0:7", ":52:2:6:1:7"))
    for text in (f"gnubgid {gnubg_id.to_id(state)}", f"xgid {xgid.to_id(state)}"):
        say("newsession type money", f"position {text}")
        table = say.engine.table
        assert (table.session.length, table.session.score, table.dice) == (7, (2, 6), (5, 2))
        assert (table.state(rolled=True) == state).all()


# --- refusals ---------------------------------------------------------------------------------------------

REFUSALS = {
    "fly": "unknown_command",
    "UBGI": "unknown_command",
    "go": "missing_context",
    "go role king": "bad_argument",
    "go role chequer depth 9": "bad_argument",
    "go role chequer depth": "bad_argument",
    "go role chequer trials 100": "unsupported_feature",
    "position": "unsupported_feature",
    "position fibs x": "unsupported_feature",
    "position gnubgid": "bad_argument",
    "position gnubgid 4HPwATDgc": "bad_argument",
    "position gnubgid ////////////AA": "bad_argument",
    "position gnubgid 4HPwATDgc/ABMA:cAkAAAAA": "bad_argument",
    "position xgid XGID=nonsense": "bad_argument",
    f"position xgid {XGID.replace(':52:', ':72:')}": "bad_argument",
    f"position xgid {XGID.replace(':52:', ':5:')}": "bad_argument",
    "dice": "bad_argument",
    "dice 3": "bad_argument",
    "dice 0 3": "bad_argument",
    "dice 7 1": "bad_argument",
    "dice three one": "bad_argument",
    "dice 1 2 3": "bad_argument",
    "setoption": "bad_argument",
    "setoption name Plies value 3": "bad_argument",
    "setoption name Plies value": "bad_argument",
    "setoption name Strength value 3": "unsupported_feature",
    "setoption name Deterministic value yes": "bad_argument",
    "newsession": "bad_argument",
    "newsession type match": "bad_argument",
    "newsession type money length 5": "bad_argument",
    "newsession type match length 99": "bad_argument",
    "newsession type match length 5 jacoby perhaps": "bad_argument",
    "setscore 1": "bad_argument",
    "setscore 1 0": "bad_argument",
    "setcube value 3 owner p0": "bad_argument",
    "setcube value 2": "bad_argument",
    "setcube value 2 owner nobody": "bad_argument",
    "setturn p2": "bad_argument",
}


@pytest.mark.parametrize(("line", "code"), REFUSALS.items())
def test_a_refused_line_is_answered_by_one_line_and_changes_nothing(say, line, code):
    before = situation(say.engine)
    (answer,) = say(line)
    assert re.fullmatch(rf"error {code} \S.*", answer)
    assert situation(say.engine) == before


def test_finished_games_are_refused(say):
    state = backgammon.set_up([14, 1, *[0] * 24], [*[0] * 6, 15, *[0] * 19], dice=(2, 1))
    after = state[None].copy()
    backgammon.play(after, np.array([backgammon.checker_move(1, 1)], np.int32))
    assert after[0, backgammon.TURN] == NOBODY
    for text in (gnubg_id.to_id(after[0]), gnubg_id.position_id(after[0])):
        assert say(f"position gnubgid {text}")[0].startswith("error bad_argument ")


def situation(engine: Ubgi) -> tuple:
    """Return everything that a refused line must leave alone."""
    table = engine.table
    board = None if table.board is None else table.board.tobytes()
    return engine.settings, table.session, board, table.dice, table.offered, engine.finished


# --- fuzz -------------------------------------------------------------------------------------------------

WORDS = ["type", "match", "money", "length", "jacoby", "crawford", "on", "off", "value", "owner", "center", "p0", "p1"]
WORDS += ["name", "Plies", "Visits", "Seed", "Info", "MoveIds", "EvalMode", "cubeful", "cubeless", "true", "false"]
WORDS += ["gnubgid", "xgid", START, ASYMMETRIC, XGID, DOUBLED, CLOSED, "role", "chequer", "cube", "turn", "depth"]
WORDS += [
    "0",
    "1",
    "2",
    "3",
    "4",
    "6",
    "7",
    "-1",
    "64",
    "9" * 40,
    "nan",
    "1.5",
    "٣",
    "cAkAAAAAAAAA",
    f"{START}:cAkAAAAAAAAA",
]
NOISE = "\x00\x07\t\r\x7f\x85\u2028 #:/\\[](){}\"'=+-*%é漢😀0123456789abcXYZ"
USUAL = [
    *[f"position gnubgid {START}", f"position gnubgid {ASYMMETRIC}", f"position xgid {XGID}"] * 3,
    f"position xgid {DOUBLED}", *["dice 6 1", "dice 3 3", "dice 5 2"] * 3, "go role chequer", "go role chequer",
    "go role chequer", "go role cube", "go", "go role turn", "newgame", "newsession type money", "setscore 4 2",
    "newsession type match length 5", "setturn p1", "setcube value 2 owner p1", "setcube value 1 owner center",
    "setoption name EvalMode value cubeless", "setoption name Info value false", "isready", "stop",
    "setoption name MoveIds value true",
]  # fmt: skip


def fuzzed(dice: random.Random) -> str:
    """Return a line: usual, of fitting and unfitting words, mutated, or noise."""
    chance = dice.random()
    if chance < 0.03:
        return "".join(dice.choices(NOISE, k=dice.randrange(40)))
    if chance < 0.3:
        names = [name for name in COMMANDS if name != "quit"]
        return " ".join([dice.choice(names), *dice.choices(WORDS, k=dice.randrange(7))])
    line = dice.choice(USUAL)
    if chance < 0.75:
        return line
    at, word = dice.randrange(len(line) + 1), dice.choice(line.split())
    mutations = [
        line[:at] + dice.choice(NOISE) + line[at:], line[:at] + line[at + 1 :], line[:at], line[at:], line.upper(),
        line.replace(word, dice.choice(WORDS), 1), f"{line} {word * dice.randrange(1, 99)}", line.replace(" ", ""),
    ]  # fmt: skip
    return dice.choice(mutations)


ANSWER = re.compile(
    r"bestmove (pass|((bar|\d+)/(off|\d+) ?){1,4})|bestmoveid \S{14}|bestcube (double|nodouble|take|drop)"
    r"|bestturn cube=\w+ move(id)?=.+|info .+|readyok|ubgiok|id .+|option .+"
)
REFUSAL = re.compile(
    r"error (unknown_command|bad_argument|missing_context|unsupported_feature|search_in_progress) \S.*"
)


def test_ten_thousand_fuzzed_lines(say):
    dice, tally = random.Random(1), {"done": 0, "refused": 0, "plays": 0}
    while tally["done"] + tally["refused"] < 10_000:
        line = fuzzed(dice)
        if re.search(r"Model|Visits|Threads|movetime|nodes|depth|Plies", line) or line.split()[:1] == ["quit"]:
            continue  # what takes long has its own tests
        before, answers = situation(say.engine), say(line)
        for answer in answers:
            assert ANSWER.fullmatch(answer) or REFUSAL.fullmatch(answer), (line, answer)
        if any(answer.startswith("error") for answer in answers):
            assert len(answers) == 1, (line, answers)
            assert situation(say.engine) == before, line
        if line.split()[:1] == ["go"]:
            assert answers, line
        tally["refused" if answers and answers[0].startswith("error") else "done"] += 1
        tally["plays"] += any(answer.startswith("bestmove ") for answer in answers)
    assert min(tally.values()) > 250, tally


# --- behind pipes -----------------------------------------------------------------------------------------


def start(model: str, *words: str) -> list[str]:
    return [sys.executable, str(ROOT / "yomi.py"), "ubgi", "--model", model, *words]


def test_nothing_but_the_protocol_is_on_stdout(model):
    typed = f"ubgi\nisready\nposition gnubgid {ASYMMETRIC}\ndice 6 1\ngo role chequer\n\nfly\n\xff\nquit\ngo\n"
    ended = subprocess.run(start(model), input=typed.encode("latin-1"), capture_output=True, timeout=120, check=True)
    lines = ended.stdout.decode().splitlines()
    assert all(ANSWER.fullmatch(line) or REFUSAL.fullmatch(line) for line in lines)
    assert lines[-4:-2] == ["readyok", lines[-3]]
    assert [line.split()[:2] for line in lines[-2:]] == [["error", "unknown_command"]] * 2


def test_the_end_of_the_input_ends_the_engine_after_its_answer(model):
    typed = f"position gnubgid {ASYMMETRIC}\ndice 6 1\ngo role chequer depth 1\n"
    ended = subprocess.run(start(model), input=typed, capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout.startswith("bestmove ")


def test_a_missing_model_is_told_in_one_line():
    ended = subprocess.run(start("nobody"), input="", capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("yomi: there is no model 'nobody'")


def test_plays_a_second_through_the_pipes(model):
    from tests.measures.bench_ubgi import all_at_once, one_by_one, questions
    from tests.measures.bench_ubgi import start as start_engine

    engine, asked = start_engine(model), questions(1000)
    assert one_by_one(engine, asked[:500]) > 300  # the bar is 1,000 on a machine that does nothing else
    assert all_at_once(engine, asked[500:]) > 500
    engine.communicate("quit\n")
    assert engine.returncode == 0


def test_the_dice_of_the_state_are_not_touched(say):
    say(f"position gnubgid {ASYMMETRIC}", "dice 6 1")
    before = say.engine.table.board.copy()
    say("go", "go role cube", "go role turn")
    assert (say.engine.table.board == before).all()
    assert say.engine.table.state(rolled=True)[DICE] == 6
