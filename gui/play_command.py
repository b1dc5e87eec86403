"""How `yomi play GAME` is made: a wing's own options, the options of the window, and where the game is played.

Loaded at every start: the rest comes when called. It knows no game.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import typer

from engine.command_line import Frames, Run, Screenshot, Script, Terminal, refuse_run


@dataclass(frozen=True)
class PlayPlan:
    """What a wing makes of its options. Of the two functions the one is called where the game is played."""

    values: Callable[[], dict[str, object]]  # the choices of the start page, for the window
    terminal: Callable[[], None]  # plays in the terminal
    load: str = ""  # a file whose game the window shows
    keep: str = ""  # a file that follows the game in the window


def _window_options(
    run: Run = "",
    in_terminal: Terminal = None,
    screenshot: Screenshot = "",
    frames: Frames = 0,
    script: Script = "",
) -> None:
    """Name the options that every game has: where it is played, and what the window shows."""


def add_game(play: typer.Typer, game: str, options: Callable[..., PlayPlan], example: str, runs: bool = True) -> None:
    """Add `yomi play GAME`: `options` takes the wing's own options; its docstring is the help.

    Without `runs` there are no training runs of this game to look at.
    """
    shared = dict(inspect.signature(_window_options).parameters)
    if not runs:
        shared.pop("run")

    def command(**given: Any) -> None:
        own = {name: value for name, value in given.items() if name not in shared}
        where = {name: given[name] for name in shared}
        _play(game, options(**own), **where)

    signature = inspect.signature(options)
    parameters = [*signature.parameters.values(), *shared.values()]
    hints = get_type_hints(options, include_extras=True) | get_type_hints(_window_options, include_extras=True)
    command.__annotations__ = {each.name: hints[each.name] for each in parameters}
    command.__signature__ = signature.replace(parameters=parameters, return_annotation=None)  # type: ignore[attr-defined]
    command.__doc__, command.__name__ = options.__doc__, options.__name__
    play.command(game, epilog=f"Example:  {example}")(command)


def _play(
    game: str, plan: PlayPlan, in_terminal: bool | None, screenshot: str, frames: int, script: str, run: str = ""
) -> None:
    """Play in a window where one opens, else in the terminal."""
    from gui.display import wants_window

    if wants_window(False if screenshot or script else in_terminal):
        from gui import window

        window.open_window(game, plan.values(), plan.load, plan.keep, script, screenshot, frames, run)
    else:
        refuse_run(run)
        plan.terminal()
