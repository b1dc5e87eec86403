"""The first page and the last card: boards to click, an opponent that follows, who has won and what comes next."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from engine import levels
from games import go
from games.game import FIRST, SECOND
from games.go import board as go_board
from gui import following, script
from gui import messages as say
from gui.app import App
from gui.ending import headline, person_won
from gui.following import FOLLOW, KEY, STEPS, Follower, of_key
from gui.go.ending import count_words
from gui.go.territory import territory
from gui.level_field import opponent_sentence
from gui.runner import Runner
from gui.settings_store import Remembered
from gui.start_card import cards
from gui.start_page import StartPage


@pytest.fixture(scope="module")
def window():
    app = App((1180, 760), Remembered(scale=1.0, mute=True))
    yield app
    if app.page:
        app.page.session.stop_thinking()
    app.thinker.close()
    pygame.quit()


def do(app, text):
    for order in script.read(text):
        Runner(app).carry_out(order)


def test_a_click_on_a_board_chooses_its_game_and_a_second_one_plays_it(window):
    window.receive(say.ShowPage("start"))
    window.start.choose("go")
    do(window, "press Connect Four")
    assert (window.start.game, window.at_start) == ("connect_four", True)
    do(window, "press Connect Four")
    assert (window.page.name, window.at_start) == ("connect_four", False)
    assert window.page.session.opponent.level.number == 1  # who follows begins as the weakest
    window.receive(say.ShowPage("start"))
    do(window, "press Watch it think")
    assert window.page.session.people == set()
    assert window.remembered.start["connect_four"]["colour"] == "red"  # watching is not remembered
    assert window.page.session.opponent.level is None  # it thinks for a time, where that is seen
    assert window.panel.heads.chosen == window.page.watched_tab == "Search"
    window.receive(say.StepSearch())
    assert window.page.session.halted  # its next move waits for the person who steps
    assert StartPage(window.pages, {"connect_four": {}, "go": {}}).game == "go"  # what was played last


def test_every_game_with_a_page_has_a_board_and_every_choice_a_sentence(window):
    for name, page in window.pages.items():
        card = cards(window.pages)[name]
        assert card.title == page.title
        ground = pygame.Surface((150, 150))
        card.paint(ground, ground.get_rect(), window.theme)
        assert not card.about or len(np.unique(pygame.surfarray.array2d(ground))) > 5
        for field in page.fields():
            assert field.hint.endswith("."), (name, field.name)


@pytest.mark.parametrize(
    ("games", "half_steps", "level"), [("", 0, 1), ("w", 1, 1), ("ww", 2, 2), ("wwl", 1, 1), ("lll", 0, 1)]
)
def test_two_games_won_bring_the_next_level(games, half_steps, level):
    standing = of_key(levels.levels("go"), "go, size 9", {})
    for letter in games:
        standing = standing.after(letter == "w")
    assert (standing.half_steps, standing.level.number) == (half_steps, level)
    assert str(standing.level.number) in opponent_sentence("go", {"level": FOLLOW}, standing)


def test_a_standing_stays_within_the_levels_and_wrong_settings_are_as_at_first():
    count = len(levels.levels("go"))
    best = of_key(levels.levels("go"), "a", {"a": {STEPS: 10**6}})
    assert best.after(True).level.number == count
    assert "as strong as it gets" in best.sentence
    assert of_key(levels.levels("go"), "a", {"a": {STEPS: "many"}}).half_steps == 0
    assert of_key(levels.levels("go"), "a", {"a": {STEPS: -4}}).half_steps == 0


def test_each_size_of_board_has_a_standing_of_its_own(window):
    fields = window.pages["go"].fields()
    known = {"go, size 9": {STEPS: 6}}
    small, large = (following.settled("go", fields, {"level": FOLLOW, "size": size}, known) for size in (9, 19))
    assert (small["level"], large["level"]) == ("4", "1")
    assert small[KEY] != large[KEY]
    assert following.settled("go", fields, {"level": "3", "size": 9}, known) == {"level": "3", "size": 9}


class Ended:
    """A game that is over."""

    over, names = True, ("Red", "Yellow")

    def __init__(self, winner, *people):
        self.winner, self.people = winner, set(people)


def test_a_game_counts_once_and_only_for_one_person():
    follower = Follower("go", {KEY: "go, size 9"})
    assert follower.moved(Ended(FIRST, FIRST, SECOND), {}) == {}
    assert follower.moved(Ended(FIRST, FIRST), {}) == {"go, size 9": {STEPS: 1}}
    assert follower.moved(Ended(FIRST, FIRST), {}) == {}
    assert Follower("go", {}).moved(Ended(FIRST, FIRST), {}) == {}


def test_who_has_won_is_said_to_the_person():
    assert headline(Ended(FIRST, FIRST), "by 3") == "You win by 3"
    assert headline(Ended(SECOND, FIRST)) == "Yomi wins"
    assert headline(Ended(SECOND, FIRST, SECOND)) == "Yellow wins"
    assert [person_won(Ended(SECOND, side)) for side in (FIRST, SECOND)] == [False, True]


BOARD = """
. X . O .
. X O O .
X X O . .
. X O O O
. X O . O
"""


def test_territory_is_drawn_for_whom_it_is():
    board = np.array([[".XO".index(mark) for mark in line.split()] for line in BOARD.split("\n") if line])
    owners = territory(board, np.zeros((5, 5), bool))
    assert owners[0].tolist() == [1, 0, 0, 0, -1]  # C5 lies between both
    assert owners[4].tolist() == [1, 0, 0, -1, 0]
    dead = board == go.WHITE
    assert (territory(board, dead)[board != go.BLACK] == 1).all()


def test_both_counts_are_said_and_where_they_differ(window):
    window.begin("go", {"size": 5, "colour": "both", "level": "1", "komi": "0.5"})
    session = window.page.session
    for name in ("B5", "C5", "B4", "C4", "B3", "C3", "B2", "C2", "B1", "C1", "pass", "pass"):
        session.play((go_board.move(name, 5),))
    assert window.page.ending() is None  # the dead stones are not proposed yet
    session._judge(np.zeros((5, 5), bool))
    assert count_words(session) == "Counted by area and by territory: W+5.5."
    assert session.winner == SECOND
    assert window.page.ending().headline == "White wins by 5.5"
    window.draw()
    assert (window.page.scene().ownership == session.territory).all()
    session.undo()
    session.undo()
    for name in ("A5", "pass", "pass"):  # a move into one's own territory costs a point of territory alone
        session.play((go_board.move(name, 5),))
    session._judge(np.zeros((5, 5), bool))
    assert count_words(session) == "By area, as the rules say: W+5.5; by territory it would be W+6.5."


def test_from_the_end_of_a_game_one_plays_on(window):
    window.begin("go", {"size": 9, "colour": "black", "level": "1", KEY: "go, size 9"})
    window.page.session.resign()
    window.advance()
    assert window.remembered.levels["go, size 9"] == {STEPS: 0}
    window.draw()
    labels = {button.label: button.message for button in window.end_card.buttons}
    assert list(labels) == ["Review", "Play again", "Swap sides", "A stone more"]
    window.receive(labels["A stone more"])
    assert np.count_nonzero(go.colours(window.page.session.position.state)) == 2
    assert window.page.began[KEY] == "go, size 9"  # it goes on following
    window.page.session.resign()
    window.draw()
    window.receive(next(b.message for b in window.end_card.buttons if b.label == "Swap sides"))
    assert window.page.session.people == {SECOND}


def test_a_match_counts_when_it_is_over_not_after_each_of_its_games(window):
    key = "backgammon"
    window.begin("backgammon", {"length": 2, "colour": "first", "level": "1", "seed": "3", KEY: key})
    session = window.page.session
    for games, known in ((1, False), (2, True)):
        session._give_up(FIRST, 1)
        window.advance()
        assert (key in window.remembered.levels) == known, games
        assert window.page.ending().final == known
        if not known:
            window.receive(say.NextGame())
