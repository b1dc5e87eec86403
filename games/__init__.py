"""RULES. Knows numpy and numba; knows no tree, no network, no window."""
