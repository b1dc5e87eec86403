"""Texts as rows of tokens: how they begin, grow and end, what a mask leaves, and the package without a reward."""

import numpy as np
import pytest

from games import text
from games.game import NOBODY, Game, IllegalMove, Position
from games.text.rewarded import TextGame
from games.text.rows import PROMPT, start, starts, tokens, written

A, B, C, STOP = range(4)


def test_the_package_is_a_game_without_a_reward():
    verbs = {verb for verb in vars(Game) if not verb.startswith("_")} - {"name", "players", "ends"}
    assert [verb for verb in sorted(verbs) if not callable(getattr(text, verb, None))] == []
    position = Position(text, start([A], 3, 4, STOP))
    assert position.legal().tolist() == [A, B, C, STOP]
    position.play(B)
    position.play(STOP)
    assert position.over
    assert position.value() == 0


def test_a_text_ends_with_its_end_mark_or_where_the_room_ends():
    for moves, over in (([A, B], False), ([A, STOP], True), ([A, B, C], True)):
        position = Position(text, start([A, STOP], 3, 4, STOP))
        for move in moves:
            position.play(move)
        assert position.over == over
    with pytest.raises(IllegalMove, match="the text is at its end"):
        position.play(A)


def test_what_was_written_is_without_prompt_and_end_mark():
    position = Position(text, start([A, B], 5, 4, STOP))
    for move in (C, C, STOP):
        position.play(move)
    assert tokens(position.state).tolist() == [A, B, C, C, STOP]
    assert written(position.state).tolist() == [C, C]
    assert position.state[PROMPT] == 2
    assert written(position.states[0]).tolist() == []


def test_prompts_of_several_lengths_share_a_batch():
    roots = starts([[A], [A, B, C]], 2, 4, STOP)
    text.play(roots, np.array([B, B], np.int32))
    assert text.turn(roots).tolist() == [0, 0]
    text.play(roots, np.array([B, B], np.int32))
    assert text.turn(roots).tolist() == [NOBODY, NOBODY]
    assert [tokens(state).tolist() for state in roots] == [[A, B, B], [A, B, C, B, B]]


def test_a_text_may_have_no_prompt():
    assert tokens(start([], 2, 4)).tolist() == []


def test_the_end_mark_of_a_prompt_does_not_end_the_text():
    assert text.turn(start([STOP], 2, 4, STOP)[None])[0] != NOBODY


def test_a_mask_leaves_tokens_out_but_never_the_end_mark():
    game = TextGame(text.score, allowed=np.array([True, False, True, False]))
    position = Position(game, start([B], 3, 4, STOP))
    assert position.legal().tolist() == [A, C, STOP]
    with pytest.raises(IllegalMove, match="the mask leaves it out"):
        position.play(B)


@pytest.mark.parametrize(("prompt", "more", "size"), [([4], 1, 4), ([-1], 1, 4), ([], 0, 4), ([], 1, 0)])
def test_what_cannot_begin_is_refused(prompt, more, size):
    with pytest.raises(ValueError, match="token"):
        start(prompt, more, size)
