"""The widgets answer the mouse and the keyboard, and draw inside their rectangles."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import pygame
import pytest

from gui import script
from gui.messages import Close, JumpTo, Pass, SetField, ShowTab, Undo
from gui.widgets.basic import Button, Slider, Tabs, Toggle
from gui.widgets.dialog import Dialog
from gui.widgets.graph import Graph
from gui.widgets.lists import DropDown, ListBox
from gui.widgets.ring import Ring
from gui.widgets.text_field import TextField
from gui.widgets.theme import Theme


@pytest.fixture(scope="module")
def theme():
    pygame.display.init()
    pygame.font.init()
    yield Theme(1.0)
    pygame.quit()


@pytest.fixture
def press(theme):
    """Return what a widget answers to a click, or to a key, after the ring has seen it."""

    def press(ring, *where, key=""):
        events = [script.key(key)] if key else list(script.click(where))
        answers = [ring.handle(event, theme) for event in events]
        return next((answer for answer in answers if answer is not None), None)

    return press


def placed(widget, left=10, top=10, width=200, height=30):
    widget.rect = pygame.Rect(left, top, width, height)
    return widget


def change(value):
    return SetField("it", value)


def test_a_button_answers_clicks_enter_and_space_but_not_when_disabled(press):
    button = placed(Button("Pass", Pass()))
    ring = Ring([button])
    assert press(ring, 20, 20) == Pass()
    assert press(ring, 400, 20) is None
    assert press(ring, key="space") is None
    press(ring, key="tab")
    assert button.focused
    assert press(ring, key="space") == press(ring, key="enter") == Pass()
    button.enabled = False
    assert press(ring, 20, 20) is None


def test_tab_goes_round_and_shift_tab_back(press):
    first, second, hidden = (placed(Button(name, Pass())) for name in "abc")
    hidden.visible = False
    ring = Ring([first, second, hidden])
    seen = []
    for key in ("tab", "tab", "tab", "shift+tab"):
        press(ring, key=key)
        seen.append(ring.focus)
    assert seen == [first, second, first, second]


def test_a_toggle_says_its_message(press):
    assert press(Ring([placed(Toggle("Sound", Pass()))]), 20, 20) == Pass()


def test_a_slider_follows_the_mouse_and_the_arrows(press, theme):
    slider = placed(Slider("Visits", [10, 20, 30, 40], 20, change))
    ring = Ring([slider])
    assert press(ring, 207, 25) == SetField("it", 40)
    for event in script.drag((207, 25), (0, 25)):
        ring.handle(event, theme)
    assert slider.value == 10
    press(ring, key="tab")
    assert press(ring, key="right") == SetField("it", 20)
    press(ring, key="left")
    assert press(ring, key="left") is None


def test_a_text_field_is_edited_where_the_cursor_is(press, theme):
    field = placed(TextField("6.5", change, lambda text: SetField("done", text)))
    ring = Ring([field])
    assert press(ring, key="7") is None  # it has no keyboard yet
    press(ring, 190, 20)
    assert field.focused
    assert press(ring, key="backspace") == SetField("it", "6.")
    press(ring, key="home")
    press(ring, key="delete")
    assert press(ring, key="7") == SetField("it", "7.")
    assert press(ring, key="enter") == SetField("done", "7.")
    assert field.insert("1\n2") == SetField("it", "712.")
    assert press(ring, key="ctrl+a") is None


def test_a_drop_down_opens_chooses_and_closes(press, theme):
    drop = placed(DropDown([(k, f"choice {k}") for k in range(30)], 3, change))
    ring, surface = Ring([drop]), pygame.Surface((400, 400))
    press(ring, 20, 20)
    assert drop.open
    ring.draw(surface, theme)
    assert surface.get_rect().contains(drop.list.rect)
    assert press(ring, 390, 390) is None
    assert not drop.open
    press(ring, key="tab")
    press(ring, key="enter")
    press(ring, key="down")
    assert press(ring, key="enter") == SetField("it", 4)
    press(ring, 20, 20)
    ring.draw(surface, theme)
    row = drop.list.rect.top + 5
    assert press(ring, drop.list.rect.left + 20, row) == SetField("it", drop.list.top)


def test_tabs_change_by_click_and_arrow(press):
    tabs = placed(Tabs(["Game", "Search"], "Game", ShowTab))
    ring = Ring([tabs])
    assert press(ring, 150, 20) == ShowTab("Search")
    press(ring, key="tab")
    assert press(ring, key="left") == ShowTab("Search")


def test_what_is_selected_stays_in_sight_when_a_list_gets_smaller(theme):
    box, surface = placed(ListBox(choose=JumpTo), height=24 * 8), pygame.Surface((400, 400))
    box.show([(str(k),) for k in range(8)], 7)
    box.draw(surface, theme)
    assert box.top == 0
    box.rect.height = 24 * 3
    box.draw(surface, theme)
    assert box.top == 5


def test_a_list_scrolls_to_what_is_selected_and_by_wheel(press, theme):
    box = placed(ListBox(choose=JumpTo), height=24 * 5)
    ring, surface = Ring([box]), pygame.Surface((400, 400))
    box.show([(str(k),) for k in range(100)], 60)
    ring.draw(surface, theme)
    assert box.top == 56
    ring.handle(next(script.click((50, 20))), theme)
    ring.handle(next(script.events(script.Order("wheel", "1"))), theme)
    assert box.top == 53
    assert press(ring, 50, 15) == JumpTo(53)
    assert press(ring, key="end") == JumpTo(99)
    ring.draw(surface, theme)
    assert box.top == 95
    box.show([("one",)], 0)
    ring.draw(surface, theme)
    assert box.top == 0
    assert press(ring, 50, 100) is None


def test_a_graph_is_joined_over_gaps_and_jumps(press, theme):
    graph = placed(Graph(JumpTo), height=100)
    graph.values = [0.0, 0.5, None, -0.5, 2.0] * 8
    assert graph.joints()[:6] == [(0, 1), (1, 3), (3, 4), (4, 5), (5, 6), (6, 8)]
    ring, surface = Ring([graph]), pygame.Surface((400, 400))
    graph.marks, graph.now = [1, 2], 39
    ring.draw(surface, theme)
    assert press(ring, 203, 50) == JumpTo(39)
    assert press(ring, 17, 50) == JumpTo(0)
    places = [graph._place(theme, ply, graph.values[ply]) for pair in graph.joints() for ply in pair]
    inside = [graph.rect.inflate(2, 2).collidepoint(point) for point in places]
    assert all(inside)


def test_an_empty_graph_and_an_empty_list_answer_nothing_bad(press, theme):
    graph, box = placed(Graph(JumpTo), height=100), placed(ListBox(choose=JumpTo), top=200, height=100)
    ring = Ring([graph, box])
    ring.draw(pygame.Surface((400, 400)), theme)
    assert press(ring, 100, 50) == JumpTo(0)
    assert press(ring, 100, 250) is None
    assert press(ring, key="end") is None


@pytest.mark.parametrize("scale", [0.75, 1.0, 2.0])
def test_a_dialog_keeps_its_widgets_inside(scale):
    theme, surface = Theme(scale), pygame.Surface((900, 600))
    field, go = TextField("a.sgf"), Button("Open", Pass())
    dialog = Dialog("Open", ["one line " * 20], [(field, 32), (ListBox(), 100)], [Button("Cancel", Close()), go])
    dialog.draw(surface, theme)
    assert surface.get_rect().contains(dialog.rect)
    assert all(dialog.rect.contains(widget.rect) for widget in dialog.ring.widgets)
    assert field.focused
    assert dialog.handle(script.key("escape"), theme) == Close()


def test_a_tooltip_comes_after_a_while(theme, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("gui.widgets.ring.perf_counter", lambda: now[0])
    button = placed(Button("Pass", Pass(), "P: give the turn away"))
    ring, surface = Ring([button]), pygame.Surface((400, 400))
    ring.handle(next(script.click((20, 20))), theme)
    ring.draw(surface, theme)
    assert not ring.tip.shown
    now[0] = 100.7
    assert ring.due
    ring.draw(surface, theme)
    assert ring.tip.shown
    assert not ring.due
    ring.show([placed(Button("Undo", Undo()))])  # another page lies under the mouse now
    assert ring.tip.owner is None


@pytest.mark.parametrize("line", ["fly 1 2", "click 1", "press", "wait x"])
def test_a_script_that_means_nothing_is_told(line):
    with pytest.raises(script.ScriptError):
        script.read(line)


def test_keys_are_read_as_people_write_them(theme):
    assert script.key("ctrl++").key == pygame.K_PLUS
    assert script.key("?").unicode == "?"
    assert script.key("shift+tab").mod & pygame.KMOD_SHIFT
    assert not script.key("ctrl+s").unicode
    with pytest.raises(script.ScriptError):
        script.key("nokey")


def test_signs_that_the_font_lacks_have_others_in_their_place():
    theme = Theme()
    for sign, other in (("␣", "·"), ("⏎", "↵")):
        assert theme.text_width(sign) == theme.text_width(other)
        assert pygame.image.tobytes(theme.text_image(sign, 14, (9, 9, 9), False), "RGBA") == pygame.image.tobytes(
            theme.text_image(other, 14, (9, 9, 9), False), "RGBA"
        )
    for sign in "·↵…→":
        assert theme.font(14).metrics(sign)[0][:4] != (0, 0, 0, 0)
