"""How a game is shown to its networks: the part `planes` of its rules, which convolutions need to know.

Such a part holds PLANES and COUNT, the planes; MASK, the plane that is 1 on the board; SCALE float32 [COUNT], what each
plane is multiplied with; BOARDS, the rows and columns of boards on which a network is tried, one alone where the game
has no other, else squares; LARGEST, the side of the largest board; POLICY, what a move is ("points": a point, row by
row, or the pass, which is the last; "columns": a column); SYMMETRIES, how many there are; `turned(planes, k)`, planes
under symmetry k; and `symmetry(k, columns)`, where each move goes.
"""

from types import ModuleType

from games import wings

POINTS, COLUMNS = "points", "columns"


def sight(game: str) -> ModuleType:
    """Return the planes of a game; raise `ValueError` for a game that no network of convolutions plays yet."""
    found = wings.part("games", game, "planes")
    if getattr(found, "POLICY", "") not in (POINTS, COLUMNS):
        raise ValueError(f"no network plays {game} yet: its moves are neither points of the board nor columns")
    return found


def move_count(shown: ModuleType, rows: int, columns: int) -> int:
    """Return how many logits a network has on a board."""
    return columns if shown.POLICY == COLUMNS else rows * columns + 1


def board(shown: ModuleType, most: int) -> tuple[int, int]:
    """Return rows and columns of the only board, or of a square one with the side `most`."""
    return shown.BOARDS[0] if len(shown.BOARDS) == 1 else (most, most)
