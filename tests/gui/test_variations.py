"""Records as records: names, ranks, marks, people at both seats, and the tree of variations that is drawn."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from games import go
from games.game import FIRST, SECOND
from gui import files
from gui import messages as say
from gui import review_messages as ask
from gui.app import App
from gui.history import Node
from gui.settings_store import Remembered
from gui.tabs.variation_tree import Spot, laid_out

RECORD = """(;GM[1]FF[4]SZ[9]KM[6.5]RU[Japanese]PB[Ada]PW[Charles]BR[3d]RE[B+4.5];B[ee]C[the middle]
;W[cc]TR[cc]SQ[ee]CR[gg]MA[gc]LB[cg:A][dd:12345](;B[gc];W[cg](;B[gg];W[fc])(;B[dg];W[ch]))(;B[cg];W[gc])(;B[gg]))"""


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "game.sgf"
    path.write_text(RECORD)
    app = App((1180, 760), Remembered(scale=1.0, mute=True))
    app.receive(say.Open(str(path)))
    files.finish(app)
    yield app
    app.page.session.stop_thinking()
    app.thinker.close()
    pygame.quit()


def tree(children):
    """Return a node with children, given as nested lists."""
    node = Node()
    node.children = [tree(each) for each in children]
    for child in node.children:
        child.parent = node
    return node


def drawn(root):
    """Draw the places of a tree as rows of text."""
    spots = laid_out(root)
    assert len(set(spots.values())) == len(spots)  # no two positions share a place
    wide, high = (1 + max(spot[k] for spot in spots.values()) for k in (0, 1))
    rows = [["."] * wide for _ in range(high)]
    for spot in spots.values():
        rows[spot.row][spot.ply] = "o"
    return ["".join(row).rstrip(".") for row in rows]


def test_other_moves_stand_below_where_there_is_room():
    assert drawn(tree([[[[]]]])) == ["oooo"]
    assert drawn(tree([[[[]], [[]]], [[]]])) == ["oooo", "..oo", ".oo"]
    assert drawn(tree([[[[[], []]]], []])) == ["ooooo", ".o..o"]
    assert list(laid_out(Node()).values()) == [Spot(0, 0)]


def test_a_record_has_its_names_and_people_at_both_seats(window):
    page = window.page
    assert page.session.people == {FIRST, SECOND}
    assert page.session.halted
    black, white = page.card(FIRST), page.card(SECOND)
    assert (black.name, black.about, white.name) == ("Ada", "3d  ·  0 captured", "Charles")
    assert "B+4.5" in page.facts()
    window.receive(say.SetPerson(SECOND, False))  # the engine takes one over
    assert page.session.people == {FIRST}
    window.receive(say.SetPerson(SECOND, True))
    page.session.pause()


def test_marks_and_other_moves_are_seen_on_the_board(window):
    window.receive(say.JumpTo(2))
    scene = window.page.scene()
    assert {(mark.row, mark.column, mark.kind, mark.label) for mark in scene.shapes} == {
        (2, 2, "triangle", ""), (4, 4, "square", ""), (6, 6, "circle", ""), (2, 6, "cross", ""),
        (6, 2, "label", "A"), (3, 3, "label", "123"),
    }  # fmt: skip
    assert scene.marks == ((2, 6, "a"), (6, 2, "b"), (6, 6, "c"))
    window.draw()
    window.receive(say.JumpTo(1))
    assert window.page.scene().shapes == ()
    assert window.page.session.history.here.comment == "the middle"


def test_a_click_on_a_stone_of_the_tree_goes_there(window):
    window.receive(say.JumpTo(2))
    window.panel.show("Game")
    window.draw()
    seen = window.panel.tab.tree._seen
    assert len(seen) == 12
    for _, node in list(seen):
        path, at = [], node
        while at.parent is not None:
            path.append(at.move)
            at = at.parent
        window.receive(ask.ShowNode(node))
        assert window.page.session.position.moves == path[::-1]
        assert window.page.session.history.here is node
    window.receive(say.JumpTo(0))
    window.draw()
    box, node = window.panel.tab.tree._seen[-1]
    window.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=box.center, button=1))
    assert window.page.session.history.here is node
    assert go.notation(window.page.session.position.state, node.move) in window.page.move_lines()[node_ply(node) - 1]


def node_ply(node):
    ply = 0
    while node.parent is not None:
        ply, node = ply + 1, node.parent
    return ply


def test_a_name_that_ends_in_png_keeps_a_picture_of_the_board(window, tmp_path):
    window.receive(say.Save(str(tmp_path / "board.png")))
    assert "picture of the board" in window.page.session.status
    picture = pygame.image.load(tmp_path / "board.png")
    board = window.layout()[0]
    assert picture.get_size() == window.end_card.split(board, window.theme)[0].size
    middle = picture.get_rect().center
    assert picture.get_at(middle)[:3] == window.surface.get_at((board.left + middle[0], board.top + middle[1]))[:3]
    window.receive(say.Save(str(tmp_path / "no" / "board.png")))
    assert window.page.session.alarm


def test_the_lead_is_said_where_the_ownership_is_known(window):
    session = window.page.session
    window.receive(say.JumpTo(0))
    assert "ownership" not in window.page.facts()
    session.maps["ownership", session.course.here] = np.full((9, 9), 0.5)
    assert "about B+34 by ownership" in window.page.facts()
