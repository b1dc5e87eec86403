"""The inspector: what lines there are, what clicks and keys do, and that any size can be drawn."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from engine.clock import Limit
from engine.players import SearchPlayer
from engine.reading import TreeNode, read_player
from engine.search import SearchSettings
from engine.stepping import BackedUp, Change, Evaluated, Expanded, RolledOut, Selected, Stepper
from games import backgammon, go
from games.game import CHANCE, FIRST, SECOND, Position
from gui.tabs.tree_details import Details, bars_of_line, bars_of_way
from gui.tabs.tree_painter import TreeScene
from gui.tabs.tree_rows import Folding, Words, count, faces, fan_lines, number, openings, rows
from gui.tabs.tree_view import MORE, TreeView
from gui.widgets.theme import PANEL, Theme
from tests.toys import RACE, WORDS, race, words

SIZES = [(360, 640), (900, 560), (620, 300), (150, 90), (30, 20)]
SCALES = [0.75, 1.0, 2.0]


def searched(game, state, visits=500, **settings):
    player, position = (
        SearchPlayer("uniform", settings=SearchSettings(**settings), nodes=1 << 17),
        Position(game, state),
    )
    player.think(position, Limit(visits=visits))
    return player, position


@pytest.fixture(scope="module")
def go_game():
    return searched(go, go.start(5), 1200)


@pytest.fixture(scope="module")
def dice_game():
    rolled = backgammon.with_dice(backgammon.start(cube=False), (3, 1))
    return searched(backgammon, rolled, 1500, rollout_weight=1.0)


@pytest.fixture(scope="module", autouse=True)
def _pygame():
    pygame.init()
    yield
    pygame.quit()


def scene_for(player, position, view=None, **more):
    opened = view.wanted if view else ()
    name = lambda move: position.game.notation(position.state, move)  # noqa: E731
    width = view.width if view else 6
    return TreeScene(read_player(player, position, width=width, opened=opened), Words(("Black", "White"), name), **more)


def drawn(view, scene, size=(360, 640)):
    surface = pygame.Surface((size[0] + 40, size[1] + 40))
    surface.fill(PANEL)
    view.draw(surface, pygame.Rect(20, 20, *size), scene)
    return surface


def click(view, pos):
    return view.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=pos))


def key(view, name):
    return view.handle(pygame.event.Event(pygame.KEYDOWN, key=getattr(pygame, f"K_{name}"), mod=0, unicode=""))


def place_of(view, path):
    return next(rect.center for rect, stop, _ in view.stops if stop == path)


# --- lines ------------------------------------------------------------------------------------------------


def test_lines_follow_the_principal_variation_and_what_is_unfolded(go_game):
    read = read_player(*go_game)
    top = [row for row in rows(read, Folding()) if row.depth == 0]
    assert [row.path for row in top if row.nodes] == [(child.move,) for child in read.root.children]
    assert top[-1].others == read.root.others
    assert not [row for row in rows(read, Folding()) if row.depth]
    followed = [row.path for row in rows(read, Folding(best=read.best)) if row.depth]
    assert followed
    assert all(path[0] == read.best[0] for path in followed)
    refused = rows(read, Folding(best=read.best, closed={read.best[:1]}))
    assert not [row for row in refused if row.depth]
    second = (read.root.children[1].move,)
    unfolded = [row.path for row in rows(read, Folding(opened={second})) if row.depth and row.nodes]
    assert unfolded
    assert all(path[:1] == second for path in unfolded)


def shown(reading, folding):
    """Return what can be seen of the lines: all but what lies below them."""

    def seen(nodes):
        return [(node.move, node.turn, node.visits, node.value) for node in nodes]

    return [
        (row.path, row.depth, seen(row.nodes), seen(row.fan), row.others, row.share, row.most, row.unfolded)
        for row in rows(reading, folding)
    ]


@pytest.mark.parametrize("game", ["go_game", "dice_game"])
def test_a_short_reading_shows_the_same_lines_as_a_deep_one(game, request):
    player, position = request.getfixturevalue(game)
    best, deep = read_player(player, position).best, read_player(player, position, depth=8)
    second = (deep.root.children[1].move,)
    third = (*second, deep.root.children[1].children[0].move)
    for opened in ([], [second], [second, third], [best[:4]]):
        folding = Folding(opened=opened, lit=(opened or [()])[-1], best=best)
        short, deep = (read_player(player, position, depth, opened=opened) for depth in (2, 8))
        assert shown(short, folding) == shown(deep, folding)


def test_a_chain_is_one_line():
    player, position = searched(go, go.start(5), 8, c_puct=0.0, wave=1)
    read = read_player(player, position, depth=2)
    lines = rows(read, Folding())
    chain = next(row for row in lines if len(row.nodes) > 3)
    assert chain.path == read.best[: len(chain.path)]
    assert chain.name == "  ".join(read.names[: len(chain.path)])
    assert chain.holds(read.best[:1])
    assert chain.holds(chain.path)
    assert not chain.holds(())
    assert not chain.holds((*chain.path, 0))


def roll(name, prior):
    return TreeNode(0, name, FIRST, 10, 0.0, prior, 0.0, 0.0, False, (), None)


def test_a_fan_of_dice_fills_three_even_lines():
    fan = [roll(f"{a}{b}", (1 if a == b else 2) / 36) for a in range(1, 7) for b in range(1, a + 1)]
    lines = fan_lines(fan, 12.1)
    assert sorted(node.name for line in lines for node in line) == sorted(node.name for node in fan)
    assert [round(36 * sum(node.prior for node in line)) for line in lines] == [12, 12, 12]
    assert len(fan_lines(fan, 40)) == 1
    assert len(fan_lines(fan, 1)) == 6
    assert fan_lines([roll("x", 1.0)], 5) == [[roll("x", 1.0)]]


def test_names_that_are_dice():
    assert faces("61") == (6, 1)
    assert faces("21'") == (2, 1)
    assert [faces(name) for name in ("7", "13/7", "E5", "99", "roll")] == [None] * 5
    root = roll("", 1.0)._replace(turn=CHANCE, children=(roll("61", 0.5), roll("61'", 0.5)))
    assert openings(root) == {"61"}


def test_numbers():
    assert [number(0.126), number(-0.001), number(7.25, 8), number(-431.4, 1000)] == ["+0.13", "+0.00", "+7.2", "-431"]
    assert [count(950), count(12_345), count(2_500_000)] == ["950", "12.3k", "2.50M"]


def test_choices_along_a_line(go_game):
    read = read_player(*go_game)
    bars = bars_of_line(read, read.best[:2], Words(("Black", "White"), str))
    assert len(bars) == 3
    assert [choice.title.split()[0] for choice in bars] == ["Black", "White", "Black"]
    assert [[name for name, _, taken in choice.terms if taken] for choice in bars[:2]] == [
        [str(move)] for move in read.best[:2]
    ]
    sums = [term.q + term.u for _, term, _ in bars[0].terms]
    assert sums == sorted(sums, reverse=True)


# --- sentences --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Selected((), ()), "The root itself is the leaf: it is visited for the first time."),
        (Expanded((3,), SECOND, ((1, 0.5), (2, 0.25))), "2 new moves for White: 1 50%, 2 25%"),
        (Expanded((3,), SECOND, (), "the tree is full"), "The leaf gets no children: the tree is full."),
        (Evaluated((3,), 0.126, "the network", None), "The network says +0.13 for Black."),
        (Evaluated((3,), -1.0, "the rules", None), "The rules say -1.00 for Black."),
        (Evaluated((3,), None, "there is no network", None), "Nobody is asked: there is no network."),
        (RolledOut((3,), None, 0.5, 1.0, None), "There is no rollout here; the value is +1.00 for Black."),
        (RolledOut((3,), 1.0, 1.0, 1.0, None), "Played to its end: +1.00 for Black."),
        (
            RolledOut((3,), 1.0, 0.5, 0.56, None),
            "Played to its end: +1.00 for Black. With weight 0.5 that makes +0.56.",
        ),
        (
            BackedUp((3,), 0.5, (Change((4, 5), (0.1, 0.2)), Change((0, 1), (0.0, 0.5)))),
            "+0.50 for Black goes up 1 move; the root is visited 5 times, Q from +0.100 to +0.200.",
        ),
    ],
)
def test_what_a_phase_tells(event, sentence):
    assert Words(("Black", "White"), str).tell(event) == sentence


def test_one_player_needs_no_names():
    assert Words(("", ""), str, 1000).tell(Evaluated((), 312.0, "the network", None)) == "The network says +312."


# --- drawing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_drawn_outside(go_game, dice_game, size, scale):
    for player, position in (go_game, dice_game):
        view = TreeView(Theme(scale))
        best = read_player(player, position).best
        view.opened = {best[:k] for k in range(1, 5)}
        surface = drawn(view, scene_for(player, position, view), size)
        surface.fill(PANEL, pygame.Rect(20, 20, *size))
        assert (pygame.surfarray.array3d(surface) == PANEL).all()


def test_every_phase_of_every_game_is_drawn(go_game, dice_game):
    words_game = searched(words, WORDS, 40, normalise=True, first_play=0.0)
    race_game = searched(race, RACE, 100)
    for player, position in (go_game, dice_game, words_game, race_game):
        stepper, view = Stepper(player, position), TreeView(Theme())
        pictures = []
        for _ in range(10):
            event = stepper.step()
            scene = scene_for(player, position, view, event=event, stepping=True)
            pictures.append(pygame.image.tobytes(drawn(view, scene), "RGB"))
            drawn(view, scene, (900, 500))
            if event.phase == "select":
                assert len(bars_of_way(event, scene.words)) == len(event.path)
        assert len(set(pictures)) >= 9


def test_without_a_tree_a_sentence_is_shown():
    view = TreeView(Theme())
    assert not (pygame.surfarray.array3d(drawn(view, TreeScene(None))) == PANEL).all()
    assert view.at((100, 100)) is None
    assert key(view, "DOWN") is None


# --- mouse and keys ---------------------------------------------------------------------------------------


def test_a_click_selects_and_a_caret_folds(go_game):
    view = TreeView(Theme())
    drawn(view, scene_for(*go_game))
    read = read_player(*go_game)
    path = (read.root.children[1].move,)
    assert view.at(place_of(view, path)) == path
    assert click(view, place_of(view, path)) == path == view.selected
    caret = next(rect.center for rect, row in view.carets if row.path == path)
    assert click(view, caret) is None
    assert path in view.opened
    drawn(view, scene_for(*go_game, view))
    below = [row for row in view.lines if row.depth == 1 and row.path[:1] == path]
    assert below
    click(view, caret)
    drawn(view, scene_for(*go_game, view))
    assert not [row for row in view.lines if row.depth == 1 and row.path[:1] == path]


def test_the_wheel_scrolls_where_the_mouse_is(go_game):
    view = TreeView(Theme())
    for pos, moved in (((5, 5), False), ((100, 100), True)):
        drawn(view, scene_for(*go_game), (360, 260))
        view.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=pos))
        view.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1))
        drawn(view, scene_for(*go_game), (360, 260))
        assert (view.scrolled > 0) == moved


def test_others_are_listed_on_demand(go_game):
    view = TreeView(Theme())
    drawn(view, scene_for(*go_game), (360, 900))
    assert click(view, place_of(view, (-1,))) is None
    assert view.width == 6 + MORE
    drawn(view, scene_for(*go_game, view), (360, 900))
    assert len([row for row in view.lines if row.depth == 0 and row.nodes]) == 6 + MORE


def test_keys_walk_through_the_lines(go_game):
    view = TreeView(Theme())
    drawn(view, scene_for(*go_game))
    first = key(view, "DOWN")
    assert first == read_player(*go_game).best[:1]
    below = key(view, "DOWN")
    assert below[:1] == first
    assert key(view, "UP") == first
    key(view, "LEFT")
    drawn(view, scene_for(*go_game, view))
    assert len(key(view, "DOWN")) == 1
    last = key(view, "END")
    drawn(view, scene_for(*go_game, view), (360, 260))
    assert place_of(view, last)[1] < view.listed.bottom
    assert key(view, "HOME") == first


def test_dice_are_clicked_to_see_what_is_below(dice_game):
    player, position = dice_game
    view, best = TreeView(Theme()), read_player(*dice_game).best
    at_dice = next(k for k in range(len(best)) if k > 0 and len(position.game.notation(position.state, best[k])) == 2)
    view.opened = {best[:k] for k in range(1, at_dice + 1)}
    drawn(view, scene_for(*dice_game, view), (400, 900))
    fan = next(row for row in view.lines if row.fan)
    assert len(fan.fan) == 21
    path = (*fan.path, fan.fan[3].move)
    assert click(view, place_of(view, path)) == path
    drawn(view, scene_for(*dice_game, view), (400, 900))
    assert [row for row in view.lines if row.path == path and row.unfolded]
    click(view, place_of(view, path))
    drawn(view, scene_for(*dice_game, view), (400, 900))
    assert not [row for row in view.lines if row.path == path]


def test_any_events_in_any_order(go_game, dice_game):
    random = np.random.default_rng(5)
    for game in (go_game, dice_game):
        view = TreeView(Theme())
        for _ in range(150):
            drawn(view, scene_for(*game, view), (int(random.integers(20, 950)), int(random.integers(20, 700))))
            for _ in range(4):
                pos = (int(random.integers(0, 900)), int(random.integers(0, 700)))
                name = str(random.choice(["UP", "DOWN", "LEFT", "RIGHT", "HOME", "END", "PAGEUP", "PAGEDOWN", "x"]))
                happened = [
                    lambda view=view, pos=pos: click(view, pos),
                    lambda view=view, name=name: key(view, name),
                    lambda view=view, pos=pos: view.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=pos)),
                    lambda view=view: view.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1)),
                ]
                happened[random.integers(4)]()
            view.width = min(view.width, 40)


@pytest.mark.parametrize("width", [280, 600, 900])
@pytest.mark.parametrize("scale", [0.75, 1.5])
def test_the_sentence_of_a_phase_lies_above_what_follows(monkeypatch, width, scale):
    written, text = [], Theme.text
    monkeypatch.setattr(Theme, "text", lambda *how, **more: written.append(text(*how, **more)) or written[-1])
    theme, surface = Theme(scale), pygame.Surface((1400, 400))
    change = Change((12345, 12346), (-0.25, -0.26))
    event = BackedUp(tuple(range(12)), -1.0, (change,) * 13)
    rect = pygame.Rect(0, 0, theme.px(width), 400)
    top = Details(theme).draw_phases(surface, rect, event, Words(("Black of the longest name", "White")))
    assert len(written) > 5
    assert max(place.bottom for place in written) <= top
