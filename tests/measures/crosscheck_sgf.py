"""Read every SGF file in some folders with Yomi and with sgfmill, and compare what both made of them.

    python tests/measures/crosscheck_sgf.py FOLDER ...

Compared are the number of games, and of each game that sgfmill can read: the board size, every board of the main line
(stones set up in the middle of it included), who moved, the winner, the margin and the komi where the file writes them
in numbers, and the names. Games that Yomi keeps up to an illegal move are compared up to there. Prints what differs,
then one line; ends with 1 if anything does.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from sgfmill import sgf_grammar
from sgfmill.boards import Board
from sgfmill.sgf import Sgf_game

from games import go
from games.game import FIRST, Record
from games.go import sgf, sgf_files, sgf_words

COLOURS = {None: go.EMPTY, "b": go.BLACK, "w": go.WHITE}


def theirs(game: Sgf_game) -> tuple[list[tuple[str, bytes]], dict]:
    """Return who moved and the board afterwards, for every node of the main line that moves or sets stones up."""
    board, boards = Board(game.get_size()), []
    for node in game.get_main_sequence():
        black, white, empty = node.get_setup_stones()
        if black or white or empty:
            board.apply_setup(black, white, empty)
            if boards:
                boards[-1] = (boards[-1][0], _bytes(board))
        if not boards:
            boards.append(("", _bytes(board)))
        for name in [name for name in node.get_raw_property_map() if name in "BW"]:  # FF[3] has both in a node
            colour, point = name.lower(), node.get(name)
            if point is not None and board.get(*point) is None:
                board.play(*point, colour)
            boards.append((colour, _bytes(board)))
    root = game.get_root()
    return boards, {name: root.get(name) for name in ("PB", "PW", "RE", "KM") if root.has_property(name)}


def _bytes(board: Board) -> bytes:
    return bytes(COLOURS[board.get(row, column)] for row in reversed(range(board.side)) for column in range(board.side))


def ours(record: Record) -> list[tuple[str, bytes]]:
    """Return the same of a record."""
    position = sgf.position(record)
    movers = ["", *("b" if mover == FIRST else "w" for mover in position.movers)]
    boards = [go.colours(state).tobytes() for state in position.states]
    return list(zip(movers, boards, strict=True))


def differences(record: Record, game: Sgf_game) -> list[str]:
    """Name what two readers made differently of a game."""
    boards, root = theirs(game)
    mine, found = ours(record), []
    cut = any("kept up to there" in remark for remark in record.remarks)
    if record.start["size"] != game.get_size():
        found.append("size")
    elif mine != (boards[: len(mine)] if cut else boards):
        found.append("boards")
    stated = re.match(r"\s*([BW])[a-z]*\s*\+\s*(\d+(?:\.\d+)?)?", root.get("RE", ""), re.IGNORECASE)
    if stated and record.result[:2] != f"{stated[1].upper()}+":
        found.append("winner")
    if stated and stated[2] and sgf_words.lead(record.result) != (1 if stated[1] in "Bb" else -1) * float(stated[2]):
        found.append("margin")
    komi = root.get("KM")
    if komi is not None and komi != record.start["komi"] and abs(komi) < 100 and komi * 4 % 2 == 0:
        found.append("komi")
    mended = any("not closed" in remark for remark in record.remarks)
    for name, player in () if mended else zip(("PB", "PW"), record.players, strict=True):
        if root.get(name, "").isascii() and root.get(name, "").split() != player.split():
            found.append(name)
    return found


def main(folders: list[str]) -> int:
    """Compare all files; return how many games differ."""
    seen: Counter = Counter()
    paths = [path for folder in folders for path in sorted(Path(folder).rglob("*.[sS][gG][fF]"))]
    for path in paths:
        try:
            their = sgf_grammar.parse_sgf_collection(path.read_bytes())
        except ValueError as error:
            their = []
            print(f"{path}: sgfmill: {error}")
        errors: list[sgf.SgfError] = []
        with path.open("rb") as file:
            texts = [text for _, stream in sgf_files.streams(path, file) for text in sgf_files.split(stream)]
        seen["games"] += max(len(texts), len(their))
        if their and len(texts) != len(their):
            print(f"{path}: {len(texts)} games, of which sgfmill finds {len(their)}")
            seen["differ"] += 1
        for number, text in enumerate(texts):
            record = next(iter(sgf.parse(text, broken=errors.append)), None)
            seen["read"] += record is not None
            if record is None:
                print(f"{path}, game {number + 1}: {errors[-1]}")
                continue
            seen["remarked"] += bool(record.remarks)
            seen["cut"] += any("kept up to there" in remark for remark in record.remarks)
            if record.remarks:
                print(f"{path}, game {number + 1}: {'; '.join(record.remarks)}")
            if number < len(their):
                seen["compared"] += 1
                try:
                    wrong = differences(record, Sgf_game.from_coarse_game_tree(their[number]))
                except (ValueError, UnicodeDecodeError, LookupError) as error:
                    seen["compared"] -= 1
                    print(f"{path}, game {number + 1}: sgfmill: {error}")
                    continue
                if wrong:
                    seen["differ"] += 1
                    print(f"{path}, game {number + 1}: DIFFERS in {', '.join(wrong)}")
    print(
        f"{len(paths)} files, {seen['games']} games: {seen['read']} read ({seen['read'] / max(seen['games'], 1):.2%}), "
        f"{seen['remarked']} with a remark, {seen['cut']} up to an illegal move; {seen['compared']} compared, "
        f"{seen['differ']} differ"
    )
    return seen["differ"]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python tests/measures/crosscheck_sgf.py FOLDER ...")
    sys.exit(1 if main(sys.argv[1:]) else 0)
