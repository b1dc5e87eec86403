"""Backgammon in the terminal: what the view shows, sessions move by move, and matches driven line by line."""

import io
import re
import sys

import numpy as np
import pytest
from rich.console import Console

from engine.backgammon import afterstates
from engine.backgammon.plies import Lookahead
from engine.players import Player
from games import backgammon
from games.backgammon import gnubg_id, mat, xgid
from games.backgammon.board import set_up, start
from games.backgammon.dice import Dice, GivenDice, SeededDice
from games.backgammon.rules import DICE, DOUBLE, DROP, OFFERED, ROLL, SIDE, TAKE
from games.game import CHANCE, FIRST, NOBODY, SECOND
from gui.backgammon import terminal
from gui.backgammon import terminal_view as draw
from gui.backgammon import turn as turns
from gui.backgammon.book import OpenedMatch, begin, resume
from gui.backgammon.match import MatchSession
from gui.backgammon.terminal import COMMANDS
from gui.backgammon.turn import read_moves
from gui.terminal import DirectThinker
from gui.terminal_look import ASCII, PLAIN

LOOKAHEAD = Lookahead(afterstates.fresh(8))


class Puppet(Player):
    """A player that plays the first legal move, and does with the cube what it was told."""

    name = "puppet"
    lookahead = LOOKAHEAD

    def __init__(self, doubles: bool = False, takes: bool = True):
        self.doubles, self.takes = doubles, takes

    def choose(self, position, clock=None, report=None, every=0.5) -> int:
        if position.state[OFFERED]:
            return TAKE if self.takes else DROP
        if not position.state[DICE]:
            return DOUBLE if self.doubles else ROLL
        return int(position.legal()[0])


class Thrown(Dice):
    """Dice as they were written down: 31 65 ..., the first player's die first at the opening."""

    def __init__(self, text: str):
        super().__init__()
        self.left = [(int(word[0]), int(word[1])) for word in text.split()]

    def draw(self, game, number, opening):
        if not self.left:
            raise EOFError
        return self.left.pop(0)

    def describe(self):
        return "dice as written"


@pytest.fixture
def play(monkeypatch):
    """Play with these lines typed (slashes between blanks part them); return the terminal and what was printed."""

    def play(
        typed, dice="31 42 65 21 33 62", player=None, people=frozenset({FIRST}), opening=None, save_to="", **given
    ):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed.replace(" / ", "\n") + "\n"))
        source = dice if isinstance(dice, Dice) else Thrown(dice)
        opened = begin(start(**given) if opening is None else opening, source)
        out = Console(file=io.StringIO(), width=110, highlight=False, _environ={})
        game = terminal.begin(opened, player or Puppet(), set(people), out, LOOKAHEAD, 0, save_to)
        game.run()
        return game, out.file.getvalue()

    return play


# --- the view ---------------------------------------------------------------------------------------------


MINE = [2, 0, 0, 0, 0, 0, 6, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
THEIRS = [0, 2, 0, 0, 0, 0, 5, 0, 3, 0, 0, 0, 0, 5, *[0] * 12]


def test_the_board_shows_checkers_the_bar_and_both_numberings():
    assert draw.board(set_up(MINE, THEIRS), FIRST, ASCII).plain.splitlines() == [
        " 12 11 10  9  8  7       6  5  4  3  2  1  ",
        " 13 14 15 16 17 18      19 20 21 22 23 24  ",
        "| X  .  .  .  O  . |   | O  .  .  .  .  O |",
        "| X           O    |   | O              O |",
        "| X           O    |   | O                |",
        "|                  |   | O                |",
        "|                  |   | O                |",
        "|                  |bar|                  |",
        "| O                |   | 6                |",
        "| O                |   | X                |",
        "| O           X    |   | X                |",
        "| O           X    |   | X                |",
        "| O  .  .  .  X  . | X | X  .  .  .  .  . |",
        " 12 11 10  9  8  7       6  5  4  3  2  1  ",
        " 13 14 15 16 17 18      19 20 21 22 23 24  ",
    ]


def test_the_board_is_turned_for_the_other_player():
    rows = draw.board(set_up(MINE, THEIRS), SECOND, PLAIN).plain.splitlines()
    assert rows[2] == "│ ○  ·  ·  ·  ●  · │ ● │ ●  ·  ·  ·  ·  · │"
    assert rows[12] == "│ ●  ·  ·  ·  ○  · │   │ ○  ·  ·  ·  ·  ○ │"
    assert len({len(row) for row in rows}) == 1


def said_of(state, **given) -> list[str]:
    scene = draw.Scene(**{"names": ("You", "Yomi")} | given)
    return [line.plain for line in draw.facts(state, FIRST, ASCII, scene)]


def test_facts_tell_pips_cube_and_what_is_to_be_done():
    state = set_up(MINE, THEIRS, dice=(5, 4), value=4, owner=SECOND, jacoby=False)
    assert said_of(state, game=3, points=(2, 5), dice="dice from seed 7") == [
        "money game 3",
        "You 2, Yomi 5",
        "O Yomi     121 pips,  0 off",
        "X You      124 pips,  2 off",
        "cube 4, owned by Yomi",
        "You rolled 5-4, to play 5 4",
        "dice from seed 7",
    ]


def test_facts_of_a_match_name_the_crawford_game():
    lines = said_of(start(5, (4, 2), crawford=True), points=(4, 2))
    assert lines[:2] == ["game 1, match to 5, Crawford", "You 4, Yomi 2"]
    assert lines[-1] == "the opening roll"
    assert "no cube" in said_of(start(cube=False))


# --- sessions ---------------------------------------------------------------------------------------------


def session(dice="31 42 65 21", opened: OpenedMatch | None = None, **given) -> MatchSession:
    opened = opened or begin(start(**given), Thrown(dice))
    return MatchSession(opened, Puppet, {FIRST, SECOND}, ("First", "Second"), DirectThinker())


def test_a_turn_may_be_taken_back_until_it_is_confirmed():
    match = session()
    match.throw()
    before = match.state.copy()
    turn = turns.type_in(turns.begin(match.state), "8/5")
    assert (turn.complete, turn.written) == (False, "8/5")
    turn = turns.undo(turn)
    assert (turn.state == before).all()
    turn = turns.type_in(turns.type_in(turn, "8/5"), "6/5")
    assert (turn.complete, turn.written, match.position.turn) == (True, "8/5 6/5", FIRST)
    turn = turns.undo(turn)
    assert turn.written == "8/5"
    turn = turns.type_in(turn, "6/5")
    match.play(turns.confirmed(turn))
    assert match.position.turn == SECOND
    assert (match.state == turn.state).all()
    with pytest.raises(ValueError, match="all dice are played"):
        turns.type_in(turn, "13/10")


def test_a_confirmed_turn_stands(play):
    _, out = play("8/5 6/5 /  / undo / quit")
    assert "a turn that is confirmed stands" in out


def test_half_a_turn_cannot_be_confirmed():
    match = session()
    match.throw()
    with pytest.raises(ValueError, match="dice are left to play"):
        turns.confirmed(turns.type_in(turns.begin(match.state), "8/5"))


@pytest.mark.parametrize(
    ("dice", "text", "moves"),
    [
        ((3, 1), "8/5 6/5", [(8, 3), (6, 1)]), ((3, 1), "8/5", [(8, 3)]), ((6, 5), "24/13", [(24, 6), (18, 5)]),
        ((3, 3), "8/5(2) 6/3(2)", [(8, 3), (8, 3), (6, 3), (6, 3)]), ((3, 3), "8/5 8/5", [(8, 3), (8, 3)]),
    ],
)  # fmt: skip
def test_plays_are_read_whole_or_in_parts(dice, text, moves):
    state = backgammon.with_dice(set_up(*[start()[:SIDE]] * 2), dice)
    expected = sorted(backgammon.checker_move(*move) for move in moves)
    assert sorted(read_moves(state, text)) == expected


@pytest.mark.parametrize("text", ["8/3", "5/2", "8/5 6/5 24/23", "bar/22", "nonsense", "8/5 9/8", "6/off", "", "8/"])
def test_what_is_no_move_leaves_everything_as_it_was(text):
    match = session()
    match.throw()
    turn, before = turns.begin(match.state), match.state.copy()
    with pytest.raises(ValueError, match="."):
        turns.type_in(turn, text)
    assert (match.state == before).all()
    assert turn.moves == ()


def test_the_dice_of_a_roll_taken_back_fall_again():
    dice = SeededDice(3)
    match = session(opened=begin(start(cube=False), dice))
    match.throw()
    first = match.state.copy()
    match.course.go_to(0)
    match.throw()
    assert (match.state == first).all()
    assert len(dice.log) == 1


@pytest.mark.parametrize(("gain", "score"), [(1, (0, 1)), (2, (0, 2))])
def test_a_game_given_up_counts_and_the_next_begins(gain, score):
    match = session(length=3)
    match.throw()
    match.resign(gain)
    assert (match.over, match.match_over) == (True, False)
    match.next_game()
    assert (match.book.game, match.points, match.position.turn) == (1, score, CHANCE)
    assert match.book.earlier[0].result == f"2+{gain}R"


def test_a_match_given_up_is_over():
    match = session(length=3)
    match.resign(3)
    assert match.match_over
    with pytest.raises(ValueError, match="the match is over"):
        match.next_game()
    with pytest.raises(ValueError, match="the game is over"):
        match.resign(1)


def test_the_next_game_waits_for_the_end_of_this_one():
    match = session(length=3)
    match.throw()
    with pytest.raises(ValueError, match="the game is not over"):
        match.next_game()


def test_money_games_add_up():
    match = session("31 13 31")
    for loser in (FIRST, SECOND, FIRST):
        match.throw()
        assert match.position.turn == loser
        match.resign(2)
        match.next_game()
    assert match.points == (2, 4)


@pytest.mark.parametrize("gain", [0, 4])
def test_nobody_gives_up_more_than_a_backgammon(gain):
    with pytest.raises(ValueError, match="given up as 1"):
        session().resign(gain)


def test_saving_and_looking_back_do_not_move_the_game(tmp_path):
    match = session(length=3)
    match.throw()
    match.play(turns.type_in(turns.begin(match.state), "8/5 6/5").moves)
    match.course.go_to(1)
    before = match.position.states
    match.records.save(str(tmp_path / "match.mat"))
    assert match.position.states is before
    assert match.ply == 1
    assert len(mat.read(tmp_path / "match.mat").records[0].moves) == 3


def test_ids_are_resumed_from():
    state = set_up(MINE, THEIRS, SECOND, (4, 2), length=5, score=(1, 2))
    for text in (gnubg_id.to_id(state), xgid.to_id(state)):
        assert (resume(text, Thrown("")).course.position.state == state).all()
    with pytest.raises(ValueError, match="14 letters"):
        resume("nonsense", Thrown(""))


def test_a_match_in_a_file_is_resumed_where_it_stopped(tmp_path):
    match = session("31 42", length=5)
    match.resign(2)
    match.next_game()
    match.throw()
    match.play(turns.type_in(turns.begin(match.state), "8/4 6/4" if match.position.turn else "8/5 6/5").moves)
    match.records.save(str(tmp_path / "match.mat"))
    again = session(opened=resume(str(tmp_path / "match.mat"), Thrown("")))
    assert (again.book.game, again.points) == (1, (0, 2))
    assert (again.state[: 2 * SIDE] == match.state[: 2 * SIDE]).all()


def test_after_a_finished_game_in_a_file_the_next_begins(tmp_path):
    match = session("13", length=5)
    match.throw()
    match.resign(1)
    match.records.save(str(tmp_path / "match.mat"))
    again = session(opened=resume(str(tmp_path / "match.mat"), Thrown("")))
    assert (again.book.game, again.points, again.position.turn) == (1, (1, 0), CHANCE)


def test_positions_that_were_set_up_are_not_written_as_mat(tmp_path):
    match = session(opened=begin(set_up(MINE, THEIRS), Thrown("")))
    with pytest.raises(ValueError, match="from the opening roll"):
        match.records.save(str(tmp_path / "match.mat"))
    match.resign(1)
    match.next_game()
    with pytest.raises(ValueError, match="from the opening roll"):
        match.records.save(str(tmp_path / "match.mat"))


# --- the terminal -----------------------------------------------------------------------------------------


def test_a_turn_is_typed_confirmed_and_answered(play):
    game, out = play("8/5 6/5 /  / quit")
    assert "You begin with 3-1" in out
    assert "so far: 8/5 6/5" in out
    assert "You, Enter confirms, undo takes back> " in out
    assert "Yomi rolls 4-2" in out
    assert re.search(r"Yomi plays \S+", out)
    assert "You, Enter rolls, or double> quit" in out
    assert len(game.session.position.moves) > 4


def test_checkers_may_be_moved_one_by_one_and_taken_back(play):
    game, out = play("8/5 / undo / 24/21 / 24/23 / undo / 6/5 /  / quit")
    assert "You, 1> " in out
    assert game.session.position.moves[1:3] == [backgammon.checker_move(24, 3), backgammon.checker_move(6, 1)]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("8/3", "8/3"), ("xyzzy", "xyzzy"), ("roll", "the dice are not to be rolled now"), ("take", "not now: "),
        ("double", "not now: "), ("undo", "nothing to take back"), ("resign twice", "resign gammon"),
        ("save", "save needs a file name"), ("save nowhere/match.mat", "nowhere/match.mat"),
        ("8/5 6/5 / 13/10", "all dice are played"), ("8/5 6/5 / hint", "undo, then ask again"),
        ("8/5 / ", "there are dice left to play"), ("8/5 6/5 / roll", "not to be rolled now"),
        ("\x00\x07", ""), ("9" * 500, "is not a move"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_and_changes_nothing(play, typed, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    game, out = play(f"{typed} / quit")
    assert told in out
    assert len(game.session.position.moves) == 1
    assert not list(tmp_path.iterdir())


def test_hints_list_five_plays_with_equities_and_chances(play):
    _, out = play("hint / quit")
    table = out[out.index("play  ") :].splitlines()
    assert table[0].split() == [
        *["play", "plies", "equity", "loses", "win", "gammon", "backg", "lose", "g", "lose", "bg"]
    ]
    assert len([line for line in table[1:6] if re.search(r"[+-]0\.\d{3} .*%.*%.*%.*%.*%", line)]) == 5
    losses = [float(match) for match in re.findall(r"[+-]\d\.\d{3} +(\d\.\d{3})", "\n".join(table))]
    assert losses == sorted(losses)
    assert len(losses) == 4


def test_hints_before_the_roll_are_about_the_cube(play):
    _, out = play("8/5 6/5 /  / hint / quit")
    assert re.search(r"ouble.*, (take|pass)", out)
    assert "no double" in out


def test_plays_and_the_cube_are_rolled_out(play):
    _, out = play("rollout 4 / quit")
    assert len(re.findall(r"^\d\. +\S+.* [+-]\d\.\d{4} +\d\.\d{4} +4 ", out, re.MULTILINE)) > 1
    _, out = play("8/5 6/5 /  / rollout 4 / quit")
    assert re.search(r"double, take +[+-]\d\.\d{4} +\d\.\d{4}", out)
    assert "a rollout takes 2 to 100000 games" in play("rollout many / quit")[1]


def test_a_double_is_offered_taken_and_shown(play):
    game, out = play("8/5 6/5 /  / double / quit", player=Puppet(takes=True))
    assert "You double" in out
    assert "Yomi takes" in out
    assert "cube 2, owned by Yomi" in out
    assert game.session.position.state[backgammon.CUBE] == 1


def test_a_double_that_is_dropped_ends_the_game(play):
    _, out = play("8/5 6/5 /  / double / quit", player=Puppet(takes=False), length=5)
    assert "Yomi drops" in out
    assert "You win a game, 1 point" in out


def test_people_answer_doubles(play):
    game, out = play("12/8 / roll / 8/4 6/4 /  /  / drop / quit", "13 42 31", Puppet(doubles=True))
    assert "You, take or drop> " in out
    assert out.count("answer the double: take or drop") == 1
    assert "You drop" in out
    assert "Yomi wins a game, 1 point" in out


def test_a_forced_play_is_made_with_a_notice(play):
    home = [11, 4, *[0] * 24]
    _, out = play("quit", "65 31", opening=set_up(home, [5, *[0] * 5, 10, *[0] * 19], cube=False))
    assert "You play 1/off(2), which is forced" in out


def test_who_cannot_move_is_told_so(play):
    closed = [0, 2, 2, 2, 2, 2, 2, 3, *[0] * 18]
    stuck = [0, *[0] * 5, 8, *[0] * 6, 5, *[0] * 11, 2]
    _, out = play("quit", "65 31", opening=set_up(stuck, closed, cube=False))
    assert "You roll 6-5" in out
    assert "You cannot move" in out


def test_dice_thrown_by_hand_are_asked_for_and_checked(play):
    game, out = play("33 / 9 9 / pips / 31 / 8/5 6/5 /  / 42 / quit", dice=GivenDice(), cube=False)
    assert out.count("dice for opening, You then Yomi> ") == 4
    assert "two different dice" in out
    assert "two dice show 1 to 6 each" in out
    assert "You 167, Yomi 167 pips" in out
    assert "dice for Yomi> 42" in out
    assert game.session.book.dice.log == {(0, 0): (3, 1), (0, 1): (4, 2)}


def test_the_dice_log_shows_the_seed_and_every_roll(play):
    game, out = play("dice / quit", dice=SeededDice(11))
    assert out.startswith("dice from seed 11")
    rolled = " ".join(f"{one}{other}" for one, other in game.session.book.dice.log.values())
    assert f"game 1, from roll 1 {rolled}" in re.sub(" +", " ", out)


def test_ids_of_the_position_can_be_read_back(play):
    game, out = play("id / quit")
    shown = re.search(r"(\S{14}:\S{12})  (XGID=\S+)", out)
    assert (gnubg_id.from_id(shown[1]) == game.session.state).all()
    assert (xgid.from_id(shown[2]) == game.session.state).all()


def test_a_match_is_played_to_its_end_and_written(play, tmp_path):
    game, out = play("resign / resign gammon / quit", "31 13 31 13", length=3, save_to=str(tmp_path / "match.mat"))
    assert "Yomi wins a game, 1 point, by resignation" in out
    assert "Yomi wins the match: You 0, Yomi 3" in out
    match = mat.read(tmp_path / "match.mat")
    assert (match.length, match.players, [record.result for record in match.records]) == (
        3, ("you", "Yomi puppet"), ["2+1R", "2+2R"],
    )  # fmt: skip


def test_a_lost_gammon_is_not_given_up_as_a_plain_game(play):
    checkers = [0] * 26
    checkers[13], checkers[6] = 5, 10
    lost = set_up(checkers, [14, 1, *[0] * 24], jacoby=False, dice=(6, 5))
    game, out = play("resign / resign gammon / quit", opening=lost)
    assert "Yomi plays on: a plain game is not enough" in out
    assert "Yomi wins a gammon, 2 points, by resignation" in out
    assert "plays on" not in play("resign / quit", opening=lost, people=frozenset({FIRST, SECOND}))[1]


def test_the_file_follows_every_turn(play, tmp_path):
    game, _ = play("8/5 6/5 /  / quit", length=3, save_to=str(tmp_path / "match.mat"))
    (record,) = mat.read(tmp_path / "match.mat").records
    written, played = mat.position(record).state, game.session.position.state
    assert (written[: 2 * SIDE] == played[: 2 * SIDE]).all()
    assert len(record.moves) >= len(game.session.position.moves) - 1  # the roll after the last turn is not in it yet


def test_money_games_go_on_until_people_leave(play):
    game, out = play("resign /  / resign / quit", "31 31 31")
    assert out.count("game over, Enter plays the next, quit> ") == 2
    assert "You 0, Yomi 1" in out
    assert game.session.book.game == 1


def test_the_end_of_the_input_leaves(play):
    game, _ = play("8/5")
    assert game.left


def test_two_people_share_the_keyboard(play):
    _, out = play("8/5 6/5 /  / roll / quit", people={FIRST, SECOND})
    assert "Second, Enter rolls, or double> roll" in out
    assert "Second rolls 4-2" in out


def test_the_player_plays_itself_to_the_end(play):
    game, out = play("", dice=SeededDice(2), people=(), cube=False)
    assert game.session.position.turn == NOBODY
    assert len(re.findall("wins? a (?:game|gammon|backgammon), ", out)) == 1


def test_help_lists_every_command(play):
    _, out = play("help / quit")
    assert all(re.search(rf"^{name} ", out, re.MULTILINE) for name in COMMANDS)
    assert "[gammon|backgammon]" in out


def test_random_typing_never_breaks_the_game(play, monkeypatch):
    monkeypatch.setattr(terminal, "GAMES", 4)  # of a rollout that names no number
    random = np.random.default_rng(1)
    words = [
        *COMMANDS,
        "8/5",
        "6/5",
        "13/7*",
        "bar/22",
        "6/off",
        "24/18/13",
        "(2)",
        "*",
        "/",
        "gammon",
        "",
        "x",
        "é",
        "9",
    ]
    words = [word for word in words if word not in ("quit", "save")]
    lines = [" ".join(random.choice(words, random.integers(0, 4))) for _ in range(600)]
    game, out = play("\n".join(lines), dice=SeededDice(6))
    assert game.left
    assert len(out) > 10_000
