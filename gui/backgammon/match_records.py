"""The record of a match in the window: .mat, or the IDs of a position that did not come from an opening."""

from pathlib import Path
from typing import TYPE_CHECKING

from games.backgammon import gnubg_id, xgid
from games.backgammon.dice import GivenDice, SeededDice
from games.backgammon.rules import DICE, ROLL, WINNER
from games.game import NOBODY, Position
from gui.backgammon import book as books
from gui.backgammon.book import OpenedMatch
from gui.records import Progress, Records, names_in_record

if TYPE_CHECKING:
    from gui.backgammon.match import MatchSession


class MatchRecords(Records[OpenedMatch]):
    """The record of a match: .mat, or the position's IDs where it did not begin at an opening."""

    session: "MatchSession"
    suffix = ".mat"

    @staticmethod
    def read(path: str, progress: Progress = lambda share: None) -> OpenedMatch:
        """Read a .mat file; raise `ValueError`."""
        if not Path(path).is_file():
            raise ValueError(f"{path}: there is no such file")
        opened = books.resume(path, GivenDice())
        opened.path = path
        opened.about = opened.about or (
            f"{Path(path).name}: game {opened.book.game + 1}, {opened.course.history.last} moves"
        )
        return opened

    @staticmethod
    def read_text(text: str) -> OpenedMatch:
        """Read a match, a GNU Backgammon ID or an XGID; raise `ValueError`."""
        return books.resume_text(text, GivenDice())

    def show(self, opened: OpenedMatch) -> None:
        """Go on with a match that was read, with the dice of the match before; Yomi waits where it has moves."""
        opened.book.dice = self.session.book.dice
        self.session.take(opened)
        if opened.course.history.last:
            self.session.pause()

    def written(self) -> bytes:
        """Return the match so far as .mat."""
        session = self.session
        return session.book.written(session.course.end(), session.resigned, self._players()).encode()

    def _players(self) -> tuple[str, str]:
        """Return what the record calls both sides."""
        player = self.session.engine.player
        return names_in_record(self.session.people, f"Yomi {player.name if player else 'backgammon'}")

    def kept(self) -> tuple[bytes, str, dict[str, object]]:
        """Return the match, or where that cannot be written the position, and the dice."""
        dice, values = self.session.book.dice, self.choices("first", "second") | {"dice": "manual"}
        if isinstance(dice, SeededDice):
            values |= {"dice": "seed", "seed": str(dice.seed), "swapped": dice.swapped}
        try:
            return self.written(), ".mat", values
        except ValueError:
            return self.text().splitlines()[0].encode(), ".txt", values

    def text(self) -> str:
        """Return the position as GNU Backgammon and eXtreme Gammon write it.

        In the middle of a turn it is the beginning of the turn, at the end of a game that of the last one.
        """
        position, ply = self.session.position, self.session.ply
        while ply and (position.states[ply][WINNER] != NOBODY or is_mid_turn(position, ply)):
            ply -= 1
        state = position.states[ply]
        return f"{gnubg_id.to_id(state)}\n{xgid.to_id(state)}\n"

    def about(self) -> str:
        """Describe the match in a few words."""
        one, other = self.session.points
        of = f"match to {self.session.length}" if self.session.length else "for money"
        return f"Backgammon {of}, game {self.session.book.game + 1}, {one} : {other}"


def is_mid_turn(position: Position, ply: int) -> bool:
    """Tell whether a checker was already moved in the turn of a ply."""
    return ply > 0 and bool(position.states[ply][DICE]) and position.moves[ply - 1] < ROLL
