"""Draw the README's pictures: python tests/make_pictures.py [folder]. Yomi plays itself, the same game every time."""

import io
import sys
from pathlib import Path

from rich.console import Console

from engine.clock import Limit
from engine.players import make_player
from games import go, go_board
from games.game import Position
from gui.terminal_view import COLOURED, Thought, view

MOVES = 34


def terminal(folder: Path) -> Path:
    """Play some moves on 9x9 and draw the position as the terminal shows it."""
    position = Position(go, go_board.setup(9, 7, "chinese"))
    player = make_player(go, "rollouts", Limit(visits=4000), threads=1)
    while len(position.moves) < MOVES and not position.over:
        mover, move = position.turn, player.choose(position)
        thought = Thought(player.thought, mover) if player.thought else None
        position.play(move)
    console = Console(record=True, file=io.StringIO(), width=78, force_terminal=True, color_system="truecolor")
    console.print(view(position, COLOURED, thought))
    path = folder / "terminal.svg"
    path.write_text(console.export_svg(title="yomi play go --colour none"), "utf-8")
    return path


if __name__ == "__main__":
    print(terminal(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "gui" / "pictures")))
