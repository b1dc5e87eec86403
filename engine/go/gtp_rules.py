"""The rules of Go as GTP controllers name them: KataGo's names, its JSON and its short strings, and KGS's names."""

import re

from engine.go.gtp_protocol import LONGEST
from games.plain_files import parse_json

ALIASES = {
    "chinese-kgs": "chinese",
    "chinese-ogs": "chinese",
    "korean": "japanese",
    "bga": "aga",
    "french": "aga",
    "new_zealand": "new-zealand",
    "nz": "new-zealand",
    "tromp_taylor": "tromp-taylor",
}
"""Names by which controllers call our rulesets."""


def _kata_rules(ko: str, scoring: str, suicide: bool, bonus: str, friendly: bool = True) -> dict:
    tax = "SEKI" if scoring == "TERRITORY" else "NONE"
    rules = {"hasButton": False, "ko": ko, "scoring": scoring, "suicide": suicide, "tax": tax}
    return rules | {"whiteHandicapBonus": bonus, "friendlyPassOk": friendly}


KATA_RULES = {
    "tromp-taylor": _kata_rules("POSITIONAL", "AREA", True, "0", friendly=False),
    "chinese": _kata_rules("POSITIONAL", "AREA", False, "N"),
    "aga": _kata_rules("SITUATIONAL", "AREA", False, "N-1"),
    "new-zealand": _kata_rules("SITUATIONAL", "AREA", True, "0"),
    "japanese": _kata_rules("SIMPLE", "TERRITORY", False, "0"),
}
"""Our rulesets in KataGo's words (its GTP_Extensions.md, "kata-get-rules")."""

_DECISIVE = ("scoring", "suicide", "hasButton")
"""Fields in which a ruleset of ours has to agree; in ko and the handicap bonus the nearest one serves."""

_TAXES = {"AREA": ("NONE",), "TERRITORY": ("SEKI", "NONE")}
_SHORT = re.compile(
    r"ko(?P<ko>[A-Z]+)score(?P<scoring>AREA|TERRITORY)tax(?P<tax>[A-Z]+)sui(?P<suicide>[01])"
    r"(?:button(?P<hasButton>[01]))?(?:whb(?P<whiteHandicapBonus>N-1|N|0))?(?:fpok(?P<friendlyPassOk>[01])?)?"
)
"""KataGo's short strings: koPOSITIONALscoreAREAtaxNONEsui0button0whbN."""


def read_rules(text: str) -> str:
    """Return which of our rulesets a name, KataGo's JSON or its short string means; an unknown name as it is.

    Raise `ValueError` for rules that we do not have.
    """
    if text.startswith("{"):
        return _nearest(_parsed(text))
    short = _SHORT.fullmatch(text[:LONGEST])
    if short:
        words = {field: word for field, word in short.groupdict().items() if word is not None}
        flags = {field: words[field] == "1" for field in ("suicide", "hasButton", "friendlyPassOk") if field in words}
        return _nearest(words | flags)
    return ALIASES.get(text.lower(), text.lower())


def _parsed(text: str) -> dict:
    try:
        return parse_json(text)
    except ValueError:
        raise ValueError("the rules are not valid JSON") from None


def _nearest(wanted: dict) -> str:
    """Return the first of our rulesets that agrees in all that decides, with the most other fields alike."""
    for field in wanted:
        if field not in KATA_RULES["chinese"]:
            raise ValueError(f"rules have no field {field[:LONGEST]!r}")
    fitting = [name for name, rules in KATA_RULES.items() if _fits(rules, wanted)]
    if not fitting:
        raise ValueError("none of our rulesets has these rules")
    return max(fitting, key=lambda name: sum(KATA_RULES[name][field] == word for field, word in wanted.items()))


def _fits(rules: dict, wanted: dict) -> bool:
    decided = all(rules[field] == wanted[field] for field in _DECISIVE if field in wanted)
    taxed = wanted.get("tax", rules["tax"]) in _TAXES[rules["scoring"]]
    known = wanted.get("ko", "SIMPLE") in ("SIMPLE", "POSITIONAL", "SITUATIONAL")
    return decided and taxed and known and wanted.get("whiteHandicapBonus", "0") in ("0", "N", "N-1")
