"""The card at the end of a game of backgammon: the score of the match, errors and luck, and what is offered next."""

from collections.abc import Mapping

from games.game import FIRST, SECOND
from gui import messages as say
from gui.backgammon.luck import in_words
from gui.backgammon.match import MatchSession
from gui.backgammon.match_words import match_sentence
from gui.backgammon.words import answer_to_double
from gui.ending import AGAIN, REVIEW, headline, swap
from gui.page import Action, Ending

SIDES = ("first", "second")

NEXT = Action("Next game", say.NextGame(), key="key: Enter")


def ending(match: MatchSession, began: Mapping[str, object]) -> Ending | None:
    """Return what is said once a game is over; None while it goes on."""
    if not match.over:
        return None
    one, other = match.points
    names = match.names
    score = f"{names[FIRST]} {one}, {names[SECOND]} {other}" + (f", to {match.length}" if match.length else "")
    what = "the match" if match.length and match.match_over else "the game"
    line = match_sentence(match) or in_words(match.advice.luck, names, match.book.game, match.position)
    sides = swap(SIDES, str(began.get("colour", "first"))) if len(match.people) == 1 else ()
    final = match.match_over or not match.length
    going_on = (REVIEW, NEXT) if not match.match_over else (REVIEW, AGAIN)
    told = [each for each in (answer_to_double(match, match.ply), match.result, f"Score: {score}") if each]
    result = ".  ".join(told) + "."
    return Ending(headline(match, what), (result, line), (*going_on, *sides), final)
