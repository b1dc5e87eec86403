"""Compiled code reads and writes inside its arrays: the rollouts run once with numba's bounds checks on."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import numpy as np
from engine.rollouts import shipped_policy
from games import go, go_rules

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
        go.priors(states, policy), go.score(states), go.dead_stones(states[0], policy, 20)
print("inside")
"""


def test_rollouts_stay_inside_their_arrays(tmp_path):
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.stdout == "inside\n", done.stderr[-1500:]
