"""The batch server: many threads ask, one batch is evaluated, everybody gets his own rows."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.clock import Limit
from engine.networks.batching import BatchServer
from engine.networks.evaluator import choose
from engine.networks.model import find
from engine.players import SearchPlayer
from engine.searching import NETWORK
from games import go
from games.game import Position


class Sums:
    """An evaluator that tells which row it was asked, and of how many rows each batch was."""

    def __init__(self, seconds=0.0):
        self.seconds, self.sizes = seconds, []

    def __call__(self, game, states):
        self.sizes.append(len(states))
        time.sleep(self.seconds)
        return states[:, :1].astype(np.float32), states.sum(1).astype(np.float32)


def ask_all(server, threads, times, rows=1):
    """Have threads ask for numbered rows; return how many answers were not theirs."""
    gate = threading.Barrier(threads)

    def ask(number):
        wrong = 0
        with server.calling():
            gate.wait()
            for k in range(times):
                states = np.full((rows, 3), 1000 * number + k)
                priors, values = server(None, states)
                wrong += not (np.array_equal(priors, states[:, :1]) and np.array_equal(values, states.sum(1)))
        return wrong

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(ask, range(threads)))


def test_everybody_gets_his_own_rows_and_batches_are_full():
    sums = Sums()
    server = BatchServer(sums, patience=1)
    assert ask_all(server, 8, 200, rows=2) == 0
    assert server.positions == sum(sums.sizes) == 8 * 200 * 2
    assert np.median(sums.sizes) == 16


def test_a_batch_holds_no_more_than_it_may():
    sums = Sums()
    assert ask_all(BatchServer(sums, most=4), 6, 50, rows=2) == 0
    assert max(sums.sizes) == 4


def test_one_request_that_is_larger_than_a_batch_goes_alone():
    sums = Sums()
    server = BatchServer(sums, most=4)
    server(None, np.zeros((9, 3)))
    assert sums.sizes == [9]


def test_nobody_waits_for_a_caller_who_does_not_ask():
    server = BatchServer(Sums(), patience=0.05)
    with server.calling(), server.calling():
        began = time.perf_counter()
        server(None, np.zeros((1, 3)))
        assert 0.04 < time.perf_counter() - began < 2


def test_a_caller_who_leaves_completes_the_batch():
    server, answers = BatchServer(Sums(), patience=30), []

    def ask():
        with server.calling():
            answers.append(server(None, np.ones((1, 3))))

    with server.calling():
        thread = threading.Thread(target=ask)
        thread.start()
        while not server._waiting:
            time.sleep(0.001)
    thread.join(timeout=10)
    assert len(answers) == 1


def test_positions_of_several_kinds_are_never_mixed():
    server = BatchServer(Sums(0.001))

    def ask(width):
        return all(server(None, np.full((1, width), width))[1] == [width * width] for _ in range(100))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(ask, [3, 4, 5] * 2))


def test_an_error_reaches_everybody_who_waits_and_the_server_lives_on():
    broken = threading.Event()
    broken.set()

    def evaluator(game, states):
        if broken.is_set():
            raise RuntimeError("no network")
        return states, states[:, 0]

    server, gate = BatchServer(evaluator, patience=1), threading.Barrier(4)

    def ask(_):
        with server.calling():
            gate.wait()
            try:
                server(None, np.zeros((1, 3)))
            except RuntimeError as error:
                return str(error)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == ["no network"] * 4
        broken.clear()
        assert list(pool.map(ask, range(4))) == [None] * 4


def test_a_closed_server_answers_nobody_and_leaves_nobody_waiting():
    server = BatchServer(Sums(), patience=30)

    def ask():
        with server.calling(), server.calling():
            with pytest.raises(ValueError, match="closed"):
                server(None, np.zeros((1, 3)))
            return True

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask)
        while not server._waiting:
            time.sleep(0.001)
        server.close()
        assert waiting.result(timeout=10)
    with pytest.raises(ValueError, match="closed"):
        server(None, np.zeros((1, 3)))


def test_searches_that_share_a_server_search_as_those_that_do_not():
    """The network's answers are the same alone and in a batch, to a rounding that decides no search of this size."""
    evaluator = choose(find("go"), symmetries="random")
    server = BatchServer(evaluator)
    starts = [go.start(7, komi, "chinese") for komi in (3, 5, 7, 9)]

    def visits(start, asked, calling):
        player = SearchPlayer("one", asked, NETWORK, Limit(visits=48), nodes=1 << 14)
        with calling():
            found = player.think(Position(go, start), Limit(visits=48))
        return {line.move: line.visits for line in found.lines}

    with ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda start: visits(start, server, server.calling), starts))
    assert server.batches < server.positions
    assert shared == [visits(start, evaluator, threading.Lock) for start in starts]
