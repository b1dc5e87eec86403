"""Tournaments: settings, schedules, resuming, failing programs, stopping, replays. Games are small and quick."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import yomi
from engine.networks import model as models
from engine.searching import NETWORK, ROLLOUTS
from games import backgammon, go
from games.backgammon import mat
from games.go import sgf, sgf_words
from training.go import openings
from training.tournament import director as tournament
from training.tournament.commands import carry_out
from training.tournament.contestants import Contestants
from training.tournament.folder import Folder, finished, locate, read_lines
from training.tournament.openings import values_of
from training.tournament.settings import parse, read

ROOT = Path(tournament.__file__).parents[2]
TWO = """
[[players]]
name = "dice"
kind = "random"
[[players]]
name = "thumb"
kind = "policy"
model = "rollouts"
temperature = 1
"""
SMALL = {"name": "small", "size": 5, "komi": 2.5, "openings": "2", "parallel": 3, "games": 4}


def plan(tmp_path, tail=TWO, **settings):
    """Write a tournament's file."""
    told = SMALL | settings
    path = tmp_path / f"{told['name']}.toml"
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items()) + tail)
    return path


def play(tmp_path, tail=TWO, **settings):
    """Play it; return the exit status, the folder and what was told."""
    path, told = plan(tmp_path, tail, **settings), []
    return carry_out([str(path)], told.append, runs=tmp_path), path.with_suffix(""), told


def test_a_full_disk_costs_the_game_being_written_and_no_other(tmp_path, monkeypatch):
    """Also where only a part of its line still finds room."""

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    line = {"id": 0, "end": "count", "points": 1.0, "first": "dice", "second": "thumb"}
    with Folder(tmp_path, parse(SMALL | {"players": tomllib.loads(TWO)["players"]}, "small")) as folder:
        folder.append(line, b"(;)")
        with monkeypatch.context() as patch:
            patch.setattr("training.disk.os.fsync", full)
            with pytest.raises(OSError, match="No space left on device") as told:
                folder.append(line | {"id": 1}, b"(;)")
        assert told.value.filename
        assert read_lines(tmp_path) == [line]
        with monkeypatch.context() as patch:
            patch.setattr("training.tournament.folder.write_file", lambda *_: None)
            patch.setattr("training.disk.os.fsync", full)
            with pytest.raises(OSError, match="games.jsonl"):
                folder.append(line | {"id": 1}, b"(;)")
        assert (tmp_path / "games.jsonl").read_text() == json.dumps(line) + "\n"
        folder.append(line | {"id": 1}, b"(;)")
    assert [each["id"] for each in read_lines(tmp_path)] == [0, 1]


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "tail", "told"),
    [
        ("kommi = 7", TWO, "no setting 'kommi' (did you mean 'komi'?)"),
        ("games = 5", TWO, "games = 5 should be even"),
        ("size = 99", TWO, "99"),
        ('kind = "knockout"', TWO, "'knockout' is none of"),
        ('kind = "gauntlet"', TWO, "a gauntlet has challengers"),
        ('kind = "gauntlet"\nchallengers = ["he"]', TWO, "challengers names 'he', and the players are: dice, thumb"),
        ('anchor = "he"', TWO, "anchor names 'he'"),
        ('game = "backgammon"', TWO, "player thumb: a player of backgammon is one of"),
        ("", '[[players]]\nname = "a"\nkind = "random"', "no two players"),
        ("", TWO.replace("thumb", "dice"), "2 players named 'dice'"),
        ("", TWO + '[[players]]\nname = "x"\nkind = "search"\nmodel = "go"', "player x: give visits or seconds"),
        ("", TWO + '[[players]]\nname = "x"\nkind = "gtp"', "player x: gtp needs command"),
        ("", TWO + '[[players]]\nname = "x"\nvisit = 3', "player x: there is no setting 'visit'"),
        ("", TWO + '[sprt]\nfirst = "dice"\nsecond = "thumb"\nelo1 = -5', "elo0 = 0 must be less than elo1 = -5"),
        ("", TWO + '[gate]\nplayer = "dice"\nagainst = "he"', "[gate] names 'he'"),
        ("", TWO + "[surprise]\nx = 1", "no table [surprise]"),
        ("", TWO + "[", "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(tmp_path, head, tail, told):
    path = tmp_path / "small.toml"
    path.write_text(f"{'' if 'size' in head else 'size = 5'}\n{head}\n{tail}")
    with pytest.raises(ValueError, match="small.toml") as wrong:
        read(path)
    assert told in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("player", "told"),
    [
        ('kind = "search"\nmodel = "nobody"\nvisits = 4', "player x: there is no model 'nobody'"),
        ('kind = "gtp"\ncommand = "no-such-engine --gtp"', "player x: no-such-engine cannot be started"),
        (f'kind = "gtp"\ncommand = "{sys.executable} -c pass"', "player x: "),
    ],
)
def test_a_player_that_is_not_there_is_told_before_the_first_game(tmp_path, player, told):
    with pytest.raises(ValueError, match="player x") as wrong:
        play(tmp_path, f'{TWO}[[players]]\nname = "x"\n{player}')
    assert told in str(wrong.value).replace("player x: x ", "player x: no-such-engine ")
    assert not (tmp_path / "small").exists()


def test_the_resolved_file_means_the_same(tmp_path):
    tail = TWO + '[sprt]\nfirst = "dice"\nsecond = "thumb"\n[gate]\nplayer = "thumb"\nagainst = "dice"\nelo = 10\n'
    planned = read(plan(tmp_path, tail, kind="gauntlet", challengers=["dice"]))
    (tmp_path / "again.toml").write_text(planned.to_toml())
    assert read(tmp_path / "again.toml") == planned


def test_a_pattern_is_a_player_for_every_checkpoint(tmp_path):
    for step in (100, 20):
        (tmp_path / f"{step:09}").mkdir()
        (tmp_path / f"{step:09}" / "model.json").write_text("{}")
    tables = {"players": [{"name": "net", "kind": "policy", "model": f"{tmp_path.as_posix()}/*"}]}
    assert [player.name for player in parse(tables, "x").players] == ["net-20", "net-100"]


def test_the_recipe_that_ships_is_valid():
    planned = read(ROOT / "training" / "tournaments" / "example.toml")
    assert len(planned.pairings) == 10


# --- schedule and openings --------------------------------------------------------------------------------


def test_every_pairing_plays_every_opening_from_either_side():
    names = "abcd"
    tables = {"games": 6, "players": [{"name": name, "kind": "random"} for name in names]}
    planned = parse(tables, "x")
    tasks = tournament.schedule(planned)
    assert [task.id for task in tasks] == list(range(36))
    met = Counter((task.names, task.opening) for task in tasks)
    assert set(met.values()) == {1}
    assert len(met) == 4 * 3 * 3
    assert all(tasks[k].seed == tasks[k + 1].seed for k in range(0, 36, 2))
    assert len({task.seed for task in tasks}) == 18
    longer = tournament.schedule(parse(tables | {"games": 8}, "x"))
    assert longer[:36] == tasks


def test_on_a_ladder_everybody_meets_the_next_two():
    players = [{"name": name, "kind": "random"} for name in "abcd"]
    pairings = parse({"kind": "ladder", "players": players}, "x").pairings
    assert ["".join(pair) for pair in pairings] == ["ab", "ac", "bc", "bd", "cd"]


def test_a_gauntlets_challengers_do_not_meet():
    tables = {"kind": "gauntlet", "challengers": ["a", "b"]}
    planned = parse(tables | {"players": [{"name": name, "kind": "random"} for name in "abcd"]}, "x")
    assert planned.pairings == [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]


def test_openings_are_even_distinct_and_the_same_for_the_same_seed():
    start = go.start(7, 9, "chinese")
    made = openings.make(start, 4, 8, seed=5)
    assert made == openings.make(start, 4, 8, seed=5, made=openings.make(start, 4, 5, seed=5))
    assert made[:1] != openings.make(start, 4, 1, seed=6)
    positions = [openings._random_opening(start, 4, np.random.default_rng(k)) for k in range(24)]
    any_ones = np.array([position.state for position in positions])
    chosen = []
    for moves in made:
        states = start[None].copy()
        for move in moves:
            go.play(states, np.array([move], np.int32))
        chosen.append(states[0])
    random = np.random.default_rng(1)
    even, uneven = (np.abs(values_of(go, np.array(states), random)).mean() for states in (chosen, any_ones))
    assert even < 0.7 * uneven
    assert len({tuple(moves) for moves in made}) == 8


def test_openings_of_a_file(tmp_path):
    path = tmp_path / "book.sgf"
    path.write_text("(;GM[1]SZ[5];B[cc];W[cb])(;GM[1]SZ[5];B[bb];W[dd];B[cc])")
    assert openings.read(str(path), go.start(5, 2.5, "chinese")) == [[12, 7], [6, 18, 12]]
    _, folder, _ = play(tmp_path, openings=path.as_posix(), games=6)
    lines = finished(read_lines(folder))
    assert [lines[number]["opening"] for number in range(6)] == [[12, 7]] * 2 + [[6, 18, 12]] * 2 + [[12, 7]] * 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(;GM[1]SZ[9];B[cc])", "opening 1 of book.sgf is for boards of size 9, not 5"),
        ("(;GM[1]SZ[5];B[cc])(;GM[1]SZ[5];B[cc];W[cc])", "opening 2 of book.sgf: move 2: C3 is not legal"),
        ("(;GM[1]SZ[5]AB[cc];W[cb])", "sets stones up"),
        ("(;GM[1]SZ[5];B[cc];B[cb])", "somebody move twice"),
    ],
)
def test_an_opening_that_cannot_be_is_told(tmp_path, monkeypatch, text, told):
    monkeypatch.chdir(tmp_path)
    Path("book.sgf").write_text(text)
    with pytest.raises(ValueError, match="opening") as wrong:
        openings.read("book.sgf", go.start(5, 2.5, "chinese"))
    assert told in str(wrong.value)


# --- playing ----------------------------------------------------------------------------------------------


def test_a_tournament_from_start_to_report(tmp_path):
    code, folder, told = play(tmp_path, games=8)
    lines = finished(read_lines(folder))
    assert code == 0
    assert told
    assert sorted(lines) == list(range(8))
    assert json.loads((folder / "results.json").read_text())["games"] == 8
    for number, line in lines.items():
        (kept,) = sgf.read(folder / "records" / f"{number:06}.sgf")
        position = sgf.position(kept)
        assert kept.players == (line["first"], line["second"])
        assert len(position.moves) == line["moves"]
        assert position.moves[:2] == line["opening"]
        assert kept.result == line["result"] == sgf_words.write_result(go.final_lead(position.state))
        assert line["points"] == {"B": 1.0, "W": 0.0, "0": 0.5}[line["result"][0]]


def test_the_same_seed_plays_the_same_games_whatever_runs_beside_them(tmp_path):
    tail = TWO + '[[players]]\nname = "search"\nkind = "search"\nmodel = "go"\nvisits = 12\nwave = 2\n'
    digests = []
    for parallel in (1, 4):
        _, folder, _ = play(tmp_path, tail, name=f"by{parallel}", seed=7, parallel=parallel)
        lines = finished(read_lines(folder))
        digests.append([lines[number]["digest"] for number in sorted(lines)])
    assert digests[0] == digests[1]
    assert len(set(digests[0])) > 6
    told = []
    assert carry_out(["replay", str(tmp_path / "by4"), "5"], told.append, runs=tmp_path) == 0
    assert "the same, move by move" in told[0]


def test_what_is_finished_is_not_played_again_and_more_games_may_follow(tmp_path):
    _, folder, _ = play(tmp_path, games=4)
    before = (folder / "games.jsonl").read_bytes()
    play(tmp_path, games=4)
    assert (folder / "games.jsonl").read_bytes() == before
    play(tmp_path, games=6)
    assert (folder / "games.jsonl").read_bytes().startswith(before)
    assert sorted(line["id"] for line in read_lines(folder)) == list(range(6))
    with pytest.raises(ValueError, match=r"other settings \(komi\)"):
        play(tmp_path, komi=3.5)


def test_words_change_what_the_file_says(tmp_path):
    told, path = [], plan(tmp_path)
    assert carry_out([str(path), "games=2", "name=smaller"], told.append, runs=tmp_path) == 0
    assert len(finished(read_lines(tmp_path / "smaller"))) == 2
    carry_out([str(tmp_path / "smaller"), "games=4"], told.append, runs=tmp_path)
    assert len(finished(read_lines(tmp_path / "smaller"))) == 4
    with pytest.raises(ValueError, match=r"other settings \(size\)"):
        carry_out([str(path), "name=smaller", "size=7"], told.append, runs=tmp_path)
    with pytest.raises(ValueError, match="no setting 'gamse'"):
        carry_out(["check", str(path), "gamse=2"], told.append, runs=tmp_path)
    with pytest.raises(ValueError, match="players are written as"):
        carry_out([str(path), "players=2"], told.append, runs=tmp_path)
    assert not (tmp_path / "small").exists()


def test_a_player_may_see_a_position_from_all_sides(tmp_path):
    tail = TWO + '[[players]]\nname = "all"\nkind = "policy"\nmodel = "go"\nsymmetries = "all"\n'
    with Contestants(read(plan(tmp_path, tail))) as contestants, contestants.seated(["all"], 1) as (seated,):
        evaluator, start = seated.player.evaluator, go.start(5)
        with seated.calling():
            board = evaluator(go, start[None])[0][0, :25].reshape(5, 5)
        np.testing.assert_allclose(board, np.rot90(board), rtol=1e-3)
    with pytest.raises(ValueError, match="'some' is none of 'none', 'random', 'all'"):
        read(plan(tmp_path, tail.replace('"all"\n', '"some"\n').replace('name = "some"', 'name = "all"')))


@pytest.mark.parametrize("path", sorted((ROOT / "training" / "tournaments").glob("*.toml")), ids=lambda path: path.stem)
def test_the_tournaments_that_ship_can_be_read(path):
    assert read(path).settings.name


def test_a_player_may_search_in_its_own_way(tmp_path):
    tail = TWO + '[[players]]\nname = "{0}"\nkind = "search"\nmodel = "{0}"\nvisits = 9\nsearch = ["{1}"]\n'
    for model, usual in (("rollouts", ROLLOUTS), ("go", replace(NETWORK, **models.find("go").search))):
        planned = read(plan(tmp_path, tail.format(model, 'expand_at=3", "c_puct=0.5')))
        with Contestants(planned) as contestants, contestants.seated([model], 1) as (seated,):
            settings = seated.player.settings
        assert (settings.expand_at, settings.c_puct, settings.first_play) == (3, 0.5, usual.first_play)
    for words, told in (("expandat=3", "no setting 'expandat'"), ("wave=x", "wave = 'x' should be a whole number")):
        with pytest.raises(ValueError, match=f"player go: .*{told}"):
            read(plan(tmp_path, tail.format("go", words)))


def test_games_of_two_networks_of_one_name_are_not_mixed(tmp_path):
    shutil.copytree(models.find("go").folder, tmp_path / "mine")
    tail = TWO + f'[[players]]\nname = "mine"\nkind = "policy"\nmodel = "{(tmp_path / "mine").as_posix()}"\n'
    _, folder, _ = play(tmp_path, tail, games=2)
    mine = next(row for row in json.loads((folder / "ladder.json").read_text()) if row["name"] == "mine")
    assert mine["fingerprint"] == models.find("go").fingerprint
    about = json.loads((tmp_path / "mine" / models.DESCRIPTION).read_text())
    about["search"] = {"c_puct": 9.0}
    models.write_description(tmp_path / "mine", about)
    with pytest.raises(ValueError, match=r"games of an earlier model '.*mine': give this tournament another name"):
        play(tmp_path, tail, games=4)
    assert len(finished(read_lines(folder))) == 6


def test_a_line_cut_short_is_removed_and_its_game_played(tmp_path):
    _, folder, _ = play(tmp_path, games=4)
    whole = (folder / "games.jsonl").read_bytes()
    (folder / "games.jsonl").write_bytes(whole[:-30])
    play(tmp_path, games=4)
    lines = read_lines(folder)
    assert sorted(line["id"] for line in lines) == list(range(4))
    assert {line["id"]: line["digest"] for line in lines} == {
        line["id"]: line["digest"] for line in map(json.loads, whole.splitlines())
    }


def test_a_broken_line_is_told(tmp_path):
    _, folder, _ = play(tmp_path, games=2)
    (folder / "games.jsonl").write_bytes(b"rubbish\n" + (folder / "games.jsonl").read_bytes())
    with pytest.raises(ValueError, match=r"line 1 of .*games.jsonl tells of no game"):
        play(tmp_path, games=2)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "3"}, {"id": [3]}, {"id": True}, {"points": "1"}, {"points": float("nan")}, {"points": None},
        {"first": 3}, {"end": {}}, {"pair": "a"}, {"seconds": [1, "x"]}, {"seconds": 5}, {"fault": 3}, {"luck": "much"},
    ],
    ids=str,
)  # fmt: skip
def test_a_line_of_other_kinds_is_told(tmp_path, change):
    line = {"id": 0, "pair": 0, "first": "a", "second": "b", "end": "score", "points": 1.0, "result": "B+3"}
    (tmp_path / "games.jsonl").write_text(json.dumps(line) + "\n")
    assert read_lines(tmp_path) == [line]
    (tmp_path / "games.jsonl").write_text(json.dumps(line) + "\n" + json.dumps(line | change) + "\n")
    with pytest.raises(ValueError, match=r"line 2 of .*games.jsonl tells of no game"):
        read_lines(tmp_path)


def test_a_line_nested_too_deeply_is_told(tmp_path):
    (tmp_path / "games.jsonl").write_text("[" * 100_000 + "\n")
    with pytest.raises(ValueError, match=r"line 1 of .*games.jsonl tells of no game"):
        read_lines(tmp_path)


def test_nobody_else_may_write_into_a_folder(tmp_path):
    planned, folder = locate(plan(tmp_path), tmp_path)
    with (
        Folder(folder, planned),
        pytest.raises(ValueError, match="another process plays in"),
        Folder(folder, planned),
    ):
        pass


def test_stop_ends_it_after_the_games_in_progress(tmp_path):
    path = plan(tmp_path, games=2000)
    told = []
    with ThreadPoolExecutor(1) as pool:
        playing = pool.submit(tournament.run, str(path), tmp_path)
        while not (tmp_path / "small" / "games.jsonl").exists() or not read_lines(tmp_path / "small"):
            assert not playing.done()
            time.sleep(0.02)
        assert carry_out(["stop", str(path)], told.append, runs=tmp_path) == 0
        playing.result(timeout=20)
    done = len(finished(read_lines(tmp_path / "small")))
    assert 0 < done < 2000
    with pytest.raises(ValueError, match="nobody plays"):
        carry_out(["stop", str(path)], told.append, runs=tmp_path)


def test_check_tells_what_it_will_be_and_plays_nothing(tmp_path):
    told = []
    assert carry_out(["check", str(plan(tmp_path, games=10))], told.append, runs=tmp_path) == 0
    assert "10 games, 10 for each of 1 pairings" in told
    assert told[-1].startswith("about ")
    assert not (tmp_path / "small").exists()
    with pytest.raises(ValueError, match="no game is finished"):
        carry_out(["show", str(plan(tmp_path))], told.append, runs=tmp_path)
    with pytest.raises(ValueError, match="expected: yomi tournament replay FILE.toml GAME"):
        carry_out(["replay", "x.toml"], told.append, runs=tmp_path)


def test_the_gate_is_the_exit_status(tmp_path):
    gate = '[gate]\nplayer = "{}"\nagainst = "{}"\nelo = 50\n'
    assert play(tmp_path, TWO + gate.format("thumb", "dice"), games=12)[0] == 0
    assert play(tmp_path, TWO + gate.format("dice", "thumb"), games=12)[0] == 1


def test_a_test_that_is_decided_ends_the_match_with_whole_pairs(tmp_path):
    test = '[sprt]\nfirst = "thumb"\nsecond = "dice"\nelo0 = 0\nelo1 = 200\n'
    code, folder, _ = play(tmp_path, TWO + test, games=400)
    lines = finished(read_lines(folder)).values()
    assert code == 0
    assert 4 <= len(lines) < 200
    assert set(Counter(line["pair"] for line in lines).values()) == {2}


def test_the_command_tells_its_example_and_what_is_wrong_in_one_line(tmp_path, monkeypatch, capsys):
    path = plan(tmp_path, kind="knockout")
    for words, code, told in (["--help"], 0, "Example:  yomi tournament"), (["check", str(path)], 1, "none of"):
        monkeypatch.setattr(sys, "argv", ["yomi", "tournament", *words])
        with pytest.raises(SystemExit) as end:
            yomi.main()
        said = end.value.code if isinstance(end.value.code, str) else ""
        assert (1 if said else end.value.code or 0) == code
        assert told in said + capsys.readouterr().out
        assert "\n" not in said


# --- programs that fail -----------------------------------------------------------------------------------

HONEST = "print('= \\n') if word != 'genmove' else print('= pass\\n')"
FAILING = {
    "crashes": "print('= \\n') if word != 'genmove' else os._exit(3)",
    "hangs": "print('= \\n') if word != 'genmove' else time.sleep(60)",
    "cheats": "print('= A1\\n' if word == 'genmove' else '= \\n')",
    "babbles": "print('= \\n') if word != 'genmove' else print('hello\\n')",
    "leaves": "print('= \\n') if word != 'genmove' else (sys.stdout.flush(), os.close(1), time.sleep(60))",
    "late": "word == 'genmove' and time.sleep(0.7); print('= C3\\n' if word == 'genmove' else '= \\n')",
}
ENDS = {
    "crashes": ("crash", "crashes died with exit status 3"),
    "hangs": ("hang", "hangs did not answer within 1.5 s"),
    "cheats": ("illegal", "cheats played A1, which is illegal: the point is taken"),
    "babbles": ("rubbish", "babbles answered 'hello' to 'genmove"),
    "leaves": ("crash", "leaves closed its pipe"),
    "late": ("time", "late answered after "),
}


DICE = '[[players]]\nname = "dice"\nkind = "random"\n'


def program(tmp_path, name, body, more=""):
    """Write a program that answers every line by `body`; return its table."""
    path = tmp_path / f"{name}.py"
    loop = f"for line in sys.stdin:\n    word = line.split()[0]\n    {body}\n    sys.stdout.flush()\n"
    path.write_text(f"import sys, time, os\n{loop}")
    command = f"{sys.executable} {path.as_posix()}"
    return f'[[players]]\nname = "{name}"\nkind = "gtp"\ncommand = "{command}{more}"\n'


def test_programs_that_fail_are_named_and_the_tournament_goes_on(tmp_path):
    players = [program(tmp_path, name, body) for name, body in FAILING.items()]
    tail = "".join([*players, "seconds = 0.3\n", DICE])  # the last of them is the late one
    play(tmp_path, tail, games=2, kind="gauntlet", challengers=list(FAILING), move_seconds=1.5, parallel=6)
    lines = finished(read_lines(tmp_path / "small"))
    assert sorted(lines) == list(range(12))
    for line in lines.values():
        (bad,) = {line["first"], line["second"]} - {"dice"}
        end, told = ENDS[bad]
        assert (line["fault"], line["end"]) == (bad, end), line
        assert told in line["note"]
        assert line["points"] == (0.0 if line["first"] == bad else 1.0)
        assert line["result"] == ("W" if line["first"] == bad else "B") + ("+T" if end == "time" else "+F")
    report = (tmp_path / "small" / "report.md").read_text()
    assert all(name in report for name in FAILING)


def test_void_games_are_played_again_and_too_many_end_it(tmp_path):
    """The program crashes in its first game only: a file tells it that it was there before."""
    once = (tmp_path / "once").as_posix()
    body = (
        f"open('{once}', 'x') and os._exit(1) if word == 'genmove' and not os.path.exists('{once}') else "
        "print('= pass\\n' if word == 'genmove' else '= \\n')"
    )
    _, folder, _ = play(tmp_path, program(tmp_path, "weak", body) + DICE, games=2, on_fault="void")
    lines = read_lines(folder)
    assert [line["end"] for line in lines].count("void") == 1
    assert [line["fault"] for line in lines if line["end"] == "void"] == ["weak"]
    assert sorted(finished(lines)) == [0, 1]
    tail = program(tmp_path, "dead", FAILING["crashes"]) + DICE
    with pytest.raises(ValueError, match=r"gives up: \d games were void \(voids = 2\); the last: dead died"):
        play(tmp_path, tail, name="other", on_fault="void", voids=2)


def test_a_player_that_fails_too_often_ends_it(tmp_path):
    tail = program(tmp_path, "dead", FAILING["crashes"]) + DICE
    with pytest.raises(ValueError, match=r"gives up: dead has failed in \d games \(faults = 2\)"):
        play(tmp_path, tail, games=20, faults=2)
    assert len(finished(read_lines(tmp_path / "small"))) < 20


# --- killing, memory, files -------------------------------------------------------------------------------


def test_killed_at_any_moment_it_goes_on_from_the_last_finished_game(tmp_path):
    path, random = plan(tmp_path, games=120), np.random.default_rng(1)
    lines = tmp_path / "small" / "games.jsonl"
    for _ in range(2):
        before = lines.stat().st_size if lines.exists() else 0
        code = f"from training.tournament.director import run; run({str(path)!r}, {str(tmp_path)!r})"
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while (not lines.exists() or lines.stat().st_size <= before) and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    killed = read_lines(tmp_path / "small")
    assert 0 < len(killed) < 120
    tournament.run(path, tmp_path)
    numbers = [line["id"] for line in read_lines(tmp_path / "small")]
    assert sorted(numbers) == list(range(120))
    assert numbers[: len(killed)] == [line["id"] for line in killed]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted by Linux")
def test_no_file_stays_open(tmp_path):
    tail = TWO + program(tmp_path, "passes", HONEST) + program(tmp_path, "anew", HONEST, " {seed}")
    play(tmp_path, tail, games=2)
    before = len(os.listdir("/proc/self/fd"))
    play(tmp_path, tail, games=6)
    assert len(os.listdir("/proc/self/fd")) == before
    assert not any(line["fault"] for line in read_lines(tmp_path / "small"))


# --- backgammon -------------------------------------------------------------------------------------------

ONE_ANOTHER = DICE + DICE.replace("dice", "other dice")


def test_backgammon_pairs_have_the_same_dice_with_sides_swapped(tmp_path):
    _, folder, _ = play(tmp_path, ONE_ANOTHER, game="backgammon", cube=False, games=6)
    lines = finished(read_lines(folder))
    records = {number: mat.read(folder / "records" / f"{number:06}.mat") for number in lines}
    rolls = {number: [move for move in match.records[0].moves if move >= 154] for number, match in records.items()}
    for pair in range(3):
        one, other = lines[2 * pair], lines[2 * pair + 1]
        assert (one["first"], one["second"]) == (other["second"], other["first"])
        assert one["seed"] == other["seed"]
        assert [_faces(roll) for roll in rolls[2 * pair][:4]] == [_faces(roll) for roll in rolls[2 * pair + 1][:4]]
    assert all(abs(line["points"]) in (1, 2, 3) for line in lines.values())
    assert lines[0]["digest"] != lines[1]["digest"]
    told = []
    assert carry_out(["replay", str(folder), "3"], told.append, runs=tmp_path) == 0


def _faces(roll):
    return backgammon.notation(backgammon.start(), roll)
