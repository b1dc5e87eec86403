"""The settings of what a network is to keep; they need no torch, so that they can be listed and checked without it."""

from dataclasses import dataclass

from engine.settings import setting


@dataclass(frozen=True)
class KeptSettings:
    """On which boards a network that learns is to stay what its parent is."""

    kept: tuple[str, ...] = setting((), "further boards, on which policy and value are to stay what the parent's are")
    kept_games: int = setting(4000, "beginnings on those boards, which are not played on", least=2, most=1_000_000_000)
    kept_share: float = setting(0.3, "the share of the steps that they have", least=0, most=1)
