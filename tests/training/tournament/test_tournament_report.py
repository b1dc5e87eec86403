"""Reports of made-up tournaments: every figure is where it belongs, and what went wrong is named."""

import csv
import io
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from games.game import Record
from games.go import sgf
from games.go.symmetries import symmetry
from training.go.arena import ARENA
from training.go.beginnings import longest_prefix
from training.tournament import report as tournament_report
from training.tournament import results as tournament_results
from training.tournament.report import as_json, csv_text, ladder, markdown, terminal, write_report
from training.tournament.results import checkpoints, note_replay, note_session, read_results, verdict
from training.tournament.tables import interval
from training.tournament.validity import examine

GO = """name = "trial"
game = "go"
size = 9
komi = 7.0
rules = "chinese"
kind = "round-robin"
seed = 5
anchor = "gnu"
anchor_elo = 1000.0
"""
PLAYERS = """
[[players]]
name = "gnu"
kind = "gtp"
command = "gnugo --mode gtp"
[[players]]
name = "early"
kind = "search"
model = "runs/one/models/000000100"
visits = 50
[[players]]
name = "late"
kind = "search"
model = "runs/one/models/000002000"
visits = 50
[[players]]
name = "other"
kind = "search"
model = "runs/two/models/000002000"
visits = 50
"""
BACKGAMMON = 'name = "dice"\ngame = "backgammon"\nlength = 0\nseed = 1\n'

PLOTS = tournament_report.plots  # as they are, not as conftest.py leaves them out


@pytest.fixture(autouse=True)
def with_plots(monkeypatch):
    monkeypatch.setattr(tournament_report, "plots", PLOTS)


def line(number: int, first: str, second: str, points: float, **more) -> dict:
    """Return a line of games.jsonl; games 2k and 2k + 1 are a pair."""
    made = {"id": number, "pair": number // 2, "pairing": sorted((first, second)), "first": first, "second": second}
    made |= {"opening": [1, 2, 3, 4], "seed": number, "points": points, "result": "B+1.5", "end": "score", "fault": ""}
    return made | {"note": "", "moves": 64, "seconds": [3.0, 6.0], "digest": f"d{number}", "luck": 0.0} | more


def match(one: str, other: str, scores: str, start: int = 0, **more) -> list[dict]:
    """Return games that alternate who begins; a letter each for `one`: + won, - lost, = drawn."""
    lines = []
    for number, letter in enumerate(scores, start):
        score = {"+": 1.0, "-": 0.0, "=": 0.5}[letter]
        names, points = ((one, other), score) if number % 2 == 0 else ((other, one), 1 - score)
        lines.append(line(number, *names, points, **more))
    return lines


@pytest.fixture
def made(tmp_path):
    """Make the folder of a tournament."""

    def make(lines: list[dict], settings: str = GO + PLAYERS):
        folder = tmp_path / "runs" / "trial"
        (folder / "records").mkdir(parents=True, exist_ok=True)
        (folder / "tournament.toml").write_text(settings)
        (folder / "games.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
        return folder

    return make


def trial() -> list[dict]:
    lines = match("early", "gnu", "+-+-----") + match("late", "gnu", "+++-+-+=", 8) + match("late", "early", "+++-", 16)
    lines += match("late", "other", "+-", 20)
    lines[0] |= {"end": "resign", "result": "B+R"}
    lines[1] |= {"end": "crash", "fault": "early", "note": "early died at 'genmove white' (move 12)"}
    return lines


def table(text: str, title: str) -> list[list[str]]:
    """Return the cells of a Markdown table below its heading, without the head."""
    rows = re.search(rf"^## {title}\n\n((?:\|.*\n)+)", text, re.M)[1].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


# --- what is told -----------------------------------------------------------------------------------------


def test_a_folder_gets_all_its_reports(made):
    folder = made(trial())
    results = write_report(folder)
    markdown, page = (folder / "report.md").read_text(), (folder / "report.html").read_text()
    assert "Go 9x9, komi 7, chinese rules; round-robin, 4 players, 22 games" in markdown
    assert f"Seed 5; to go on: `yomi tournament {folder.as_posix()}/tournament.toml`" in markdown
    rows = {row[1]: row for row in table(markdown, "Ratings")}
    assert rows["gnu"][2:5] == ["+1000", "by definition", "16"]
    assert rows["gnu"][5:9] == ["8-7-1", "53.1%", "81%", "25%"]
    assert rows["early"][9:] == ["0.15", "0", "1"]  # 12 games, a crash
    assert rows["gnu"][10:] == ["1", "0"]  # gave one game up
    assert ["1", "crash", "early", "early died at 'genmove white' (move 12)"] in table(markdown, "Incidents")
    assert page.startswith("<!doctype html>")
    assert page.count("<svg") == 1
    assert not re.search(r"<(script|link|img)|https?://(?!www\.w3\.org|purl\.org|creativecommons|matplotlib)", page)
    assert [row.name for row in results.ratings.rows][-1] == "early"
    assert not list(folder.glob(".*"))


def test_the_cross_table_counts_from_both_sides(made):
    text = markdown(read_results(made(trial())))
    order = [row[1] for row in table(text, "Ratings")]
    cells = {row[0]: dict(zip(order, row[1:], strict=True)) for row in table(text, "Cross table")}
    assert (cells["late"]["gnu"], cells["gnu"]["late"]) == ("5-2-1", "2-5-1")
    assert (cells["late"]["early"], cells["other"]["gnu"], cells["late"]["late"]) == ("3-1", "-", "")


def test_programs_read_the_same_figures(made):
    results = write_report(folder := made(trial()))
    told = json.loads((folder / "results.json").read_text())
    late = results.ratings.of("late")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO((folder / "ratings.csv").read_text()))}
    assert float(rows["late"]["elo"]) == late.elo == next(r["elo"] for r in told["ratings"] if r["name"] == "late")
    assert (rows["late"]["model"], rows["late"]["visits"]) == ("runs/one/models/000002000", "50")
    assert told["validity"]["faults"] == {"early": {"crash": 1}}
    assert told["passed"] is True
    levels = json.loads((folder / "ladder.json").read_text())
    assert [level["elo"] for level in levels] == sorted(level["elo"] for level in levels)
    assert next(level for level in levels if level["name"] == "late") == {
        "name": "late", "kind": "search", "model": "runs/one/models/000002000", "visits": 50, "elo": round(late.elo, 1),
        "low": round(late.low, 1), "high": round(late.high, 1), "games": 14, "game": "go", "size": 9, "komi": 7.0,
        "rules": "chinese", "tournament": "trial", "anchor": "gnu",
    }  # fmt: skip


def test_open_bounds_are_null_for_programs_and_words_for_people(made):
    results = read_results(made(match("late", "gnu", "++++++++")))
    level = next(each for each in ladder(results) if each["name"] == "late")
    assert level["high"] is None
    assert level["low"] > 1000
    assert re.fullmatch(r"above \+1\d\d\d", table(markdown(results), "Ratings")[0][3])
    assert "inf" in csv_text(results)
    assert interval(-math.inf, math.inf) == "unknown"


def test_the_terminal_shows_names_as_they_are(made):
    settings = GO + PLAYERS.replace('"late"', '"late [b]x|y"')
    console = Console(file=io.StringIO(), width=200)
    lines = json.loads(json.dumps(trial()).replace('"late"', '"late [b]x|y"'))
    results = read_results(made(lines, settings))
    console.print(terminal(results))
    assert "late [b]x|y" in console.file.getvalue()
    assert "late [b]x\\|y" in markdown(results)


def test_checkpoints_of_one_run_are_a_curve(made):
    results = read_results(made(trial()))
    assert checkpoints(results) == {"runs/one (search, 50 visits)": [(100, "early"), (2000, "late")]}
    write_report(results.folder)
    assert "Elo by checkpoint: runs/one (search, 50 visits)" in (results.folder / "report.html").read_text()


def test_nothing_played_yet_is_a_report_too(made):
    results = write_report(folder := made([]))
    assert "Nothing is played yet" in (folder / "report.html").read_text()
    assert ladder(results) == []
    assert results.passed


def test_a_player_whom_nobody_met_is_unknown_not_wrong(made):
    lines = match("late", "gnu", "+-") + match("early", "other", "+-", 2)
    results = read_results(made(lines))
    assert ["unknown", "unknown"] in [row[2:4] for row in table(markdown(results), "Ratings")]
    assert {level["name"] for level in ladder(results)} == {"late", "gnu"}


# --- questions --------------------------------------------------------------------------------------------

SPRT = '\n[sprt]\nfirst = "late"\nsecond = "gnu"\nelo0 = 0\nelo1 = 100\n'


def test_the_sequential_test_takes_whole_pairs_of_its_two_players(made):
    lines = [*match("late", "gnu", "++" * 10 + "+-=+=="), line(26, "late", "gnu", 1), line(28, "early", "gnu", 1)]
    results = read_results(made(lines, GO + SPRT + PLAYERS))
    assert results.sprt.counts == [0, 0, 2, 1, 10]
    assert results.sprt.decision == "H1"
    assert results.passed
    assert as_json(results)["sprt"]["decision"] == "H1"
    assert verdict(lines[:1], {}) is None


def test_an_open_or_lost_test_does_not_pass(made):
    assert not read_results(made(match("late", "gnu", "+-"), GO + SPRT + PLAYERS)).passed
    lost = read_results(made(match("late", "gnu", "--" * 20), GO + SPRT + PLAYERS))
    assert (lost.sprt.decision, lost.passed) == ("H0", False)


@pytest.mark.parametrize(("elo", "reached"), [(100, True), (300, False)])
def test_a_gate_asks_for_a_difference(made, elo, reached):
    gate = f'\n[gate]\nplayer = "late"\nagainst = "early"\nelo = {elo}\n'
    results = read_results(made(match("late", "early", "++--++++++--++++++--++++" * 2), GO + gate + PLAYERS))
    assert results.gate.difference == pytest.approx(190.8, abs=0.1)
    assert results.gate.low < 190 < results.gate.high
    assert (results.gate.reached, results.passed) == (reached, reached)
    assert table(markdown(results), "Asked")[0][1] == ("yes" if reached else "no")


def test_a_gate_is_shut_while_nobody_has_played(made):
    results = read_results(made([], GO + '\n[gate]\nplayer = "late"\nagainst = "gnu"\nelo = -500\n' + PLAYERS))
    assert not results.passed


# --- backgammon -------------------------------------------------------------------------------------------


def test_backgammon_counts_wins_for_elo_and_points_beside_it(made):
    lines = [
        line(2 * k + j, *(("a", "b") if j == 0 else ("b", "a")), points, luck=points * 0.9, moves=80, opening=[])
        for k in range(6)
        for j, points in enumerate((2.0, 1.0 + k % 2))
    ]
    results = read_results(made(lines, BACKGAMMON))
    assert results.ratings.of("a").score == results.ratings.of("b").score == 6
    rows = {(row[0], row[1]): row for row in table(markdown(results), "Points")}
    assert rows["a", "b"][3].startswith("+0.250 (")
    assert rows["a", "all"][4].startswith("+0.025 (")
    unmeasured = read_results(made([each | {"luck": 0.0} for each in lines], BACKGAMMON))
    assert "Luck was not measured." in markdown(unmeasured)
    assert {len(row) for row in table(markdown(unmeasured), "Points")} == {4}
    assert results.seconds == {"a": 4.5, "b": 4.5}
    assert "backgammon, money games" in markdown(results)


# --- validity ---------------------------------------------------------------------------------------------


def test_pairs_copies_voids_and_faults_are_counted(made):
    lines = trial()[:9]  # four pairs and a half
    lines[4]["digest"] = lines[2]["digest"]
    lines.append(line(9, "gnu", "late", 0, end="void", fault="late", note="late closed its pipe"))
    found = examine(made(lines), ARENA())
    assert (found.games, found.voids, found.pairs_complete, found.pairs_begun) == (9, 1, 4, 5)
    assert (found.unique, found.copies, found.opening) == (8, [[2, 4]], 4)
    assert found.faults == {"early": {"crash": 1}, "late": {"void": 1}}


def test_a_cut_line_and_a_game_written_twice_do_no_harm(made):
    folder = made([*trial(), trial()[3]])
    with (folder / "games.jsonl").open("a") as file:
        file.write('{"id": 99, "pair"')
    results = read_results(folder)
    assert (results.validity.repeated, len(results.games)) == (1, 22)
    assert ["games written twice", "1, counted once"] in table(markdown(results), "Validity")


def test_a_void_game_counts_once_it_is_played_again(made):
    lines = trial()
    void = lines[3] | {"end": "void", "fault": "gnu", "note": "gnu died", "points": 0.0}
    results = read_results(made([*lines[:3], void, *lines[3:]]))
    assert results.ratings == read_results(made(lines)).ratings
    assert (len(results.games), len(results.voids), results.validity.repeated) == (22, 1, 0)
    assert ["3", "void", "gnu", "gnu died"] in table(markdown(results), "Incidents")


def test_replays_are_compared(made):
    folder = made(trial())
    note_replay(folder, 4, "d4")
    note_replay(folder, 5, "something else")
    found = table(markdown(read_results(folder)), "Validity")
    assert ["replayed from their seeds", "2 games, differing: 5"] in found


def test_the_longest_shared_beginning_sees_through_symmetry():
    random = np.random.default_rng(2)
    games = {str(k): (9, random.permutation(81)[:40].tolist()) for k in range(30)}
    moves = games["7"][1]
    games["turned"] = 9, symmetry(5, 9)[np.array(moves[:25] + [81] + moves[:10])].tolist()
    games["larger"] = 13, moves
    assert longest_prefix(games) == (25, "7", "turned") or longest_prefix(games) == (25, "turned", "7")
    assert longest_prefix({"7": games["7"]}) is None
    assert longest_prefix({"a": (9, [1, 2]), "b": (9, [1, 2])})[0] == 2


def test_records_are_compared_and_broken_ones_left_out(made):
    folder = made(trial())
    for name, moves in (("000", [0, 1, 2, 3]), ("001", [0, 1, 2, 4]), ("002", [40, 3])):
        sgf.save(folder / "records" / f"{name}.sgf", [Record("go", {"size": 9}, moves)])
    (folder / "records" / "003.sgf").write_bytes(b"(;GM[1")
    found = examine(folder, ARENA())
    assert found.prefix[0] == 3
    assert {*found.prefix[1:]} == {"000", "001"}


def test_sessions_tell_commit_machine_and_networks(made):
    folder = made(trial())
    note_session(folder, {"late": "OpenVINO bf16"}, {})
    (row,) = table(markdown(read_results(folder)), "Sessions")
    assert row[1] == tournament_results.commit()
    assert re.search(r"\d+ cores$", row[2])
    assert row[3] == "late: OpenVINO bf16"


def test_without_git_the_version_is_told(monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError("git")

    monkeypatch.setattr(tournament_results, "subprocess", SimpleNamespace(run=missing, SubprocessError=OSError))
    assert tournament_results.commit().startswith("version ")


# --- what is wrong ----------------------------------------------------------------------------------------


def test_a_folder_that_is_no_tournament_is_told(tmp_path):
    with pytest.raises(ValueError, match="is no tournament: it has no tournament.toml"):
        write_report(tmp_path)


def test_broken_files_are_told(made):
    with pytest.raises(ValueError, match=r"tournament\.toml is not TOML"):
        read_results(made([], "name ="))
    with pytest.raises(ValueError, match=r"line 1 of .*games\.jsonl tells of no game"):
        read_results(made([{"id": 1, "pair": 1, "first": "a", "second": "b"}]))


def test_notes_that_are_no_json_are_left_out(made):
    folder = made(trial())
    (folder / "sessions.jsonl").write_bytes(b'\xff\xfe\n[1, 2]\nnull\n{"commit": "abc"}\n{"comm')
    assert read_results(folder).sessions == [{"commit": "abc"}]
