"""The command `yomi tournament`: play a tournament or the rest of it, and four words about one."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import Any

from engine.program import which
from engine.spec import PlayerSpec
from training.disk import write_file
from training.run import RUNS
from training.tournament import director as tournament
from training.tournament.contestants import Contestants
from training.tournament.folder import STOP, about, finished, is_played, locate, read_lines
from training.tournament.progress import duration

Tell = Callable[[Any], None]
Changes = Mapping[str, str]


def carry_out(words: Sequence[str], tell: Tell, as_json: bool = False, runs: Path = RUNS) -> int:
    """Do what the words say, `tell` what there is to be told, and return the exit status.

    NAME=VALUE words change what the file says.
    """
    verb, *rest = words if words[0] in VERBS else ["play", *words]
    wanted = 2 if verb == "replay" else 1
    rest, changes = rest[:wanted], rest[wanted:]
    if len(rest) != wanted or not all("=" in word for word in changes):
        raise ValueError(f"expected: yomi tournament {verb} FILE.toml{' GAME' * (wanted - 1)} [NAME=VALUE ...]")
    return VERBS[verb](rest, dict(word.split("=", 1) for word in changes), tell, as_json, runs)


def play(words: Sequence[str], changes: Changes, tell: Tell, as_json: bool, runs: Path) -> int:
    """Play what is left; status 1 tells that a gate or a test is not passed."""
    return _results(tournament.run(words[0], runs, changes), tell, as_json)


def show(words: Sequence[str], changes: Changes, tell: Tell, as_json: bool, runs: Path) -> int:
    """Tell how it stands, at any time; the reports are written anew."""
    folder = locate(words[0], runs, changes)[1]
    if not read_lines(folder):
        raise ValueError(f"no game is finished in {folder}")
    tournament.report(folder)
    return _results(folder, tell, as_json)


def _results(folder: Path, tell: Tell, as_json: bool) -> int:
    from training.tournament import report
    from training.tournament.results import read_results

    results = read_results(folder)
    tell(dumps(report.as_json(results)) if as_json else report.terminal(results))
    return 0 if results.passed else 1


def check(words: Sequence[str], changes: Changes, tell: Tell, as_json: bool, runs: Path) -> int:
    """Try everything that it needs; tell what it will be, and about how long it takes."""
    planned, folder = locate(words[0], runs, changes)
    settings, pairings, lines = planned.settings, planned.pairings, read_lines(folder)
    with Contestants(planned) as contestants:
        contestants.warm_up()
        tell(f"{settings.name}: {settings.kind} of {len(planned.players)} players, in {folder}")
        for table in planned.players:
            tell(f"  {table.name}: {table.kind}{_detail(table, contestants)}")
        if planned.arena.opens and not settings.openings.isdecimal():
            tell(f"{len(tournament.Openings(planned).known)} openings from {settings.openings}")
        games = len(pairings) * settings.games
        done = f"; {len(finished(lines))} are done" * bool(lines)
        tell(f"{games} games, {settings.games} for each of {len(pairings)} pairings{done}")
        left = duration(tournament.expected_seconds(planned, lines, contestants))
        tell(f"about {left} with {settings.parallel} games at once")
    return 0


def _detail(table: PlayerSpec, contestants: Contestants) -> str:
    if table.command:
        program = shlex.split(table.command)[0]
        return f" ({which(program) or program})"
    why = contestants.pool.providers.get(table.model, "")
    return f" ({table.model}{': ' * bool(why)}{why})" if table.model else ""


def stop(words: Sequence[str], changes: Changes, tell: Tell, as_json: bool, runs: Path) -> int:
    """Have it end after the games in progress."""
    folder = locate(words[0], runs, changes)[1]
    if not is_played(folder):
        raise ValueError(f"nobody plays in {folder} now")
    write_file(folder / STOP, b"")
    tell(f"{folder} ends after the games in progress")
    return 0


def replay(words: Sequence[str], changes: Changes, tell: Tell, as_json: bool, runs: Path) -> int:
    """Play a game again from its seed; status 1 tells that it became another."""
    if not words[1].isdecimal():
        raise ValueError(f"{words[1]!r} is no game's number")
    was, now = tournament.replay(words[0], int(words[1]), runs, changes)
    same = was["digest"] == now["digest"] and was["result"] == now["result"]
    told = "the same, move by move" if same else f"another: {now['result']} after {now['moves']} moves"
    tell(f"{about(was)}; played again: {told}")
    return 0 if same else 1


VERBS = {"play": play, "check": check, "show": show, "stop": stop, "replay": replay}
