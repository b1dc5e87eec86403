"""Matches in Jellyfish's text format, .mat, which every backgammon program reads and writes. Knows no engine.

A game is two columns of turns: 31: 8/5 6/5, Doubles => 2, Takes, Drops, and at the end Wins 2 points in the winner's
column. The left player is FIRST. Points are numbers, the bar is 25 and off is 0. The format was never specified:
reading is tolerant and `Match.left_out` says what could not be used; writing follows GNU Backgammon.

`match` holds a match and its results, `cells` turns text into cells, `replay` cells into records, `reading` joins them.
"""

from games.backgammon.mat.match import Match, MatError, from_position, position, read_result
from games.backgammon.mat.reading import read
from games.backgammon.mat.writing import write

__all__ = ["MatError", "Match", "from_position", "position", "read", "read_result", "write"]
