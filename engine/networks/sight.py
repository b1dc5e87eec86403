"""How a game is shown to its networks: the part `planes` of its rules, which convolutions need to know.

Such a part holds PLANES and COUNT, the planes; MASK, the plane that is 1 on the board; SCALE float32 [COUNT], what each
plane is multiplied with; LARGEST, the side of the largest board; SYMMETRIES, how many there are; `turned(planes, k)`,
planes under symmetry k; and `symmetry(k, side)`, where each move goes. A network has one logit a point, row by row, and
one for the pass.
"""

from types import ModuleType

from games import wings


def sight(game: str) -> ModuleType:
    """Return the planes of a game; raise `ValueError` for a game that no network of convolutions plays yet."""
    found = wings.part("games", game, "planes")
    if getattr(found, "POLICY", "points") != "points":
        raise ValueError(f"no network plays {game} yet: its moves are no points of the board")
    return found
