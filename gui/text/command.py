"""The command `yomi play text`. Loaded at every start: the rest comes when called."""

from enum import StrEnum
from typing import Annotated

import typer

from engine.command_line import Seed
from engine.text.asking import (
    BarredLetters,
    Conditions,
    ExactLength,
    IncludedWords,
    LanguageModelName,
    LearnFor,
    MoreTokens,
    OwnReward,
    Syllables,
    VariedPairs,
)
from gui.play_command import PlayPlan, add_game

GAME = "text"


class Chooser(StrEnum):
    you = "you"
    yomi = "yomi"


def add_play(play: typer.Typer) -> None:
    """Add `yomi play text`."""
    add_game(play, GAME, play_text, 'yomi play text "2 7 8 12"', runs=False)


def play_text(
    prompt: Annotated[
        str, typer.Argument(help="A beginning, a question, or four numbers: the Game of 24.")
    ] = "2 3 9 12",
    model: LanguageModelName = "",
    reward: OwnReward = "",
    exactly: ExactLength = (0, ""),
    include: IncludedWords = None,
    without: BarredLetters = "",
    meter: Syllables = "",
    varied: VariedPairs = False,
    budget: Annotated[int, typer.Option(min=1, max=1_000_000, help="Token evaluations before each token.")] = 200,
    tokens: MoreTokens = 64,
    learn: LearnFor = 10_000,
    who: Annotated[Chooser, typer.Option(help="Who chooses the tokens, in the window.")] = Chooser.you,
    seed: Seed = 1,
    load: Annotated[str, typer.Option(metavar="FILE", help="Show the text of this file in the window.")] = "",
) -> PlayPlan:
    """Write with the search, token by token, in a window or in the terminal: take its tokens, or others."""
    from gui.text.request import TextRequest

    conditions = Conditions(reward, exactly, include or [], without, meter, varied=varied)
    request = TextRequest(model, conditions, tokens, learn, budget, seed)

    def in_terminal() -> None:
        if load:
            raise ValueError("--load shows a text in the window, and this one is written in the terminal")
        from gui.terminal import DirectThinker
        from gui.text import terminal

        terminal.play(request.begin(prompt, thinker=DirectThinker()))

    return PlayPlan(lambda: {"prompt": prompt, "request": request, "who": str(who)}, in_terminal, load)
