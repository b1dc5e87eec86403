"""What the window does itself when a message asks for it: pages, tabs, files, sounds, the clipboard."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pygame

from games.game import FIRST, SECOND
from gui import file_dialogs, files, following, menu
from gui import messages as say
from gui.lab.screen import LabScreen
from gui.menu_messages import CopyPicture, SetColours, ShowMenu
from gui.messages import Message
from gui.start_messages import CompareOpinions, PlayAgain, ReviewEnded, WatchRun
from gui.widgets import clipboard
from gui.widgets.text_field import TextField

if TYPE_CHECKING:
    from gui.app import App

CANDIDATES = "candidates"
"""The overlay that shows which moves the search considers."""

USUAL_REVIEW = 200
"""Visits a move of the review that the card at the end begins."""


def show_tab(app: "App", name: str) -> None:
    """Bring a tab to the top; the position of a stepped simulation leaves the board with its tab."""
    if app.page and app.panel:
        app.panel.show(name)
        if not app.panel.tab.shows_steps:
            app.page.receive(say.LeaveStep())


def show_record(app: "App", message: say.ShowRecord) -> None:
    """Show a record that was read: both seats are people's until one is given to the engine; no opponent follows it."""
    app.follower.leave()
    if app.page is None:
        return
    app.page.receive(message)
    if not app.page.session.alarm or message.opened.alarm:
        for side in (FIRST, SECOND) if app.page.session.position.game.players == 2 else ():
            app.page.receive(say.SetPerson(side, True))
        app.page.session.pause()
        app.page.session.tell(message.opened.about, message.opened.alarm)


def play_again(app: "App", changed: Mapping[str, object]) -> None:
    """Begin the game on screen anew, with some other choices; an opponent that follows has moved."""
    if app.page is None:
        return
    name, values = app.page.name, dict(app.page.began)
    if values.pop(following.KEY, ""):
        values |= {"level": following.FOLLOW}
        values.pop("opponent", None)
    try:
        chosen = {**values, **changed}
        app.begin(name, following.settled(name, app.pages[name].fields(chosen), chosen, app.remembered.levels))
    except (ValueError, OSError, ImportError) as error:
        app.tell(" ".join(str(error).split()), alarm=True)


def review_ended(app: "App") -> None:
    """Show the tab of the review, and begin it."""
    if app.page and app.panel:
        app.panel.show("Review")
        app.page.receive(say.StartReview(USUAL_REVIEW))


def toggle_mute(app: "App") -> None:
    """Turn sounds off, or on; where there are none, say why."""
    app.sounds.mute = not app.sounds.mute
    app.remember(mute=app.sounds.mute)
    app.tell("sounds are off" if app.sounds.mute else app.sounds.why_not or "sounds are on")


def analyse(app: "App") -> None:
    """Begin to analyse, and show the candidates on the board; or stop."""
    if app.at_start or app.page is None:
        return
    shows = any(overlay.name == CANDIDATES for overlay in app.page.overlays)
    if shows and CANDIDATES not in app.page.shown and not app.page.session.engine.analysing:
        app.page.receive(say.ToggleOverlay(CANDIDATES))
    app.page.receive(say.Analyse())


def hint(app: "App") -> None:
    """Show the candidates, and let the search look for them where nothing is known."""
    if app.at_start or app.page is None:
        return
    if CANDIDATES not in app.page.shown:
        app.page.receive(say.ToggleOverlay(CANDIDATES))
    if not app.page.session.engine.analysing and not app.page.session.engine.doing:
        app.page.receive(say.Analyse())


def close_top(app: "App") -> None:
    """Close what lies on top: a file that is being read, or the dialog."""
    if app.opening:
        app.opening.drop()
        app.opening = None
    else:
        app.dialog = None


def edit(field: TextField, key: int) -> Message | None:
    """Copy, cut or paste in a text field."""
    if key == pygame.K_v:
        return field.insert(clipboard.get())
    clipboard.put(field.value)
    return field.put("") if key == pygame.K_x else None


VERBS: dict[type, Callable] = {
    say.Scale: lambda app, message: app.rescale(message.by),
    say.ToggleMute: lambda app, message: toggle_mute(app),
    say.ToggleHelp: lambda app, message: setattr(app, "help", not app.help),
    say.Close: lambda app, message: close_top(app),
    say.Quit: lambda app, message: setattr(app, "left", True),
    say.ShowPage: lambda app, message: app.show_page(message.name),
    say.ShowRecord: lambda app, message: show_record(app, message),
    say.ShowTab: lambda app, message: show_tab(app, message.name),
    say.NewGame: lambda app, message: files.new_game(app, message.game, dict(message.values)),
    say.GoOnWith: lambda app, message: files.go_on_with(app, message.record),
    say.Open: lambda app, message: files.open_path(app, message.path),
    say.Save: lambda app, message: files.save(app, message.path),
    PlayAgain: lambda app, message: play_again(app, dict(message.changed)),
    ReviewEnded: lambda app, message: review_ended(app),
    say.OpenLab: lambda app, message: setattr(app, "dialog", LabScreen()),
    say.AskOpen: lambda app, message: file_dialogs.ask_open(app),
    say.AskRun: lambda app, message: file_dialogs.ask_run(app),
    say.OpenRun: lambda app, message: files.open_run(app, message.path),
    CompareOpinions: lambda app, message: files.compare_opinions(app),
    WatchRun: lambda app, message: files.watch_run(app, message.path),
    say.CloseRun: lambda app, message: app.show_run(None),
    say.PlayGhost: lambda app, message: files.play_ghost(app, message.checkpoint),
    say.AskSave: lambda app, message: file_dialogs.ask_save(app),
    say.Paste: lambda app, message: files.paste(app),
    say.Copy: lambda app, message: files.copy(app),
    CopyPicture: lambda app, message: files.copy_picture(app),
    ShowMenu: lambda app, message: menu.show(app),
    SetColours: lambda app, message: menu.set_colours(app, message.name),
    say.Analyse: lambda app, message: analyse(app),
    say.AskHint: lambda app, message: hint(app),
}
"""What the window does itself."""
