"""What the window reads by itself, damaged: settings, kept games, ladders of levels, runs and childhoods.

    python tests/measures/fuzz_window.py settings|kept|ladders|runs [count 100] [seed 1]

Every case opens the window, which shows each game's form, goes on with a kept game or shows the run, draws, closes. No
exception leaves it, nothing takes over two seconds of processor time, and no record of a kept game is changed.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"

from engine import levels
from engine.networks import model as models
from gui import kept_games, settings_store
from gui import messages as say
from gui.app import App
from gui.start_messages import ShowMore
from tests.measures.fuzz_files import mutated

SLOW, LATEST = 2.0, 8.0
"""Seconds of the processor for one case, and of the clock for what it waits for."""

WILD = [None, True, -1, 0, 1, 2.5, 1e300, float("nan"), float("inf"), 10**30, "", "x", "9", "-1", "٣", "\0", "a\nb"]
WILD += [[], {}, [[]], {"x": 1}, [1, 2], "[bold]", "x" * 5000, "\ud800", "/dev/zero", "..", "follow", "time"]

SETTINGS = {
    "scale": 1.0,
    "mute": True,
    "size": [1000, 700],
    "recent": ["/nowhere/game.sgf"],
    "start": {"go": {"size": 9, "level": "2", "komi": "", "handicap": 0}, "backgammon": {"length": 3, "seed": ""}},
    "levels": {"go, size 9": {"half steps": 3}, "backgammon": {"half steps": 1}},
    "colours": "usual",
}
GAMES = {
    "go": (".sgf", b"(;GM[1]FF[4]SZ[5]KM[0.5]RU[Chinese];B[cc];W[dd])", {"size": 5, "colour": "both", "level": "time"}),
    "connect_four": (".c4", b"4433\n", {"colour": "red", "level": "1", "seed": "1"}),
    "backgammon": (
        ".mat",
        b" 3 point match\n\n Game 1\n you : 0              Yomi : 0\n  1) 31: 8/5 6/5          64: 24/14\n",
        {"colour": "both", "length": 3, "seed": "4", "level": "1"},
    ),
}


def wilder(dice: random.Random, value: object) -> object:
    """Return a value with something in it replaced, removed or added."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        name = dice.choice(sorted(value))
        kept = {each: value[each] for each in value if each != name}
        return kept if dice.random() < 0.15 else kept | {name: wilder(dice, value[name])}
    if isinstance(value, list) and value and dice.random() < 0.9:
        at = dice.randrange(len(value))
        return [*value[:at], wilder(dice, value[at]), *value[at + 1 :]]
    return dice.choice(WILD)


def damaged(dice: random.Random, value: object) -> bytes:
    """Return JSON that is wrong here or there, or no JSON any more."""
    kind = dice.random()
    if kind < 0.1:
        return dice.choice([b"", b"[" * 100_000, b"\0" * 100, b'{"a":' * 50_000, b"\xff\xfe{", b"9" * 5000])
    for _ in range(dice.randrange(1, 4)):
        value = wilder(dice, value)
    data = json.dumps(value).encode()
    return mutated(dice, data) if kind < 0.3 else data


# --- the cases --------------------------------------------------------------------------------------------


def settle(app: App, seconds: float = LATEST) -> None:
    """Let the window work until what it reads is read."""
    end = time.perf_counter() + seconds
    app.frame()
    while app.opening and time.perf_counter() < end:
        app.frame()
    assert not app.opening, "it reads for ever"
    app.frame()


def every_form(app: App) -> None:
    """Show the forms of all games, short and long."""
    for game in app.pages:
        app.receive(say.ChooseGame(game))
        for more in (True, False):
            app.receive(ShowMore(more))
            app.draw()


def a_settings_file(dice: random.Random, home: Path) -> None:
    """Damage what the window remembers; begin a game with what is left of it."""
    path = settings_store.folder() / "window.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(damaged(dice, SETTINGS))
    app = App()
    try:
        every_form(app)
        app.receive(say.NewGame(dice.choice(["connect_four", "go", "backgammon"]), (("colour", "both"),)))
        settle(app)
        app.receive(say.Scale(1))
        app.receive(say.AskOpen())
        app.draw()
    finally:
        assert app.close()


def a_kept_game(dice: random.Random, home: Path) -> None:
    """Damage a kept game's description, or its record, and go on with it."""
    kept_games.folder().mkdir(parents=True)
    game = dice.choice(sorted(GAMES))
    suffix, record, values = GAMES[game]
    path = kept_games.folder() / f"2026-11-30-120000-1-{game}-1{suffix}"
    about = {"game": game, "values": values | {"model": "rollouts"}, "about": "a game", "over": False}
    if dice.random() < 0.3:
        record = mutated(dice, record)
        path.with_suffix(".json").write_text(json.dumps(about))
    else:
        path.with_suffix(".json").write_bytes(damaged(dice, about))
    path.write_bytes(record)
    app = App()
    try:
        every_form(app)
        app.receive(say.GoOnWith(str(path)) if dice.random() < 0.5 else say.Open(str(path)))
        settle(app)
        app.receive(say.StepBy(-1))
        app.draw()
    finally:
        assert app.close()
    assert path.read_bytes() == record, "the record was changed"


def a_ladder(dice: random.Random, home: Path) -> None:
    """Damage a ladder of levels."""
    whole, game = levels.MEASURED, dice.choice(["go", "backgammon", "connect_four"])
    folder = home / "ladders"
    shutil.copytree(whole, folder)
    path = folder / f"{game}.json"
    path.write_bytes(damaged(dice, json.loads(path.read_text())))
    levels._read = lambda game, name, _: READ(game, name, folder)  # the usual folder is a default, bound long ago
    app = App(remembered=settings_store.Remembered(scale=1.0, mute=True))
    try:
        every_form(app)
        app.receive(say.NewGame(game, (("colour", "both"), ("level", dice.choice(["1", "time", "follow"])))))
        settle(app)
    finally:
        assert app.close()


def a_run(dice: random.Random, home: Path) -> None:
    """Damage a run of two models, or a model's childhood, and look at it."""
    name = dice.choice(["go", "backgammon", "connect_four"])
    source = models.SHIPPED / name
    run = home / "run"
    young = (path for path in (source / "childhood" / "models").glob("[0-9]*")) if dice.random() < 0.5 else ()
    folders = sorted(young)[:2] or [source]
    for number, folder in enumerate(folders):
        keep = shutil.ignore_patterns("childhood")
        shutil.copytree(folder, run / "models" / f"{number + 1:09}", ignore=keep)
    files = sorted(path for path in run.rglob("*") if path.is_file())
    for path in dice.sample(files, min(len(files), dice.randrange(1, 4))):
        if path.suffix == ".json" and dice.random() < 0.7:
            path.write_bytes(damaged(dice, json.loads(path.read_text())))
        elif dice.random() < 0.2:
            path.unlink()
        else:
            path.write_bytes(mutated(dice, path.read_bytes()))
    if dice.random() < 0.3:
        (run / "models" / dice.choice([".000000009.aside", "٣", "000000009", "x" * 200])).mkdir()
    app = App(remembered=settings_store.Remembered(scale=1.0, mute=True))
    try:
        app.receive(say.Open(str(run)))
        settle(app)
        end = time.perf_counter() + LATEST
        while app.page and app.page.ladder and app.page.ladder.busy and time.perf_counter() < end:
            app.frame()
            if dice.random() < 0.02:
                shutil.rmtree(run, ignore_errors=True)
        app.draw()
    finally:
        assert app.close()


READ = levels._read.__wrapped__
CASES: dict[str, Callable[[random.Random, Path], None]] = {
    "settings": a_settings_file,
    "kept": a_kept_game,
    "ladders": a_ladder,
    "runs": a_run,
}


def main() -> None:
    """Try so many cases."""
    kind, *given = sys.argv[1:] or ["settings"]
    count, seed = [int(word) for word in given] + [100, 1][len(given) :]
    wrong, slowest = 0, 0.0
    for number in range(count):
        dice = random.Random(f"{seed} {number}")
        with tempfile.TemporaryDirectory() as place:
            for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
                os.environ[name] = f"{place}/home"
            began = time.process_time()
            try:
                CASES[kind](dice, Path(place))
            except Exception as error:
                wrong += 1
                where = traceback.extract_tb(error.__traceback__)[-1]
                at = f"{where.filename[-40:]}:{where.lineno}"
                print(f"{kind}, case {number}: {type(error).__name__}: {str(error)[:150]} {at}", flush=True)
                if os.environ.get("SHOW"):
                    traceback.print_exc()
            spent = time.process_time() - began
            if spent > SLOW and number:
                print(f"{kind}, case {number}: {spent:.1f} s", flush=True)
            slowest = max(slowest, spent if number else 0.0)
    print(f"{count} {kind}, seed {seed}: {wrong} wrong, slowest {slowest:.1f} s")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
