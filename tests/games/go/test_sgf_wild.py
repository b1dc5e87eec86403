"""Records as programs, servers and people really write them: what can be used is used, and a remark says the rest."""

import gzip
import lzma
import time
import zipfile

import pytest

from games import go
from games.game import FIRST, SECOND
from games.go import board as go_board
from games.go import sgf, sgf_files


def only(text: str | bytes, **how):
    (record,) = sgf.parse(text, **how)
    return record


def moves(record) -> str:
    return " ".join(
        "bw"[turn] + go.notation(go.start(record.start["size"]), move)
        for turn, move in zip(record.turns, record.moves, strict=True)
    )


FOUR = "bE5 wC7 bG3 wG7"
LINE = ";B[ee];W[cc];B[gg];W[gc]"


# --- encodings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "declared", "black", "white"),
    [
        ("gb18030", "", "王小明", "李大伟"),
        ("gb18030", "CA[gb2312]", "镕基", "陈耀烨"),
        ("gb18030", "CA[UTF-8]", "王小明", "李大伟"),
        ("gb18030", "CA[ISO-8859-1]", "古力", "常昊"),
        ("cp949", "", "이창호", "조훈현"),
        ("cp949", "CA[EUC-KR]", "똠방각하", "박정환"),
        ("cp932", "", "表ソ能", "十段"),
        ("cp932", "CA[Shift_JIS]", "髙木", "山﨑①"),
        ("euc_jp", "", "張栩", "井山裕太"),
        ("iso2022_jp", "", "本因坊", "名人"),
        ("big5hkscs", "CA[Big5]", "許功蓋", "周俊勳碁"),
        ("big5hkscs", "", "張志明", "陳偉國"),
        ("cp1252", "", "Farnebäck", "Sédol"),
        ("cp1252", "CA[ISO-8859-1]", "Müller – “x”", "Łukasz".replace("Ł", "L")),
        ("utf-8", "CA[GB2312]", "王小明", "李大伟"),
        ("utf-8", "CA[Shift_JIS]", "王小", "李大"),
        ("utf-8-sig", "", "王", "李"),
        ("utf-16", "", "王小明", "李大伟"),
        ("utf-16-le", "", "anna", "bert"),
        ("utf-16-be", "CA[UTF-16]", "王小明", "bert"),
        ("koi8-r", "CA[KOI8-R]", "Иван", "Пётр"),
        ("cp1251", "", "Шикшин", "Динерштейн"),
    ],
)
def test_names_and_moves_are_read_in_any_encoding_named_or_not(encoding, declared, black, white):
    record = only(f"(;GM[1]SZ[9]{declared}PB[{black}]PW[{white}]{LINE})".encode(encoding))
    assert (record.players, moves(record), record.remarks) == ((black, white), FOUR, [])


@pytest.mark.parametrize("word", ["表", "ソ", "十", "能", "構"])  # the second byte is a backslash, or a bracket
def test_a_character_that_ends_like_a_mark_of_sgf_swallows_nothing(word):
    text = f"(;GM[1]SZ[9]PB[黒番];B[ee]C[これで図の{word}];W[cc];B[gg];W[gc])".encode("cp932")
    record = only(text)
    assert (record.players[0], moves(record), record.comments) == ("黒番", FOUR, {1: f"これで図の{word}"})


def test_one_bad_byte_costs_one_character_and_is_never_written_back_as_another(tmp_path):
    raw = "(;SZ[9]PB[王小明]PW[李大伟]C[很好".encode()[:-1] + b"];B[ee])"
    record = only(raw)
    assert record.players == ("王小明", "李大伟")
    (tmp_path / "x.sgf").write_bytes(raw)
    sgf.Document.open(tmp_path / "x.sgf").save(tmp_path / "y.sgf")
    assert "\N{REPLACEMENT CHARACTER}" not in (tmp_path / "y.sgf").read_text("utf-8")


def test_what_is_written_can_be_read_whatever_a_comment_holds():
    record = only("(;SZ[9]C[" + "\\[\0C" * 300 + f"]PB[\0]{LINE})")
    assert record.comments[0].count("\0") == 300
    again = only(sgf.write(record))
    assert (moves(again), again.comments[0]) == (FOUR, "[C" * 300)


def test_games_of_one_file_may_have_different_encodings():
    text = "(;GM[1]SZ[9]PB[王小明];B[ee])\n".encode("gb18030") + "(;GM[1]SZ[9]PB[이창호];B[ee])\n".encode()
    assert [record.players[0] for record in sgf.parse(text)] == ["王小明", "이창호"]


def test_a_file_in_another_encoding_is_saved_as_utf_8_and_says_so(tmp_path):
    path = tmp_path / "x.sgf"
    path.write_bytes("(;GM[1]SZ[9]CA[gb2312]PB[镕基];B[ee])".encode("gb18030"))
    sgf.Document.open(path).save(path)
    text = path.read_text("utf-8")
    assert ("CA[UTF-8]" in text, "PB[镕基]" in text) == (True, True)


# --- grammar ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("(;GM[1]SZ[9]\n---\nRE[B+1];B[ee];W[cc];B[gg];W[gc])", "line 2: '---' was left out"),
        ("(;GaMe[1]SiZe[9]KoMi[5.5];Black[ee];White[cc];Black[gg];White[gc])", ""),
        ("(;gm[1]sz[9];b[ee];w[cc];b[gg];w[gc])", ""),
        ("(;SZ[9];B[EE];W[CC];B[GG];W[GC])", ""),
        ("(;SZ[9];B[E5];W[c7];B[G3];W[g7])", ""),
        ("(;SZ[9];B[ee]W[cc];B[gg]W[gc])", ""),
        ("(;SZ[9]B[ee];W[cc];B[gg];W[gc])", ""),
        ("(SZ[9];B[ee];W[cc];B[gg];W[gc])", ""),
        ("(\r\nKO[5.5]\r\nSZ[9]\r\n;B[ee];W[cc]\r\n;B[gg];W[gc])", ""),
        (";SZ[9];B[ee];W[cc];B[gg];W[gc])", ""),
        ("(;SZ[9];B[ee];W[cc];B[gg];W[gc]", "line 1: it ends without a closing bracket"),
        ("(;SZ[9];B[ee];W[cc];B[gg](;W[gc]", "line 1: it ends without a closing bracket"),
        ("(;SZ[9];B[ee;W[cc];B[gg];W[gc])", "line 1: a value of B is not closed"),
        ("(;SZ[9PB[x];B[ee];W[cc];B[gg];W[gc])", "line 1: a value of SZ is not closed"),
        ("(;SZ[9]PB[x;B[ee];W[cc];B[gg];W[gc])", "line 1: a value of PB is not closed"),
        ("(;SZ[9];B[ee];W[cc];B[gg];W[gc]C[last words", "line 1: a value of C never ends"),
        ("(;SZ[9];B[ee];W[cc];B[gg];W[gc", "line 1: a value of W never ends"),
        ("(;SZ[9];B[ee];W[cc];B[gg];W[gc];B[", "line 1: a value of B never ends"),
        ("(;SZ[9]EV[Open [4th]]US[Smith[3d]];B[ee];W[cc];B[gg];W[gc])", "line 1: a bracket in EV was not escaped"),
        ("(;SZ[9];B[ee];W[cc]);B[gg];W[gc])", ""),
        ("((;SZ[9];B[ee];W[cc];B[gg];W[gc]))", ""),
        ("(;SZ[9];B[ee]()(;W[cc];B[gg];W[gc])(;W[aa]))", ""),
        ("(;SZ\n[ 9 ]\n;B\n[ee];W [cc];B[gg];W[gc])", ""),
        ("(;SZ[9x9]GM[Go];B[ee];W[cc];B[gg];W[gc])", "GM[Go] names no game; it was read as Go"),
        ("(;SZ[9:9]MULTIGOGM[1];B[ee];W[cc];B[gg];W[gc])", ""),
    ],
)  # fmt: skip
def test_broken_and_old_grammar_is_understood(text, remark):
    record = only(text)
    assert record.start["size"] == 9
    assert moves(record) == (FOUR if ");B" not in text else "bE5 wC7")
    assert (record.remarks[:1] or [""]) == [remark]


def test_an_unescaped_bracket_belongs_to_its_text():
    assert only("(;SZ[9]EV[Open [4th]]PB[Anna [3d]];B[ee])").info["EV"] == "Open [4th]"


@pytest.mark.parametrize(
    ("text", "size", "komi", "wanted"),
    [
        (f"(;FF[4]GM[1]\n\nAP[Seer 2]\n\nRE[?]\nGC[]\n\nWR[?]\nHA[0] KM[5.5] SZ[9]\n\n{LINE})", 9, 5.5, FOUR),
        ("(;GM\n[1]SZ\n[9]KM \n [5.5]\n;B\n[ee];W [cc]\n)", 9, 5.5, "bE5 wC7"),
        ("(;GM[]FF[]SZ[]KM[]HA[]RU[]RE[]PB[]AB[]AW[];B[pd];W[dp])", 19, 7.5, "bQ16 wD4"),
    ],
    ids=["empty lines in the root", "a name and its value on two lines", "values that are empty"],
)
def test_space_and_empty_values_say_nothing(text, size, komi, wanted):
    record = only(text)
    assert (record.start["size"], record.start["komi"], moves(record)) == (size, komi, wanted)
    assert "black" not in record.start
    assert not record.result


# --- words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("km", "komi"),
    [
        ("6.5目", 6.5), ("６目半", 6.5), ("六目半", 6.5), ("コミ5目半", 5.5), ("黒6目半", 6.5), ("6 1/2", 6.5),
        ("6+1/2", 6.5), ("6½", 6.5), ("5.5 points", 5.5), ("3又3/4子", 7.5), ("三又四分之三子", 7.5), ("3.75", 7.5),
        ("6집반", 6.5), ("-7.5", -7.5), ("逆コミ5目半", -5.5), ("1e1", 10.0), ("no komi", 0.0), ("0.5 (nigiri)", 0.5),
    ],
)  # fmt: skip
def test_komi_in_words(km, komi):
    record = only(f"(;SZ[9]KM[{km}];B[ee])")
    assert (record.start["komi"], record.remarks) == (komi, [])


@pytest.mark.parametrize(("km", "komi"), [("N/A", 6.5), ("?", 6.5), ("unknown", 6.5), ("6.3", 6.5), ("5000", 6.5)])
def test_komi_that_is_none_becomes_the_usual_one_and_a_remark(km, komi):
    record = only(f"(;SZ[9]RU[Japanese]KM[{km}];B[ee])")
    assert record.start["komi"] == komi
    assert record.remarks[0].startswith("komi ")


@pytest.mark.parametrize(
    ("re", "result"),
    [
        ("黑中盘胜", "B+R"), ("白中盤勝", "W+R"), ("白中押勝ち", "W+R"), ("黒中押し勝ち", "B+R"),
        ("黒番2目半勝", "B+2.5"),
        ("白番半目勝ち", "W+0.5"), ("黑胜1又3/4子", "B+3.5"), ("白胜四分之一子", "W+0.5"), ("B+3/4子", "B+1.5"),
        ("持碁", "0"), ("和棋", "0"), ("ジゴ", "0"), ("무승부", "0"), ("흑 불계승", "B+R"), ("백 2집반승", "W+2.5"),
        ("黑超时负", "W+T"), ("白認輸", "B+R"), ("無勝負", "Void"), ("2目半 白", "W+2.5"), ("Black resigns", "W+R"),
        ("White loses on time", "B+T"), ("Black wins by 3.5", "B+3.5"), ("W wins", "W+"), ("B 3.5", "B+3.5"),
        ("W+2 1/2", "W+2.5"), ("W+½", "W+0.5"), ("B+ 3.50000", "B+3.5"), ("B+R+", "B+R"), ("B+1.5 ? W+time", "B+1.5"),
        ("1-0", ""), ("Unfinished", ""), ("White to play", ""), ("Both lose", ""), ("", ""),
    ],
)  # fmt: skip
def test_results_in_words(re, result):
    record = only(f"(;SZ[9]RE[{re}];B[ee])")
    assert (record.result, record.info.get("RE", "")) == (result, "" if result else re)


# --- servers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "komi"),
    [
        ("KM[0]HA[0]RU[Japanese]AP[GNU Go:3.8]AP[foxwq]", 6.5),
        ("KM[0]HA[0]RU[Chinese]AP[foxwq]", 7.5),
        ("KM[375]HA[0]RU[Chinese]AP[foxwq]", 7.5),
        ("KM[0]HA[2]RU[Chinese]AP[foxwq]AB[pd][dp]", 0.0),
        ("KM[0]HA[0]RU[Japanese]AP[other]", 0.0),
    ],
)
def test_komi_0_of_fox_is_the_usual_one(root, komi):
    record = only(f"(;GM[1]SZ[19]{root})")
    assert record.start["komi"] == komi
    assert bool(record.remarks) == (komi > 0 and "KM[0]" in root)


def test_handicap_stones_that_are_only_counted_are_put_on_the_usual_points():
    record = only("(;SZ[19]HA[3]KM[0]AP[foxwq];W[dd];B[qk])")
    assert [go.notation(go.start(19), move) for move in record.start["black"]] == ["Q16", "D4", "Q4"]
    assert "3 handicap stones" in record.remarks[0]
    assert "black" not in only("(;SZ[19]HA[3]KM[0];B[pd];B[dp];B[pp];W[dd])").start
    assert "black" not in only("(;SZ[19]HA[2];W[pd];B[dd];W[dp])").start  # their points are taken


def test_three_passes_are_a_game_and_play_may_go_on_after_them():
    record = only("(;SZ[9];B[ee];W[];B[];W[];B[cc])")
    assert moves(record) == "bE5 wpass bpass wpass bC7"
    assert sgf.position(record).moves == record.moves


# --- boards changed by hand -------------------------------------------------------------------------------


def test_the_game_goes_on_from_a_changed_board():
    record = only("(;SZ[5]KM[7];B[cc];W[bb];AE[cc]AB[bb:ab]AW[ee]PL[B];B[dd];AW[aa];W[ea])")
    assert record.setups == {2: {"black": [5, 6], "white": [24], "empty": [12]}, 3: {"white": [0]}}
    position = sgf.position(record)
    assert go_board.diagram(position.states[2]).splitlines()[1:-1] == [
        " 5 . . . . . 5",
        " 4 X X . . . 4",
        " 3 . . . . . 3",
        " 2 . . . . . 2",
        " 1 . . . . O 1",
    ]
    assert go_board.diagram(position.state).splitlines()[1] == " 5 O . . . O 5"
    again = only(sgf.write(sgf.from_position(position)))
    assert (again.setups[2]["black"], again.moves) == (record.setups[2]["black"], record.moves)
    assert (go.colours(sgf.position(again).state) == go.colours(position.state)).all()


def test_prisoners_are_counted_across_a_changed_board():
    taken = "(;SZ[5]KM[0]RU[Japanese];B[ba];W[aa];B[ab]{}"
    changed = sgf.position(only(taken.format(";W[ee];AE[ee])")))
    assert go.final_lead(changed.state) == 25 - 2 + 1  # all points but the stones, and a prisoner


def test_stones_without_a_liberty_and_points_off_the_board_are_left_out():
    record = only("(;SZ[9]AB[aa][zz]AW[ab][ba];B[cc])")
    assert (record.start.get("black"), record.start["white"]) == (None, [1, 9])
    assert record.remarks == [
        "1 stones set up off the 9x9 board were left out: 'zz'",
        "1 stones set up without a liberty were left out",
    ]


def test_whose_turn_it_is_at_the_end_may_be_said_by_hand():
    assert sgf.position(only("(;SZ[9];B[ee];PL[B])")).turn == FIRST
    assert sgf.position(only("(;SZ[9];B[ee])")).turn == SECOND


def test_a_repetition_that_was_played_is_read():
    played = (
        "ab ac cc bb dc ad bc da dd ca bd ad db aa cb ac ab ad cd ac bd dd bc db cc cd ab ba dc cd dd ac ad ab cd cb"
    )
    nodes = "".join(f";{'BW'[k % 2]}[{move}]" for k, move in enumerate((played + " bc dc cc bd cd dd bc cc").split()))
    record = only(f"(;SZ[4]KM[0.5]{nodes})")
    assert len(sgf.position(record).moves) == 44
    assert record.remarks == []


# --- archives and sizes -----------------------------------------------------------------------------------


def test_archives_are_read_and_those_that_unpack_to_far_too_much_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sgf_files, "LEAST_REFUSED", 1 << 20)
    zeros = bytes(8 << 20)
    (tmp_path / "a.sgf.xz").write_bytes(lzma.compress(zeros))
    (tmp_path / "b.sgf.gz").write_bytes(gzip.compress(zeros))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.sgf", b"(;SZ[9];B[aa])")
        archive.writestr("y.sgf", zeros)
    for name in ("a.sgf.xz", "b.sgf.gz", "c.zip"):
        with pytest.raises(sgf.SgfError, match=f"{name}.*unpacks to more than 100 times its size"):
            list(sgf.read(tmp_path / name))
    (tmp_path / "d.sgf.gz").write_bytes(gzip.compress(b"(;SZ[9];B[aa])"))
    assert next(sgf.read(tmp_path / "d.sgf.gz")).moves == [0]


def test_a_game_that_is_too_long_is_left_out_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(sgf_files, "LARGEST_GAME", 10_000)
    monkeypatch.setattr(sgf_files, "BLOCK", 1000)
    text = b"(;GM[1]SZ[9];B[aa])(;GM[1]SZ[9]" + b";C[x]" * 10_000 + b")(;GM[1]SZ[9];B[bb])"
    errors = []
    assert [record.moves for record in sgf.parse(text, broken=errors.append)] == [[0], [10]]
    assert "was left out" in str(errors[0])


@pytest.mark.parametrize(
    "piece",
    [b"(", b"(;", b"(;)", b"[", b"(;B[", b"A[\\]", b"B[ee;", b"PB[x PW[", b"\\", b"]", b";B[aa]W[bb]", b"(;GM[1]"],
)
def test_reading_takes_time_in_proportion_to_the_text(piece):
    text, began = b"(;GM[1]SZ[9]" + piece * (200_000 // len(piece)), time.process_time()
    list(sgf.parse(text, broken=lambda error: None))
    assert time.process_time() - began < 8


def test_a_record_of_variations_within_variations_is_opened_without_recursion(tmp_path):
    (tmp_path / "deep.sgf").write_text("(;GM[1]SZ[9]" + "(;B[aa]" * 50_000 + ")" * 50_001)
    document = sgf.Document.open(tmp_path / "deep.sgf")
    document.games[0]
    document.save(tmp_path / "again.sgf")
    assert document.record().moves == [0]


def test_foreign_bytes_without_a_node_are_no_game_and_no_fault_of_ours():
    errors = []
    assert list(sgf.parse(b"(\x81[\xff[ ;)(;SZ[9];B[ee])", broken=errors.append))
    assert list(sgf.parse(b"( \x81[\xfe]\x9d[ )", broken=errors.append)) == []
    assert errors
