"""The card at the end of a game of Go: both ways to count, and what is offered next."""

from collections.abc import Mapping

import numpy as np

from games import go
from games.game import FIRST
from games.go import rules as go_rules
from games.go import sgf_words
from gui.ending import AGAIN, REVIEW, headline, swap
from gui.go.session import GoSession
from gui.page import Action, Ending
from gui.start_messages import PlayAgain

SIDES = ("black", "white")


def other_count(state: np.ndarray, dead: np.ndarray) -> str:
    """Return the result by the other way to count: territory where the rules count area, and the other way round."""
    changed = state.copy()
    changed[go_rules.RULES] ^= go_rules.TERRITORY
    return sgf_words.write_result(go.final_lead(changed, dead))


def count_words(session: GoSession) -> str:
    """Return both counts in a line, and say where they differ."""
    if session.dead is None or not session.counted:
        return ""
    by_territory = bool(session.position.state[go_rules.RULES] & np.uint64(go_rules.TERRITORY))
    own, other = ("territory", "area") if by_territory else ("area", "territory")
    counted = other_count(session.position.state, session.dead)
    if counted == session.counted:
        return f"Counted by area and by territory: {session.counted}."
    return f"By {own}, as the rules say: {session.counted}; by {other} it would be {counted}."


def ending(session: GoSession, began: Mapping[str, object]) -> Ending | None:
    """Return what is said at the end of a game; None before, and while the dead stones are not proposed."""
    if not session.over or (not session.ended and session.dead is None):
        return None
    result = session.written_result
    margin = result[2:]
    how = {"R": "by resignation", "T": "on time", "F": "by forfeit"}.get(margin, f"by {margin}" if margin else "")
    dead = int(session.dead.sum()) if session.dead is not None else 0
    marked = f"{dead} stone{'s are' if dead > 1 else ' is'} dead, and drawn faintly" if dead else "No stone is dead"
    lines = () if session.ended else (count_words(session), f"{marked}: click one that was judged wrongly.")
    return Ending(headline(session, how), lines, (REVIEW, AGAIN, *_changed(session, began)))


def _changed(session: GoSession, began: Mapping[str, object]) -> tuple[Action, ...]:
    """Return the buttons that play again with other sides, or with a stone more or less for Black."""
    if len(session.people) != 1:
        return ()
    colour = SIDES[min(session.people)]
    handicap, size = int(str(began.get("handicap", 0))), session.size
    won, black = session.winner in session.people, FIRST in session.people
    more = {0: 2}.get(handicap, handicap + 1) if won != black else {2: 0}.get(handicap, handicap - 1)
    possible = 0 <= more <= (9 if size % 2 and size >= 7 else 4) and size >= 7
    words = "A stone more" if more > handicap else "A stone fewer"
    stones = Action(words, PlayAgain((("handicap", more),)), key=f"Black begins with {more or 'no'} stones.")
    return (*swap(SIDES, colour), *((stones,) if possible else ()))
