"""How many syllables an English word has, by its spelling: right for about nine common words in ten."""

import re

_GROUP = re.compile(r"[aeiouy]+")

_APART = re.compile(
    r"i[ao](?!u)|iou(?<=[^cgstx]iou)|[^q]ua|(?<!p)eo(?!u)|(?<=[sdqnr])ie(?=[rt])|sci(?=e)|oe(?=[mt])"
    r"|(?<=id|ar|cr)ea|real(?=i)|(?<=[aeiou])ing|u[eo](?=[lt])"
)
"""Where neighbouring vowels are two syllables."""

_TOGETHER = re.compile(r"[cgst]i[ao]|g[u][aeio]")
"""Where they are one after all."""


def count_syllables(word: str) -> int:
    """Return the number of groups of vowels, without a silent e at the end; at least 1 for a word with letters."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    if not letters:
        return 0
    letters = re.sub(r"^y(?=[aeiou])|(?<=[aeiou])y(?=[aeiou])", "j", letters)
    letters = re.sub(r"e(?=ly$|thing$|times$)", "", letters)
    count = len(_GROUP.findall(letters)) + len(_APART.findall(letters)) - len(_TOGETHER.findall(letters))
    if re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouysxzcg]es$|[^hlaeiouysxzcg]es$|[^aeioutd]ed$", letters):
        count -= not re.search(r"[^aeiou]les$|[cs]hes$", letters)
    return max(1, count)
