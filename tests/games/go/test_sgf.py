"""Records in SGF: reading, replaying, writing, editing, and 1,000 broken files."""

import lzma
import random
import zipfile

import numpy as np
import pytest

from games import go
from games.game import FIRST, SECOND, Position, Record
from games.go import board as go_board
from games.go import sgf, sgf_files, sgf_record, sgf_words

GAME = "(;GM[1]FF[4]SZ[9]KM[6.5]RU[Japanese]RE[B+3.5]PB[Honinbo]PW[Yasui];B[ee];W[ce];B[tt];W[])"


def only(text: str | bytes, **how) -> Record:
    (record,) = sgf.parse(text, **how)
    return record


def refused(text: str | bytes) -> str:
    with pytest.raises(sgf.SgfError) as error:
        list(sgf.parse(text))
    return str(error.value)


def random_game(seed: int, size: int = 9, length: int = 60) -> Position:
    """Return a game of legal random moves, some of them passes, with stones set up and one player moving twice."""
    random_ = np.random.default_rng(seed)
    stones = random_.permutation(size * size)[:4].tolist()
    start = go_board.setup(size, 6.5, "chinese", black=stones[:2], white=stones[2:], to_play=seed % 2)
    game = Position(go, start)
    for k in range(length):
        if not game.over:
            game.play(int(random_.choice(game.legal())), by=FIRST if k % 17 == 5 else None)
    return game


def as_plain(record: Record) -> tuple:
    return record.start, record.moves, record.turns, record.result, record.players, record.comments


# --- reading ----------------------------------------------------------------------------------------------


def test_a_record_tells_how_the_game_began_went_and_ended():
    record = only(GAME)
    assert record.start == {"size": 9, "komi": 6.5, "rules": "japanese"}
    assert record.moves == [40, 38, 81, 81]
    assert record.turns == [FIRST, SECOND, FIRST, SECOND]
    assert (record.result, record.players) == ("B+3.5", ("Honinbo", "Yasui"))


def test_the_main_line_is_the_first_variation():
    assert only("(;SZ[9];B[aa](;W[bb];B[cc](;W[dd])(;W[ee]))(;W[ff]))").moves == [0, 10, 20, 30]


def test_comments_belong_to_the_position_after_so_many_moves():
    record = only("(;SZ[9]C[hello];C[still];B[aa]C[one \\] two\\\n three];W[bb];B[cc]C[end])")
    assert record.comments == {0: "hello\n\nstill", 1: "one ] two three", 3: "end"}


def test_one_player_may_move_twice():
    record = only("(;SZ[9];B[aa];B[bb];W[cc];W[dd])")
    assert record.turns == [FIRST, FIRST, SECOND, SECOND]
    assert go_board.diagram(sgf.position(record).state).splitlines()[1:5] == [
        " 9 X . . . . . . . . 9",
        " 8 . X . . . . . . . 8",
        " 7 . . O . . . . . . 7",
        " 6 . . . O . . . . . 6",
    ]


def test_stones_set_up_before_the_first_move_make_the_start():
    record = only("(;SZ[9]AB[aa:bb][dd]AW[ii];AE[bb]AW[hi]PL[W]C[begin];W[cc])")
    assert record.start["to_play"] == SECOND
    assert record.comments == {0: "begin"}
    assert go_board.diagram(go_board.setup(**record.start)).splitlines()[1:-1] == [
        " 9 X X . . . . . . . 9",
        " 8 X . . . . . . . . 8",
        " 7 . . . . . . . . . 7",
        " 6 . . . X . . . . . 6",
        " 5 . . . . . . . . . 5",
        " 4 . . . . . . . . . 4",
        " 3 . . . . . . . . . 3",
        " 2 . . . . . . . . . 2",
        " 1 . . . . . . . O O 1",
    ]


def test_white_begins_a_handicap_game_and_is_paid_by_the_ruleset():
    record = only("(;SZ[19]HA[3]RU[AGA]AB[dd][pp][pd])")
    assert record.start == {
        "size": 19, "komi": 0.5, "rules": "aga", "black": [60, 72, 300], "to_play": SECOND, "handicap_bonus": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("km", "komi"),
    [
        ("6.5", 6.5), ("6,5", 6.5), ("650", 6.5), ("750", 7.5), ("375", 7.5), ("3.75", 7.5), ("2.75", 5.5),
        ("0", 0.0), ("-3.50", -3.5), ("150.0", 150.0), ("361", 361.0), (".5", 0.5), ("", 7.5),
    ],
)  # fmt: skip
def test_komi_is_understood_as_servers_write_it(km, komi):
    assert only(f"(;SZ[19]KM[{km}])").start["komi"] == komi


def test_komi_that_no_file_names_is_the_usual_one():
    assert [only(f"(;RU[{rules}])").start["komi"] for rules in ("Japanese", "Chinese", "NZ")] == [6.5, 7.5, 7.0]


@pytest.mark.parametrize(
    ("ru", "rules"),
    [
        ("Japanese", "japanese"), ("jp", "japanese"), ("Korean", "japanese"), ("CHINESE", "chinese"),
        ("New Zealand", "new-zealand"), ("NZ", "new-zealand"), ("GOE", "new-zealand"), ("AGA", "aga"),
        ("Tromp-Taylor", "tromp-taylor"), ("koPOSITIONALscoreAREAtaxNONEsui1", "tromp-taylor"),
        ("koSITUATIONALscoreAREAsui0", "aga"), ("koSIMPLEscoreTERRITORY", "japanese"), ("house rules", ""),
    ],
)  # fmt: skip
def test_rules_are_known_by_the_names_files_use(ru, rules):
    assert sgf.read_rules(ru) == rules
    assert only(f"(;RU[{ru}])", rules="aga").start["rules"] == (rules or "aga")


@pytest.mark.parametrize(
    ("re", "result", "value", "lead"),
    [
        ("B+3.5", "B+3.5", 1, 3.5), ("W+12.50", "W+12.5", -1, -12.5), ("White+R", "W+R", -1, None),
        ("b+resign", "B+R", 1, None), ("W+Time", "W+T", -1, None), ("B+Forfeit", "B+F", 1, None),
        ("W+", "W+", -1, None), ("0", "0", 0, 0), ("Draw", "0", 0, 0), ("Void", "Void", None, None),
        ("?", "", None, None), ("B+3,5 points", "B+3.5", 1, 3.5),
    ],
)  # fmt: skip
def test_results_are_read_and_valued(re, result, value, lead):
    assert (sgf_words.read_result(re), sgf_words.value(result), sgf_words.lead(result)) == (result, value, lead)
    assert only(f"(;RE[{re}])").result == result


@pytest.mark.parametrize("lead", [0.5, 3, -12.5, 0])
def test_a_counted_lead_becomes_a_result_and_back(lead):
    assert sgf_words.lead(sgf_words.write_result(lead)) == lead


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("(;CA[UTF-8]PB[本因坊])".encode(), "本因坊"),
        ("(;PB[本因坊])".encode(), "本因坊"),
        ("(;CA[Shift_JIS]PB[ソース表])".encode("shift_jis"), "ソース表"),  # bytes like \\ and ] inside characters
        ("(;CA[Big5]PB[許功蓋])".encode("big5"), "許功蓋"),
        ("(;PB[Farnebäck])".encode("latin-1"), "Farnebäck"),
        ("(;CA[UTF-8]PB[Farnebäck])".encode("latin-1"), "Farnebäck"),
        ("(;CA[no such code]PB[Sédol])".encode(), "Sédol"),
        ("(;CA[idna]PB[Sédol])".encode(), "Sédol"),
    ],
)
def test_names_survive_their_encoding(raw, name):
    assert only(raw).players[0] == name


# --- files ------------------------------------------------------------------------------------------------


def collection(games: int) -> bytes:
    return b"".join(sgf.write(sgf.from_position(random_game(seed, length=seed))) for seed in range(games))


def test_every_kind_of_file_holds_the_same_games(tmp_path):
    data = collection(5)
    (tmp_path / "a.sgf").write_bytes(data)
    (tmp_path / "b.sgf.xz").write_bytes(lzma.compress(data))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("inside/d.sgf", data)
        archive.writestr("readme.txt", "(;B[zz])")
    expected = [as_plain(record) for record in sgf.parse(data)]
    for name in ("a.sgf", "b.sgf.xz", "c.zip"):
        assert [as_plain(record) for record in sgf.read(tmp_path / name)] == expected
    assert [as_plain(record) for record in sgf.read(tmp_path)] == expected * 3


def test_games_are_read_one_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(sgf_files, "BLOCK", 1000)
    (tmp_path / "many.sgf").write_bytes(collection(5) * 200)
    taken = []
    real = sgf_files.blocks_of
    monkeypatch.setattr(sgf_files, "blocks_of", lambda stream: (taken.append(len(b)) or b for b in real(stream)))
    games = sgf.read(tmp_path / "many.sgf")
    next(games)
    assert len(taken) == 1
    assert 1 + sum(1 for _ in games) == 1000


@pytest.mark.parametrize("block", [1, 2, 3, 7, 100])
def test_it_does_not_matter_where_blocks_are_cut(tmp_path, monkeypatch, block):
    data = "junk (;GM[1]SZ[9]C[é ) \\] (;];B[aa](;W[bb])(;W[cc])) more ( ; junk (;GM[1]SZ[9];B[dd])".encode()
    (tmp_path / "x.sgf").write_bytes(data)
    monkeypatch.setattr(sgf_files, "BLOCK", block)
    errors = []
    records = list(sgf.read(tmp_path / "x.sgf", broken=errors.append))
    assert [record.moves for record in records] == [[0, 10], [30]]
    assert records[0].comments == {0: "é ) ] (;"}
    assert [error.game for error in errors] == [2]


def test_a_broken_game_does_not_take_the_others_with_it():
    errors = []
    text = "(;GM[1]SZ[9];B[aa]\n(;GM[1]SZ[9];B[bb])\n(;GM[1]SZ[9:13];B[aa])\n(;GM[1]SZ[9];B[cc])"
    records = list(sgf.parse(text, broken=errors.append, source="x.sgf"))
    assert [record.moves for record in records] == [[0], [10], [20]]
    assert records[0].remarks == ["line 2: it ends without a closing bracket"]
    assert [str(error) for error in errors] == [
        "x.sgf, game 3: a board of size '9:13' is not supported; choose a square of 2 to 25"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no game in it"),
        ("hello", "there is no game in it"),
        ("(;GM[11]SZ[9])", "game 1: it is not a game of Go but GM[11]"),
        ("(;SZ[40])", "game 1: a board of size '40' is not supported; choose a square of 2 to 25"),
        ("(;SZ[9:13])", "game 1: a board of size '9:13' is not supported; choose a square of 2 to 25"),
        ("(;SZ[1];B[aa])", "game 1: a board of size '1' is not supported; choose a square of 2 to 25"),
        ("( ; nothing", "game 1: line 1: 'nothing' was left out"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(text, why):
    assert refused(text) == why


def test_a_file_that_is_missing_cut_or_not_what_it_says_is_one_sentence(tmp_path):
    (tmp_path / "cut.sgf.xz").write_bytes(lzma.compress(collection(5))[:-20])
    (tmp_path / "no.zip").write_bytes(b"no zip at all")
    (tmp_path / "empty").mkdir()
    for name in ("missing.sgf", "cut.sgf.xz", "no.zip", "empty"):
        with pytest.raises(sgf.SgfError, match=f"{name}: (it cannot be|there is no)"):
            list(sgf.read(tmp_path / name))


def test_a_thousand_mutated_files_raise_nothing_but_sgf_errors():
    random_ = random.Random(1)
    whole = [sgf.write(sgf.from_position(random_game(seed, length=20), "B+R", ("a", "b"))) for seed in range(10)]
    whole.append(b"(;CA[Shift_JIS]SZ[9:9]HA[2]AB[aa:bb]KM[375]RU[jp]C[x\\]y];B[cc](;W[dd])(;W[]PL[W]))")
    read = wrong = 0
    for _ in range(1000):
        try:
            for record in sgf.parse(mutated(random_.choice(whole), random_)):
                assert as_plain(only(sgf.write(record))) == as_plain(record)
                sgf.position(record)
                read += 1
        except sgf.SgfError:
            wrong += 1
    assert (read > 900, wrong > 5) == (True, True)


def mutated(data: bytes, random_: random.Random) -> bytes:
    """Return a text with a few bytes changed, lost, doubled or swapped for SGF's own marks."""
    data = bytearray(data)
    for _ in range(random_.randrange(1, 5)):
        at, length = random_.randrange(len(data)), random_.randrange(1, 9)
        marks = bytes(random_.choice(b"()[];\\:BWACKMSZ0129.-\n") for _ in range(length))
        noise = random_.randbytes(length)
        data[at : at + random_.choice((0, length))] = random_.choice((marks, noise, b"", data[at : at + length] * 2))
    return bytes(data)


# --- replaying --------------------------------------------------------------------------------------------


def test_a_record_replays_to_the_position_it_came_from():
    game = random_game(3)
    again = sgf.position(only(sgf.write(sgf.from_position(game))))
    assert (again.moves, again.movers) == (game.moves, game.movers)
    assert (go.colours(again.state) == go.colours(game.state)).all()


def test_only_the_first_moves_replay_where_asked():
    assert sgf.position(only(GAME), moves=1).moves == [40]


def test_play_may_go_on_after_two_passes():
    assert sgf.position(only("(;SZ[9];B[];W[];B[aa];W[bb])")).moves == [81, 81, 0, 10]


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        (";B[aa];W[aa]", "move 2: A9 is not legal here: the point is taken"),
        (";B[ab];W[ii];B[ba];W[aa]", "move 4: A9 is not legal here: it is suicide"),
        (";B[ba];W[ca];B[ab];W[db];B[bc];W[cc];B[cb];W[bb];B[cb]", "move 9: C8 is not legal here: it takes back a ko"),
    ],
)
def test_an_illegal_move_is_named_by_its_number(moves, why):
    record = only(f"(;SZ[9]RU[Chinese]{moves};W[ii])")
    assert record.remarks[0].startswith(why)
    assert len(record.moves) == len(sgf.position(record).moves) == moves.count(";") - 1
    with pytest.raises(sgf.SgfError, match=why):  # of a record that no reader made
        sgf.position(
            Record(
                "go",
                {"size": 9, "rules": "chinese"},
                [sgf_record.points(9)[moves[k : k + 2].encode()] for k in range(3, len(moves), 6)],
            )
        )


# --- writing and editing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 9, 19, 25])
def test_a_record_reads_back_as_it_was_written(size):
    start = {"size": size, "komi": 150.0, "rules": "aga", "black": [0], "to_play": SECOND, "handicap_bonus": 1}
    moves = [size * size, 1, size * size - 1]
    info = {"EV": "a [tournament] \\ with a ] in it", "HA": "2"}
    record = Record("go", start, moves, [1, 0, 0], "W+R", ("日本", "b"), info, {0: "a\nb]", 3: "\\"})
    again = only(sgf.write(record))
    assert as_plain(again) == as_plain(record)
    assert again.info["EV"] == info["EV"]


def test_moves_without_turns_alternate():
    record = Record("go", {"size": 9, "to_play": SECOND}, [0, 1, 2])
    assert only(sgf.write(record)).turns == [SECOND, FIRST, SECOND]


VARIED = """(;FF[4]GM[1]SZ[9]XX[private]PB[x]C[root]
;B[aa]LB[aa:1](;W[bb]C[main];B[cc])(;W[dd]C[other]TR[aa];B[ee](;W[ff])(;W[gg])))"""


def test_editing_a_file_keeps_its_variations(tmp_path):
    path = tmp_path / "game.sgf"
    path.write_text(VARIED + GAME)
    document = sgf.Document.open(path)
    last = document.games[0].get_last_node()
    node = sgf.play(sgf.play(last, 30, SECOND), 31, FIRST)
    sgf.set_comment(node, "a better move: 白")
    sgf.set_result(document.games[0], "B+R")
    document.save(path)

    again = sgf.Document.open(path)
    assert document.record().moves == again.record().moves == [0, 10, 20, 30, 31]
    assert again.record().comments == {0: "root", 2: "main", 5: "a better move: 白"}
    assert again.record().result == "B+R"
    other = again.games[0].root[0][1]
    assert (other.get("C"), other.get_raw("TR"), len(other[0])) == ("other", b"aa", 2)
    assert again.games[0].root.get_raw("XX") == b"private"
    assert as_plain(again.record(1)) == as_plain(only(GAME))


def test_a_move_that_is_there_already_is_followed_and_a_new_one_branches():
    document = sgf.Document.of(only("(;SZ[9];B[aa];W[bb])"))
    first = document.games[0].root[0]
    assert sgf.play(document.games[0].root, 0, FIRST) is first
    sgf.play(first, 81, SECOND)
    assert sgf.play(first, 81, SECOND) is first[1]
    assert len(first) == 2
    assert document.record().moves == [0, 10]


def test_clearing_a_comment_or_a_result_takes_it_out():
    document = sgf.Document.of(only("(;SZ[9]RE[B+1]C[hello])"))
    sgf.set_comment(document.games[0].root, "")
    sgf.set_result(document.games[0], "")
    assert (document.record().comments, document.record().result) == ({}, "")


def test_a_game_that_nobody_can_edit_is_kept_as_it_was(tmp_path):
    other = "(;GM[3]SZ[8];B[odd]X[moves])"
    (tmp_path / "x.sgf").write_text(GAME + other)
    document = sgf.Document.open(tmp_path / "x.sgf")
    sgf.set_result(document.games[0], "W+R")
    document.save(tmp_path / "x.sgf")
    assert other in (tmp_path / "x.sgf").read_text()
    with pytest.raises(sgf.SgfError, match=r"x.sgf, game 2: it is not a game of Go but GM\[3\]"):
        document.record(1)


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "x.sgf.xz"
    sgf.save(path, [only(GAME)])

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sgf_files.os, "fsync", full)
    with pytest.raises(sgf.SgfError, match="it cannot be written: No space left on device"):
        sgf.save(path, [only(GAME)] * 2)
    assert [as_plain(record) for record in sgf.read(path)] == [as_plain(only(GAME))]
    assert [file.name for file in tmp_path.iterdir()] == ["x.sgf.xz"]


def test_saving_where_there_is_no_folder_is_one_sentence(tmp_path):
    with pytest.raises(sgf.SgfError, match="it cannot be written: No such file"):
        sgf.save(tmp_path / "nowhere" / "x.sgf", [only(GAME)])
