"""The settings of self-play: how many games at once, how each move is searched, how games begin and end."""

from dataclasses import dataclass

from engine.search import SearchSettings
from engine.settings import setting


@dataclass(frozen=True)
class SelfPlaySettings:
    """How games are played from which a network learns."""

    boards: tuple[str, ...] = setting(("",), "boards to play on in turn, in the game's own words; a task is on one")
    at_once: int = setting(256, "games under way at once: each has a tree, and a leaf in every batch", 1, most=65_536)
    visits: int = setting(16, "simulations a move", 1, most=1_000_000)
    considered: int = setting(
        16, "moves that a Gumbel root considers; 0: PUCT, which learns the shares of visits", 0, most=10_000
    )
    full_share: float = setting(
        1.0, "share of the moves that have all the visits and are learned from (KataGo: 0.25)", 0.001, most=1
    )
    fast_visits: int = setting(8, "simulations of the other moves", 1, most=1_000_000)
    c_puct: float = setting(1.5, "weight of the prior against the value", 0, most=1e6)
    noise_weight: float = setting(0.0, "share of Dirichlet noise in the root's priors (AlphaZero: 0.25)", 0, most=1)
    noise_alpha: float = setting(10.8, "total concentration of that noise over all moves", 1e-6, most=1e6)
    tempered: int = setting(
        0, "first moves of a game that PUCT draws by their visits, not the most visited", 0, most=10_000
    )
    opening: int = setting(20, "random moves before a game, 0 to so many; nothing is learned from them", 0, most=10_000)
    longest: int = setting(1000, "moves after which a game is scored as it stands", 1, most=100_000)
    resign: float = setting(0.0, "give up below this value, 0.95 say, of what can be lost; 0: never", 0, most=1)
    resign_checked: float = setting(
        0.1, "share of the games played on, to measure how often giving up is wrong", 0, most=1
    )
    cache: float = setting(64.0, "megabytes of the network's answers that a task remembers", 0, most=1e6)
    engine: str = setting("auto", "what runs the network: auto, cuda, openvino, onnxruntime")

    def search_settings(self, trees: int) -> SearchSettings:
        """Return the settings of a search over so many trees, a leaf of each in a wave."""
        return SearchSettings(
            c_puct=self.c_puct,
            noise_weight=self.noise_weight,
            noise_alpha=self.noise_alpha,
            gumbel=self.considered,
            wave=trees,
        )
