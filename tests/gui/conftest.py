"""The user's own window, with data and settings that belong to a test alone."""

import pytest

from gui.app import App


@pytest.fixture
def window(tmp_path, monkeypatch):
    """Return a function that opens the window; each is closed at the end of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    opened = []

    def window():
        opened.append(App((1000, 700)))
        opened[-1].frame()
        return opened[-1]

    yield window
    for app in opened:
        if not app.left:
            assert app.close()
