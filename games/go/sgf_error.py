"""What is wrong with a record, in a sentence."""


def printable(sentence: str) -> str:
    """Return a sentence that may quote a file, cut and on one line."""
    return "".join(c if c.isprintable() else " " for c in sentence[:200])


class SgfError(ValueError):
    """A record that cannot be used; the message names the file, the game in it (from 1) and what is wrong."""

    def __init__(self, sentence: str, source: str = "", game: int = 0):
        sentence = printable(sentence)
        where = [part for part in (source, f"game {game}" if game else "") if part]
        super().__init__(": ".join([", ".join(where)] * bool(where) + [sentence]))
        self.sentence, self.source, self.game = sentence, source, game
