"""Which tabs stand beside a game: those that every game of two has, or those of its wing, `gui/GAME/tabs.py`."""

from collections.abc import Sequence

from games import wings
from gui.tabs.ladder_tab import LadderTab
from gui.tabs.panel import CandidatesTab, GameTab, Tab
from gui.tabs.review_tab import ReviewTab
from gui.tabs.search_tab import SearchTab

USUAL: Sequence[type[Tab]] = (GameTab, CandidatesTab, SearchTab, LadderTab, ReviewTab)


def tabs_of(game: str) -> Sequence[type[Tab]]:
    """Return the tabs of a game, in their order."""
    return wings.part("gui", game, "tabs").TABS if wings.has("gui", game, "tabs") else USUAL
