"""A match on screen: turns by mouse and keys, dice, the cube, hints, review, records; the engine answers in between."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import random
import re
import time
from dataclasses import replace

import numpy as np
import pygame
import pytest

from engine.backgammon.afterstates import fresh
from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.player import SEARCH, BackgammonPlayer
from engine.backgammon.plies import Lookahead
from engine.backgammon.review import luck_of, review_backgammon
from engine.players import SearchPlayer
from games import backgammon as bg
from games.backgammon import gnubg_id, mat
from games.backgammon.board import start
from games.backgammon.dice import GivenDice, SeededDice
from games.backgammon.writing import write_play
from games.game import CHANCE, FIRST, SECOND, Position
from gui import messages as say
from gui.backgammon import hints
from gui.backgammon import review as backgammon_review
from gui.backgammon.book import begin as begin_book
from gui.backgammon.layout import OFF, THEIR_OFF
from gui.backgammon.luck import Luck, Weighed, in_words
from gui.backgammon.match import MatchSession, names_of
from gui.backgammon.page import BackgammonPage
from gui.backgammon.playback import Playback
from gui.backgammon.start import begin_match
from gui.opponent import PlayerStore
from gui.tabs.panel import numbers_of
from gui.widgets.theme import Theme

RECT = pygame.Rect(0, 0, 560, 430)

OPEN = [0] * 26
OPEN[6:9] = [5, 5, 5]
"""Fifteen checkers at home or nearly: no contact, every roll can be played."""


@pytest.fixture(scope="module", autouse=True)
def _display():
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode(RECT.size)
    yield
    pygame.display.quit()


@pytest.fixture(scope="module")
def player() -> BackgammonPlayer:
    return BackgammonPlayer("fresh", Lookahead(fresh(8)), 0)


@pytest.fixture
def begin(player):
    """Return what makes a page; its thread ends with the test."""
    made = []

    def make(people=(FIRST,), dice=None, begun=None, **rules) -> BackgammonPage:
        opened = begin_book(start(**rules) if begun is None else begun, dice or SeededDice(7))
        match = MatchSession(opened, lambda: player, set(people), names_of(set(people)), plies=0)
        page = BackgammonPage(match, Theme(1))
        page.receive(say.SetPace("at once"))
        page.receive(say.Say(""))
        made.append(match)
        return page

    yield make
    for match in made:
        match.engine.close()


def draw(page: BackgammonPage) -> pygame.Surface:
    surface = pygame.Surface(RECT.size)
    page.draw(surface, RECT)
    return surface


def until(page: BackgammonPage, true, seconds: float = 20) -> None:
    """Let frames pass until something is so."""
    end = time.perf_counter() + seconds
    while not true():
        assert time.perf_counter() < end, page.session.status
        page.poll()
        draw(page)
        time.sleep(0.001)


def my_turn(page: BackgammonPage) -> bool:
    session = page.session
    return session.over or (session.awaits_person and not page.animating and not session.engine.doing)


def send(page: BackgammonPage, kind: int, **what) -> None:
    message = page.handle(pygame.event.Event(kind, **what))
    if message is not None:
        page.receive(message)
    page.poll()
    draw(page)


def click(page: BackgammonPage, pos, button: int = 1) -> None:
    send(page, pygame.MOUSEMOTION, pos=pos, rel=(0, 0), buttons=(0, 0, 0))
    send(page, pygame.MOUSEBUTTONDOWN, pos=pos, button=button)
    send(page, pygame.MOUSEBUTTONUP, pos=pos, button=button)


def key(page: BackgammonPage, code: int) -> None:
    send(page, pygame.KEYDOWN, key=code, mod=0, unicode="")


def checker(page: BackgammonPage, cell: int) -> tuple[int, int]:
    return page.place_of(str(cell) if cell <= 24 else "bar")


def enter(page: BackgammonPage, moves) -> None:
    """Click a play's checkers, with the button that takes the right die; what is forced after that plays itself."""
    for move in moves:
        if page.turn and page.turn.complete:
            break
        source, die = move // 6 + 1, move % 6 + 1
        left = [face for face, used in ((d.face, d.used) for d in page.scene().dice) if not used]
        click(page, checker(page, source), 1 if die == left[0] else 3)


# --- a match by clicks ------------------------------------------------------------------------------------


def test_a_whole_match_is_played_by_mouse_and_keys(begin):
    page, dice = begin(length=1), np.random.default_rng(1)
    session = page.session
    for _ in range(600):
        until(page, lambda: my_turn(page))
        if session.match_over:
            break
        if session.over:
            key(page, pygame.K_RETURN)
            continue
        state = session.position.state
        if state[bg.OFFERED]:
            key(page, pygame.K_t)
        elif not state[bg.DICE]:
            key(page, pygame.K_RETURN)
        else:
            legal = bg.plays(state)
            moves, after = legal[dice.integers(len(legal))]
            if len(legal) == 1:
                page.poll()  # what is forced plays itself
                continue
            enter(page, moves)
            assert page.turn.complete
            key(page, pygame.K_RETURN)
            assert any(np.array_equal(after, each) for each in session.position.states[-8:])
    assert session.match_over
    assert max(session.points) >= 1
    assert "and the match" in session.result


def test_a_double_is_offered_and_dropped_by_buttons(begin):
    page = begin(people=(FIRST, SECOND))
    session = page.session
    until(page, lambda: my_turn(page))
    enter(page, bg.plays(session.position.state)[0][0])
    click(page, page.buttons.placed[0][0].center)  # Done
    until(page, lambda: my_turn(page))
    assert [message for _, message in page.buttons.placed] == [say.RollDice(), say.Double()]
    click(page, page.view.cube_rect.center)
    until(page, lambda: my_turn(page))
    assert session.position.state[bg.OFFERED]
    click(page, page.buttons.placed[1][0].center)
    assert session.over
    assert session.result.endswith("won the game, 1 point")
    key(page, pygame.K_RETURN)
    assert session.book.game == 1
    assert sum(session.points) == 1


def test_a_man_is_dragged_and_undone(begin):
    page = begin(begun=bg.with_dice(start(), (6, 1)))
    draw(page)
    source, target = checker(page, 24), checker(page, 17)
    send(page, pygame.MOUSEBUTTONDOWN, pos=source, button=1)
    send(page, pygame.MOUSEMOTION, pos=(source[0] - 60, source[1] + 30), rel=(0, 0), buttons=(1, 0, 0))
    assert page.scene().carried
    send(page, pygame.MOUSEBUTTONUP, pos=target, button=1)
    assert page.turn.moves == ()  # 17 belongs to the other
    send(page, pygame.MOUSEBUTTONDOWN, pos=source, button=1)
    send(page, pygame.MOUSEMOTION, pos=(source[0] - 60, source[1] + 30), rel=(0, 0), buttons=(1, 0, 0))
    send(page, pygame.MOUSEBUTTONUP, pos=checker(page, 18), button=1)
    assert page.turn.written == "24/18"
    page.receive(say.Undo())
    assert page.turn.moves == ()


def test_choosing_by_the_keyboard(begin):
    page = begin(begun=bg.with_dice(start(), (6, 1)))
    draw(page)
    key(page, pygame.K_k)
    for _ in range(4):
        if page.hand.cursor == 8:
            break
        key(page, pygame.K_RIGHT)
    key(page, pygame.K_RETURN)
    assert page.turn.source == 8
    while page.hand.cursor != 7:
        key(page, pygame.K_RIGHT)
    key(page, pygame.K_RETURN)
    assert page.turn.written == "8/7"
    key(page, pygame.K_w)
    assert [die.face for die in page.scene().dice] == [1, 6]


def test_undo_goes_back_to_the_last_own_decision_and_the_same_dice_fall(begin):
    page = begin(people=(FIRST, SECOND))
    session = page.session
    until(page, lambda: my_turn(page))
    first = session.position.state.copy()
    enter(page, bg.plays(first)[0][0])
    key(page, pygame.K_RETURN)
    until(page, lambda: my_turn(page))
    key(page, pygame.K_RETURN)
    until(page, lambda: my_turn(page))
    rolled = session.position.state.copy()
    page.receive(say.Undo())
    page.receive(say.Undo())
    assert np.array_equal(session.position.state, first)
    page.receive(say.Undo())
    assert "no decision" in session.status
    enter(page, bg.plays(first)[0][0])
    key(page, pygame.K_RETURN)
    until(page, lambda: my_turn(page))
    key(page, pygame.K_RETURN)
    until(page, lambda: my_turn(page))
    assert np.array_equal(session.position.state, rolled)


def test_giving_up(begin):
    page = begin()
    until(page, lambda: my_turn(page))
    page.receive(say.Resign())
    draw(page)
    gammon = next(rect for rect, message in page.buttons.placed if message == say.Resign(2))
    click(page, gammon.center)
    until(page, lambda: page.session.over)
    assert page.session.result == "Yomi won a gammon, 2 points, by resignation"
    assert page.session.points == (0, 2)
    page.receive(say.Undo())
    assert not page.session.over


# --- dice -------------------------------------------------------------------------------------------------


def test_dice_thrown_by_hand_by_clicks_and_digits(begin):
    page = begin(people=(FIRST, SECOND), dice=GivenDice())
    session = page.session
    draw(page)
    assert session.awaits_dice
    assert "a die for Dark" in session.status
    key(page, pygame.K_3)
    key(page, pygame.K_3)
    assert "different dice" in session.status
    key(page, pygame.K_2)
    key(page, pygame.K_5)
    until(page, lambda: my_turn(page))
    assert session.position.state[bg.MOVER] == SECOND
    page.receive(say.Undo())  # nothing of one's own to take back
    enter(page, bg.plays(session.position.state)[0][0])
    key(page, pygame.K_RETURN)
    until(page, lambda: my_turn(page))
    key(page, pygame.K_RETURN)
    until(page, lambda: session.awaits_dice)
    for place in ((1, 6), (-1, 4)):
        send(page, pygame.MOUSEBUTTONDOWN, pos=page.picker.places[place].center, button=1)
    until(page, lambda: not session.awaits_dice)
    assert session.book.dice.log[0, 1] == (6, 4)


def give_up(page: BackgammonPage, gain: int) -> None:
    """Press Resign and one of its buttons; wait for the answer."""
    page.receive(say.Resign())
    draw(page)
    click(page, next(rect for rect, message in page.buttons.placed if message == say.Resign(gain)).center)
    until(page, lambda: page.session.engine.doing != "resign")


def test_a_lost_gammon_is_not_given_up_as_a_plain_game(begin):
    checkers, last = [0] * 26, [14, 1, *[0] * 24]
    checkers[13], checkers[6] = 5, 10
    page = begin(begun=bg.set_up(checkers, last, jacoby=False, dice=(6, 5)))
    give_up(page, 1)
    assert not page.session.over
    assert page.session.status.startswith("Yomi plays on: a plain game is not enough")
    assert page.session.status.endswith("resign a gammon")
    give_up(page, 2)
    assert page.session.result == "Yomi won a gammon, 2 points, by resignation"
    between_people = begin(people=(FIRST, SECOND), begun=bg.set_up(checkers, last, jacoby=False, dice=(6, 5)))
    give_up(between_people, 1)
    assert between_people.session.result == "Light won the game, 1 point, by resignation"


# --- dice ----------------------------------------------------------------------------------------------------


def test_the_dice_log_tells_the_luck_of_both_sides(begin, player):
    page = begin(people=(FIRST, SECOND))
    session = page.session
    page.receive(say.ToggleOverlay("dice"))
    for _ in range(8):
        until(page, lambda: my_turn(page))
        state = session.position.state
        page.receive(say.Plays(bg.plays(state)[0][0]) if state[bg.DICE] else say.RollDice())
    until(page, lambda: my_turn(page) and session.advice.luck.unknown(0, session.position) is None)
    expected = [0.0, 0.0]
    for state, move in zip(session.position.states, session.position.moves, strict=False):
        if state[bg.TURN] == CHANCE:
            expected[bg.rules.thrown(state, move)[0]] += luck_of(player.lookahead, state, move)[0]
    told = in_words(session.advice.luck, session.names, 0, session.position)
    assert told.endswith(f"Dark {expected[0]:+.2f}, Light {expected[1]:+.2f}")
    assert abs(expected[0]) + abs(expected[1]) > 0.01
    before = [session.advice.luck.total(side, 0, session.position) for side in (FIRST, SECOND)]
    page.receive(say.Undo())
    assert [session.advice.luck.total(side, 0, session.position) for side in (FIRST, SECOND)] != before


def test_luck_adds_up_over_the_games_of_a_match():
    luck, position = Luck(), Position(bg, bg.start())
    position.play(bg.roll_move(3, 1, FIRST))
    for game in (0, 1):
        throw = luck.unknown(game, position)
        luck.learn(throw, Weighed(throw.state, FIRST, 0.25 + game))
    assert luck.unknown(1, position) is None
    assert [luck.total(side, 1, position) for side in (FIRST, SECOND)] == [1.5, 0]
    assert luck.total(FIRST, 0, position) == 0.25
    position.undo()
    assert luck.total(FIRST, 1, position) == 0.25


@pytest.mark.parametrize("sheet", ["dice", "hints"])
def test_a_sheet_does_not_ask_a_broken_engine_again_and_again(begin, sheet):
    tries = []

    def broken():
        tries.append(1)
        raise ValueError("the model is broken")

    page = begin(people=(FIRST, SECOND))
    page.session.engine.make_player = broken
    page.receive(say.ToggleOverlay(sheet))
    until(page, lambda: page.session.alarm)
    for _ in range(20):
        page.poll()
        draw(page)
        time.sleep(0.002)
    assert len(tries) == 1
    assert "the model is broken" in page.session.status


def thrown_to(page: BackgammonPage, count: int) -> list[tuple[int, tuple[int, int]]]:
    """Play any moves until so many throws fell; return who threw what, larger die first."""
    session = page.session
    until(page, lambda: my_turn(page))
    while len(session.book.dice.log) < count:
        state = session.position.state
        page.receive(say.Plays(bg.plays(state)[0][0]) if state[bg.DICE] else say.RollDice())
        until(page, lambda: my_turn(page))
    position, found = session.position, []
    for state, move, after in zip(position.states, position.moves, position.states[1:], strict=False):
        if state[bg.TURN] == CHANCE:
            found.append((bg.rules.thrown(state, move)[0], tuple(after[bg.ROLLED : bg.ROLLED + 2].tolist())))
    return found[:count]


def test_the_same_dice_fall_for_the_other_side(begin, tmp_path):
    page = begin(people=(FIRST, SECOND))
    page.session.records.keep_in(str(tmp_path / "match.mat"))
    first = thrown_to(page, 5)
    page.session.records.finish()
    kept = (tmp_path / "match.mat").read_text()
    page.receive(say.ToggleOverlay("dice"))
    draw(page)
    click(page, page.dice_sheet.swap.rect.center)
    assert len(page.session.position.moves) <= 1
    assert "swapped" in page.session.status
    assert thrown_to(page, 5) == [(1 - side, dice) for side, dice in first]
    assert (tmp_path / "match.mat").read_text() == kept
    click(page, page.dice_sheet.swap.rect.center)
    assert thrown_to(page, 5) == first


@pytest.mark.parametrize("begun", [{"dice": GivenDice()}, {"begun": bg.with_dice(start(), (3, 1))}])
def test_dice_that_cannot_fall_again_are_not_swapped(begin, begun):
    page = begin(**begun)
    page.receive(say.SwapDice())
    assert page.session.alarm
    assert page.session.status.startswith("only ")


# --- a simulation on the board -----------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_the_position_that_is_judged_stands_on_the_board(begin, player, weight):
    page = begin(begun=bg.with_dice(start(), (3, 1)))
    session = page.session
    evaluator = AfterstateEvaluator(player.lookahead)
    session.engine.analyst = SearchPlayer("fresh", evaluator, replace(SEARCH, rollout_weight=weight), nodes=1 << 16)
    before = page.scene().checkers
    seen = {}
    for _ in range(10):
        page.receive(say.StepSearch())
        until(page, lambda: not session.engine.doing)
        seen[session.engine.event.phase] = page.scene()
        draw(page)
    assert seen["select"].checkers == seen["backup"].checkers == before
    assert seen["evaluate"].note == "this leaf is judged"
    assert seen["evaluate"].checkers != before
    assert seen["rollout"].note == ("here the rollout ended" if weight else "this leaf is judged")
    assert (15 in (seen["rollout"].checkers[OFF], -seen["rollout"].checkers[THEIR_OFF])) == bool(weight)
    while session.engine.event.phase != "rollout":
        page.receive(say.StepSearch())
        until(page, lambda: not session.engine.doing)
    click(page, checker(page, 8))
    assert page.scene().checkers == before
    assert not page.turn.moves


def test_a_roll_that_nobody_can_use_and_a_forced_play_are_told(begin):
    checkers = [0] * 26
    checkers[25], checkers[1] = 1, 14
    closed = [0] * 26
    closed[1:7] = [3, 3, 3, 2, 2, 2]
    page = begin(people=(FIRST, SECOND), begun=bg.set_up(checkers, closed, cube=False))
    until(page, lambda: my_turn(page))
    assert "and cannot move  ·  Light to play" in page.session.status
    assert page.move_lines()[0].endswith(": cannot move")
    closed[1:7], closed[0] = [3, 3, 3, 2, 2, 0], 2
    page = begin(people=(FIRST, SECOND), begun=bg.set_up(checkers, closed, dice=(6, 1), cube=False))
    page.poll()
    assert page.session.position.moves[0] == bg.checker_move(25, 6)
    assert "no choice" in page.session.status


def test_the_winner_of_a_game_is_not_who_leads_the_match(begin):
    checkers, last = [0] * 26, [0] * 26
    checkers[0], checkers[1], last[0], last[1] = 14, 1, 14, 1
    for mover, score in ((FIRST, (0, 2)), (FIRST, (0, 1)), (SECOND, (2, 0))):
        page = begin(people=(FIRST,), begun=bg.set_up(checkers, last, mover=mover, dice=(6, 1), length=5, score=score))
        page.session.play((bg.checker_move(1, 6),))
        assert (page.session.over, page.session.winner) == (True, mover)
        assert page.ending().headline == f"{'You win' if mover == FIRST else 'Yomi wins'} the game"
        kept, suffix, _ = page.session.records.kept()  # it began from a position, so the last one is kept
        assert (kept, suffix) == (gnubg_id.to_id(page.session.position.states[0]).encode(), ".txt")


@pytest.mark.parametrize(("answer", "told"), [(bg.TAKE, "Yomi takes the double"), (bg.DROP, "Yomi drops the double")])
def test_what_yomi_answers_to_a_double_stands_where_one_looks(begin, player, monkeypatch, answer, told):
    page = begin(begun=bg.set_up(OPEN, OPEN, length=3))
    session = page.session
    until(page, lambda: my_turn(page))
    monkeypatch.setattr(player, "choose", lambda *given: answer)
    page.receive(say.Double())
    until(page, lambda: my_turn(page))
    assert session.status.startswith(told)
    assert page.scene().announcement == told
    if answer == bg.DROP:
        assert session.result in session.status
        assert page.ending().lines[0].startswith(told)
    else:
        assert session.position.state[bg.DICE]  # the dice have fallen, and it stands there still
        session.people = {FIRST, SECOND}
        session.play(bg.plays(session.position.state)[0][0])
        page.poll()
        assert told not in session.status
        assert not page.scene().announcement


def test_a_persons_own_answer_is_not_announced(begin):
    page = begin(people=(FIRST, SECOND), begun=bg.set_up(OPEN, OPEN, length=3))
    for message in (say.Double(), say.Take()):
        until(page, lambda: my_turn(page))
        page.receive(message)
    until(page, lambda: my_turn(page))
    assert "the double" not in page.session.status
    assert not page.scene().announcement


def test_for_a_person_the_whole_turn_is_played_as_the_hints_say(begin, player, monkeypatch):
    monkeypatch.setattr(player, "choose", None)  # the opponent, as weak as it may be, is not asked
    page = begin(people=(FIRST, SECOND), begun=bg.with_dice(start(), (4, 4)))
    session = page.session
    until(page, lambda: my_turn(page))
    best = hints.ask(player.lookahead, session.position.state, 0).plays[0].moves
    page.receive(say.MoveNow())
    until(page, lambda: my_turn(page) and session.ply)
    assert len(best) == 4
    assert tuple(session.position.moves) == best


def test_moves_are_shown_one_by_one():
    game = Position(bg, bg.start())
    playback = Playback(game)

    def look(now):
        playback.follow(game, now)
        return playback.picture

    game.play(bg.roll_move(3, 1, FIRST))
    game.play(bg.checker_move(8, 3))
    game.play(bg.checker_move(6, 1))
    seen = [look(now) for now in np.arange(100, 104, 0.05)]
    assert [move for k, move in enumerate(p.move for p in seen) if k == 0 or seen[k - 1].move != move] == [
        *game.moves,
        None,
    ]
    assert seen[-1].ply == 3
    game.undo()
    assert look(105.0).ply == 2


# --- hints and review -------------------------------------------------------------------------------------


def test_hints_are_listed_and_one_is_entered(begin):
    page = begin(begun=bg.with_dice(start(), (3, 1)))
    page.receive(say.ToggleOverlay("hints"))
    until(page, lambda: page.session.shown_hint is not None)
    rows = hints.play_rows(page.session.shown_hint)
    assert len(rows) == 10
    assert len(rows[0]) == 8
    draw(page)
    assert page.scene().arrows[0].kind == "best"
    page.receive(say.EnterHint(1))
    assert page.turn.complete
    assert page.turn.written == rows[1][0]
    assert page.session.thought.lines[0].move == page.session.shown_hint.plays[0].moves[0]


def test_a_hint_about_the_cube(begin, player):
    state = bg.set_up(start()[:26].tolist(), start()[26:52].tolist())
    hint = hints.ask(player.lookahead, state, 0)
    assert hint.decision is not None
    assert {moves[0] for moves, _ in hints.answers(hint)} == {bg.ROLL, bg.DOUBLE}
    page = begin(begun=state)
    page.receive(say.ToggleOverlay("hints"))
    until(page, lambda: page.session.shown_hint is not None)
    draw(page)


def test_values_of_hints_are_firsts(player):
    checkers, race = [0] * 26, [0] * 26
    checkers[1], checkers[0], race[20] = 2, 13, 15
    for mover, sign in ((FIRST, 1), (SECOND, -1)):
        sides = (checkers, race) if mover == FIRST else (race, checkers)
        hint = hints.ask(player.lookahead, bg.set_up(*sides, mover=mover, dice=(6, 5), jacoby=False), 0)
        assert hints.as_analysis(hint).value == pytest.approx(3 * sign)


def test_a_game_is_reviewed_as_the_engine_reviews_it(begin, player, monkeypatch):
    least = 0.002  # a network that knows nothing sees no great differences
    monkeypatch.setattr(backgammon_review, "DOUBTFUL", least)
    page = begin(people=(FIRST, SECOND))
    session, choose = page.session, random.Random(5)
    for _ in range(12):
        until(page, lambda: my_turn(page))
        state = session.position.state
        if not state[bg.DICE]:
            key(page, pygame.K_RETURN)
        else:
            page.receive(say.Plays(choose.choice(bg.plays(state))[0]))
    page.receive(say.StartReview(100))
    until(page, lambda: session.engine.review is None)
    line = session.history.line
    known = [node.value for node in line if node.value is not None]
    assert len(known) > 6
    words = page.move_lines()
    assert len(session.values) == len(line) == len(words) + 1
    throws = [number for each, number in zip(words, numbers_of(words)[1:], strict=True) if re.search(r"\d-\d", each)]
    assert throws == list(range(1, throws[-1] + 1))  # one number a turn: a throw stands for "no double", too
    assert "thousandths a decision" in session.status
    judged = {
        each.ply: each
        for each in review_backgammon(session.position, player.lookahead, backgammon_review.PLIES)
        if each.error
    }
    found = session.engine.mistakes(session.history.line)
    assert found
    for mistake in found:
        each = judged[mistake.ply - 1]
        assert mistake[1:3] == (each.mover, each.error)
        assert write_play(each.state, each.played) == page.move_lines()[mistake.ply - 1].strip()
    assert len(found) == sum(each.error >= least for each in judged.values())


def test_analysis_grows_a_tree(begin):
    page = begin(begun=bg.with_dice(start(), (3, 1)))
    page.receive(say.Analyse())
    until(page, lambda: page.session.thought is not None and page.session.thought.visits > 200, 60)
    page.receive(say.Analyse())
    assert page.session.engine.tree_reading(page.session.position) is not None


# --- records and choices ----------------------------------------------------------------------------------


def test_a_match_is_saved_and_opened_again(begin, tmp_path):
    page, path = begin(people=(FIRST, SECOND), length=5), str(tmp_path / "match.mat")
    session = page.session
    session.records.keep_in(path)
    for _ in range(10):
        until(page, lambda: my_turn(page))
        state = session.position.state
        page.receive(say.Plays(bg.plays(state)[0][0]) if state[bg.DICE] else say.RollDice())
    until(page, lambda: my_turn(page))
    page.receive(say.Save(path))
    assert "saved" in session.status
    match = mat.read(path)
    assert match.length == 5
    other = begin(people=(FIRST, SECOND))
    other.receive(say.Open(path))
    assert other.session.length == 5
    assert other.session.history.last >= len(session.position.moves) - 3
    other.receive(say.PasteText(gnubg_id.to_id(bg.with_dice(start(7), (4, 2)))))
    assert other.session.length == 7
    assert not other.session.alarm


@pytest.mark.parametrize("text", ["nonsense", "; [\n a game\n", "XGID=oops", ""])
def test_bad_records_are_told_and_the_match_goes_on(begin, tmp_path, text):
    page = begin()
    path = tmp_path / "bad.mat"
    path.write_text(text)
    for message in (say.Open(str(path)), say.Open(str(tmp_path / "nothing.mat")), say.PasteText(text)):
        page.receive(message)
        assert page.session.alarm
        assert "\n" not in page.session.status
    until(page, lambda: my_turn(page))


@pytest.mark.parametrize(
    "values", [{"model": "no such model"}, {"model": "go"}, {"seed": "x"}, {"seconds": "soon"}, {"level": "99"}]
)
def test_choices_that_cannot_be_are_refused(values, monkeypatch):
    monkeypatch.setattr(PlayerStore, "maker", PlayerStore.maker if "model" in values else lambda *given, **start: None)
    with pytest.raises(ValueError, match=r"\w+"):
        begin_match({"level": "time"} | values, PlayerStore("backgammon"))


# --- anything at all --------------------------------------------------------------------------------------


def test_a_thousand_random_events(begin):
    page, chance = begin(length=3), random.Random(3)
    keys = [getattr(pygame, f"K_{k}") for k in (*"hlfvkpdtxw12", "LEFT", "RIGHT", "RETURN")]
    page.resize(Theme(1.5))
    for _ in range(1000):
        page.poll()
        pos = chance.randrange(RECT.width), chance.randrange(RECT.height)
        if page.turn and chance.random() < 0.6 and page.hand.stops():
            pos = page.view.middle_of(chance.choice(page.hand.stops()))
        kind = chance.choice([pygame.KEYDOWN, pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION])
        event = {"pos": pos, "button": chance.choice([1, 1, 3]), "key": chance.choice(keys), "mod": 0}
        message = page.handle(pygame.event.Event(kind, **event))
        if chance.random() < 0.05:
            message = chance.choice([say.Undo(), say.Resign(), say.NextGame(), say.JumpTo(4), say.MoveNow()])
        if message is not None:
            page.receive(message)
        if chance.random() < 0.1:
            draw(page)
        state = page.turn.state if page.turn else page.session.position.state
        assert state[:26].sum() == state[26:52].sum() == 15
