"""The command `yomi`: help, exit codes, bad input in one line, and a start that loads nothing heavy."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import yomi
from engine.command_line import show
from engine.go.command import Ruleset
from games import go, wings

ROOT = Path(yomi.__file__).parent


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line in this process; return its exit code, its output and its errors."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("YOMI_DEBUG", raising=False)

    def run(line: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["yomi", *line.split()])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as end:
            yomi.main()
        told = end.value.code if isinstance(end.value.code, str) else ""
        out, err = (re.sub("\x1b\\[[0-9;]*m", "", text) for text in capsys.readouterr())
        return 1 if told else end.value.code or 0, out, err + told

    return run


def start(*words: str, typed: str = "", **more) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "yomi.py"), *words]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, check=False, **more)


@pytest.mark.parametrize(
    "command",
    ["", "play", "play go", "play backgammon", "gtp", "ubgi", "train", "evaluate", "evaluate policy", "bench",
     "doctor", "tournament", "analyze"],
)  # fmt: skip
def test_every_help_shows_an_example(run, command):
    code, out, err = run(f"{command} --help")
    assert (code, err) == (0, "")
    assert f"Example:  yomi {command}" in out


def test_the_example_of_play_go_is_a_valid_command(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, out, _ = run("play go --help")
    example = next(line for line in out.splitlines() if "Example:" in line).split("yomi ")[1]
    code, out, err = run(example.replace("--seconds 5", "--seconds 0.1"))
    assert code == 0
    assert "A B C D E F G H J" in out
    assert (tmp_path / "game.sgf").read_text().startswith("(;")


@pytest.fixture(scope="module")
def beginner(tmp_path_factory) -> Path:
    """A small backgammon network that knows nothing."""
    from engine.backgammon import afterstates
    from engine.backgammon import model as afterstates_model

    folder = tmp_path_factory.mktemp("beginner")
    afterstates_model.write(afterstates.fresh(8), folder, afterstates_model.describe())
    return folder


def test_yomi_plays_backgammon_against_itself_with_the_dice_of_a_seed(run, beginner, tmp_path):
    line = f"play backgammon --colour none --length 1 --plies 0 --model {beginner} --mat {tmp_path}/match.mat"
    (code, out, _), (_, again, _) = run(f"{line} --seed 7"), run(f"{line} --seed 7")
    assert code == 0
    assert out == again
    assert out.startswith("dice from seed 7")
    assert len(re.findall(r"wins the match: First \d, Second \d", out)) == 1
    assert "1 point match" in (tmp_path / "match.mat").read_text()
    assert run(f"{line} --seed 8")[1] != out


def test_the_example_of_play_backgammon_is_a_valid_command(run, beginner, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, out, _ = run("play backgammon --help")
    example = next(line for line in out.splitlines() if "Example:" in line).split("yomi ")[1]
    code, out, _ = run(f"{example} --model {beginner} --plies 0", "hint\nquit\n")
    assert code == 0
    assert "dice from seed 7" in out
    assert (tmp_path / "match.mat").read_text().count("5 point match") == 1


def test_matches_that_cannot_be_kept_do_not_begin(run, beginner):
    line = f"play backgammon --model {beginner} --plies 0"
    assert "nowhere/match.mat" in run(f"{line} --mat nowhere/match.mat")[2]
    assert "from the opening roll" in run(f"{line} --load 4HPwATCwZ/ABMA --mat match.mat")[2]


def test_backgammon_is_played_from_an_id_with_dice_thrown_by_hand(run, beginner):
    line = f"play backgammon --model {beginner} --plies 0 --dice manual --no-cube --load 4HPwATCwZ/ABMA"
    code, out, _ = run(line, "roll\n6 1\n13/7 8/7\n\n")
    assert code == 0
    assert "You roll 6-1" in out
    assert "so far: 13/7 8/7" in out


def test_another_games_model_does_not_play_backgammon(run):
    code, _, err = run("play backgammon --model go")
    assert (code, err.splitlines()[-1]) == (1, "yomi: the model go plays go, not backgammon")


# --- analyze ----------------------------------------------------------------------------------------------

GAME = "(;GM[1]SZ[5]KM[0.5]PB[Ann]PW[Bob [/x\\]];B[cc]C[the middle];W[ee](;B[dd];W[bb])(;B[bb]C[or so]))"
MATCH = """ 1 point match

 Game 1
 Ann : 0                        Bob : 0
  1) 31: 8/5 6/5                 64: 24/14
  2) 52: 13/8 24/22              {}
"""


@pytest.fixture
def records(tmp_path, monkeypatch) -> Path:
    """Go to a folder with a game of Go that has a variation, and a match that was broken off."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "game.sgf").write_text(GAME)
    (tmp_path / "match.mat").write_text(MATCH.format(""))
    return tmp_path


def test_a_game_of_go_is_reviewed_and_the_review_written_into_it(run, records):
    line = "analyze game.sgf --model rollouts --visits 50 --threads 1 --sgf out.sgf --text out.txt --json-file out.json"
    code, out, _ = run(line)
    assert code == 0
    assert re.search(r"^Black +Ann +2 ", out, re.MULTILINE)
    assert (records / "out.txt").read_text().startswith(out.rstrip())
    found = json.loads((records / "out.json").read_text())
    assert (found["complete"], found["visits"], [move["move"] for move in found["moves"]]) == (
        *(True, 50),
        ["C3", "E1", "D2", "B4"],
    )
    annotated = (records / "out.sgf").read_text()
    assert all(said in annotated for said in ("the middle", "or so", "Yomi: Black "))
    assert (records / "game.sgf").read_text() == GAME
    again = json.loads(run(f"{line.split(' --sgf')[0]} --json")[1])
    assert again["moves"] == found["moves"]


def test_a_match_is_reviewed(run, records, beginner):
    code, out, _ = run(f"analyze match.mat --plies 0 --model {beginner} --text out.txt")
    assert code == 0
    assert "Ann" in out
    assert "error an unforced play" in out
    assert "24/22 13/8" in (records / "out.txt").read_text()
    found = json.loads(run(f"analyze match.mat --plies 0 --model {beginner} --json")[1])
    assert (found["result"], [play["dice"] for play in found["games"][0]["decisions"]]) == (
        None,
        [[3, 1], [6, 4], [5, 2]],
    )


START = "XGID=-b----E-C---eE---c-e----B-:0:0:1:31:0:0:0:7:10"


def test_a_position_is_read_or_rolled_out_by_its_id(run, records, beginner):
    code, out, _ = run(f"analyze {START} --plies 0 --model {beginner}")
    assert code == 0
    assert "X to play 3 1" in out
    found = json.loads(run(f"analyze {START} --model {beginner} --rollout --trials 4 --seed 5 --json")[1])
    assert found["rollout"] == {"games": 4, "plies": 11, "seed": 5}
    assert all({"play", "equity", "error", "games"} <= set(play) for play in found["plays"])
    before = START.replace(":31:", ":00:")
    assert "double, take" in run(f"analyze {before} --model {beginner} --rollout --trials 4")[1]
    assert json.loads(run(f"analyze {before} --model {beginner} --plies 0 --json")[1])["kind"] == "cube"


def test_the_doubtful_decisions_of_a_match_are_rolled_out(run, records, beginner):
    (records / "bad.mat").write_text(MATCH.replace("8/5 6/5", "6/2").format(""))
    found = json.loads(run(f"analyze bad.mat --plies 0 --model {beginner} --rollout --trials 4 --json")[1])
    doubtful = [each for each in found["games"][0]["decisions"] if each["error"] >= 0.04]
    assert [each["turn"] for each in found["rollouts"]] == [each["turn"] for each in doubtful] != []
    assert all(each["error"] > 0 for each in found["rollouts"])


def test_the_examples_of_analyze_are_valid_commands(run, records, beginner):
    _, out, _ = run("analyze --help")
    words = " ".join(out.split("Example:")[1].split())
    go_example, match_example = re.findall(r"yomi (analyze [^()]+?)(?= \(|\))", words)
    assert run(f"{go_example} --visits 5")[0] == 0
    assert (records / "reviewed.sgf").exists()
    assert run(f"{match_example} --model {beginner}")[0] == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("analyze game.sgf --game 2", "there is no game 2 in it"),
        ("analyze match.mat --game 2", "there is no game 2 in it"),
        ("analyze game.sgf --plies 1", "--plies is for backgammon"),
        ("analyze game.sgf --rollout", "--rollout is for backgammon"),
        ("analyze XGID=nonsense", "an XGID looks like"),
        (f"analyze {START} --visits 9", "a position of backgammon takes --plies or --rollout"),
        ("analyze match.mat --visits 9", "--visits and --seconds are for Go"),
        ("analyze match.mat --sgf out.sgf", "--sgf is for Go"),
        ("analyze game.sgf --model backgammon", "the model backgammon plays backgammon, not go"),
        ("analyze match.mat --model go", "the model go plays go, not backgammon"),
        ("analyze game.sgf --model nobody", "there is no model 'nobody'"),
        ("analyze game.sgf --sgf nowhere/out.sgf", "nowhere/out.sgf cannot be written"),
        ("analyze match.mat --json-file .", ". cannot be written"),
        ("analyze empty.sgf", "there is nothing to review"),
        ("analyze passes.sgf", "there is nothing to review"),
        ("analyze chess.sgf", "it is not a game of Go but GM[3]"),
        ("analyze illegal.sgf", "there is nothing to review"),
        ("analyze broken.mat", "the players' names and scores are missing below 'Game', so the game is left out"),
        ("analyze noise.txt", "noise.txt, line 1: it does not say what match it is"),
        ("analyze unplayed.mat", "there is nothing to review"),
    ],
)
def test_what_cannot_be_reviewed_is_told_in_one_line_and_nothing_is_written(run, records, line, told):
    contents = {
        "empty.sgf": "(;GM[1]SZ[5])",
        "passes.sgf": "(;GM[1]SZ[5];B[];W[])",
        "chess.sgf": "(;GM[3];B[aa])",
        "illegal.sgf": "(;GM[1]SZ[5]AB[aa];W[aa])",
        "broken.mat": " 1 point match\n Game 1\n 31: 8/1\n",
        "noise.txt": "hello\n",
        "unplayed.mat": MATCH.split("  1)")[0],
    }
    for name, content in contents.items():
        (records / name).write_text(content)
    before = sorted(records.iterdir())
    code, out, err = run(line)
    assert (code, out) == (1, "")
    assert told in err.splitlines()[-1]
    assert sorted(records.iterdir()) == before


def test_moves_up_to_an_illegal_one_are_reviewed_and_it_is_named(run, records):
    (records / "illegal.sgf").write_text("(;GM[1]SZ[5];B[aa];W[aa];B[dd])")
    code, out, err = run("analyze illegal.sgf --visits 100 --model rollouts --threads 1")
    assert code == 0
    assert "move 2" in err
    assert re.search(r"^1 +Black +A5", out, re.MULTILINE)


def test_a_strange_line_of_a_match_is_named_and_the_rest_is_reviewed(run, records, beginner):
    (records / "match.mat").write_text(MATCH.format("52: 24/3") + MATCH.format("").split("\n", 2)[2])
    code, out, err = run(f"analyze match.mat --plies 0 --model {beginner}")
    assert code == 0
    assert "24/3 cannot be played with 5-2" in err
    assert "error an unforced play" in out


def test_an_interrupt_keeps_what_is_done(run, records, monkeypatch):
    from engine.go import analysis

    def interrupted(*words):
        player = make(*words)
        think, thought = player.think, []

        def thinking(position, limit):
            thought.append(position)
            if len(thought) == 3:
                os.kill(os.getpid(), signal.SIGINT)
            return think(position, limit)

        player.think = thinking
        return player

    make = analysis.make
    monkeypatch.setattr(analysis, "make", interrupted)
    before = signal.getsignal(signal.SIGINT)
    code, _, err = run("analyze game.sgf --model rollouts --visits 20 --threads 1 --json-file out.json --sgf out.sgf")
    found = json.loads((records / "out.json").read_text())
    assert (code, found["complete"], [move["number"] for move in found["moves"]]) == (0, False, [1])
    assert "stopped after 1 of 4 moves; what was done is kept" in err
    assert (records / "out.sgf").read_text().count("Yomi: Black") == 1
    assert signal.getsignal(signal.SIGINT) is before


# --- bad usage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["fly", "play chess", "play go --size 1", "play go --size 26", "play go --size nine", "play go --colour red",
     "play go --komi nan", "play backgammon --length 65", "play backgammon --dice loaded",
     "play backgammon --colour black", "ubgi --plies 3", "ubgi --plies x", "gtp --rules ing",
     "gtp --visits 0", "gtp --visits 2147483648", "gtp --seconds inf", "gtp --seed 4294967296", "play go --seconds nan",
     "play backgammon --seed 99999999999999999999", "ubgi --visits 2147483648", "bench network --seconds",
     "--nope", "train",
     "evaluate reward", "evaluate policy games.sgf", "evaluate policy --model go",
     "evaluate policy --model go games.sgf --every 0", "analyze", "analyze game.sgf --visits 0",
     "analyze match.mat --plies 3", "analyze game.sgf --game 0"],
)  # fmt: skip
def test_bad_usage_is_told_with_status_2(run, line):
    code, out, err = run(line)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.strip()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("play go --model nobody", "there is no model 'nobody'"),
        ("gtp --model nobody", "there is no model 'nobody'"),
        ("ubgi --model nobody", "there is no model 'nobody'"),
        ("play backgammon --model nobody", "there is no model 'nobody'"),
        ("play backgammon --load nonsense", "14 letters"),
        ("play backgammon --load XGID=nonsense", "an XGID looks like"),
        ("play backgammon --load nowhere.mat", "nowhere.mat"),
        ("play go --komi 0.3", "komi 0.3 is not a number of half points"),
        ("play go --size 4 --handicap 2", "4x4 board"),
        ("play go --load nowhere.sgf", "nowhere.sgf"),
        ("play go --sgf nowhere/game.sgf", "nowhere/game.sgf"),
        ("train chess", "there is no recipe 'chess'"),
        ("train go fly", "has no stage 'fly'"),
        ("train go imitation depth=3", "there is no setting 'depth'"),
        ("train go imitation", "there are no games to learn from: name some with data=FOLDER"),
        ("train go imitation data=nowhere", "nowhere: there is no such file or folder"),
        ("evaluate policy --model nobody games.sgf", "there is no model 'nobody'"),
        ("analyze nowhere.sgf", "nowhere.sgf: it cannot be opened"),
        ("analyze nowhere.mat", "nowhere.mat: it cannot be opened"),
        ("analyze nowhere.txt", "nowhere.txt: it cannot be opened"),
    ],
)
def test_a_failure_that_users_cause_is_one_line_and_status_1(run, line, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(line)
    last = err.splitlines()[-1]
    assert code == 1
    assert last.startswith("yomi: ")
    assert told in last
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_settings_of_a_stage_are_listed_with_their_meaning(run):
    code, out, err = run("train go rollouts --list steps=77")
    assert (code, err) == (0, "")
    assert re.search(r"^steps +77 +blocks of games", out, re.MULTILINE)


@pytest.mark.parametrize("content", [{}, {"a.sgf": "hello"}, {"a.sgf": "(;SZ[19]AB[aa])", "b.sgf": "(;C[x"}])
def test_a_folder_without_usable_games_is_told(run, tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "games").mkdir()
    for name, text in content.items():
        (tmp_path / "games" / name).write_text(text)
    code, _, err = run("train go rollouts data=games")
    assert (code, len(err.splitlines()) <= 2) == (1, True)
    assert err.splitlines()[-1].startswith("yomi: ")
    assert not list(tmp_path.glob("runs/go-rollouts"))


def test_larger_boards_than_the_planes_are_told(run, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "games.sgf").write_text("(;SZ[13];B[aa];W[bb];B[cc])" * 20)
    code, _, err = run("train go imitation data=games.sgf side=9 compile=no")
    assert code == 1
    assert "holds boards of 13x13" in err.splitlines()[-1]


def test_practice_ends_in_a_model_that_is_measured(run, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    small = "practice=40 practice_size=5 side=5 blocks=1 channels=8 head_channels=8 batch=32 steps=30 workers=1"
    code, _, err = run(f"train go imitation --preset tiny --name first {small}")
    assert (code, "wrote the model runs/first/models/000000030" in err) == (0, True)
    (game,) = (tmp_path / "runs" / "datasets").iterdir()
    assert (game / "dataset.json").exists()
    (tmp_path / "one.sgf").write_text("(;SZ[5]RE[B+R];B[cc];W[cb];B[bb])")
    code, out, _ = run("evaluate policy --model runs/first one.sgf --json")
    found = json.loads(out)
    assert (code, found["positions"], found["games"], found["illegal_games"]) == (0, 3, 1, 0)
    assert {"top1", "top5", "log_loss", "value_mse"} < set(found)


def test_yomi_debug_shows_the_traceback():
    words = ("play", "go", "--model", "nobody")
    quiet, loud = start(*words), start(*words, env=os.environ | {"YOMI_DEBUG": "1"})
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert quiet.returncode == loud.returncode == 1


class Foreign(BaseException):
    """A kind of error that no `except Exception` catches, as some libraries have."""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "yomi: there is not enough memory for this"),
        (RecursionError("maximum recursion depth exceeded"), "yomi: what was read is nested too deeply"),
        (KeyError("size"), "yomi: KeyError: 'size' (YOMI_DEBUG=1 shows where)"),
        (Foreign("odd\nand long"), "yomi: Foreign: odd and long (YOMI_DEBUG=1 shows where)"),
        (FileNotFoundError(2, "No such file or directory", "a.sgf"), "yomi: a.sgf: No such file or directory"),
        (OSError(28, "No space left on device"), "yomi: No space left on device"),
        (ValueError(""), "yomi: ValueError"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_last_net_tells_any_error_in_one_sentence(run, monkeypatch, error, told):
    from engine.measures import doctor

    def fail():
        raise error

    monkeypatch.setattr(doctor, "examine", fail)
    assert run("doctor") == (1, "", told)


def test_a_reader_that_leaves_ends_a_command_without_a_word():
    command = [sys.executable, str(ROOT / "yomi.py"), "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert b"Traceback" not in errors
    assert b"Exception ignored" not in errors


def test_the_front_door_knows_the_rulesets_of_the_game():
    assert [ruleset.value for ruleset in Ruleset] == list(go.RULESETS)


def test_help_imports_nothing_heavy_and_is_quick():
    heavy = ("numpy", "numba", "pygame", "torch", "onnxruntime", "sgfmill", *(f"games.{name}" for name in wings.NAMES))
    check = f"import sys, yomi; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", check], text=True, cwd=ROOT).strip() == "[]"
    help_, least = (min(processor_seconds(code) for _ in range(3)) for code in (HELP, "import typer.rich_utils"))
    assert help_ < 2 * least, f"{help_:.2f} s of processor time, where typer alone takes {least:.2f} s"


HELP = "import sys, yomi; sys.argv[1:] = ['--help']; yomi.main()"


def processor_seconds(code):
    """Return the processor time of a fresh interpreter that runs some code."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_gtp_answers_on_stdout_and_nothing_else():
    typed = "name\nboardsize 5\n1 genmove b\nfly\nquit\n"
    ended = start("gtp", "--visits", "50", "--rules", "chinese", typed=typed)
    answers = ended.stdout.split("\n\n")
    assert ended.returncode == 0
    assert answers[:2] == ["= Yomi", "="]
    assert answers[2].startswith("=1 ")
    assert answers[3:] == ["? unknown command", "=", ""]


def test_playing_imports_neither_torch_nor_the_window():
    code = "import yomi, sys; sys.argv[1:] = ['play', 'go', '--visits', '20']; yomi.main()"
    check = f"import atexit, sys\natexit.register(lambda: print({{'torch', 'pygame'}} & {{*sys.modules}}))\n{code}"
    ended = subprocess.run(
        [sys.executable, "-c", check], input="", capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ended.stdout.endswith("set()\n")


def test_a_warm_start_says_nothing_about_compiling():
    assert start("play", "go", "--visits", "20").returncode == 0
    assert "compiles" not in start("play", "go", "--visits", "20").stderr


def test_a_cold_start_says_that_it_compiles(monkeypatch, tmp_path):
    from engine.measures import warming
    from games import compiling

    monkeypatch.setattr(compiling, "WARM", tmp_path / "new" / "warm")
    said = []
    monkeypatch.setattr("sys.stderr", io.StringIO())
    warming.first_start(said.append, "go")
    warming.first_start(said.append, "go")
    assert len(said) == 1
    assert " s " in said[0]
    assert compiling.is_warm("go")


PAIR = 'size = 5\nkind = "pair"\n[[players]]\nname = "a"\nkind = "random"\n[[players]]\nname = "b"\nkind = "random"\n'


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_behind_standard_output_is_told(tmp_path, monkeypatch):
    (tmp_path / "pair.toml").write_text(PAIR)
    monkeypatch.setattr(sys, "argv", ["yomi", "tournament", "check", str(tmp_path / "pair.toml")])
    with suppress(OSError), open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit, match="No space left"):
            yomi.main()
        sys.stdout.close()  # what takes its place


def test_foreign_words_are_no_markup(capsys):
    show("[red]Ann[/red] [3d] [/]")
    assert capsys.readouterr().out == "[red]Ann[/red] [3d] [/]\n"
