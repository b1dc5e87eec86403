"""Tokenizers: tokenizer.json of a Hugging Face folder, of characters (read here) or of any kind (by `tokenizers`)."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from games import plain_files

TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
END = "<|endoftext|>"
"""The end token of our own models, number 0."""

ONE_CHARACTER = {"type": "Split", "pattern": {"Regex": "[\\s\\S]"}, "behavior": "Isolated", "invert": False}
"""How tokenizer.json says that every character is a token."""


class Tokenizer(ABC):
    """Text as token numbers, and back."""

    size: int
    """How many tokens there are: the numbers are 0 .. size - 1."""

    @abstractmethod
    def encode(self, text: str, special: bool = True) -> list[int]:
        """Return the tokens of a text. Names of special tokens in it are those tokens only where `special` is set.

        Raise `ValueError` for a character that no token stands for.
        """

    @abstractmethod
    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens, without special ones."""

    @abstractmethod
    def number(self, token: str) -> int | None:
        """Return the number of a token by its name, None where there is none."""


class CharacterTokenizer(Tokenizer):
    """Every character is a token; token 0 ends a text."""

    def __init__(self, characters: Sequence[str], end: str = END):
        self._names = [end, *characters]
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self.size = len(self._names)

    @classmethod
    def of(cls, texts: Iterable[str]) -> "CharacterTokenizer":
        """Return a tokenizer of all characters that occur in texts."""
        return cls(sorted({character for text in texts for character in text}))

    def encode(self, text: str, special: bool = True) -> list[int]:
        """Return the tokens of a text."""
        parts = text.split(self._names[0]) if special else [text]
        tokens = self._characters(parts[0])
        for part in parts[1:]:
            tokens += [0, *self._characters(part)]
        return tokens

    def _characters(self, text: str) -> list[int]:
        try:
            return [self._numbers[character] for character in text]
        except KeyError as error:
            raise ValueError(f"the model knows no character {error.args[0]!r}") from None

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens, without the end token."""
        return "".join(self._names[token] for token in tokens if token)

    def number(self, token: str) -> int | None:
        """Return the number of a token by its name, None where there is none."""
        return self._numbers.get(token)

    def to_json(self) -> dict[str, Any]:
        """Return tokenizer.json, which `tokenizers` reads likewise."""
        special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [{"id": 0, "content": self._names[0]} | special],
            "normalizer": None,
            "pre_tokenizer": ONE_CHARACTER,
            "post_processor": None,
            "decoder": {"type": "Fuse"},
            "model": {"type": "WordLevel", "vocab": self._numbers, "unk_token": self._names[0]},
        }


class LibraryTokenizer(Tokenizer):
    """Any tokenizer that the library `tokenizers` runs, say byte-level BPE."""

    def __init__(self, tokenizer: Any):
        self.inner = tokenizer
        self.size = tokenizer.get_vocab_size(with_added_tokens=True)

    def encode(self, text: str, special: bool = True) -> list[int]:
        """Return the tokens of a text."""
        if any("\ud800" <= letter <= "\udfff" for letter in text):  # how the command line passes on foreign bytes
            raise ValueError(f"the text has bytes that are no UTF-8: {text[:48]!r}")
        self.inner.encode_special_tokens = not special
        return self.inner.encode(text, add_special_tokens=False).ids

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens, without special ones; bytes that are no UTF-8 become U+FFFD."""
        return self.inner.decode(list(tokens), skip_special_tokens=True)

    def number(self, token: str) -> int | None:
        """Return the number of a token by its name, None where there is none."""
        return self.inner.token_to_id(token)


def read_tokenizer(folder: Path) -> Tokenizer:
    """Read tokenizer.json; raise `ValueError` where it is broken, or `tokenizers` is needed and not installed."""
    path = Path(folder) / TOKENIZER
    try:
        table = plain_files.read_json(path)
        if table["pre_tokenizer"] == ONE_CHARACTER and table["model"]["type"] == "WordLevel":
            return _characters(table["model"]["vocab"])
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no tokenizer: {type(error).__name__}: {error}") from None
    return _by_library(path)


def _characters(numbers: dict[str, int]) -> CharacterTokenizer:
    names = sorted(numbers, key=lambda name: numbers[name])
    if [numbers[name] for name in names] != list(range(len(names))) or any(len(name) != 1 for name in names[1:]):
        raise ValueError("its tokens are not the end token and single characters, numbered from 0")
    return CharacterTokenizer(names[1:], names[0])


def _by_library(path: Path) -> LibraryTokenizer:
    try:
        from tokenizers import Tokenizer as Library
    except ImportError:
        raise ValueError(f"{path} needs the library tokenizers: pip install '.[text]'") from None
    try:
        return LibraryTokenizer(Library.from_file(str(path)))
    except Exception as error:  # the library raises Exception itself
        raise ValueError(f"{path} is no tokenizer: {error}") from None


def train_bytes(texts: Iterable[str], size: int) -> LibraryTokenizer:
    """Return a byte-level BPE of `size` tokens learned from texts; token 0 ends a text."""
    from tokenizers import Tokenizer as Library
    from tokenizers import decoders, models, pre_tokenizers, trainers

    library = Library(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    library.train_from_iterator(texts, trainer)
    return LibraryTokenizer(library)


def write_tokenizer(folder: Path, tokenizer: Tokenizer, end: int) -> None:
    """Write tokenizer.json, and what transformers wants beside it."""
    folder = Path(folder)
    if isinstance(tokenizer, CharacterTokenizer):
        name = tokenizer._names[end]
        (folder / TOKENIZER).write_text(json.dumps(tokenizer.to_json(), indent=1) + "\n", "utf-8")
    elif isinstance(tokenizer, LibraryTokenizer):
        name = tokenizer.inner.id_to_token(end)
        tokenizer.inner.save(str(folder / TOKENIZER))
    else:
        raise ValueError(f"a {type(tokenizer).__name__} cannot be written")
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": name, "clean_up_tokenization_spaces": False}
    (folder / TOKENIZER_CONFIG).write_text(json.dumps(config, indent=2) + "\n", "utf-8")
