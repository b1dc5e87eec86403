"""Opening the window: with the start page or a game, for a person or for a script."""

import os
import sys

from gui import files, script, settings_store
from gui import messages as say
from gui.app import App
from gui.runner import Runner


def open_window(
    game: str = "",
    values: dict[str, object] | None = None,
    record: str = "",
    save_to: str = "",
    orders: str = "",
    picture: str = "",
    frames: int = 0,
    run: str = "",
) -> None:
    """Show the window: the start page, or a game at once. A script, a picture or a number of frames end it."""
    steps = script.read(orders)
    app = App(remembered=settings_store.Remembered(scale=1.0, mute=True) if steps or picture else None)
    ended = False
    try:
        if game:
            app.begin(game, values or {})
        if record:
            people = set(app.page.session.people) if app.page else set()
            files.open_path(app, record)
            files.finish(app)
            for side in app.page.session.people - people if app.page else ():
                app.receive(say.SetPerson(side, False))
            app.receive(say.GoOn())
        if run:
            files.open_run(app, run)
        if save_to and app.page:
            app.page.session.records.keep_in(save_to)
        if steps or picture or frames:
            Runner(app).run(steps, frames, picture)
        else:
            app.run()
    finally:
        ended = app.close()
    if not ended:  # a thread is in the middle of compiling; Python cannot end beside it without an abort
        sys.stdout.flush()
        os._exit(0)
