"""How files of Go write rules, komi and results, and what they mean."""

import re
from functools import lru_cache

from games import go
from games.go import rules as go_rules
from games.go.sgf_files import SgfError

_RULES = {
    "japan": "japanese",
    "jp": "japanese",
    "korea": "japanese",
    "territory": "japanese",
    "chin": "chinese",
    "cn": "chinese",
    "area": "chinese",
    "aga": "aga",
    "bga": "aga",
    "french": "aga",
    "nz": "new-zealand",
    "newzealand": "new-zealand",
    "goe": "new-zealand",  # Ing's rules count area and allow suicide
    "ing": "new-zealand",
    "tromp": "tromp-taylor",
    "tt": "tromp-taylor",
}
"""How the names that files use begin."""

RULE_NAMES = {"japanese": "Japanese", "chinese": "Chinese", "aga": "AGA", "new-zealand": "NZ"}
_USUAL_KOMI = {"japanese": 6.5, "new-zealand": 7.0}  # 7.5 elsewhere


@lru_cache
def read_rules(text: str) -> str:
    """Return the ruleset that RU names, "" where it names none that we know."""
    word = re.sub("[^a-z0-9]", "", text.lower())
    if "score" not in word:
        return next((rules for start, rules in _RULES.items() if word.startswith(start)), "")
    if "scoreterritory" in word:  # KataGo spells every rule out: koSITUATIONALscoreAREAtaxNONEsui1
        return "japanese"
    bits = go_rules.SUPERKO | go_rules.SUICIDE * ("sui1" in word) | go_rules.SITUATIONAL * ("situational" in word)
    return next(rules for rules, its in go.RULESETS.items() if its == bits)


@lru_cache
def read_komi(text: str, rules: str = "", handicap: int = 0) -> float:
    """Return the komi that KM means, in points; the usual one where it is empty.

    Some servers write hundredths without a point (650 is 6.5), some count Chinese fashion, where a point that
    changes hands counts once (3.75, or 375, is 7.5).
    """
    if not text:
        return 0.5 if handicap > 1 else _USUAL_KOMI.get(rules, 7.5)
    if not re.fullmatch(r"[-+]?(\d{1,9}([.,]\d{0,9})?|[.,]\d{1,9})", text, re.ASCII):
        raise SgfError(f"komi {text!r} is not a number")
    komi = float(text.replace(",", "."))
    if text.strip("+-").isdigit() and 100 <= abs(komi) < 1000 and komi % 25 == 0:
        komi /= 100
    return komi * 2 if komi * 4 % 2 == 1 else komi


@lru_cache
def read_result(text: str) -> str:
    """Return RE as "B+3.5", "W+R" (T: time, F: forfeit), "B+" (margin unknown), "0", "Void", or "" for unknown."""
    word = text.strip().lower()
    if word in ("0", "draw", "jigo", "void"):
        return "Void" if word == "void" else "0"
    match = re.fullmatch(r"([bw])\w*\s*\+\s*(\d{1,5}(?:[.,]\d{0,5})?|[a-z]*)\s*(?:points?|moku)?", word, re.ASCII)
    if not match:
        return ""
    margin = match[2].replace(",", ".")
    if margin[:1].isdigit():
        return f"{match[1].upper()}+{float(margin):g}"
    return f"{match[1].upper()}+{margin[:1].upper() if margin[:1] in ('r', 't', 'f') else ''}"


def write_result(lead: float) -> str:
    """Return the result of a counted game; `lead` is in points from Black's view."""
    return f"{'B' if lead > 0 else 'W'}+{abs(lead):g}" if lead else "0"


def value(result: str) -> float | None:
    """Return 1 where Black has won, -1 where White has, 0 for a draw, None where nobody knows."""
    return {"B": 1.0, "W": -1.0, "0": 0.0}.get(result[:1])


def lead(result: str) -> float | None:
    """Return by how many points Black is ahead in a result; None where the game was not counted."""
    margin = result[2:]
    return value(result) * float(margin) if margin[:1].isdigit() else 0.0 if result == "0" else None
