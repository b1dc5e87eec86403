"""Players of text: a search writes to the end what pays best, its memory is freed, and a spec makes one."""

import numpy as np
import pytest

from engine import spec
from engine.clock import Limit
from engine.spec import PlayerSpec
from engine.text import players
from engine.text.lengths import Exactly
from engine.text.players import FinishedTexts, TextPlayer
from engine.text.rewards import Includes, Without
from engine.text.tasks import rewarded_task
from engine.text.tree_decoder import PUCT
from games import text
from games.game import Position
from games.text.rows import start
from tests.engine.text.models import Trigrams


def written_by(rewards, evaluations=120, more=8, seed=1):
    task = rewarded_task(Trigrams("abcde .", seed), rewards, more)
    player = TextPlayer(task, None, PUCT, Limit(evaluations=evaluations), nodes=1 << 14)
    position = Position(player.game, task.roots(["ab"])[0])
    while not position.over:
        position.play(player.choose(position))
    return task.text(position.state), player


@pytest.mark.parametrize("rewards", [[Exactly(5, "chars")], [Includes("bad")], [Exactly(6, "chars"), Without("ad")]])
def test_a_text_is_written_that_does_what_is_asked(rewards):
    written, player = written_by(rewards, evaluations=600)
    assert all(reward.pay([""], [written]) == [1.0] for reward in rewards)
    assert player.finished.best(start([0, 1], 8, 7, 6))[0] == 1


def test_where_nothing_pays_the_most_visited_token_is_taken():
    written, player = written_by([Includes("zzz")])
    assert len(written) > 1
    assert player.thought.lines


def test_key_value_memory_is_freed_as_the_text_grows():
    task = rewarded_task(Trigrams("abcde ."), [Exactly(30, "chars")], 40)
    player = TextPlayer(task, None, PUCT, Limit(evaluations=100), nodes=1 << 14)
    position = Position(player.game, task.roots(["ab"])[0])
    for _ in range(12):
        position.play(player.choose(position))
        assert len(player.evaluator.memory) < 400


def test_finished_texts_are_found_by_how_they_begin():
    finished = FinishedTexts(lambda states: states[:, -1].astype(np.float32))
    rows = np.stack([start([0, 1, 2], 1, 9), start([0, 1, 3], 1, 9), start([2, 1, 3], 1, 9)])
    rows[:, -1] = 5, 7, 9
    finished(rows)
    assert finished.best(start([0, 1], 2, 9))[0] == 7
    assert finished.best(start([0, 1, 2], 1, 9))[0] == 5
    assert finished.best(start([4], 2, 9)) is None


def test_a_spec_makes_a_player_of_the_plain_game(monkeypatch):
    monkeypatch.setattr(players, "open_model", lambda name: Trigrams("abc."))
    player = spec.make(PlayerSpec(model="table", visits=20), text)
    position = Position(text, start([0], 4, 4, 3))
    while not position.over:
        position.play(player.choose(position))
    assert player.name == "table"
