"""A game of Connect Four in progress, and its record: the digits of the columns that were played ("4435")."""

from games.connect_four.writing import read_moves, write_moves
from games.game import FIRST, SECOND
from games.plain_files import open_plain
from gui.course import Course
from gui.opponent import Opponent
from gui.records import Opened, Progress, Records
from gui.session import VERBS, Session

SIDES = ("Red", "Yellow")

LONGEST = 1000
"""Letters of a file: a game has 42 digits at most."""


class ConnectFourSession(Session):
    """One game of Connect Four."""

    verbs = VERBS
    how = "click a column"

    def __init__(self, position, make_player, people, thinker=None, opponent: Opponent | None = None):
        super().__init__(position, make_player, people, None, SIDES, thinker, opponent)
        self.records = ConnectFourRecords(self)

    @property
    def result(self) -> str:
        """The result in words, "" while the game goes on."""
        if self.ended or not self.position.over:
            return self.ended
        value = self.position.value()
        return f"{SIDES[FIRST if value > 0 else SECOND]} has four in a row" if value else "a draw"


class ConnectFourRecords(Records[Opened]):
    """The record of a game: its moves."""

    session: ConnectFourSession
    suffix = ".c4"

    @staticmethod
    def read(path: str, progress: Progress = lambda share: None) -> Opened:
        """Read a file, in any thread; raise `ValueError` where it holds no game."""
        with open_plain(path) as file:
            opened = ConnectFourRecords.read_text(file.read(LONGEST + 1).decode("utf-8", "replace"))
        opened.path = path
        return opened

    @staticmethod
    def read_text(text: str) -> Opened:
        """Read a list of moves; raise `ValueError`."""
        if len(text) > LONGEST:
            raise ValueError("this is no game of Connect Four: it is longer than 42 moves")
        return Opened(Course(read_moves(text)))

    def written(self) -> bytes:
        """Return the moves of the line on the board."""
        return (write_moves([node.move for node in self.session.history.line[1:]]) + "\n").encode()

    def kept(self) -> tuple[bytes, str, dict[str, object]]:
        """Return the moves, and which side the person plays."""
        return self.written(), self.suffix, self.choices("red", "yellow")

    def about(self) -> str:
        """Describe the game in a few words."""
        return f"Connect Four, move {self.session.history.last}"
