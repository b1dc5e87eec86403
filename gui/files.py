"""Records and runs in and out of the window: opened, saved, asked for by a dialog, copied and pasted.

A file is read in a thread (`opening.py`). Only when it was read does it replace the game on screen.
"""

import io
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pygame

from games.game import FIRST, SECOND
from gui import kept_games, settings_store, watching
from gui import messages as say
from gui.field import Values
from gui.file_dialogs import PICTURE
from gui.following import Follower
from gui.kept_games import KeptGame
from gui.opening import Opening, Reader
from gui.records import Opened, Progress
from gui.safe_write import write_safely
from gui.tabs.ghost_ladder import Ladder
from gui.tabs.two_opinions import TwoOpinions
from gui.widgets import clipboard, picture_clipboard

if TYPE_CHECKING:
    from gui.app import App

GHOST_SECONDS = "0.1"
"""Seconds a move that a checkpoint thinks when it is played against."""


# --- opening ----------------------------------------------------------------------------------------------


def open_path(app: "App", path: str) -> None:
    """Show a record, in the game on screen or in a new one; a folder is a run."""
    full = Path(path).expanduser()
    if full.is_dir():
        open_run(app, path)
        return
    kept = kept_games.read(full) if app.keeps else None
    if kept:
        go_on_with(app, str(full))
        return
    suffix = full.suffix.lower()
    games = [name for name, page in app.pages.items() if suffix in page.suffixes] or likely_games(app)

    def then(opening: Opening) -> None:
        _show(app, opening)
        if not opening.error or opening.opened:
            _remember(app, path)

    _begin(app, str(full), [_prepared(app, name, app.start.values[name], app.pages[name].read) for name in games], then)


def likely_games(app: "App") -> list[str]:
    """List all games, the one on screen first."""
    first = app.start.game if app.at_start or app.page is None else app.page.name
    return sorted(app.pages, key=lambda name: name != first)


def paste(app: "App") -> None:
    """Show the record in the clipboard."""
    text = clipboard.get()
    if not text.strip():
        app.tell("there is no text in the clipboard", alarm=True)
        return

    def reader(name: str) -> tuple[str, Reader]:
        return name, lambda path, progress: app.pages[name].read_text(text)

    _begin(app, "the clipboard", [reader(name) for name in likely_games(app)], lambda opening: _show(app, opening))


def new_game(app: "App", game: str, changed: Mapping[str, object]) -> None:
    """Begin the game that the start page describes, once what takes long before it is done."""
    prepare = app.pages[game].prepare
    if prepare is None:
        app.new_game(game, changed)
        return
    app.start.choose(game)
    values = {**app.start.chosen(), **changed}

    def then(opening: Opening) -> None:
        if opening.error:
            _say_why_not(app, opening)
        else:
            app.new_game(game, changed)

    _begin(app, "", [(game, lambda path, progress: prepare(values))], then, "opening the language model")


def _prepared(app: "App", game: str, values: Values, read: Reader) -> tuple[str, Reader]:
    """Return a game and how its records are read, after what takes long before such a game begins."""
    prepare = app.pages[game].prepare

    def reader(path: str, progress: Progress) -> Opened | None:
        opened = read(path, progress)
        if prepare is not None:
            prepare(values)
        return opened

    return game, reader


def go_on_with(app: "App", record: str) -> None:
    """Go on with a game that was kept."""
    kept = kept_games.read(Path(record))
    if kept is None or kept.game not in app.pages:
        app.tell(f"{record}: there is no such game", alarm=True)
        return

    reader = _prepared(app, kept.game, kept.values, app.pages[kept.game].read)
    _begin(app, record, [reader], lambda opening: _go_on(app, kept, opening))


def _go_on(app: "App", kept: KeptGame, opening: Opening) -> None:
    """Go on with a game that was kept; where it cannot begin as it did, show its record."""
    if opening.opened is None:
        _say_why_not(app, opening)
        return
    try:
        page = app.begin(kept.game, dict(kept.values))
    except (ValueError, OSError, ImportError) as error:
        _show_only(app, opening, " ".join(str(error).split()))
        return
    except (KeyError, TypeError, AttributeError, OverflowError):  # choices that no form offers
        _show_only(app, opening, f"{kept.record.with_suffix('.json')} is damaged")
        return
    opened = opening.opened
    people = page.session.people
    app.receive(say.ShowRecord(opened))
    for side in {FIRST, SECOND} - people if page.session.position.game.players == 2 else ():
        app.receive(say.SetPerson(side, False))
    app.receive(say.GoOn())
    app.follower = Follower(kept.game, kept.values)
    page.session.records.go_on_in(kept)


def _begin(app: "App", path: str, readers: Sequence[tuple[str, Reader]], then, words: str = "") -> None:
    """Begin to read a file, or what `words` say; what is done with it then waits until it is read."""
    app.dialog = None
    if app.opening:
        app.opening.drop()
    app.opening, app.then = Opening(path, readers, words), then
    advance(app)


def advance(app: "App") -> None:
    """Show the file that was being read, if it is read now."""
    if app.opening and app.opening.ready:
        opening, app.opening = app.opening, None
        app.then(opening)


def finish(app: "App") -> None:
    """Wait for the file that is being read."""
    while app.opening:
        time.sleep(0.01)
        advance(app)


def _show(app: "App", opening: Opening) -> None:
    """Show a record that was read, in the game on screen or in a new one of its kind."""
    if opening.opened is None:
        _say_why_not(app, opening)
        return
    if app.at_start or app.page is None or app.page.name != opening.game:
        app.new_game(opening.game)
    if app.page is not None and not app.at_start:
        app.receive(say.ShowRecord(opening.opened))


def _show_only(app: "App", opening: Opening, why: str) -> None:
    """Show a record; say why its game does not go on."""
    _show(app, opening)
    app.tell(f"{why}: this is its record", alarm=True)


def _say_why_not(app: "App", opening: Opening) -> None:
    app.tell(opening.error, alarm=True)
    app.sounds.play("wrong")


# --- runs -------------------------------------------------------------------------------------------------


def open_run(app: "App", path: str) -> None:
    """Show what the checkpoints of a run think; if the folder cannot be shown, say why, and the game goes on."""
    app.dialog = None
    try:
        ladder = Ladder(path)
        _show_game_of(app, ladder.game, ladder.run.name)
    except (ValueError, OSError) as error:
        if watching.live_game(app.pages, path):  # it has no checkpoints yet
            watch_run(app, path)
            return
        app.tell(str(error), alarm=True)
        app.sounds.play("wrong")
        return
    if app.at_start or app.panel is None:
        return  # the start page says why there is no game
    app.show_run(ladder)
    app.panel.show("Run")
    app.tell("")
    _remember(app, path)


def compare_opinions(app: "App") -> None:
    """Show what the network that ships thinks of the position beside what rollouts do."""
    if app.page is None or app.panel is None or app.at_start:
        return
    try:
        app.show_run(TwoOpinions(app.page.name))
    except ValueError as error:
        app.tell(str(error), alarm=True)
    else:
        app.panel.show("Run")


def play_ghost(app: "App", checkpoint: int) -> None:
    """Begin a game against a checkpoint of the run; it thinks little, so that what it has learned counts."""
    ladder = app.page.ladder if app.page else None
    if ladder is None or not 0 <= checkpoint < len(ladder.checkpoints):
        return
    try:
        values: dict[str, object] = {"level": "time", "model": ladder.player(checkpoint), "seconds": GHOST_SECONDS}
        app.begin(ladder.game, values)
    except (ValueError, OSError, ImportError) as error:
        app.tell(str(error), alarm=True)
    else:
        app.tell(f"you play the ghost: {ladder.named(checkpoint)}")


def watch_run(app: "App", path: str) -> None:
    """Show the game that a run plays now, and follow it."""
    found = watching.live_game(app.pages, path)
    try:
        if found is None:
            raise ValueError(f"{path} keeps no game that is played now: expert iteration does, while it plays")
        _show_game_of(app, found[0], Path(path).name)
    except ValueError as error:
        app.tell(str(error), alarm=True)
        return
    app.follower.leave()
    app.watch = watching.Watch(found[1])


def _show_game_of(app: "App", game: str, run: str) -> None:
    """Have the game of a run on screen; raise `ValueError` where that is another one."""
    if game not in app.pages:
        raise ValueError(f"{run} is a run of {game}, and there is no board for it")
    here = app.page is not None and app.page.name == game
    if app.at_start and app.page and here and not app.page.session.over:
        app.show_page("game")
    elif app.at_start:
        app.new_game(game)  # at the end of a game no network chooses anything
    elif not here:
        title = app.pages[game].title
        raise ValueError(f"{run} is a run of {title}: begin a game of {title} to look at it")


# --- saving and copying -----------------------------------------------------------------------------------


def save(app: "App", path: str) -> None:
    """Write the game on screen."""
    app.dialog = None
    if app.page is None:
        app.tell("there is no game to save", alarm=True)
        return
    if path.lower().endswith(PICTURE):
        save_picture(app, path)
        return
    app.page.receive(say.Save(path))
    if not app.page.session.alarm:
        _remember(app, path)


def save_picture(app: "App", path: str) -> None:
    """Write a picture of the board as it is on screen."""
    if app.page is None:
        return
    picture = io.BytesIO()
    pygame.image.save(_board(app), picture, PICTURE)
    try:
        write_safely(Path(path).expanduser(), picture.getvalue())
    except ValueError as error:
        app.tell(str(error), alarm=True)
    else:
        app.tell(f"a picture of the board is in {Path(path).expanduser().absolute()}")


def _board(app: "App") -> pygame.Surface:
    app.draw()
    board = app.end_card.split(app.layout()[0], app.theme)[0]
    return app.surface.subsurface(board.clip(app.surface.get_rect()))


def copy_picture(app: "App") -> None:
    """Put a picture of the board into the clipboard; where there is none for pictures, keep it as a file."""
    if app.page is None or app.at_start:
        return
    app.dialog = None
    why_not = picture_clipboard.put(_board(app))
    if not why_not:
        app.tell("a picture of the board is in the clipboard")
        return
    path = settings_store.data_folder() / f"board{PICTURE}"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    save_picture(app, str(path))
    app.tell(f"{why_not}; {app.page.session.said}", app.page.session.alarm)


def copy(app: "App") -> None:
    """Put the record into the clipboard."""
    if app.page and not app.at_start:
        why_not = clipboard.put(app.page.session.records.text())
        app.tell(why_not or "the record is in the clipboard", bool(why_not))


def _remember(app: "App", path: str) -> None:
    app.remember(recent=settings_store.with_recent(app.remembered, path).recent)
