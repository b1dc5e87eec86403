"""What `yomi generate` and `yomi evaluate text` share: their options, and what these ask of a model."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    pass

MOST_BUDGET = 1_000_000

LanguageModelName = Annotated[
    str,
    typer.Option("--model", help="A language model that ships, a folder, a run.", show_default="what fits the prompt"),
]
OwnReward = Annotated[
    str, typer.Option("--reward", metavar="FILE.PY:FUNCTION", help="A function: a list of texts in, their rewards out.")
]
ExactLength = Annotated[
    tuple[int, str], typer.Option("--exactly", metavar="N chars|words", help="A text so long.", show_default=False)
]
IncludedWords = Annotated[list[str] | None, typer.Option("--include", metavar="WORD", help="A word that must occur.")]
BarredLetters = Annotated[str, typer.Option("--without", metavar="LETTERS", help="Letters that may not occur.")]
Syllables = Annotated[str, typer.Option("--meter", metavar="5,7,5", help="Syllables of each line.")]
BleuReference = Annotated[str, typer.Option("--bleu", metavar="TEXT", help="Near this text, by BLEU (sacrebleu).")]
RougeReference = Annotated[
    str, typer.Option("--rouge", metavar="TEXT", help="Near this text, by ROUGE-L (rouge-score).")
]
VariedPairs = Annotated[bool, typer.Option("--varied", help="No pair of words twice.")]
Budget = Annotated[int, typer.Option(min=1, max=MOST_BUDGET, help="Token evaluations that each decoder may spend.")]
MoreTokens = Annotated[int, typer.Option("--tokens", min=1, max=100_000, help="Tokens that a text has at most.")]
Temperature = Annotated[float, typer.Option(min=0.01, max=100, help="Softens (above 1) or sharpens likelihoods.")]
Widest = Annotated[int, typer.Option(min=1, max=100_000, help="Tokens worth a look at each place: the likeliest.")]
LearnFor = Annotated[
    int,
    typer.Option(
        "--learn", min=0, max=10_000_000, help="Evaluations that a critic of the reward is learned from; 0: no critic."
    ),
]


@dataclass(frozen=True)
class Conditions:
    """What a text is to be paid for, as the options say it."""

    reward: str = ""
    exactly: tuple[int, str] = (0, "")
    include: list[str] = field(default_factory=list)
    without: str = ""
    meter: str = ""
    bleu: str = ""
    rouge: str = ""
    varied: bool = False

    def rewards(self) -> list[Any]:
        """Return the rewards that are asked for; raise `ValueError` for one that there is not."""
        from engine.text import lengths, rewards

        found: list[rewards.Reward] = []
        if self.reward:
            found.append(rewards.load_function(self.reward))
        if self.exactly != (0, ""):
            found.append(lengths.Exactly(*self.exactly))
        found += [rewards.Includes(word) for word in self.include]
        if self.without:
            found.append(rewards.Without(self.without))
        if self.meter:
            found.append(rewards.Meter(_numbers(self.meter)))
        found += [rewards.Resembles(name, text) for name, text in (("bleu", self.bleu), ("rouge", self.rouge)) if text]
        return [*found, rewards.Varied()] if self.varied else found


def _numbers(words: str) -> list[int]:
    try:
        return [int(word) for word in words.split(",")]
    except ValueError:
        raise ValueError(f"--meter takes numbers of syllables, such as 5,7,5, not {words!r}") from None
