"""A position from any text in which a program printed it: an XGID, or GNU Backgammon's position ID and match ID."""

from urllib.parse import unquote

import numpy as np

from games.backgammon import gnubg_id, xgid

LONGEST = 1 << 16
"""Characters of a text that are searched."""


def find(text: str) -> np.ndarray:
    """Return the position of the first XGID in a text, else of the first GNU Backgammon ID.

    The text may be an ID alone, what a program copies to the clipboard, a printed board, or an address of the web.
    Raise `ValueError` where there is no ID in it, or one of a position that cannot be.
    """
    text = text[:LONGEST]
    plain = " ".join((unquote(text) if "%" in text else text).split())
    if found := xgid.search(plain):
        return xgid.from_id(found)
    if found := gnubg_id.search(plain):
        return gnubg_id.from_id(found)
    return (xgid if "xgid" in plain.lower() else gnubg_id).from_id(plain)
