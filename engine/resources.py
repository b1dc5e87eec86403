"""What players share: models, the evaluators of their networks, and whatever else a wing makes only once.

Plain use makes one for a player; a tournament has one for all, whose evaluators answer many games at a time.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from engine.networks import model as models
from engine.search import Evaluator
from games import wings

if TYPE_CHECKING:
    from engine.spec import PlayerSpec

MOST_NODES = 1 << 22
"""The usual size of a search tree."""


class Resources:
    """Loads each model and makes each evaluator once; several threads may ask."""

    def __init__(self, start: Mapping[str, Any] | None = None, cores: int = 0, timeout: float = 60.0):
        """Every model has to fit a game that begins with `start`, keywords of the game's `start()`.

        `cores` share work whose result does not depend on their number (0: as many as the player has threads);
        an outside program has `timeout` seconds for an answer.
        """
        self.start, self.cores, self.timeout = dict(start or {}), cores, timeout
        self.providers: dict[str, str] = {}  # where each network runs and why, by the model's name
        self.fingerprints: dict[str, str] = {}  # which network and search it is, by the model's name
        self._made: dict[Hashable, Any] = {}
        self._lock = threading.RLock()

    def shared(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made for a key; make it where nobody has asked yet."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def model(self, name: str, game: str) -> models.Model:
        """Return a model; raise `ValueError` where there is none, or one that does not play this."""
        found = models.find(name)
        models.check(found, game, **self.start)
        self.fingerprints[name] = self.shared(("fingerprint", name), lambda: self._of_board(found).fingerprint)
        return found

    def _of_board(self, found: models.Model) -> models.Model:
        """Return the model that plays: that of the board, where the model has one."""
        return found.on(wings.part("engine", found.game, "players").kind_of(self.start)) if self.start else found

    def evaluator(self, spec: "PlayerSpec", game: str) -> Evaluator:
        """Return the evaluator of a spec's model."""
        found = self.model(spec.model, game)
        key = "evaluator", spec.model, spec.engine, spec.symmetries
        return self.shared(key, lambda: self.open(spec, found))

    def open(self, spec: "PlayerSpec", found: models.Model) -> Evaluator:
        """Make the evaluator of a model, once."""
        from engine.networks import evaluator  # only now: rollouts start without onnxruntime or OpenVINO

        chosen = evaluator.choose(found, spec.engine, spec.symmetries)
        self.providers[spec.model] = chosen.why
        return chosen

    def wave(self, usual: int) -> int:
        """Return how many leaves a search with a network evaluates at once where its player does not say."""
        return usual

    def nodes(self, spec: "PlayerSpec") -> int:
        """Return how many nodes a search tree may have."""
        return MOST_NODES
