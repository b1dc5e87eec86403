"""GTP conversations, most of them with a player that pretends to search: quick, and the same every time."""

import io
import json
import re
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from engine.clock import Limit
from engine.go.gtp import Gtp
from engine.players import RESIGN, Analysis, Line, Player, RandomPlayer, SearchPlayer
from tests.measures import fuzz_gtp


class Pretender(Player):
    """A `SearchPlayer` whose search is a formula: the first legal moves, in order, ever more visits."""

    name = "pretender"

    def __init__(self, plays=()):
        self.limit = Limit(visits=300)
        self.plays = list(plays)  # moves to decide for, one after another, before its own
        self.running = self.stopping = False
        self.searches = 0

    def choose(self, position, clock=None, report=None, every=0.5):
        limit = (
            self.limit if clock is None else self.limit.tighter(clock.allot(position.game.moves_left(position.state)))
        )
        self.thought = self.think(position, limit, report, every)
        return self.plays.pop(0) if self.plays else self.thought.lines[0].move

    def think(self, position, limit, report=None, every=0.5):
        self.stopping, self.running = False, True
        visits, self.searches = 0, self.searches + 1
        while not self.stopping and visits < (limit.visits or 10**6) and not (limit.seconds and visits >= 300):
            visits += 100
            time.sleep(0.001)
            if report:
                report(self._analysis(position, visits))
        self.running = False
        return self._analysis(position, visits)

    def _analysis(self, position, visits):
        moves = [int(move) for move in position.legal()[:3]]
        lines = [Line(m, visits // (k + 2), 0.5 - 0.1 * k, 0.25, [m, *moves[:1]]) for k, m in enumerate(moves)]
        return Analysis(visits, 0.5, 0.1, lines)

    def stop(self):
        self.stopping = True

    @property
    def searcher(self):
        return self


def split(text):
    assert text.endswith("\n\n") or not text
    return text.split("\n\n")[:-1]


def talk(*commands, player=None, **settings):
    """Return the answers to some commands, without the empty line that ends each."""
    out = io.StringIO()
    Gtp(lambda: player or Pretender(), out, **{"size": 5} | settings).run(f"{command}\n" for command in commands)
    return split(out.getvalue())


def board(*commands, **settings):
    """Return the rows of the board after some commands."""
    rows = talk(*commands, "showboard", **settings)[-1].splitlines()[2:]
    return [re.sub(r"[\d() ]", "", row) for row in rows if row.lstrip()[0].isdigit()]


def last(*commands, **settings):
    return talk(*commands, **settings)[-1]


# --- the conversation -------------------------------------------------------------------------------------


def test_every_command_of_the_controllers_is_there():
    wanted = """
        protocol_version name version list_commands known_command quit boardsize clear_board komi get_komi play
        genmove reg_genmove undo gg-undo fixed_handicap place_free_handicap set_free_handicap time_settings time_left
        kgs-time_settings kata-time_settings final_score final_status_list kgs-genmove_cleanup kgs-rules kgs-game_over
        kgs-chat loadsgf printsgf showboard cputime gomill-cpu_time gomill-describe_engine gomill-explain_last_move
        rectangular_boardsize set_position gogui-play_sequence gogui-setup gogui-interrupt gogui-analyze_commands
        lz-analyze kata-analyze analyze lz-genmove_analyze kata-genmove_analyze genmove_analyze cgos-genmove_analyze
        kata-get-rules kata-set-rules kata-get-param kata-set-param stop clear_cache
    """
    assert set(wanted.split()) <= set(last("list_commands")[2:].split("\n"))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("name", "= Yomi"),
        ("12 protocol_version", "=12 2"),
        ("  7\tname  # the comment", "=7 Yomi"),
        ("007 known_command genmove", "=007 true"),
        ("known_command Genmove", "= false"),
        ("3 frobnicate", "?3 unknown command"),
        ("42", "?42 there is no command after the id"),
        ("na\x07me", "= Yomi"),
        ("boardsize", "? syntax error, expected: boardsize size"),
        ("name please", "? syntax error, expected: name"),
        ("stop", "="),
    ],
)
def test_answers_have_the_id_and_the_form_of_gtp(line, answer):
    assert talk(line) == [answer]


def test_comments_and_empty_lines_are_not_answered():
    assert talk("", "# nothing", "   ", "# 3 name") == []


def test_nothing_is_answered_after_quit():
    assert talk("quit", "name") == ["="]


def test_a_fault_of_ours_is_an_answer_too(capsys):
    class Broken(Pretender):
        def think(self, *_):
            raise RuntimeError("out of order")

    assert talk("genmove b", "name", player=Broken()) == ["? internal error: RuntimeError: out of order", "= Yomi"]
    assert "Traceback" in capsys.readouterr().err


# --- setting up and playing -------------------------------------------------------------------------------


def test_moves_captures_and_undo():
    moves = ["play b a2", "play W A1", "play Black B1"]
    assert board(*moves) == [".....", ".....", ".....", "X....", ".X..."]
    assert board(*moves, "undo") == [".....", ".....", ".....", "X....", "O...."]
    assert board(*moves, "gg-undo 2") == [".....", ".....", ".....", "X....", "....."]


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("play b c3", "illegal move: C3 is not legal here: the point is taken"),
        ("play green a1", "'green' is not a colour"),
        ("play b i1", "'i1' is not a point of a 5x5 board"),
        ("play b a6", "'a6' is not a point of a 5x5 board"),
        ("play b", "syntax error, expected: play colour vertex"),
        ("boardsize 26", "unacceptable size"),
        ("boardsize 1e400", "unacceptable size"),
        ("boardsize 9.5", "unacceptable size"),
        ("rectangular_boardsize 9 13", "unacceptable size"),
        ("komi nan", "'nan' is not a number"),
        ("komi 0.3", "komi 0.3 is not a number of half points"),
        ("gg-undo 2", "cannot undo"),
        ("fixed_handicap 2", "a 5x5 board has no fixed handicap"),
        ("place_free_handicap 2", "the board is not empty"),
        ("set_free_handicap a1 a2", "the board is not empty"),
        ("set_free_handicap a1", "a handicap is two or more stones"),
        ("set_position b a1 w", "expected pairs"),
        ("set_position b pass", "a pass is no point"),
        ("gogui-setup b b2 w a1 b a2 b b1", "a chain set up on the board has no liberty"),
        ("gogui-play_sequence b a1 w a1", "illegal move: A1"),
        ("kgs-rules ing", "unknown rules 'ing'"),
        ("kata-set-rules {", "the rules are not valid JSON"),
        ('kata-set-rules {"tax": "ALL"}', "none of our rulesets has these rules"),
        ("time_settings 10 10", "syntax error"),
        ("time_settings -1 0 0", "'-1' is not a number from 0"),
        ("kgs-time_settings byoyomi 10", "time settings are one of"),
        ("time_left b x 0", "'x' is not a number"),
        ("final_status_list sleepy", "'sleepy' is no status"),
        ("loadsgf no-such.sgf", "no-such.sgf: it cannot be opened"),
        ("printsgf no/such/folder.sgf", "it cannot be written"),
        (f"printsgf {'x' * 300}", "cannot"),
        ("kata-get-param colour", "unknown parameter 'colour'"),
        ("kata-set-param maxVisits 0", "'0' is not a number from 1"),
        ("kata-analyze ownership maybe", "'maybe' is neither true nor false"),
        ("kata-analyze interval", "the analysis option interval lacks a value"),
        ("kata-analyze avoid b z9 1", "'z9' is not a point"),
    ],
)
def test_a_command_that_fails_says_why_and_changes_nothing(command, complaint):
    before = ["komi 6.5", "play b c3"]
    kept = ["showboard", "get_komi", "kata-get-rules", "undo", "showboard"]
    answers = talk(*before, command, *kept)
    assert answers[2].startswith("? ")
    assert complaint in answers[2]
    assert answers[3:] == talk(*before, *kept)[2:]


def test_a_new_board_keeps_komi_and_rules():
    answers = talk("komi 5.5", "kgs-rules japanese", "play b c3", "boardsize 9", "get_komi", "kata-get-rules", "undo")
    assert answers[4] == "= 5.5"
    assert json.loads(answers[5][2:])["scoring"] == "TERRITORY"
    assert answers[6] == "? cannot undo"


def test_komi_can_change_during_a_game():
    answers = talk("play b c3", "play b c2", "komi -3.5", "final_score", "undo", "showboard")
    assert answers[3] == "= B+28.5"
    assert "komi -3.5" in answers[5]
    assert "Black to play" not in answers[5]


def test_rules_that_forbid_a_move_of_the_game_are_refused():
    suicide = "gogui-play_sequence b a2 w a1 b b2 b c1 w b1"
    answers = talk(suicide, "kgs-rules chinese", "kata-get-rules")
    assert answers[1].startswith("? B1 is not legal here: it is suicide")
    assert json.loads(answers[2][2:])["suicide"] is True


@pytest.mark.parametrize("rules", ["tromp-taylor", "chinese", "aga", "new-zealand", "japanese"])
def test_rules_read_back_as_they_were_set(rules):
    told = last(f"kata-set-rules {rules}", "kata-get-rules")[2:]
    assert last(f"kata-set-rules {told}", "kata-get-rules")[2:] == told
    assert f"{rules} rules" in last(f"kata-set-rules {told}", "showboard")


def test_rules_are_recognised_by_what_they_say():
    told = last('kata-set-rules {"scoring": "AREA", "ko": "SITUATIONAL", "suicide": true}', "showboard")
    assert "new-zealand rules" in told


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        # what KataGo answers to kata-get-rules, by name
        ('{"friendlyPassOk":true,"hasButton":false,"ko":"SIMPLE","scoring":"AREA","suicide":false,"tax":"NONE",'
         '"whiteHandicapBonus":"N"}', "chinese"),
        ('{"hasButton":false,"ko":"POSITIONAL","scoring":"AREA","suicide":true,"tax":"NONE","whiteHandicapBonus":"0"}',
         "tromp-taylor"),
        ('{"hasButton":false,"ko":"SITUATIONAL","scoring":"AREA","suicide":false,"tax":"NONE",'
         '"whiteHandicapBonus":"N-1"}', "aga"),
        ('{"hasButton":false,"ko":"SIMPLE","scoring":"TERRITORY","suicide":false,"tax":"SEKI"}', "japanese"),
        ("koPOSITIONALscoreAREAtaxNONEsui1button0whb0fpok", "tromp-taylor"),
        ("koSIMPLEscoreAREAtaxNONEsui0whbN", "chinese"),
        ("koSITUATIONALscoreAREAtaxNONEsui1", "new-zealand"),
        ("koSIMPLEscoreTERRITORYtaxSEKIsui0", "japanese"),
        ("Chinese-OGS", "chinese"),
        ("korean", "japanese"),
    ],
)  # fmt: skip
def test_rules_in_katago_s_words(words, rules):
    assert f"{rules} rules" in last(f"kata-set-rules {words}", "showboard")


@pytest.mark.parametrize(
    "words",
    ['{"hasButton":true,"scoring":"AREA"}', '{"scoring":"TERRITORY","suicide":true}', '{"colour":"red"}', '{"ko":[]}',
     "koSIMPLEscoreAREAtaxALLsui0", "koSPIGHTscoreAREAtaxNONEsui0", "stone-scoring"],
)  # fmt: skip
def test_rules_that_no_ruleset_of_ours_has(words):
    assert last(f"kata-set-rules {words}").startswith("? ")


def test_a_repetition_is_played_where_nobody_chose_the_rules():
    """After two passes White takes the ko back, and the board is as it was at first."""
    game = ["set_position b b1 b a2 b b3 w c1 w d2 w c3 w b2", "play b c2", "play w pass", "play b pass", "play w b2"]
    assert talk(*game)[-1] == "="
    refused = "? illegal move: B2 is not legal here: it repeats an earlier position"
    assert talk("kgs-rules chinese", *game)[-1] == refused
    assert talk("kgs-rules japanese", *game)[-1] == "="


def test_an_unknown_option_of_an_analysis_is_ignored(capfd):
    answers = talk("lz-genmove_analyze b frobnicate 7 interval 50", "lz-genmove_analyze w 10 frobnicate maxmoves 1")
    assert all(answer.splitlines()[-1].startswith("play ") for answer in answers)
    assert answers[1].count("info move") < 3
    assert capfd.readouterr().err.count("the analysis option 'frobnicate' is unknown and ignored") == 2


def test_komi_and_sizes_that_the_model_does_not_know_are_refused():
    def fits(size, komi):
        if not -10 <= komi <= 10:
            raise ValueError(f"the model knows komi from -10 to 10, not {komi:g}")
        if size > 9:
            raise ValueError(f"the model plays boards of size 5 to 9, not {size}")

    answers = talk("komi 200", "get_komi", "boardsize 13", "komi 10", "boardsize 9", "get_komi", fits=fits)
    assert answers[:2] == ["? the model knows komi from -10 to 10, not 200", "= 7.5"]
    assert answers[2:] == ["? unacceptable size: the model plays boards of size 5 to 9, not 13", "=", "=", "= 10"]


def test_komi_is_a_number_of_half_points():
    assert talk("komi 6.75", "get_komi") == [
        "? komi 6.75 is not a number of half points between -1000 and 1000",
        "= 7.5",
    ]


def test_handicaps():
    assert last("boardsize 9", "fixed_handicap 4") == "= C3 G7 C7 G3"
    assert last("place_free_handicap 3").count(" ") == 3
    assert board("set_free_handicap B2 d4") == [".....", "...X.", ".....", ".X...", "....."]
    assert "White to play" in last("set_free_handicap B2 d4", "showboard")


def test_handicap_stones_are_paid_for_as_the_rules_say():
    command = ["komi 0.5", "set_free_handicap b2 d4", "final_score"]
    assert last(*command) == "= B+24.5"
    assert last("kgs-rules chinese", *command) == "= B+22.5"
    assert last(*command[:2], "kgs-rules aga", "final_score") == "= B+23.5"


def test_positions_are_set_up():
    assert board("set_position b a1 w e5") == ["....O", ".....", ".....", ".....", "X...."]
    assert board("play b c3", "gogui-setup w a1 e c3 b b5") == [".X...", ".....", ".....", ".....", "O...."]
    assert board("play b c3", "set_position") == ["....."] * 5
    assert "White to play" in last("gogui-setup b a1", "gogui-setup_player w", "showboard")


def test_a_sequence_is_played_whole():
    assert board("gogui-play_sequence B A1 W B1 b pass") == [".....", ".....", ".....", ".....", "XO..."]


def test_play_goes_on_after_two_passes():
    answers = talk("play b pass", "play w pass", "play b c3", "genmove w")
    assert answers == ["=", "=", "=", "= A5"]


def test_superko_forbids_the_whole_board_to_repeat():
    ko = "set_position b b1 b a2 b b3 w c1 w d2 w c3 w b2"
    assert talk(ko, "play b c2", "play w b2")[2] == "? illegal move: B2 is not legal here: it takes back a ko at once"


# --- generating -------------------------------------------------------------------------------------------


def test_genmove_plays_and_reg_genmove_does_not():
    assert talk("genmove b", "genmove white", "reg_genmove b", "reg_genmove b") == ["= A5", "= B5", "= C5", "= C5"]
    assert board("genmove w", "genmove w") == ["OO...", ".....", ".....", ".....", "....."]


def test_resigning_leaves_the_board_alone():
    assert talk("genmove b", "undo", player=Pretender([RESIGN])) == ["= resign", "? cannot undo"]


def test_a_player_without_a_search_plays_too():
    answers = talk("genmove b", "lz-genmove_analyze w", "kgs-genmove_cleanup w", player=RandomPlayer())
    assert re.fullmatch(r"= ([A-E][1-5]|pass)", answers[0])
    assert answers[1] == "? the player random does not analyse"


def test_cleanup_captures_what_is_dead_and_never_resigns():
    """White's stone at A1 is dead: a pass or a resignation becomes the move that takes its last liberties."""
    living = "set_position " + " ".join(f"b {c}{r}" for c in "abcde" for r in (2, 4)) + " b c1 w a1"
    for given_up in (25, RESIGN):
        assert last(living, "kgs-genmove_cleanup b", player=Pretender([given_up])) in ("= B1", "= A5")
    assert last("play w c3", "kgs-genmove_cleanup w", player=Pretender([25])) == "= pass"


def test_thinking_follows_the_clock():
    class Timed(Pretender):
        def think(self, position, limit, report=None, every=0.5):
            given.append(limit.seconds)
            return super().think(position, Limit(visits=100))

    given = []
    commands = ["genmove b", "time_settings 0 10 1", "genmove b", "time_left b 5 1", "genmove b", "time_settings 0 1 0"]
    talk(*commands, "genmove w", "kgs-time_settings byoyomi 0 20 5", "genmove w", "time_left w 600 0", "genmove b",
         "kata-time_settings fischer 60 5", "clear_board", "genmove b", player=Timed())  # fmt: skip
    assert given == pytest.approx([None, 9.2, 4.2, None, 19.2, 19.2, 10.0], abs=0.5)


def test_parameters_are_limits_of_the_player():
    player = Pretender()
    answers = talk("kata-get-param maxVisits", "kata-set-param maxVisits 50", "kata-set-param maxTime 2.5",
                   "kata-get-param maxTime", player=player)  # fmt: skip
    assert answers == ["= 300", "=", "=", "= 2.5"]
    assert player.limit == Limit(50, 2.5)


# --- counting ---------------------------------------------------------------------------------------------

LIVING = "set_position " + " ".join(
    [*(f"b {c}{r}" for c in "abcdefghj" for r in (4,)), *(f"w {c}{r}" for c in "abcdefghj" for r in (6,)), "w c2"]
)


@pytest.mark.parametrize("passes", [(), ("play b pass",), ("play b pass", "play w pass")])
def test_counting_takes_dead_stones_off(passes):
    commands = ["kgs-rules chinese", LIVING, *passes]
    statuses = [f"final_status_list {status}" for status in ("dead", "seki", "alive")]
    answers = talk(*commands, "final_score", *statuses, size=9, komi=0.5)[len(commands) :]
    assert answers[:3] == ["= W+0.5", "= C2", "="]
    assert len(answers[3].splitlines()) == 2


@pytest.mark.parametrize("passes", [(), ("play b pass", "play w pass")])
def test_under_tromp_taylor_s_rules_no_stone_is_dead(passes):
    answers = talk(LIVING, *passes, "final_status_list dead", "final_score", size=9, komi=0.5)
    assert answers[-2:] == ["=", "= W+28.5"]


def test_stones_in_seki():
    """Three black stones in White's straight eye of five; Black's wall is below."""
    wall = " ".join(f"b {column}5 w {column}6" for column in "abcdef")
    command = f"set_position b b7 b c7 b d7 b g7 b g6 b g5 w f7 {wall}"
    answers = talk("kgs-rules chinese", command, "final_status_list seki", "final_status_list dead", size=7)
    assert sorted(answers[2][2:].split()) == sorted(["B7", "C7", "D7", "A6", "B6", "C6", "D6", "E6", "F6", "F7"])
    assert answers[3] == "="


def test_a_pass_that_wins_only_by_agreement_becomes_a_capture():
    """White's stone is dead, but takes Black's bottom from it while it stands."""
    commands = ["kgs-rules chinese", "komi -2", LIVING, "final_score"]
    answers = talk(*commands, "genmove b", player=Pretender([81]), size=9)
    assert answers[3:] == ["= B+2", "= C3"]
    assert talk(*commands, "genmove w", player=Pretender([81]), size=9)[-1] == "= pass", "White has nothing to capture"
    assert talk("kgs-rules japanese", *commands[1:], "genmove b", player=Pretender([81]), size=9)[-1] == "= pass"


# --- records ----------------------------------------------------------------------------------------------


def test_records_are_written_and_loaded(tmp_path):
    path = tmp_path / "a game.sgf"
    moves = "gogui-play_sequence b c3 w b2 b d4"
    assert talk("komi 3.5", moves, f"printsgf {path}", "printsgf")[2:] == ["=", "= " + path.read_text().strip()]
    answers = talk(f"loadsgf {path}", "get_komi", "showboard", f"loadsgf {path} 3", "showboard", size=19)
    assert answers[:2] == ["= white", "= 3.5"]
    assert answers[2] == talk("komi 3.5", moves, "showboard")[2]
    assert answers[3] == "= black"
    assert answers[4] == talk("komi 3.5", "play b c3", "play w b2", "showboard")[3]


def test_a_broken_record_changes_nothing(tmp_path):
    path = tmp_path / "broken.sgf"
    path.write_text("(;SZ[5:7];B[cc];W[dd])")
    answers = talk("play b a1", f"loadsgf {path}", "showboard")
    assert answers[1].startswith("? ")
    assert answers[2] == talk("play b a1", "showboard")[1]


def test_a_record_is_loaded_up_to_an_illegal_move_and_standard_error_says_so(tmp_path, capfd):
    path = tmp_path / "taken.sgf"
    path.write_text("(;SZ[5]KM[7];B[cc];W[bb];B[cc];W[dd])")
    answers = talk(f"loadsgf {path}", "showboard")
    assert answers == ["= black", talk("komi 7", "play b c3", "play w b4", "showboard")[3]]
    assert "loadsgf: move 3: C3 is not legal here: the point is taken" in capfd.readouterr().err


def test_a_loaded_record_goes_on_from_a_changed_board_also_under_another_komi(tmp_path):
    path = tmp_path / "changed.sgf"
    path.write_text("(;SZ[5]KM[7];B[cc];W[bb];AE[cc]AW[dd];B[ba];W[ab])")
    answers = talk(f"loadsgf {path}", "komi 5", "get_komi", "showboard", "printsgf", "undo", "undo")
    assert answers[2] == "= 5"
    assert answers[4].endswith(";B[cc];W[bb];AE[cc]AW[dd]PL[B];B[ba];W[ab])")
    assert answers[5:] == ["=", "="]


def test_a_recorded_repetition_is_loaded(tmp_path):
    path = tmp_path / "repeated.sgf"
    moves = (
        "ab ac cc bb dc ad bc da dd ca bd ad db aa cb ac ab ad cd ac bd dd bc db cc cd ab ba dc cd dd ac ad ab cd cb bc"
    )
    moves += " dc cc bd cd dd bc cc"
    nodes = "".join(f";{'BW'[k % 2]}[{move}]" for k, move in enumerate(moves.split()))
    path.write_text(f"(;SZ[4]KM[0.5]{nodes})")
    assert talk(f"loadsgf {path}", "komi 3", size=4) == ["= black", "="]


# --- analysis ---------------------------------------------------------------------------------------------


def interrupted(command, line, player=None, reports=2, **settings):
    """Start an analysis, wait for some reports, send one more line and return everything written."""
    out, player = io.StringIO(), player or Pretender()

    def lines():
        yield command + "\n"
        deadline = time.monotonic() + 20
        while out.getvalue().count("\ninfo move") < reports and time.monotonic() < deadline:
            time.sleep(0.005)
        yield line + "\n"

    Gtp(lambda: player, out, **{"size": 5} | settings).run(lines())
    return out.getvalue()


@pytest.mark.parametrize("words", ["", " 1", " W 1", " 1 W", " w interval 1", " interval 1 maxmoves 3 minmoves 1"])
@pytest.mark.parametrize("name", ["lz-analyze", "kata-analyze", "analyze"])
def test_analysis_reports_until_a_line_comes(name, words):
    analysis, answer = split(interrupted(f"5 {name}{words}", "6 protocol_version"))
    assert answer == "=6 2"
    first, *reports = analysis.split("\n")
    assert first == "=5"
    assert len(reports) >= 2
    assert all(report.startswith("info move A5 visits") for report in reports)


def test_an_empty_line_ends_an_analysis_and_is_not_answered():
    (analysis,) = split(interrupted("lz-analyze 1", ""))
    assert analysis.startswith("=\ninfo move A5")


def test_an_analysis_that_is_over_at_once_holds_its_answer_open():
    class Quick(Pretender):
        def think(self, position, limit, report=None, every=0.5):
            return super().think(position, Limit(visits=100))

    analysis, answer = split(interrupted("lz-analyze 1", "name", Quick(), reports=1))
    assert analysis.count("\n") == 1
    assert answer == "= Yomi"


def test_a_line_that_waits_already_ends_an_analysis_before_it_begins():
    player = Pretender()
    assert talk("lz-analyze 1", "name", "lz-analyze 1", "name", player=player)[1::2] == ["= Yomi", "= Yomi"]


def test_win_rates_are_of_the_side_to_play_each_on_its_scale():
    def rates(name, colour):
        return re.findall(r" winrate (\S+)", interrupted(f"{name} {colour} 1", "name", reports=1))[:3]

    assert rates("lz-analyze", "b") == ["7500", "7000", "6500"]
    assert rates("lz-analyze", "w") == ["2500", "3000", "3500"]
    assert rates("kata-analyze", "w") == ["0.250000", "0.300000", "0.350000"]
    assert rates("analyze", "b") == ["0.750000", "0.700000", "0.650000"]


def test_a_line_of_leela_zeros_analysis():
    text = interrupted("lz-analyze 1", "name", reports=1)
    pattern = r"info move A5 visits \d+ winrate 7500 prior 2500 lcb [1-7]\d{3} order 0 pv A5 A5 info move B5 .* order 1"
    assert re.search(pattern, text)


def test_katagos_extra_fields():
    text = interrupted("kata-analyze w interval 1 ownership true rootInfo true maxmoves 2", "name")
    line = text.split("\n")[1]
    assert line.count("info move") == 2
    assert " utility -0.500000 winrate 0.250000 " in line
    assert re.search(r" rootInfo visits \d+ utility -0.500000 winrate 0.250000 ownership( -?[01]\.\d{3}){25}$", line)


def test_moves_can_be_left_out():
    assert "move A5" not in interrupted("lz-analyze 1 avoid b A5,B5 1", "name", reports=0)
    allowed = interrupted("kata-analyze 1 allow b b5 1 avoid w b5 1", "name", reports=1).split("\n")[1]
    assert re.findall(r"info move (\S+)", allowed) == ["B5"]


@pytest.mark.parametrize("name", ["lz-genmove_analyze", "kata-genmove_analyze", "genmove_analyze"])
def test_genmove_analyze_ends_with_its_move_and_lets_input_wait(name):
    player = Pretender()
    player.limit = Limit(visits=2000)
    answers = talk(f"1 {name} b 1", "2 name", "3 showboard", player=player)
    assert re.fullmatch(r"=1\n(info move A5 visits \d+ .*\n)+play A5", answers[0])
    assert "visits 1000 " in answers[0].splitlines()[-2]
    assert answers[1] == "=2 Yomi"
    assert " 5(X)" in answers[2]


def test_genmove_analyze_can_resign():
    assert last("genmove_analyze b", player=Pretender([RESIGN])).endswith("\nplay resign")


def test_cgos_gets_json_and_a_move():
    empty, told, move = last("cgos-genmove_analyze w").split("\n")
    thought = json.loads(told)
    assert (empty, move) == ("=", "play A5")
    assert thought["winrate"] == 0.25
    assert thought["visits"] == 300
    assert thought["moves"][0] == {"move": "A5", "visits": 150, "winrate": 0.25, "prior": 0.25, "pv": "A5"}
    assert len(thought["ownership"]) == 25


def test_interrupt_makes_a_running_genmove_answer():
    player, out = Pretender(), io.StringIO()
    player.limit = Limit()

    def lines():
        yield "genmove b\n"
        while not player.running:
            time.sleep(0.005)
        yield "# interrupt\n"

    Gtp(lambda: player, out, size=5).run(lines())
    assert out.getvalue() == "= A5\n\n"


def test_gogui_gets_boards():
    player = Pretender()
    names = re.findall(r"yomi-\w+", last("gogui-analyze_commands"))
    assert len(names) == 5
    policy, visits, value, owners = talk(*names[:4], player=player)
    for text in (policy, visits, value, owners):
        assert [len(row.split()) for row in text[2:].split("\n")] == [5] * 5
    assert policy.startswith("= 0.2500 0.2500 0.2500 0 0\n0 0 ")
    assert visits.startswith('= 150 100 75 ""')
    assert value.startswith("= 0.5000 0.4000 0.3000 0")
    assert np.abs(np.array(owners[2:].split(), float)).max() <= 1
    assert player.searches == 1
    assert last("yomi-variation b") == "= A5 A5"


def test_the_last_move_is_explained():
    assert last("gomill-explain_last_move") == "="
    assert last("genmove b", "gomill-explain_last_move").startswith("= Black wins 75.0% after 300 visits")
    assert last("genmove b", "kgs-chat game stranger how are you").startswith("= Black wins")
    assert "pretender" in last("gomill-describe_engine")


# --- bad input --------------------------------------------------------------------------------------------


def test_three_thousand_random_lines_are_answered_and_failures_change_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "game.sgf").write_text("(;SZ[9]KM[6.5];B[cc];W[dd];B[ee])")
    (tmp_path / "broken.sgf").write_text("(;SZ[9];B[cc];W[cc]")
    player = Pretender()
    player.limit = Limit(visits=100)
    done, refused = fuzz_gtp.fuzz(fuzz_gtp.Driven(lambda: player, io.StringIO(), size=9), 3_000, seed=1)
    assert min(done, refused) > 900
    assert "Traceback" not in capsys.readouterr().err


def test_random_lines_in_a_stream_get_one_answer_each(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines, out = fuzz_gtp.lines(1000, seed=2), io.StringIO()
    Gtp(Pretender, out, size=9).run(line + "\n" for line in lines)
    answers = re.split(r"\n\n+(?=[=?]|$)", out.getvalue())[:-1]
    said = [re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", line).split("#")[0].strip() for line in lines]
    assert [re.match(r"[0-9]*", line)[0] for line in said if line] == [re.match(r".([0-9]*)", a)[1] for a in answers]


# --- the real thing ---------------------------------------------------------------------------------------


def test_the_search_plays_and_analyses_over_gtp():
    player = SearchPlayer("rollouts", limit=Limit(visits=64))
    answers = talk("lz-genmove_analyze b 10", "genmove w", "final_score", "clear_cache", player=player, size=9)
    assert re.search(r"\nplay [A-J][1-9]$", answers[0])
    assert re.fullmatch(r"= [A-J][1-9]", answers[1])
    analysis, answer = split(interrupted("kata-analyze 1", "name", player, size=9))
    assert len(analysis.split("\n")) >= 3
    assert answer == "= Yomi"


def test_names_and_lists_are_answered_before_the_rules_load():
    code = "import engine.go.gtp, io, sys; engine.go.gtp.Gtp(None, io.StringIO()).run(['name', 'list_commands']);"
    code += "assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


SERVING = """
from engine.go.gtp import serve
from engine.players import RandomPlayer
class Noisy(RandomPlayer):
    def choose(self, *given):
        print("thinking hard")
        return super().choose(*given)
serve(Noisy, size=9)
"""


def test_only_gtp_is_written_to_standard_output():
    lines = b"boardsize 9\ngenmove b\n\xff\xfe\n1 name"
    done = subprocess.run([sys.executable, "-c", SERVING], input=lines, capture_output=True, timeout=120)
    assert re.fullmatch(rb"=\n\n= \w+\n\n\? unknown command\n\n=1 Yomi\n\n", done.stdout)
    assert b"thinking hard" in done.stderr


def test_no_thread_is_left_reading():
    before = threading.active_count()
    talk("name", "quit")
    time.sleep(0.05)
    assert threading.active_count() <= before
