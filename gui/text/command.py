"""The command `yomi play text`. Loaded at every start: the rest comes when called."""

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


def add_play(play: typer.Typer) -> None:
    """Add `yomi play text`."""
    play.command("text", epilog='Example:  yomi play text "2 7 8 12"')(play_text)


def play_text(
    prompt: Annotated[str, typer.Argument(help="A beginning, a question, or four numbers: the Game of 24.")],
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
    seed: Seed = 1,
) -> None:
    """Write with the search, token by token, in the terminal: take its tokens, or others."""
    from engine.text.asked import opened
    from engine.text.critics import critic_of
    from engine.text.generating import tell
    from gui.text import terminal

    task = opened(model, prompt, Conditions(reward, exactly, include or [], without, meter, varied=varied), tokens)
    root = task.roots([prompt])
    critic = critic_of(task, [prompt], learn, seed, tell) if task.reward.name and learn else None
    terminal.play(task, prompt, root[0], critic, budget, seed)
