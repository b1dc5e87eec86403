"""Conversations as tokens: ChatML where a tokenizer has its marks, plain lines otherwise."""

from collections.abc import Mapping, Sequence

from engine.text.tokenizer import Tokenizer

OPENING, CLOSING = "<|im_start|>", "<|im_end|>"


def conversation_tokens(messages: Sequence[Mapping[str, str]], tokenizer: Tokenizer, system: str = "") -> list[int]:
    """Return the tokens of messages {role, content}, up to where the assistant answers.

    `system` is said first where no message has the role system.
    """
    said = list(messages)
    if system and (not said or said[0]["role"] != "system"):
        said.insert(0, {"role": "system", "content": system})
    opening, closing = tokenizer.number(OPENING), tokenizer.number(CLOSING)
    if opening is None or closing is None:
        lines = "".join(f"{message['role']}: {message['content']}\n" for message in said)
        return tokenizer.encode(f"{lines}assistant:", special=False)
    tokens = []
    for message in said:
        text = tokenizer.encode(f"{message['role']}\n{message['content']}", special=False)
        tokens += [opening, *text, closing, *tokenizer.encode("\n", special=False)]
    return [*tokens, opening, *tokenizer.encode("assistant\n", special=False)]
