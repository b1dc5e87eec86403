"""Short sounds, made with numpy; silent where there is no sound device."""

import numpy as np
import pygame

RATE = 44100


class Sounds:
    """Plays what happens on the board, unless muted."""

    def __init__(self, mute: bool = False):
        self.mute, self.made, self.why_not = mute, {}, ""
        try:
            pygame.mixer.init(RATE, -16, 1, 512)
            self.made = {name: _sound(wave) for name, wave in WAVES.items()}
        except (pygame.error, NotImplementedError) as error:
            self.why_not = f"no sound: {error}"

    def play(self, name: str) -> None:
        """Play a sound; an unknown name is silence."""
        if not self.mute and name in self.made:
            self.made[name].play()


def _sound(wave: np.ndarray) -> pygame.mixer.Sound:
    samples = (np.clip(wave, -1, 1) * 20000).astype(np.int16)
    channels = pygame.mixer.get_init()[2]
    return pygame.mixer.Sound(buffer=np.repeat(samples[:, None], channels, 1).tobytes())


def click(pitch: float, seconds: float, noise: float, seed: int) -> np.ndarray:
    """Return a knock: a falling tone under noise, both dying away."""
    t = np.arange(round(RATE * seconds)) / RATE
    tone = np.sin(2 * np.pi * pitch * t * (1 - 0.6 * t / seconds)) * np.exp(-t * 90)
    hiss = np.random.default_rng(seed).normal(0, noise, len(t)) * np.exp(-t * 240)
    return 0.7 * tone + hiss


def rattle(knocks: int, seed: int) -> np.ndarray:
    """Return several knocks in an uneven row: dice."""
    random = np.random.default_rng(seed)
    wave = np.zeros(round(RATE * 0.5))
    for _ in range(knocks):
        knock = click(random.uniform(900, 2200), 0.04, 0.4, int(random.integers(99))) * random.uniform(0.2, 0.6)
        start = int(random.integers(0, len(wave) - len(knock)))
        wave[start : start + len(knock)] += knock
    return wave


def chime(*pitches: float) -> np.ndarray:
    """Return soft tones, one after the other."""
    tones = []
    for pitch in pitches:
        t = np.arange(round(RATE * 0.16)) / RATE
        tones.append(0.35 * np.sin(2 * np.pi * pitch * t) * np.exp(-t * 14) * np.minimum(1, t * 200))
    return np.concatenate(tones)


WAVES = {
    "stone": click(820, 0.08, 0.5, 1),
    "checker": click(420, 0.1, 0.35, 2),
    "capture": np.concatenate([click(700, 0.05, 0.4, 3), click(560, 0.08, 0.4, 4)]),
    "dice": rattle(14, 5),
    "pass": chime(392.0),
    "end": chime(392.0, 523.25, 659.25),
    "wrong": chime(196.0),
}
