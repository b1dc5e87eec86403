"""What the tests of training share: reports without their curves, which take seconds to draw."""

import pytest

from training import report
from training.tournament import report as tournament_report


@pytest.fixture(autouse=True, scope="session")
def curves_are_drawn_in_their_own_test():
    """Leave the curves out of reports; `test_run.py` and `test_tournament_report.py` draw them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "curves", lambda metrics, known={}: "")
        patch.setattr(tournament_report, "plots", lambda results: "")
        yield
