"""Records to packed games to batches: what is kept, what is left out, and that every batch can be made again."""

import errno
import json
import lzma
import os
import threading
import time
import zipfile
from collections import Counter
from itertools import repeat
from multiprocessing import parent_process

import numpy as np
import pytest

from games import go
from games.game import Position, Record
from games.go import planes as go_features
from games.go import sgf, sgf_words, symmetries
from training.go import game_lines, packing
from training.go.dataset import Batches, Dataset, DatasetError, drawn_positions, encode, in_order, pack
from training.go.packing import pack_texts

RESULTS = ("B+3.5", "W+R", "0", "", "W+T", "Void")


def random_game(seed: int, size: int = 9, length: int = 50) -> Record:
    """Return an even game of legal random moves, in which nobody passes twice in a row."""
    random, rules = np.random.default_rng(seed), list(go.RULESETS)[seed % 5]
    start = {"size": size, "komi": seed % 20 / 2 - 3, "rules": rules}
    game, passed = Position(go, go.start(**start)), False
    for _ in range(length):
        move = int(random.choice(game.legal()[: -1 if passed else None]))
        passed = move == size * size
        game.play(move)
    return Record("go", start, game.moves, game.movers, RESULTS[seed % len(RESULTS)])


@pytest.fixture(scope="module")
def records():
    return [random_game(seed, size=(9, 13, 19)[seed % 3], length=20 + 3 * seed) for seed in range(24)]


@pytest.fixture(scope="module")
def folder(records, tmp_path_factory):
    path = tmp_path_factory.mktemp("packed")
    sgf.save(path / "games.sgf", records)
    pack([path / "games.sgf"], path / "games")
    return path / "games"


@pytest.fixture(scope="module")
def dataset(folder):
    return Dataset(folder)


def packed_text(text: str, rules: str = "tromp-taylor"):
    return pack_texts([("a.sgf", 1, text.encode())], rules)


# --- packing ----------------------------------------------------------------------------------------------


def test_games_come_back_as_they_were(dataset, records):
    assert len(dataset) == len(records)
    assert dataset.positions == sum(len(record.moves) for record in records)
    assert dataset.sizes == [9, 13, 19]
    for k, record in enumerate(records):
        winner = {1: "B+", -1: "W+", 0: "0", None: ""}[sgf_words.value(record.result)]
        assert (dataset[k].start, dataset[k].moves, dataset[k].result) == (record.start, record.moves, winner)


def test_files_archives_and_folders_are_packed_alike(records, tmp_path):
    inner = tmp_path / "folder" / "inner"
    inner.mkdir(parents=True)
    sgf.save(tmp_path / "one.sgf", records)
    sgf.save(tmp_path / "two.sgf.xz", records)
    sgf.save(inner / "a.SGF", records[:9])
    sgf.save(inner / "b.sgf.xz", records[9:])
    with zipfile.ZipFile(tmp_path / "three.zip", "w") as archive:
        archive.writestr("x.sgf", sgf.write(*records[:5]))
        archive.writestr("y.sgf", sgf.write(*records[5:]))
    kinds = ("one.sgf", "two.sgf.xz", "three.zip", "folder")
    reports = [pack([tmp_path / kind], tmp_path / f"packed {kind}") for kind in kinds]
    assert [(report.games, report.skipped) for report in reports] == [(24, 0)] * 4
    assert len({(report.path / "moves.npy").read_bytes() for report in reports}) == 1
    assert len({(report.path / "games.npy").read_bytes() for report in reports}) == 1


def test_several_processes_pack_what_one_does(records, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "CHUNK", 1000)
    text = sgf.write(*records[:12]) + b"(;GM[1]SZ[9];B[aa];W[aa])" + sgf.write(*records[12:])
    (tmp_path / "games.sgf").write_bytes(text)
    told = []
    one = pack([tmp_path / "games.sgf"], tmp_path / "one", processes=1)
    two = pack([tmp_path / "games.sgf"], tmp_path / "two", progress=lambda *how: told.append(how), processes=2)
    assert (one.games, one.skipped, one.illegal) == (two.games, two.skipped, two.illegal) == (25, 0, 1)
    for name in ("moves.npy", "games.npy", "dataset.json", "skipped.txt"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == (1, 25)


def dies_elsewhere(task):
    if parent_process():
        os._exit(1)


def test_a_process_that_dies_is_told_in_a_sentence():
    with pytest.raises(DatasetError, match="a process that was reading records died"):
        list(packing._side_by_side(dies_elsewhere, iter(range(4)), 2))


def test_a_limit_keeps_the_first_games(records, tmp_path):
    sgf.save(tmp_path / "games.sgf", records)
    report = pack([tmp_path / "games.sgf"], tmp_path / "packed", limit=5)
    some = Dataset(report.path)
    assert (report.games, len(some)) == (5, 5)
    assert report.positions == some.positions == sum(len(record.moves) for record in records[:5])
    assert some[4].moves == records[4].moves


@pytest.mark.parametrize(
    "text",
    [
        "(;GM[1]FF[4]SZ[19]KM[6.5]RE[B+1.5]DT[2015]BR[9d];B[qd];W[dc];B[dq])",
        "( ;GM[1]\nSZ[9]KM[7]\n;B[ee]\n;W[];B[tt]; W[aa] )",
        "(;SZ[19]RU[Chinese]KM[3.75]PB[a] PW[(b;c];B[tt])",
        "(;GM[1];B[aa];W[bb])",
        "(;SZ[25];B[tt];W[yy])",
    ],
)
def test_bare_games_are_read_quickly_and_right(text):
    line = game_lines._quickly_read(text.encode(), "japanese")
    known = next(sgf.parse(text, "japanese"))
    assert (line.start, line.result, line.moves.tolist()) == (known.start, known.result, known.moves)


@pytest.mark.parametrize(
    "text",
    [
        "(;SZ[9];B[aa]C[good];W[bb])",
        "(;SZ[9];B[aa](;W[bb])(;W[cc]))",
        "(;SZ[9]PB[a \\] b];B[aa];W[bb])",
        "(;SZ[9]B[aa];W[bb])",
        "(;SZ[9];B[aa];W[bb];)",
        "(;SZ[9];C[to begin];B[aa];W[bb])",
    ],
)
def test_other_games_are_read_slowly_and_right(text):
    assert game_lines._quickly_read(text.encode(), "japanese") is None
    packed = packed_text(text)
    assert packed.moves.tolist() == [0, 10]
    assert packed.games["size"].tolist() == [9]


def test_broken_games_are_judged_alike_by_both_ways_of_reading(records, monkeypatch):
    random, texts = np.random.default_rng(1), []
    for number in range(600):
        text = bytearray(sgf.write(records[number % 4]).strip())
        for at in random.integers(len(text), size=number % 3):
            text[at : at + random.integers(3)] = bytes(random.choice(list(b"[]();BWaitz\\ \n"), random.integers(3)))
        texts.append(("a.sgf", number, bytes(text)))
    quick = pack_texts(texts, "chinese")
    monkeypatch.setattr(game_lines, "_quickly_read", lambda *_: None)
    slow = pack_texts(texts, "chinese")
    assert 400 < len(quick.games) < 599
    assert len(quick.remarks) > 100
    assert (quick.remarks, quick.skipped, quick.illegal) == (slow.remarks, slow.skipped, slow.illegal)
    assert quick.moves.tolist() == slow.moves.tolist()
    assert quick.games.tolist() == slow.games.tolist()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(;SZ[9];B[aa];B[bb])", "its moves do not alternate"),
        ("(;SZ[9];W[aa];B[bb])", "it does not begin on the empty board with Black"),
        ("(;SZ[9]HA[2]AB[aa][bb];W[cc])", "it does not begin on the empty board with Black"),
        ("(;SZ[9]RU[Chinese]HA[2];B[cc])", "it does not begin on the empty board with Black"),
        ("(;SZ[9]KM[7])", "there is no move in it"),
        (
            "(;SZ[9];B[zz])",
            "there is no move in it; move 1 is not a point of a 9x9 board: 'zz'; the game is kept up to there",
        ),
        ("(;SZ[40];B[aa])", "a board of size '40' is not supported; choose a square of 2 to 25"),
        ("(;GM[2];B[aa])", "it is not a game of Go but GM[2]"),
    ],
)
def test_what_cannot_be_used_is_skipped_with_a_reason(text, why):
    packed = packed_text(text, "japanese")
    assert packed.remarks == [f"a.sgf, game 1: {why}"]
    assert (len(packed.moves), len(packed.games), packed.skipped, packed.illegal) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("text", "moves", "why"),
    [
        ("(;SZ[9]RE[B+1];B[aa];W[zz];B[cc])", [0], "move 2 is not a point of a 9x9 board: 'zz'; "),
        ("(;SZ[9]RE[B+1];B[aa];W[aa];B[cc])", [0], "move 2: A9 is not legal here: the point is taken; "),
        ("(;SZ[9]RE[B+1];B[ba];W[ii];B[ab];W[aa])", [1, 80, 9], "move 4: A9 is not legal here: it is suicide; "),
        (
            "(;SZ[9]RE[B+1];B[ba];W[ca];B[ab];W[db];B[bc];W[cc];B[cb];W[bb];B[cb])",
            [1, 2, 9, 12, 19, 20, 11, 10],
            "move 9: C8 is not legal here: it takes back a ko at once; ",
        ),
    ],
)
def test_a_game_is_kept_up_to_a_move_that_cannot_be(text, moves, why):
    packed = packed_text(text, "japanese")
    assert packed.moves.tolist() == moves
    assert packed.games["result"].tolist() == [1]  # the game ended as it ended
    assert packed.remarks == [f"a.sgf, game 1: {why}the game is kept up to there"]
    assert (packed.skipped, packed.illegal) == (0, int("legal" in why))


def test_a_game_is_kept_up_to_a_change_of_the_board_and_its_result_is_forgotten():
    packed = packed_text("(;SZ[9]RE[B+1];B[aa];W[bb];AE[aa];B[cc])")
    assert (packed.moves.tolist(), packed.games["result"].tolist()) == ([0, 10], [packing.UNKNOWN])
    assert packed.remarks == ["a.sgf, game 1: the board is changed by hand after move 2; the game is kept up to there"]


def test_the_third_pass_of_some_servers_is_left_out_and_play_may_go_on_after_two():
    assert packed_text("(;SZ[9];B[aa];W[];B[tt];W[tt])").moves.tolist() == [0, 81, 81]
    assert packed_text("(;SZ[9];B[];W[];B[aa])").moves.tolist() == [81, 81, 0]


def test_what_was_assumed_about_a_game_is_told_by_both_ways_of_reading():
    quick, slow = packed_text("(;SZ[9]KM[?];B[aa])"), packed_text("(;SZ[9]KM[?];B[aa]C[slow])")
    assert quick.remarks == slow.remarks == ["a.sgf, game 1: komi '?' is not a number of points; 7.5 was taken"]
    assert quick.games["komi"].tolist() == [15]


def test_suicide_of_several_is_legal_where_the_rules_allow_it():
    one = "(;SZ[9]RU[{}];B[ba];W[ii];B[ab];W[aa];B[hh])"
    two = "(;SZ[9]RU[{}];B[ca];W[aa];B[ab];W[ii];B[bb];W[ba];B[hh];W[aa])"
    names = ("NZ", "Chinese", "Japanese")
    assert [len(packed_text(two.format(name)).moves) for name in names] == [8, 5, 5]
    assert [len(packed_text(one.format(name)).moves) for name in names] == [3, 3, 3]


def test_skipped_games_are_listed_in_a_file(records, tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "a.sgf").write_bytes(sgf.write(records[0]) + b"(;SZ[9];B[aa];W[aa])" + sgf.write(records[1]))
    (sources / "b.sgf").write_bytes(b"no game")
    (sources / "c.sgf.xz").write_bytes(lzma.compress(sgf.write(records[2]))[:-30])
    (sources / "d.zip").write_bytes(b"PK")
    report = pack([sources], tmp_path / "packed")
    lines = (tmp_path / "packed" / "skipped.txt").read_text().splitlines()
    assert (report.games, report.skipped, report.illegal) == (3, 3, 1)
    assert [line.split(":")[0].replace(f"{sources}{os.sep}", "") for line in lines] == [
        "a.sgf, game 2",
        "b.sgf",
        "c.sgf.xz",
        "d.zip",
    ]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "there is no such file or folder"),
        (lambda path: path.mkdir(), "there is no SGF file in the folder"),
        (lambda path: path.write_text("hello"), "none of 1 games can be used.*there is no game in it"),
        (lambda path: path.write_text("(;SZ[9];B[zz];W[aa])"), "none of 1 games can be used.*not a point"),
    ],
)
def test_sources_without_a_game_are_refused_and_leave_nothing(make, why, tmp_path):
    make(tmp_path / "games")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DatasetError, match=why):
        pack([tmp_path / "games"], tmp_path / "packed")
    assert sorted(tmp_path.iterdir()) == before
    with pytest.raises(DatasetError, match="there is nothing to pack"):
        pack([], tmp_path / "packed")


def test_a_full_disk_leaves_nothing(records, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    sgf.save(tmp_path / "games.sgf", records)
    monkeypatch.setattr(packing.os, "fsync", full)
    with pytest.raises(DatasetError, match="packed cannot be written: No space left on device"):
        pack([tmp_path / "games.sgf"], tmp_path / "packed")
    assert [path.name for path in tmp_path.iterdir()] == ["games.sgf"]


def test_a_folder_that_holds_something_is_not_replaced(records, folder, tmp_path):
    sgf.save(tmp_path / "games.sgf", records)
    before = (folder / "moves.npy").read_bytes()
    with pytest.raises(DatasetError, match="exists already"):
        pack([tmp_path / "games.sgf"], folder)
    assert (folder / "moves.npy").read_bytes() == before


# --- datasets ---------------------------------------------------------------------------------------------


def test_a_split_shares_the_games_out(dataset, records):
    most, some = dataset.split(0.25, seed=3)
    games = [[part[k].moves for k in range(len(part))] for part in (most, some)]
    assert (len(most), len(some)) == (18, 6)
    assert sorted(games[0] + games[1]) == sorted(record.moves for record in records)
    assert most.positions + some.positions == dataset.positions
    assert dataset.split(0.25, seed=3)[1][2].moves == some[2].moves
    assert dataset.split(0.25, seed=4)[1].chosen.tolist() != some.chosen.tolist()


def test_positions_are_found_in_their_games(dataset, records):
    part = dataset.split(0.5)[1]
    games, numbers = part.find(np.arange(part.positions))
    expected = [(k, number) for k in range(len(part)) for number in range(len(part[k].moves))]
    assert list(zip(games.tolist(), numbers.tolist(), strict=True)) == expected


def change(path, at, value, field=None, checksum=True):
    """Change a value of a packed file; without `checksum` the folder looks like one that an older Yomi packed."""
    values = np.load(path)
    (values if field is None else values[field])[at] = value
    np.save(path, values)
    if not checksum:
        about = json.loads((path.parent / "dataset.json").read_text())
        del about["checksum"]
        (path.parent / "dataset.json").write_text(json.dumps(about))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: (path / "games.npy").unlink(), "is not a folder of packed games"),
        (lambda path: (path / "dataset.json").write_text("{"), "cannot be read"),
        (lambda path: (path / "dataset.json").write_text('{"game": "go", "version": 0}'), "another version of Yomi"),
        (lambda path: (path / "dataset.json").write_text("[]"), "cannot be read"),
        (lambda path: (path / "moves.npy").write_bytes(b"12"), "cannot be read"),
        (lambda path: np.save(path / "moves.npy", np.zeros(7, np.uint16)), "do not belong together"),
        (lambda path: (path / "dataset.json").write_text("[" * 100_000), "cannot be read"),
        (lambda path: (path / "games.npy").write_bytes(b""), "cannot be read"),
        (lambda path: np.save(path / "moves.npy", np.zeros((2, 2), np.uint16)), "does not hold"),
        (lambda path: change(path / "moves.npy", 3, 60_000), "damaged since it was packed"),
        (lambda path: change(path / "games.npy", 0, 99, "size"), "game 1 has no size that can be"),
        (lambda path: change(path / "games.npy", 1, 77, "rules"), "game 2 has no rules that can be"),
        (lambda path: change(path / "games.npy", 0, 9, "result"), "game 1 has no result that can be"),
        (lambda path: change(path / "games.npy", 0, 9_999, "komi"), "game 1 has no komi that can be"),
        (lambda path: change(path / "games.npy", 0, 0, "end"), "game 1 has no end that can be"),
        (lambda path: change(path / "moves.npy", 3, 60_000, checksum=False), "move 4 of game 1 is not legal"),
        (lambda path: change(path / "moves.npy", slice(5, 7), 40, checksum=False), "move . of game 1 is not legal"),
    ],
)
def test_a_damaged_folder_is_refused(damage, why, records, tmp_path):
    sgf.save(tmp_path / "games.sgf", records[:2])
    pack([tmp_path / "games.sgf"], tmp_path / "packed")
    damage(tmp_path / "packed")
    with pytest.raises(DatasetError, match=why):
        Dataset(tmp_path / "packed")


# --- batches ----------------------------------------------------------------------------------------------


def slowly_encoded(record: Record, number: int, symmetry: int, side: int) -> np.ndarray:
    """Return the planes of the position after so many moves, turned and laid in the corner, [COUNT, side, side]."""
    state, size = go.start(**record.start)[None], record.start["size"]
    for move in record.moves[:number]:
        go.play(state, np.array([move]))
    planes = np.zeros((go_features.COUNT, side, side), np.uint8)
    planes[:, :size, :size] = symmetries.turned(go_features.encode(state)[0], symmetry)
    return planes


def slowly_moved(record: Record, number: int, symmetry: int, side: int) -> int:
    move, size = record.moves[number], record.start["size"]
    if move == size * size:
        return side * side
    board = np.zeros((side, side), np.int8)
    board[divmod(move, size)] = 1
    board[:size, :size] = symmetries.turned(board[:size, :size].copy(), symmetry)
    return int(board.argmax())


def test_positions_in_order_are_what_the_records_say(dataset, records):
    played = [(record, number) for record in records for number in range(len(record.moves))][::7]
    batches = list(in_order(dataset, batch=1, every=7, side=19))
    assert len(batches) == len(played)
    for (record, number), batch in zip(played, batches, strict=True):
        value = sgf_words.value(record.result)
        assert np.array_equal(batch.planes[0], slowly_encoded(record, number, 0, 19))
        assert batch.moves.tolist() == [slowly_moved(record, number, 0, 19)]
        assert batch.outcomes.tolist() == [(value or 0) * (-1) ** number]
        assert batch.weights.tolist() == [value is not None]


def test_a_batch_shows_positions_under_their_symmetries(dataset, records):
    positions = np.random.default_rng(1).permutation(dataset.positions)[:64]
    games, numbers = dataset.find(positions)
    symmetries = np.arange(64, dtype=np.int8) % 8
    batch = encode(dataset, positions, symmetries, 21)
    by_size = np.argsort([records[game].start["size"] for game in games], kind="stable")
    for row, k in enumerate(by_size):
        record, number, symmetry = records[games[k]], int(numbers[k]), int(symmetries[k])
        assert np.array_equal(batch.planes[row], slowly_encoded(record, number, symmetry, 21))
        assert batch.moves[row] == slowly_moved(record, number, symmetry, 21)
        assert batch.outcomes[row] == (sgf_words.value(record.result) or 0) * (-1) ** number
        assert batch.weights[row] == (sgf_words.value(record.result) is not None)


def test_any_rules_shows_each_position_under_some_ruleset(dataset):
    first = {name: first for name, first, _ in go_features.PLANES}
    with Batches(dataset, batch=64, any_rules=True) as batches:
        planes = np.concatenate([next(batches).planes for _ in range(4)])
    shown = planes[:, [first["territory"], first["suicide"], first["superko"]], 0, 0]
    assert {tuple(row) for row in shown.tolist()} == {(0, 1, 1), (0, 0, 1), (1, 0, 0)}


@pytest.mark.parametrize("positions", [1, 2, 3, 17, 256, 1000, 65537])
def test_every_position_is_drawn_once_before_any_again(positions):
    turns = np.arange(3 * positions, dtype=np.uint64)
    epochs = drawn_positions(turns, positions, seed=1).reshape(3, positions)
    assert (np.sort(epochs) == np.arange(positions)).all()
    if positions >= 17:
        other = drawn_positions(turns[:positions], positions, seed=2)
        assert len({tuple(order) for order in (*epochs.tolist(), other.tolist(), range(positions))}) == 5


def test_drawn_positions_are_far_apart():
    drawn = drawn_positions(np.arange(20_000, dtype=np.uint64), 1_000_000, seed=3)
    steps = np.abs(np.diff(drawn)) / 1_000_000
    assert abs(steps.mean() - 1 / 3) < 0.01  # as of independent draws
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.03


def taken(dataset, how_many, **options):
    with Batches(dataset, batch=8, seed=9, **options) as batches:
        return [next(batches) for _ in range(how_many)]


def same(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_batches_are_the_same_whoever_makes_them_and_wherever_they_resume(dataset):
    batches = taken(dataset, 12, threads=1)
    assert all(map(same, batches, taken(dataset, 12, threads=4)))
    assert all(map(same, batches[7:], taken(dataset, 5, step=7)))
    assert not same(batches[0], batches[1])
    with Batches(dataset, batch=8, seed=10) as others:
        assert not same(batches[0], next(others))
        assert others.step == 1


def test_processes_share_the_batches_out(dataset):
    alone = taken(dataset, 6)
    first, second = (taken(dataset, 3, rank=rank, ranks=2) for rank in range(2))
    assert all(map(same, alone, (batch for pair in zip(first, second, strict=True) for batch in pair)))


def test_an_epoch_holds_every_move_once(dataset, records):
    """Turned moves are compared by what no symmetry changes: the distance from the board's middle."""
    with Batches(dataset, batch=dataset.positions) as batches:
        epoch = next(batches)
    sides = epoch.planes[:, go_features.MASK, :, 0].sum(1)
    drawn = Counter(map(from_middle, epoch.moves.tolist(), sides.tolist(), repeat(19)))
    sizes = [(record.start["size"], move) for record in records for move in record.moves]
    assert drawn == Counter(from_middle(move, size, size) for size, move in sizes)


def from_middle(move: int, size: int, side: int) -> tuple[int, int, int]:
    """Return the board size and the two distances, in half points, the smaller first; the pass is far away."""
    row, column = (99, 99) if move == side * side else divmod(move, side)
    return size, *sorted((abs(2 * row - size + 1), abs(2 * column - size + 1)))


def test_what_is_done_to_a_batch_is_done_ahead_of_time(dataset):
    assert taken(dataset, 2, finish=lambda batch: batch.moves.sum()) == [b.moves.sum() for b in taken(dataset, 2)]


def test_an_error_of_a_thread_is_not_lost(dataset):
    with Batches(dataset, batch=8, finish=lambda _: 1 / 0) as batches, pytest.raises(ZeroDivisionError):
        next(batches)


def test_closing_stops_the_threads(dataset):
    before = threading.active_count()
    batches = Batches(dataset, batch=8)
    next(batches)
    assert threading.active_count() > before
    batches.close()
    assert threading.active_count() == before


def test_boards_that_do_not_fit_are_refused(dataset):
    with pytest.raises(DatasetError, match="holds boards of 19x19, which do not fit into 13x13"):
        Batches(dataset, side=13)
    with pytest.raises(DatasetError, match="there is no game in this part"):
        in_order(dataset.split(0.01)[1])


def test_encoding_keeps_up_with_training(tmp_path):
    sgf.save(tmp_path / "games.sgf", [random_game(seed, 19, 200) for seed in range(8)])
    dataset = Dataset(pack([tmp_path / "games.sgf"], tmp_path / "packed").path)
    positions = np.arange(dataset.positions)
    encode(dataset, positions, positions.astype(np.int8) % 8, 19)
    began = time.thread_time()
    encode(dataset, positions, positions.astype(np.int8) % 8, 19)
    assert dataset.positions / (time.thread_time() - began) > 5000  # 30,000 on an idle machine
