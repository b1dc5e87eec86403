"""Which rewards and prompts learning from rewards takes, by the words of a setting, and drawing answers to be paid."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from engine.text.dialogue import DialogueReward, TurnVectors, known_words
from engine.text.llama import Llama
from engine.text.models import find_folder
from engine.text.reward_model import open_reward_model
from engine.text.rewards import Reward, load_function
from engine.text.solving import Solves
from engine.text.tokenizer import Tokenizer
from games.text import twenty_four
from training.text.pairs import AnswerTokens
from training.text.sampling import draw_answers
from training.text.texts import found_files, json_lines, written_turns
from training.text.traces import GAME_OF_24

DIALOGUE = "dialogue"
"""How settings name the reward of dialogues."""


def open_reward(words: str, threads: int = 1, parent: str = "", prompts: Sequence[str] = ()) -> Reward:
    """Return the reward of game-of-24, dialogue, file.py:function, or a reward model's name or folder.

    Turns of a dialogue are compared by the vectors of `parent`, the model that learns; known are the words of the
    dialogues that `prompts` names.
    """
    if words == GAME_OF_24:
        return Solves()
    if words == DIALOGUE and parent:
        return DialogueReward(_words_of_dialogues(prompts), TurnVectors.of(find_folder(parent)))
    if ".py:" in words:
        return load_function(words)
    return open_reward_model(words, threads=threads)


def _words_of_dialogues(names: Sequence[str]) -> frozenset[str]:
    """Return the words that the dialogues among prompts have; raise `ValueError` where there are none."""
    files = found_files([name for name in names if name != GAME_OF_24])
    found = [written_turns(fields, where) for path in files for where, fields in json_lines(path) if "turns" in fields]
    if not found:
        raise ValueError(f"reward = {DIALOGUE!r} knows words by dialogues: prompts has to name JSONL of {{turns}}")
    return known_words(found)


class Drawer:
    """Draws answers to prompts from a network, and has them paid."""

    def __init__(self, tokenizer: Tokenizer, reward: Reward, longest: int, temperature: float):
        self.tokenizer, self.reward, self.longest, self.temperature = tokenizer, reward, longest, temperature

    def draw(
        self, net: Llama, prompts: Sequence[str], count: int, generator: torch.Generator
    ) -> tuple[np.ndarray, list[list[AnswerTokens]]]:
        """Draw `count` answers to each prompt; return what they are paid, float64 [P, count], and their tokens."""
        repeated = [prompt for prompt in prompts for _ in range(count)]
        tokens = [self.tokenizer.encode(prompt, special=False) or [net.shape.end] for prompt in repeated]
        most = min(self.longest, net.shape.context - max(map(len, tokens)))
        if most < 1:
            raise ValueError(f"a prompt of {max(map(len, tokens))} tokens leaves no room in {net.shape.context}")
        answers = draw_answers(net, tokens, most, self.temperature, generator)
        texts = [self.tokenizer.decode(each.tokens[each.read :]) for each in answers]
        rewards = np.array(self.reward.pay(repeated, texts)).reshape(len(prompts), count)
        return rewards, [answers[at : at + count] for at in range(0, len(answers), count)]


def read_prompts(names: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    """Return prompts to learn from, and others to measure on.

    Of the Game of 24 those of the critic are measured; no stage learns from them, nor from those that are held out.
    """
    learned: list[str] = []
    measured: list[str] = []
    if GAME_OF_24 in names:
        for numbers in twenty_four.puzzles():
            if not twenty_four.held_out(numbers):
                (measured if twenty_four.for_critic(numbers) else learned).append(twenty_four.write(numbers))
    for path in found_files([name for name in names if name != GAME_OF_24]):
        found = list(dict.fromkeys(_prompts(path)))
        random.Random(seed).shuffle(found)
        at = len(found) // 10
        measured += found[:at]
        learned += found[at:]
    if not learned:
        raise ValueError("prompts names nothing to answer")
    return learned, measured or learned


OPENING = 2
"""Turns of a dialogue that are given, before the model goes on with it."""


def _prompts(path: Path) -> list[str]:
    """Return the prompts of JSON lines, which may hold other fields; of dialogues, {turns}, their openings."""
    found = []
    for where, fields in json_lines(path):
        if "prompt" not in fields and "turns" in fields:
            found.append(written_turns(fields, where, OPENING))
        elif isinstance(fields.get("prompt"), str):
            found.append(fields["prompt"])
        else:
            raise ValueError(f"{where} has no text 'prompt'")
    return found
