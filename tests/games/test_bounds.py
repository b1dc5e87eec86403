"""Compiled code reads and writes inside its arrays: rollouts and self-play run once with numba's bounds checks on."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from games.compiling import CACHE

GO = """
import numpy as np
from engine.rollouts import shipped_policy
from games import go
from games.go import rules as go_rules

policy = shipped_policy(go)
for size in (2, 9, 19):
    for moves in (0, 40, 120):
        states = np.repeat(go.start(size)[None], 60, axis=0)
        for k in range(moves):  # random play, in which many chains are in atari; a pass now and then
            table, _, counts = go.legal(states)
            chosen = np.random.default_rng([size, moves, k]).integers(0, np.maximum(counts, 1))
            going = counts > 0
            after = states[going]
            go.play(after, table[going, chosen[going]])
            states[going] = after
        for rules in (policy, None):
            ends = states.copy()
            ends[:, go_rules.PASSES] = 0
            ends[::2, go_rules.LAST] = 0
            go.rollout(ends, np.arange(len(ends)), rules)
        go.priors(states, policy), go.score(states), go.dead_stones(states[0])
print("inside")
"""

BACKGAMMON = """
import numpy as np
from tests.backgammon_boards import random_boards
from engine.backgammon import afterstates, bearoff
from engine.backgammon.outputs import MONEY
from games import backgammon
from games.backgammon.match import match_equity
from games.backgammon.rules import DICE_OF_ROLL
from training.backgammon.td_games import play_batch
from training.backgammon.td_baselines import measure

tables = bearoff.load()
for rules in ({}, {"length": 5, "score": (3, 4), "crawford": True}, {"cube": False}):
    states = np.repeat(backgammon.start(**rules)[None], 40, axis=0)
    for k in range(150):  # random play, in which doubles are offered, taken and dropped
        table, _, counts = backgammon.legal(states)
        chosen = np.random.default_rng(k).integers(0, np.maximum(counts, 1))
        going = counts > 0
        after = states[going]
        backgammon.play(after, table[going, chosen[going]])
        states[going] = after
        backgammon.features(states), backgammon.score(states)
    backgammon.rollout(states, np.arange(40, dtype=np.uint64))
    backgammon.replay(states, np.zeros(3, np.int32), np.zeros((3, 4), np.int32), np.zeros(3, np.int32))
kinds = {"counted": False}, {"counted": True}, {"counted": True, "second": 3}
networks = [afterstates.fresh(5, **kind)._replace(tables=tables) for kind in kinds]
table, outputs = afterstates.play_buffers(5), np.zeros(5, np.float32)
for men in random_boards(150):
    cells = np.concatenate(men).astype(np.int8)
    for network in networks:
        for me in (0, 26):
            for dice in DICE_OF_ROLL:
                afterstates.evaluate_plays(cells, me, dice, network, MONEY, table)
            afterstates.evaluate(cells, me, network, table, outputs)
for network in (*networks, networks[0]._replace(tables=bearoff.NO_TABLES)):
    for exact in (False, True):
        play_batch(network, MONEY, np.arange(3, dtype=np.uint64), 0.7, exact, 2)
measure(networks[1], 4, 2)
match_equity(64, 3, 5)
print("inside")
"""


OUTSIDE = """
import numpy as np
from games.compiling import compiled


@compiled
def read(array, k):
    return array[k]


read(np.zeros(3), 3)
"""

PROGRAMS = {"go": GO, "backgammon": BACKGAMMON}

CHECKED = CACHE.with_name(f"{CACHE.name}-bounds")
"""Where the checked machine code is kept: only the first run after an edit compiles, for a minute or so."""


def run(program: str, home: Path, kept: Path = CHECKED) -> subprocess.CompletedProcess:
    root = Path(__file__).parents[2]
    own = {
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_OPT": "1",
        "NUMBA_CACHE_DIR": str(kept),
        "XDG_CACHE_HOME": str(home),
        "PYTHONPATH": str(root),
    }
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, timeout=2000)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Run all programs, at the same time."""
    homes = [tmp_path_factory.mktemp(name) for name in PROGRAMS]
    with ThreadPoolExecutor(len(PROGRAMS)) as pool:
        return dict(zip(PROGRAMS, pool.map(run, PROGRAMS.values(), homes), strict=True))


@pytest.mark.parametrize("name", PROGRAMS)
def test_compiled_code_stays_inside_its_arrays(ended, name):
    assert ended[name].stdout == "inside\n", ended[name].stderr[-1500:]


def test_what_leaves_its_array_is_noticed_also_where_the_code_was_kept(tmp_path):
    (tmp_path / "outside.py").write_text(OUTSIDE)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import outside"
    for _ in range(2):
        assert "IndexError" in run(program, tmp_path, tmp_path / "kept").stderr
