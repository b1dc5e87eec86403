"""How many 0-ply plays a second `yomi ubgi` answers through its pipes.

    python tests/measures/bench_ubgi.py MODEL [plays]

Positions come from random games, the dice at random. "asked one by one" waits for every answer, as a dueller does; "all
at once" sends every question first. The clock starts when the engine is ready.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import yomi
from games import backgammon
from games.backgammon.dice import rolls
from games.backgammon.gnubg_id import position_id
from games.game import CHANCE, NOBODY


def questions(count: int, seed: int = 1) -> list[str]:
    """Return so many questions, three lines each, of positions that random games meet before a roll."""
    random, state, asked = np.random.default_rng(seed), backgammon.start(cube=False)[None], []
    for one, other in rolls(seed, count).tolist():
        while not (state[0, backgammon.TURN] == CHANCE and not state[0, backgammon.OPENING]):
            state = backgammon.start(cube=False)[None] if state[0, backgammon.TURN] == NOBODY else state
            moves, _, counts = backgammon.legal(state)
            backgammon.play(state, random.choice(moves[0, : counts[0]], 1))
        asked.append(f"position gnubgid {position_id(state[0])}\ndice {one} {other}\ngo role chequer\n")
        backgammon.play(state, np.array([backgammon.roll_move(one, other)], np.int32))
    return asked


def start(model: str) -> subprocess.Popen:
    """Start the engine and wait until it is ready."""
    command = [sys.executable, yomi.__file__, "ubgi", "--model", model]
    engine = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 16)
    engine.stdin.write("isready\n")
    engine.stdin.flush()
    assert engine.stdout.readline() == "readyok\n"
    return engine


def one_by_one(engine: subprocess.Popen, asked: list[str]) -> float:
    """Return answers a second when each is waited for."""
    began = time.perf_counter()
    for question in asked:
        engine.stdin.write(question)
        engine.stdin.flush()
        assert engine.stdout.readline().startswith("bestmove ")
    return len(asked) / (time.perf_counter() - began)


def all_at_once(engine: subprocess.Popen, asked: list[str]) -> float:
    """Return answers a second when nobody waits for any."""
    began = time.perf_counter()
    threading.Thread(target=lambda: (engine.stdin.writelines(asked), engine.stdin.flush())).start()
    for _ in asked:
        assert engine.stdout.readline().startswith("bestmove ")
    return len(asked) / (time.perf_counter() - began)


if __name__ == "__main__":
    model, count = sys.argv[1], int((sys.argv[2:] or ["20000"])[0])
    asked, engine = questions(count), start(model)
    print(f"asked one by one: {one_by_one(engine, asked):,.0f} plays/s")
    print(f"all at once:      {all_at_once(engine, asked):,.0f} plays/s")
    engine.communicate("quit\n")
