"""Learning from preferences and rewards: small models that learn to write the letter a, or to tell who did."""

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from engine.text.llama import Llama  # noqa: E402
from engine.text.models import open_model  # noqa: E402
from engine.text.reward_model import open_reward_model  # noqa: E402
from engine.text.shape import LlamaShape  # noqa: E402
from engine.text.tokenizer import CharacterTokenizer  # noqa: E402
from training.learner import read_tensors  # noqa: E402
from training.run import Run, open_run, read_metrics  # noqa: E402
from training.text import distillation, dpo, ppo, reinforce, reward_model  # noqa: E402
from training.text.beginning import write_model  # noqa: E402
from training.text.pairs import as_pairs, drawn, padded, read_pairs, spoilt_solutions  # noqa: E402
from training.text.rewarding import open_reward  # noqa: E402
from training.text.sampling import draw_answers  # noqa: E402
from training.text.texts import Comparison  # noqa: E402

LETTERS = CharacterTokenizer("abcd?")
SHAPE = LlamaShape(LETTERS.size, 32, 16, 1, 2, 1, 8, 32, end=0)
QUICK = {
    "threads": "1",
    "log_every": "1",
    "warm_up": "2",
    "measured": "40",
    "measure_every": "1000",
    "export_every": "1000",
}


@pytest.fixture(autouse=True)
def no_report(monkeypatch):
    """Leave out the curves: drawing them takes ten times as long as the learning here."""
    monkeypatch.setattr(Run, "report", lambda run, known: None)


@pytest.fixture
def parent(tmp_path):
    """Return a model that has learned nothing: every token is as likely as another."""
    torch.manual_seed(1)
    folder = tmp_path / "parent"
    folder.mkdir()
    write_model(Llama(SHAPE), LETTERS, folder)
    return folder


def learn(stage, folder, resume=False, **words):
    with open_run(folder, stage.Settings, [], QUICK | words, resume) as run:
        stage.train(run)
    return [line for line in read_metrics(folder) if "loss" in line], read_metrics(folder)[-1]


def lines(path, fields):
    path.write_text("".join(json.dumps(each) + "\n" for each in fields))
    return str(path)


@pytest.fixture
def comparisons(tmp_path):
    """Return a file of pairs of which the one with more of the letter a is preferred."""
    random = np.random.default_rng(1)
    words = ["".join(random.choice(list("abcd"), 6)) for _ in range(400)]
    pairs = [sorted(pair, key=lambda word: -word.count("a")) for pair in zip(words[::2], words[1::2], strict=True)]
    pairs = [pair for pair in pairs if pair[0].count("a") > pair[1].count("a")]
    fields = [
        {"prompt": f"{'abcd'[at % 4]}{'abcd'[at // 4 % 4]}?", "chosen": a, "rejected": b}
        for at, (a, b) in enumerate(pairs)
    ]
    return lines(tmp_path / "pairs.jsonl", fields)


@pytest.fixture
def reward(tmp_path):
    path = tmp_path / "letters.py"
    path.write_text("def share(texts):\n    return [text.count('a') / 6 for text in texts]\n")
    return f"{path}:share"


@pytest.fixture
def prompts(tmp_path):
    return lines(tmp_path / "prompts.jsonl", [{"prompt": f"{a}{b}?"} for a in "abcd" for b in "abcd"])


# --- pieces -----------------------------------------------------------------------------------------------


def test_no_prompt_is_learned_and_measured(comparisons):
    learned, measured = read_pairs([comparisons], [], 0.25, 0, seed=1)
    assert len(learned) > 60
    assert len(measured) > 20
    assert not {pair.prompt for pair in learned} & {pair.prompt for pair in measured}


def test_pairs_as_rows():
    comparison = Comparison("ab?", "cd", "a")
    (pair,) = as_pairs([comparison], LETTERS, 0, longest=16)
    tokens, mask = padded([pair.chosen, pair.rejected])
    assert tokens.tolist() == [[1, 2, 5, 3, 4, 0], [1, 2, 5, 1, 0, 0]]
    assert mask.tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0]]
    (short,) = as_pairs([comparison], LETTERS, 0, longest=5)
    assert short.chosen.tokens == [2, 5, 3, 4, 0]


def test_every_pass_draws_each_pair_once_and_can_be_taken_up_anywhere():
    stream, later = drawn(7, 3, seed=1), drawn(7, 3, seed=1, skip=4)
    first = [next(stream) for _ in range(7)]
    assert sorted(np.concatenate(first).tolist()) == sorted([*range(7)] * 3)
    assert np.array_equal(first[4], next(later))


def test_spoilt_solutions_differ_in_a_digit():
    for pair in spoilt_solutions(10, seed=1):
        changed = [(a, b) for a, b in zip(pair.chosen, pair.rejected, strict=True) if a != b]
        assert len(changed) == 1
        assert all(letter.isdigit() for letter in changed[0])


def test_answers_are_drawn_by_their_likelihood_from_prompts_of_any_length():
    """The memory of rows of different lengths: what is drawn has the likelihood of the whole text."""
    torch.manual_seed(2)
    net = Llama(SHAPE).eval()
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    prompts = [[1, 2, 3, 4], [2]] * 2000
    found = draw_answers(net, prompts, 2, 1.0, torch.Generator().manual_seed(3))
    for prompt in ([1, 2, 3, 4], [2]):
        answers = [each.tokens[each.read :] for each in found if each.tokens[: each.read] == prompt]
        assert len(answers) == 2000
        for first in range(SHAPE.vocabulary):
            with torch.no_grad():
                odds = net(torch.tensor([prompt]))[0][0, -1].softmax(-1)[first]
                after = net(torch.tensor([[*prompt, first]]))[0][0, -1].softmax(-1)[1]
            begin = [answer for answer in answers if answer[0] == first]
            assert abs(len(begin) - 2000 * odds) < 4 * (2000 * odds * (1 - odds)) ** 0.5
            if first == SHAPE.end:
                assert all(len(answer) == 1 for answer in begin)
            elif len(begin) > 100:
                share = sum(answer[1] == 1 for answer in begin) / len(begin)
                assert abs(share - after) < 4 * (after * (1 - after) / len(begin)) ** 0.5


# --- stages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pooling", "frozen"), [("last", "no"), ("mean", "yes"), ("root", "yes")])
def test_a_reward_model_learns_what_is_preferred(tmp_path, parent, comparisons, pooling, frozen):
    words = {"data": comparisons, "parent": str(parent), "pooling": pooling, "frozen": frozen, "rate": "1e-2"}
    _, measured = learn(reward_model, tmp_path / "run", steps="50", batch="32", average="0.8", **words)
    assert measured["held_out_accuracy"] > 0.9
    model = open_reward_model(tmp_path / "run")
    scores = model.pay(["ab?"] * 4, ["aaaaaa", "aabbcc", "bbccdd", "a"])
    assert scores[0] > scores[1] > scores[2]
    assert model.score(["ab?", "cd?"], ["ab", "dddddd"]) == pytest.approx(
        [model.score(["ab?"], ["ab"])[0], model.score(["cd?"], ["dddddd"])[0]], abs=1e-5
    )


def test_a_language_model_is_no_reward_model(parent):
    with pytest.raises(ValueError, match=r"parent is a language model and no reward model"):
        open_reward_model(parent)


@pytest.mark.parametrize("loss", ["dpo", "positive", "positive-outside"])
def test_dpo_makes_preferred_answers_likelier(tmp_path, parent, comparisons, loss):
    words = {"data": comparisons, "parent": str(parent), "loss": loss, "rate": "1e-2", "average": "0.8"}
    metrics, measured = learn(dpo, tmp_path / "run", steps="30", batch="32", **words)
    assert metrics[0]["margin"] == pytest.approx(0, abs=1e-6)
    assert metrics[-1]["loss"] < metrics[0]["loss"] - 0.05
    assert measured["held_out_accuracy"] > 0.9
    if loss != "dpo":  # the chosen do not grow less likely
        assert measured["held_out_chosen_log_ratio"] > -0.5
    assert open_model(tmp_path / "run").about["loss"] == loss


def test_iterative_dpo_learns_from_its_own_answers(tmp_path, parent, prompts, reward):
    words = {"data": prompts, "parent": str(parent), "reward": reward, "longest_answer": "6", "rate": "1e-2"}
    words |= {"rounds": "3", "prompts": "16", "answers": "8", "batch": "8", "average": "0.5"}
    metrics, measured = learn(dpo, tmp_path / "run", steps="24", **words)
    assert metrics[0]["drawn_reward"] < 0.3
    assert metrics[-1]["drawn_reward"] > metrics[0]["drawn_reward"] + 0.1
    assert measured["held_out_reward"] > 0.45


@pytest.mark.parametrize("baseline", ["yes", "no"])
def test_reinforce_learns_to_write_the_letter(tmp_path, parent, prompts, reward, baseline):
    words = {"prompts": prompts, "parent": str(parent), "reward": reward, "longest_answer": "6", "rate": "1e-2"}
    words |= {"batch": "8", "answers": "8", "coefficient": "0", "average": "0.5", "baseline": baseline}
    metrics, measured = learn(reinforce, tmp_path / "run", steps="25", **words)
    assert metrics[0]["reward"] < 0.3
    assert metrics[0]["divergence"] == pytest.approx(0, abs=1e-5)
    assert measured["held_out_reward"] > 0.5
    assert measured["held_out_divergence"] > 1


def test_ppo_learns_to_write_the_letter_and_what_beginnings_are_worth(tmp_path, parent, prompts, reward):
    words = {"prompts": prompts, "parent": str(parent), "reward": reward, "longest_answer": "6", "rate": "1e-2"}
    words |= {"batch": "8", "answers": "8", "coefficient": "0.01", "average": "0.5"}
    metrics, measured = learn(ppo, tmp_path / "run", steps="15", **words)
    assert metrics[0]["reward"] < 0.3
    assert measured["held_out_reward"] > 0.5
    assert metrics[-1]["value_loss"] < metrics[0]["value_loss"]
    (model,) = (tmp_path / "run" / "models").glob("*15")
    critic = open_reward_model(model / "critic")
    good, bad = critic.hidden([(3, [1, 2, 5, 1, 1, 1]), (3, [1, 2, 5, 4, 4, 4])]) @ critic.weights
    assert good > bad


def test_the_divergence_holds_a_policy_back(tmp_path, parent, prompts, reward):
    words = {"prompts": prompts, "parent": str(parent), "reward": reward, "longest_answer": "6", "rate": "1e-2"}
    words |= {"batch": "8", "answers": "4", "average": "0.5", "steps": "10"}
    _, free = learn(ppo, tmp_path / "free", coefficient="0", **words)
    _, held = learn(ppo, tmp_path / "held", coefficient="3", **words)
    assert held["held_out_divergence"] < free["held_out_divergence"] / 2


@pytest.mark.parametrize("stage", [ppo, reinforce])
def test_a_resumed_run_is_the_same_run(tmp_path, parent, prompts, reward, stage):
    words = {"prompts": prompts, "parent": str(parent), "reward": reward, "longest_answer": "4", "batch": "4"}
    words |= {"answers": "4", "coefficient": "0.01", "target": "1e-6", "horizon": "50", "checkpoint_minutes": "0"}
    metrics, _ = learn(stage, tmp_path / "run", steps="4", **words)
    assert metrics[-1]["coefficient"] > 0.01  # the divergence is above its target
    last = tmp_path / "run" / "checkpoints" / "000000004"
    whole = read_tensors(last / "state.safetensors")
    shutil.rmtree(last)
    learn(stage, tmp_path / "run", resume=True)
    parts = read_tensors(last / "state.safetensors")
    assert all(torch.equal(whole[name], parts[name]) for name in whole if name.startswith(("net.", "coefficient")))


def test_what_a_search_finds_is_written_without_it(tmp_path, parent, prompts, reward):
    words = {"prompts": prompts, "parent": str(parent), "reward": reward, "longest_answer": "6", "rate": "1e-2"}
    words |= {"decoder": "best-of-n", "budget": "96", "rounds": "3", "searched": "16", "least": "0.5", "row": "16"}
    words |= {"batch": "4", "steps": "30", "average": "0.5", "checkpoint_minutes": "0"}
    metrics, measured = learn(distillation, tmp_path / "run", **words)
    assert metrics[-1]["search_reward"] > metrics[0]["search_reward"]
    assert measured["held_out_reward"] > 0.4
    last = tmp_path / "run" / "checkpoints" / "000000030"
    whole = read_tensors(last / "state.safetensors")
    shutil.rmtree(last)
    learn(distillation, tmp_path / "run", resume=True)
    parts = read_tensors(last / "state.safetensors")
    assert all(torch.equal(whole[name], parts[name]) for name in whole if name.startswith("net."))


def test_a_search_that_finds_nothing_is_a_sentence(tmp_path, parent, prompts, reward):
    words = {"prompts": prompts, "parent": str(parent), "reward": reward, "decoder": "greedy", "least": "5"}
    words["longest_answer"] = "6"
    with pytest.raises(ValueError, match="no text of 15 prompts was paid 5: raise budget="):
        learn(distillation, tmp_path / "run", **words)
    with pytest.raises(ValueError, match="the decoder 'critic' needs a critic"):
        learn(distillation, tmp_path / "run", **(words | {"decoder": "critic"}))


def test_ppo_begins_with_the_reward_models_critic(tmp_path, parent, comparisons, prompts):
    words = {"data": comparisons, "parent": str(parent), "rate": "1e-2"}
    learn(reward_model, tmp_path / "judge", steps="20", **words)
    words = {"prompts": prompts, "parent": str(parent), "longest_answer": "4", "batch": "4", "answers": "2"}
    judge = str(tmp_path / "judge")
    metrics, _ = learn(ppo, tmp_path / "run", steps="2", reward=judge, critic=judge, **words)
    assert metrics[0]["value_loss"] < 10
    with pytest.raises(ValueError, match="parent is a language model and no reward model"):
        learn(ppo, tmp_path / "other", steps="2", reward=judge, critic=str(parent), **words)


@pytest.mark.parametrize(
    ("stage", "words", "said"),
    [
        (ppo, {"parent": ""}, "begins with a model that writes: name it, parent="),
        (dpo, {"parent": ""}, "begins with a model that writes: name it, parent="),
        (reinforce, {"reward": "missing.py:f"}, "missing.py: there is no such file"),
        (reinforce, {"reward": "nothing"}, "there is no language model 'nothing'"),
        (reinforce, {"prompts": "missing.jsonl"}, "there is no file missing.jsonl"),
    ],
)
def test_what_is_missing_is_a_sentence(tmp_path, parent, stage, words, said):
    with pytest.raises(ValueError, match=said):
        learn(stage, tmp_path / "run", **({"parent": str(parent)} | words))


def test_the_reward_of_dialogues_knows_the_words_of_the_prompts(parent, tmp_path):
    lines(tmp_path / "talk.jsonl", 3 * [{"turns": ["abba", "ad", "add"]}] + 2 * [{"turns": ["dab", "abba"]}])
    reward = open_reward("dialogue", 1, str(parent), [str(tmp_path / "talk.jsonl")])
    assert [bool(paid) for paid in reward.pay([""] * 3, ["abba\n", "dab\n", "ad\n"])] == [True, False, True]
    lines(tmp_path / "questions.jsonl", [{"prompt": "abba"}])
    for prompts in (["game-of-24"], [str(tmp_path / "questions.jsonl")]):
        with pytest.raises(ValueError, match="'dialogue' knows words by dialogues: prompts has to name JSONL"):
            open_reward("dialogue", 1, str(parent), prompts)
    lines(tmp_path / "talk.jsonl", [{"turns": 5}])
    with pytest.raises(ValueError, match="line 1: 'turns' should be a list"):
        open_reward("dialogue", 1, str(parent), [str(tmp_path / "talk.jsonl")])
