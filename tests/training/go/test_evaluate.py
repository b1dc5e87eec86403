"""`yomi evaluate policy`: what is counted, checked against a slow count and against what training measured."""

from dataclasses import replace

import numpy as np
import pytest

from engine.networks.evaluator import choose
from engine.networks.model import find
from games import go
from games.game import Record
from games.go import sgf, sgf_words
from training.go.dataset import DatasetError
from training.go.evaluate import PolicyTally, evaluate_policy
from training.go.sources import practice_games

SIZE = 5


@pytest.fixture(scope="module")
def records():
    """Return finished games of two sizes, one of them without a result."""
    games = practice_games(6, SIZE) + practice_games(4, 7)
    return [replace(games[0], result=""), *games[1:]]


@pytest.fixture(scope="module")
def collection(records, tmp_path_factory):
    path = tmp_path_factory.mktemp("games") / "games.sgf"
    sgf.save(path, records)
    return path


def opinion(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return priors and values that only the board decides, whatever else is in the batch."""
    moves = go.move_count(states[0])
    weights = np.stack([(np.arange(moves) * 7 + state.sum(dtype=np.int64)) % 31 + 1.0 for state in states])
    values = np.array([np.cos(state.sum(dtype=np.int64)) for state in states], np.float32)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32), values


def evaluator(game, states):
    assert game is go
    return opinion(states)


def slow_count(records: list[Record], every: int) -> dict:
    """Count as the definition says, a position at a time."""
    number, hits, five, losses, errors = 0, 0, 0, [], []
    for record in sorted(records, key=lambda record: record.start["size"]):
        for made, move in enumerate(record.moves):
            number += 1
            if (number - 1) % every:
                continue
            priors, values = opinion(sgf.position(record, made).state[None])
            better = np.count_nonzero(priors[0] >= priors[0, move]) - 1
            hits, five = hits + (better == 0), five + (better < 5)
            losses.append(-np.log(priors[0, move]))
            if record.result:
                errors.append((values[0] - sgf_words.value(record.result)) ** 2)
    count = len(losses)
    means = {"top1": hits / count, "top5": five / count, "log_loss": np.mean(losses), "value_mse": np.mean(errors)}
    return {"positions": count} | means


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("batch", [1, 64])
def test_it_counts_what_the_definition_says(records, collection, every, batch):
    report = evaluate_policy(evaluator, [collection], every=every, batch=batch)
    wanted = slow_count(records, every)
    assert {name: getattr(report, name) for name in wanted} == pytest.approx(wanted, rel=1e-5)
    assert (report.games, report.illegal_games, report.skipped_games) == (10, 0, 0)


@pytest.mark.parametrize(("result", "error"), [("B+3", 0), ("W+3", 4), ("0", 1)])
def test_values_and_outcomes_are_the_first_players(records, tmp_path, result, error):
    sgf.save(tmp_path / "games.sgf", [replace(record, result=result) for record in records])

    def black_wins(game, states):
        return opinion(states)[0], np.ones(len(states), np.float32)

    assert evaluate_policy(black_wins, [tmp_path / "games.sgf"]).value_mse == error


def test_without_a_value_there_is_no_error(collection):
    assert evaluate_policy(evaluator, [collection], judges=False).value_mse is None


def test_best_moves_are_held_against_those_of_another(collection):
    def turned(game, states):
        priors, values = opinion(states)
        every_other = np.arange(len(states))[:, None] % 2 == 0
        return np.where(every_other, -priors, priors), values

    assert evaluate_policy(evaluator, [collection]).agreement is None
    assert evaluate_policy(evaluator, [collection], against=evaluator).agreement == 1
    assert evaluate_policy(evaluator, [collection], against=turned).agreement == pytest.approx(0.5, abs=0.02)


def test_a_tie_is_no_hit(collection):
    def uniform(game, states):
        return np.empty((len(states), 0), np.float32), np.zeros(len(states), np.float32)

    report = evaluate_policy(uniform, [collection])
    assert (report.top1, report.top5) == (0, 0)
    assert report.log_loss == pytest.approx(np.log([26, 50]).mean(), abs=0.4)


def test_ranks_and_losses():
    tally = PolicyTally()
    tally.add_moves(np.log([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]), np.array([0, 1]))
    tally.add_outcomes(np.array([0.5, -1]), np.array([1, -1]))
    assert tally.summary() == pytest.approx(
        {"top1": 0.5, "top5": 1, "log_loss": -np.log(0.5 * 0.3) / 2, "value_mse": 0.125}
    )
    assert PolicyTally().summary() == {}


def test_illegal_and_broken_games_are_counted_apart(collection, tmp_path):
    path = tmp_path / "some.sgf"
    path.write_bytes(collection.read_bytes() + b"(;SZ[5];B[aa];W[aa])(;SZ[5]AB[aa];W[bb])")
    report = evaluate_policy(evaluator, [path])
    assert (report.games, report.illegal_games, report.skipped_games) == (11, 1, 1)  # one is kept up to its first move


def test_progress_reaches_the_end(collection):
    told = []
    report = evaluate_policy(evaluator, [collection], progress=lambda share, count: told.append((share, count)))
    assert told[-1] == (1, report.positions)
    assert told == sorted(told)


def test_a_folder_without_games_is_told(tmp_path):
    with pytest.raises(DatasetError, match="there is no SGF file"):
        evaluate_policy(evaluator, [tmp_path])


def test_a_network_foretells_as_torch_does(collection, tmp_path):
    torch = pytest.importorskip("torch")
    from engine.networks.model import describe
    from engine.networks.towers import NetworkShape, PolicyValueNet, write_model
    from training.devices import ProcessGroup
    from training.go.dataset import Dataset, in_order, pack
    from training.go.imitation import measure

    torch.manual_seed(1)
    net = PolicyValueNet(NetworkShape(game="go", blocks=1, channels=8)).eval()
    write_model(net, tmp_path, describe("go"))
    report = evaluate_policy(choose(find(tmp_path), "onnxruntime"), [collection])
    packed = pack([collection], tmp_path / "packed")
    with torch.no_grad():
        batches = in_order(Dataset(packed.path), side=9)
        wanted = measure(net, batches, ProcessGroup(torch.device("cpu")), "float32")
    assert {name: getattr(report, name) for name in wanted} == pytest.approx(wanted, rel=2e-3)
