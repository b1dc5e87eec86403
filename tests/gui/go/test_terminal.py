"""Go in the terminal: what the view shows, and games driven line by line."""

import io
import sys

import numpy as np
import pytest
from rich.console import Console

from engine.clock import Limit
from engine.players import RESIGN, Analysis, Line, Player
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import sgf, sgf_words
from gui.go import terminal, terminal_view
from gui.go.terminal_view import Thought
from gui.terminal_look import ASCII, COLOURED, PLAIN, look_for


class Puppet(Player):
    """A player that plays prepared moves and shows a prepared opinion."""

    name = "puppet"
    limit = Limit(visits=1)

    def __init__(self, *vertices: str, size: int = 5):
        self.moves = [RESIGN if v == "resign" else go_board.move(v, size) for v in vertices]

    def think(self, position, limit, report=None, every=0.5) -> Analysis:
        lines = [Line(m, 30 - m, 0.5, 0.1, [m, m + 1]) for m in position.legal()[:4].tolist()]
        found = Analysis(1234, 0.5, 0.1, lines, 1234)
        if report:
            report(found)
        return found

    @property
    def searcher(self):
        return self

    def choose(self, position, clock=None, report=None, every=0.5) -> int:
        self.thought = self.think(position, self.limit, report)
        return self.moves.pop(0)

    def forget(self) -> None:
        self.moves.clear()


@pytest.fixture
def play(monkeypatch):
    """Play a game with these lines typed; return the game and what was printed."""

    def play(typed: str, player=None, people=frozenset({FIRST}), start=None, save_to="", load="", **console):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed.replace(" / ", "\n") + "\n"))
        position = start or terminal.opening(5, 0.5, "chinese", 0)
        out = Console(file=io.StringIO(), width=100, highlight=False, **{"_environ": {}} | console)
        game = terminal.begin(position, player or Puppet(), set(people), out, save_to, load)
        game.run()
        return game, out.file.getvalue()

    return play


def printed(renderable, **console) -> str:
    out = Console(file=io.StringIO(), width=100, **{"_environ": {}} | console)
    out.print(renderable)
    return out.file.getvalue()


def from_diagram(diagram: str) -> Position:
    state, _ = go_board.parse(diagram, komi=0.5, rules="chinese")
    return Position(go, state)


# --- the view ---------------------------------------------------------------------------------------------


def test_board_shows_stones_stars_coordinates_and_the_last_move():
    position = terminal.opening(7, 7, "chinese", 0)
    for vertex in ("C3", "E5", "A7"):
        position.play(go_board.move(vertex, 7))
    assert terminal_view.board(position, PLAIN).plain.splitlines() == [
        "   A B C D E F G   ",
        " 7(●)┬─┬─┬─┬─┬─┐ 7 ",
        " 6 ├─┼─┼─┼─┼─┼─┤ 6 ",
        " 5 ├─┼─╋─┼─○─┼─┤ 5 ",
        " 4 ├─┼─┼─┼─┼─┼─┤ 4 ",
        " 3 ├─┼─●─┼─╋─┼─┤ 3 ",
        " 2 ├─┼─┼─┼─┼─┼─┤ 2 ",
        " 1 └─┴─┴─┴─┴─┴─┘ 1 ",
        "   A B C D E F G   ",
    ]


def test_board_in_ascii_with_dead_stones():
    position = from_diagram("""
        . X .
        X . O
        . X .
    """)
    dead = go.colours(position.state) == go.WHITE
    assert terminal_view.board(position, ASCII, dead).plain.splitlines()[1:-1] == [
        " 3 . X . 3 ",
        " 2 X . x 2 ",
        " 1 . X . 1 ",
    ]


@pytest.mark.parametrize("size", [2, 3, 9, 13, 19, 25])
def test_every_row_of_every_board_is_equally_wide(size):
    rows = terminal_view.board(terminal.opening(size, 7, "chinese", 0), PLAIN).plain.splitlines()
    assert len(rows) == size + 2
    assert {len(row) for row in rows} == {2 * size + 5}


def test_coloured_terminals_show_wood_and_two_colours_of_stones():
    position = from_diagram("X O .\n. . .\n. . .")
    text = printed(terminal_view.view(position, COLOURED), force_terminal=True, color_system="truecolor")
    assert "\x1b[38;2;107;74;31;48;2;220;179;92m" in text
    assert text.count("●") == 2


@pytest.mark.parametrize(
    ("settings", "encoding", "look"),
    [
        ({"force_terminal": True, "color_system": "256", "_environ": {}}, "utf-8", COLOURED),
        ({"force_terminal": True, "color_system": "256", "no_color": True}, "utf-8", PLAIN),
        ({"force_terminal": True, "_environ": {"TERM": "dumb"}}, "utf-8", PLAIN),
        ({"force_terminal": False}, "utf-8", PLAIN),
        ({"force_terminal": True, "color_system": "256"}, "ascii", ASCII),
    ],
)
def test_a_look_for_every_terminal(settings, encoding, look):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert look_for(Console(file=out, **settings)) is look


def test_the_best_three_lines_are_seen_by_whoever_moves():
    position = terminal.opening(5, 0.5, "chinese", 0)
    lines = [Line(move, 100 - move, -0.5, 0.1, [move, 3, 4, 5]) for move in range(4)]
    thought = Thought(Analysis(500, -0.5, 1.0, lines), SECOND)
    text = printed(terminal_view.view(position, PLAIN, thought))
    assert "Black 25% ████░░░░░░░░░░░░ 75% White" in text
    assert "500 visits, 1.0 s" in text
    assert "A5       100   75%  D5 E5 A4" in text
    assert "C5" in text
    assert "D5        97" not in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("B+3.5", "Black wins by 3.5 (B+3.5)"),
        ("W+R", "White wins by resignation (W+R)"),
        ("0", "nobody wins: a draw"),
    ],
)
def test_verdict(result, words):
    assert terminal_view.verdict(result) == words


# --- the loop ---------------------------------------------------------------------------------------------


def test_a_game_with_an_answer_to_every_move(play):
    game, out = play("C3 / c2", Puppet("D3", "D2"))
    assert [go.notation(game.session.position.state, move) for move in game.session.position.moves] == [
        "C3",
        "D3",
        "C2",
        "D2",
    ]
    assert "White played D2" in out
    assert "Black 75%" in out
    assert "1,234 visits" in out
    assert out.count("A B C D E") == 2 * 3  # the start and two answers, each with letters above and below


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Z9", "'Z9' is not a point of a 5x5 board; help lists the commands"),
        ("fly me to the moon", "'fly me to the moon' is not a point"),
        ("C3 / C3", "C3 is not legal here: the point is taken"),
        ("undo", "there is no move of yours to take back"),
        ("save", "save needs a file name"),
        ("save /nowhere/at/all.sgf", "/nowhere/at/all.sgf"),
        ("dead C3", "there is no stone on C3"),
        ("dead pass", "there is no stone on pass"),
        ("dead", "is not a point"),
        ("resign / C3", "the game is over"),
        ("resign / hint", "the game is over"),
        ("\x00\x1b[2J", "is not a point"),
    ],
)
def test_a_line_that_means_nothing_is_a_sentence_and_the_game_goes_on(play, line, sentence):
    _, out = play(f"{line} / help", Puppet("D3"))
    assert sentence in out
    assert "take your last move back" in out
    assert "Traceback" not in out


def test_superko_and_suicide_are_refused(play):
    start = from_diagram("""
        . O . . .
        O . . . .
        . . . . .
        . . . . .
        . . . . .
    """)
    game, out = play("A5", start=start)
    assert "A5 is not legal here: it is suicide" in out
    assert game.session.position.moves == []


def test_help_lists_every_command(play):
    _, out = play("help")
    for word in terminal.COMMANDS:
        assert f"\n{word} " in out


def test_undo_takes_back_the_answer_too(play):
    game, _ = play("C3 / C2 / undo", Puppet("D3", "D2"))
    assert len(game.session.position.moves) == 2
    assert game.session.position.turn == FIRST


def test_undo_between_two_people_takes_back_one_move(play):
    game, _ = play("C3 / D3 / undo", people={FIRST, SECOND})
    assert len(game.session.position.moves) == 1


def test_undo_takes_back_a_resignation_first(play):
    game, out = play("C3 / resign / undo", Puppet("D3"))
    assert "White wins by resignation (W+R)" in out
    assert len(game.session.position.moves) == 2
    assert not game.session.over


def test_undo_after_the_player_resigned(play):
    game, out = play("C3 / undo", Puppet("resign"))
    assert "Black wins by resignation (B+R)" in out
    assert game.session.position.moves == []
    assert not game.session.over


def test_hint_shows_lines_and_plays_nothing(play):
    game, out = play("hint")
    assert game.session.position.moves == []
    assert "A5        30   75%" in out


def test_white_to_the_person_lets_the_player_begin(play):
    game, _ = play("D3", Puppet("C3", "C2"), people={SECOND})
    assert game.session.position.movers == [FIRST, SECOND, FIRST]


def test_new_begins_again(play):
    game, _ = play("C3 / new", Puppet("D3"))
    assert game.session.position.moves == []
    assert game.thought is None


WHITE_INSIDE = """
    . X . O .
    . X . O .
    X X X O .
    . X O O X
    O X . O .
"""
"""White's A1 is dead; so is Black's E2."""


def test_two_passes_count_without_the_dead_and_show_both_counts(play):
    game, out = play("pass / pass", people={FIRST, SECOND}, start=from_diagram(WHITE_INSIDE))
    with_all_alive = sgf_words.write_result(go.final_lead(game.session.position.state))
    assert np.argwhere(game.session.dead).tolist() == [[3, 4], [4, 0]]
    assert "stones marked × are taken as dead: 2" in out
    assert f"with every stone alive it would be {with_all_alive}" in out
    assert f"({game.result})" in out
    assert game.result != with_all_alive


def test_dead_corrects_the_judgement(play):
    before, _ = play("pass / pass", people={FIRST, SECOND}, start=from_diagram(WHITE_INSIDE))
    after, _ = play("pass / pass / dead E2", people={FIRST, SECOND}, start=from_diagram(WHITE_INSIDE))
    assert np.argwhere(after.session.dead).tolist() == [[4, 0]]
    assert sgf_words.lead(after.result) > sgf_words.lead(before.result)


def test_dead_takes_whole_chains(play):
    game, _ = play("pass / pass / dead B1", people={FIRST, SECOND}, start=from_diagram(WHITE_INSIDE))
    assert game.session.dead[:, 1].tolist() == [True] * 5
    assert not game.session.dead[:, 3].any()


def test_tromp_taylor_counts_every_stone(play):
    start = Position(go, go_board.parse(WHITE_INSIDE, komi=0.5)[0])
    game, out = play("pass / pass", people={FIRST, SECOND}, start=start)
    assert game.result == sgf_words.write_result(go.final_lead(game.session.position.state))
    assert "taken as dead" not in out


def test_score_in_the_middle_of_a_game_is_an_estimate(play):
    game, out = play("score", start=from_diagram(WHITE_INSIDE))
    assert "if the game ended here: " in out
    assert not game.session.over


def test_the_record_is_kept_after_every_move_and_can_be_resumed(play, tmp_path):
    path = tmp_path / "game.sgf"
    play("C3", Puppet("D3"), save_to=str(path))
    resumed = terminal.opening(9, None, "chinese", 0, str(path))
    game, _ = play("C2 / resign", Puppet("D2"), start=resumed, save_to=str(path))
    record = next(iter(sgf.read(path)))
    assert record.moves == game.session.position.moves
    assert record.result == "W+R"
    assert record.players == ("you", "Yomi, puppet")


def test_a_loaded_record_keeps_variations_and_comments(play, tmp_path):
    path = tmp_path / "game.sgf"
    path.write_text("(;GM[1]SZ[5]KM[0.5]RU[Chinese]PB[Ann](;B[cc]C[the centre];C[a pause];W[dd])(;B[bb]))")
    start = terminal.opening(9, None, "chinese", 0, str(path))
    play("C2 / undo / B2 / resign", Puppet("D3", "D4"), start=start, save_to=str(path), load=str(path))
    text = path.read_text().replace("\n", "")
    for kept in ("PB[Ann]", "C[the centre]", "C[a pause]", "(;B[bb])"):
        assert kept in text
    assert "(;B[cd];W[dc])(;B[bd];W[db])" in text
    assert "RE[W+R]" in text
    assert next(iter(sgf.read(path))).moves[:2] == [12, 18]


def test_looking_at_a_finished_record_leaves_its_result(play, tmp_path):
    path = tmp_path / "game.sgf"
    path.write_text("(;GM[1]SZ[5]KM[0.5]RE[B+R];B[cc];W[dd])")
    start = terminal.opening(9, None, "chinese", 0, str(path))
    play("quit", start=start, save_to=str(path), load=str(path))
    assert next(iter(sgf.read(path))).result == "B+R"


def test_save_writes_where_it_is_told(play, tmp_path):
    path = tmp_path / "my game.sgf"
    play(f"C3 / save {path}", Puppet("D3"))
    assert len(next(iter(sgf.read(path))).moves) == 2


def test_a_full_disk_does_not_end_the_game(play, tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "game.sgf"

    class Cleaner(Puppet):
        def choose(self, *given, **named):
            path.unlink()
            folder.rmdir()
            return super().choose(*given, **named)

    game, out = play("C3", Cleaner("D3"), save_to=str(path))
    assert "the game is not saved" in out
    assert len(game.session.position.moves) == 2


def test_a_handicap_gives_white_the_first_move():
    position = terminal.opening(9, None, "chinese", 3)
    assert position.turn == SECOND
    assert go_board.described(position.state)["komi"] == 0.5
    assert np.count_nonzero(go.colours(position.state) == go.BLACK) == 3


def test_an_animated_terminal_shows_the_search_and_erases_it(play):
    _, out = play("C3", Puppet("D3"), force_terminal=True, color_system="truecolor", _environ={"TERM": "xterm"})
    assert "Yomi thinks, 12,340 visits/s" in out
    assert "\x1b[2K" in out


def test_a_dumb_terminal_gets_no_control_codes(play):
    _, out = play("C3", Puppet("D3"), force_terminal=True, _environ={"TERM": "dumb"})
    assert "White played D3" in out
    assert "\x1b" not in out


def test_yomi_against_itself_plays_to_the_end(capsys, monkeypatch):
    import yomi

    line = "yomi play go --size 5 --colour none --visits 400 --threads 1 --seed 3"
    monkeypatch.setattr(sys, "argv", line.split(" "))
    with pytest.raises(SystemExit) as end:
        yomi.main()
    assert not end.value.code
    last = [line for line in capsys.readouterr().out.splitlines() if " wins by " in line]
    assert len(last) == 1
