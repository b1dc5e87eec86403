"""How files of Go write rules, komi and results, in several languages, and what they mean.

Every pattern meets at most `LONGEST` characters.
"""

import re
import unicodedata
from functools import lru_cache

from games import go
from games.go import rules as go_rules

LONGEST = 100
"""Characters of a value that are looked at."""

_RULES = {
    "japan": "japanese",
    "jp": "japanese",
    "korea": "japanese",
    "territory": "japanese",
    "日": "japanese",
    "韩": "japanese",
    "韓": "japanese",
    "한국": "japanese",
    "일본": "japanese",
    "chin": "chinese",
    "cn": "chinese",
    "area": "chinese",
    "中": "chinese",
    "중국": "chinese",
    "aga": "aga",
    "bga": "aga",
    "french": "aga",
    "nz": "new-zealand",
    "newzealand": "new-zealand",
    "goe": "new-zealand",  # Ing's rules count area and allow suicide
    "ing": "new-zealand",
    "应": "new-zealand",
    "應": "new-zealand",
    "tromp": "tromp-taylor",
    "tt": "tromp-taylor",
}
"""How the names that files use begin."""

RULE_NAMES = {"japanese": "Japanese", "chinese": "Chinese", "aga": "AGA", "new-zealand": "NZ"}
_USUAL_KOMI = {"japanese": 6.5, "new-zealand": 7.0}  # 7.5 elsewhere


@lru_cache
def read_rules(text: str) -> str:
    """Return the ruleset that RU names, "" where it names none that we know."""
    word = re.sub(r"[\W_]", "", text[:LONGEST].lower())
    if "score" not in word:
        return next((rules for start, rules in _RULES.items() if word.startswith(start)), "")
    if "scoreterritory" in word:  # KataGo spells every rule out: koSITUATIONALscoreAREAtaxNONEsui1
        return "japanese"
    bits = go_rules.SUPERKO | go_rules.SUICIDE * ("sui1" in word) | go_rules.SITUATIONAL * ("situational" in word)
    return next(rules for rules, its in go.RULESETS.items() if its == bits)


# --- numbers ----------------------------------------------------------------------------------------------

_FRACTIONS = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "\N{MINUS SIGN}": "-"}
_NUMERALS = {numeral: number for number, numeral in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_WRITTEN = re.compile(f"[{''.join(_NUMERALS)}]?十[{''.join(_NUMERALS)}]?|[{''.join(_NUMERALS)}]")
_WHOLE = r"(?:(\d{1,4})\s{0,3}(?:[目子집]|moku|points?)?\s{0,3}(?:又|\+|and|&)?\s{0,3})?"
_OF = re.compile(_WHOLE + r"(\d{1,2})\s?分之\s?(\d{1,2})", re.ASCII)
_SLASHED = re.compile(_WHOLE + r"(?<!\d)(\d{1,2})\s?/\s?(\d{1,2})", re.ASCII)
_DECIMAL = re.compile(r"(\d{1,9}(?:[.,]\d{0,9})?|[.,]\d{1,9})\s?(?:[目子집호]|もく|moku)?\s?(半|반|half)?", re.ASCII)


@lru_cache
def plain(text: str) -> str:
    """Return the beginning of a text in small letters, its digits and fractions in ASCII."""
    text = text[:LONGEST]
    for sign, written in _FRACTIONS.items():
        text = text.replace(sign, written)
    text = unicodedata.normalize("NFKC", text).lower()
    return _WRITTEN.sub(_number, text).strip()


def _number(match: re.Match) -> str:
    """Return a Chinese numeral up to 99 in digits."""
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return str(_NUMERALS[tens])
    return str(10 * _NUMERALS.get(tens, 1) + _NUMERALS.get(ones, 0))


def quantity(text: str) -> float | None:
    """Return the first number of points in a text that `plain` made; None where there is none.

    Chinese results count stones (子), which are two points each.
    """
    points = 2 if "子" in text else 1
    if match := _OF.search(text):
        return points * (int(match[1] or 0) + int(match[3]) / max(int(match[2]), 1))
    if match := _SLASHED.search(text):
        return points * (int(match[1] or 0) + int(match[2]) / max(int(match[3]), 1))
    if match := _DECIMAL.search(text):
        return points * (float(match[1].replace(",", ".")) + 0.5 * bool(match[2]))
    return points * 0.5 if re.search("半|반|half", text) else None


# --- komi -------------------------------------------------------------------------------------------------


def usual_komi(rules: str, handicap: int = 0) -> float:
    """Return the komi of a game whose record names none."""
    return 0.5 if handicap > 1 else _USUAL_KOMI.get(rules, 7.5)


@lru_cache
def read_komi(text: str, rules: str = "", handicap: int = 0) -> float | None:
    """Return the komi that KM means, in points; the usual one where it is empty, None where it is no number.

    Some servers write hundredths without a point (650 is 6.5), some count Chinese fashion, where a point that
    changes hands counts once (3.75, or 375, is 7.5).
    """
    text = plain(text)
    if not text:
        return usual_komi(rules, handicap)
    if re.search("no komi|コミなし|コミ無", text):
        return 0.0
    if re.fullmatch(r"[-+]?\d{1,3}(\.\d{0,3})?e[-+]?\d", text, re.ASCII):
        return float(text)
    komi = quantity(text)
    if komi is None or not komi < 1e9:
        return None
    if re.fullmatch(r"[-+]?\d+", text, re.ASCII) and 100 <= komi < 1000 and komi % 25 == 0:
        komi /= 100
    if komi < 5 and komi * 4 % 2 == 1:
        komi *= 2
    return -komi if re.match("-", text) or re.search("逆|倒贴|倒貼|reverse", text) else komi


# --- results ----------------------------------------------------------------------------------------------

_DRAWS = {"0", "draw", "drawn", "jigo", "tie", "even"}
_DRAWN = re.compile("持碁|持棋|和棋|和局|平局|平手|ジゴ|じご|무승부|빅")
_VOID = re.compile("^void|^no result|無勝負|无胜负|無效|无效|무효")
_PLUS = re.compile(r"([bw])[a-z]{0,10}\s{0,5}\+\s{0,5}(.*)", re.DOTALL)
_LOSER = re.compile(r"(b|w|black|white)\s{1,5}(?:has\s{1,5})?(resign|lose|lost|forfeit|ran out|timed out|times out)")
_WINNER = re.compile(r"(b|w|black|white)\b\s{0,5}(wins?\b|won\b)?\s{0,5}(?:by\b|on\b)?\s{0,5}(.*)", re.DOTALL)
_SIDE = re.compile("[黑黒흑]|[白백]")
_WON = re.compile("胜|勝|승|贏|赢|かち")
_LOST = re.compile("负|負|败|敗|패|认输|認輸|投了|投子|기권")
_REASONS = {
    "R": re.compile("^r(?![a-z])|^res|中盘|中盤|中押|不计|불계|기권|认输|認輸|投了|投子"),
    "T": re.compile("^t(?![a-z])|time|时|時|시간"),
    "F": re.compile("^f(?![a-z])|^forf|反则|反則|반칙|弃权|棄権|棄權"),
}


@lru_cache
def read_result(text: str) -> str:
    """Return RE as "B+3.5", "W+R" (T: time, F: forfeit), "B+" (margin unknown), "0", "Void", or "" for unknown."""
    word = plain(text)
    if _VOID.search(word):
        return "Void"
    if word in _DRAWS or _DRAWN.search(word):
        return "0"
    if match := _PLUS.match(word):
        return f"{match[1].upper()}+{_margin(match[2])}"
    if match := _LOSER.match(word):
        return f"{'BW'[match[1][0] == 'b']}+{_margin(word[match.start(2) :])}"
    if match := _WINNER.match(word):
        margin = _margin(match[3])
        return f"{match[1][0].upper()}+{margin}" if margin or match[2] or not match[3] else ""
    return _eastern(word)


def _eastern(word: str) -> str:
    """Read a result in Chinese, Japanese or Korean."""
    sides = list(_SIDE.finditer(word))
    if not sides:
        return ""
    won, lost = _WON.search(word), _LOST.search(word)
    before = [side for side in sides if won and side.start() < won.start()]
    black = (before[-1] if before else sides[0])[0] in "黑黒흑"
    if lost and not won:
        black = not black
    margin = _margin(word)
    return f"{'WB'[black]}+{margin}" if won or lost or margin or len(word) == 1 else ""


def _margin(word: str) -> str:
    """Return how a game was won: a number, R, T, F, or "" where the words do not tell."""
    reason = next((letter for letter, pattern in _REASONS.items() if pattern.search(word)), "")
    number = None if reason and not word[:1].isdigit() else quantity(word)
    return f"{number:g}" if number is not None and number < 1e5 else reason


def write_result(lead: float) -> str:
    """Return the result of a counted game; `lead` is in points from Black's view."""
    return f"{'B' if lead > 0 else 'W'}+{abs(lead):g}" if lead else "0"


def value(result: str) -> float | None:
    """Return 1 where Black has won, -1 where White has, 0 for a draw, None where nobody knows."""
    return {"B": 1.0, "W": -1.0, "0": 0.0}.get(result[:1])


def lead(result: str) -> float | None:
    """Return by how many points Black is ahead in a result; None where the game was not counted."""
    margin, winner = result[2:], value(result)
    return winner * float(margin) if winner is not None and margin[:1].isdigit() else 0.0 if result == "0" else None
