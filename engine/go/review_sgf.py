"""Write a review of a game of Go into its SGF: a comment on every move, and better lines as variations.

Everything that stands in the file stays. A file that was reviewed before gets the new comments instead of the old.
"""

from collections.abc import Iterable

from sgfmill.sgf import Sgf_game, Tree_node

from engine.go.review import ReviewedMove
from engine.go.review_report import comment_on, worth_of_best
from games.go import sgf

SIGN = "Yomi: "
"""How a paragraph begins that a review wrote."""


def annotate(game: Sgf_game, moves: Iterable[ReviewedMove], size: int) -> None:
    """Write judged moves into a game of a `sgf.Document`."""
    nodes = [node for node in game.get_main_sequence() if node.has_property("B") or node.has_property("W")]
    for judged in moves:
        node = nodes[judged.number - 1]
        _add(node, comment_on(judged, size))
        if judged.grade:
            _add_variation(node.parent, judged)


def _add_variation(node: Tree_node, judged: ReviewedMove) -> None:
    first = None
    for k, move in enumerate(judged.variation):
        node = sgf.play(node, move, (judged.mover + k) % 2)
        first = first or node
    _add(first, worth_of_best(judged))


def _add(node: Tree_node, text: str) -> None:
    """Put a paragraph below the comment of a node, in the place of what an earlier review said."""
    said = node.get("C") if node.has_property("C") else ""
    kept = [part for part in said.split("\n\n") if part and not part.startswith(SIGN)]
    sgf.set_comment(node, "\n\n".join([*kept, SIGN + text]))
