"""Guessing what `select` will take before it does: a switch, a guess, and how many guesses were right."""

from engine.reading import Path
from engine.stepping import Event, Selected
from gui.tabs.tree_rows import Words


class Predictions:
    """The guesses of one person; a guess is a line of the tree, and right if the simulation begins with it."""

    def __init__(self):
        self.on = False
        self.right = self.made = 0
        self.guess: Path | None = None
        self.verdict = ""
        self._seen: Event | None = None

    def switch(self) -> None:
        """Begin to guess, or no longer."""
        self.on, self.guess, self.verdict = not self.on, None, ""

    def waits(self, event: Event | None) -> bool:
        """Tell whether the next phase is `select` and nobody has guessed yet; `event` is the last phase."""
        return self.on and self.guess is None and (event is None or event.phase == "backup")

    def take(self, path: Path) -> None:
        """Take a guess."""
        self.guess, self.verdict = path, ""

    def see(self, event: Event | None, words: Words) -> None:
        """Compare the guess with what select took, once."""
        if event is self._seen:
            return
        self._seen = event
        if self.guess is None or not isinstance(event, Selected):
            return
        guess, self.guess = self.guess, None
        right = event.path[: len(guess)] == guess
        self.made, self.right = self.made + 1, self.right + right
        self.verdict = "Right." if right else f"No: {_why(guess, event, words)}"

    @property
    def count(self) -> str:
        """How many guesses were right."""
        return f"{self.right} of {self.made} right" if self.made else ""


def _why(guess: Path, event: Selected, words: Words) -> str:
    """Return what was taken instead, with the sums where both stand in the same choice."""
    k = next((k for k, (a, b) in enumerate(zip(guess, event.path, strict=False)) if a != b), len(event.path))
    if k >= len(event.choices):
        return "the way ends before that."
    choice = event.choices[k]
    sums = {term.move: term.q + term.u for term in choice.terms}
    taken = event.path[k]
    if guess[k] not in sums or choice.planned:
        return f"it took {words.name(taken)}."
    return f"{words.name(taken)} has Q + U = {sums[taken]:+.3f}, {words.name(guess[k])} {sums[guess[k]]:+.3f}."
