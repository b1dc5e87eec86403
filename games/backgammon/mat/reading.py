"""Reading a match from a file or from text: whatever can be used of it, and a sentence about the rest."""

from collections.abc import Iterator
from pathlib import Path

from games import backgammon
from games.backgammon.board import start
from games.backgammon.mat.cells import GameText, Sheet, scan
from games.backgammon.mat.match import Match, MatError
from games.backgammon.mat.replay import OtherJacoby, Replay
from games.game import Position, Record
from games.plain_files import open_plain

LARGEST = 1 << 22
"""Bytes of a file that is read; a long match has a hundredth of it."""


def read(source: str | Path) -> Match:
    """Read a match from a file, or from text (of several lines).

    Everything that can be used is read; `left_out` of the match has a sentence for each game of which something was
    not. Raise `MatError` where nothing can be used.
    """
    text, name = _text(source)
    try:
        match = _read(text)
    except MatError as error:
        raise MatError(error.sentence, error.line, name) from None
    match.left_out = [MatError(error.sentence, error.line, name) for error in match.left_out]
    return match


def _text(source: str | Path) -> tuple[str, str]:
    """Return the text, and the name of the file."""
    if isinstance(source, str) and "\n" in source:
        return source, ""
    try:
        with open_plain(source) as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise MatError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}", 0, str(source)) from None
    if len(data) > LARGEST:
        raise MatError(f"it is larger than any match ({LARGEST >> 20} MiB)", 0, str(source))
    return _decoded(data), str(source)


def _decoded(data: bytes) -> str:
    """Return a file's text: UTF-16 with its mark, else UTF-8, else as Windows wrote it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _read(text: str) -> Match:
    sheet = scan(text.splitlines())
    variation = sheet.info.get("Variation", "Backgammon")
    if variation.lower() not in ("backgammon", "standard"):
        raise MatError(f"it is not backgammon but {variation}", 1)
    players = next((game.players for game in sheet.games if game.right), ("", ""))
    match = Match(players, sheet.length, info=sheet.info)
    jacoby = sheet.info.get("Jacoby", "On").lower() != "off"
    try:
        _fill(match, sheet, jacoby, strict=True)
    except OtherJacoby:  # only the results tell by which rule a file without a tag was played
        _fill(match, sheet, not jacoby, strict=False)
    if sheet.beyond:
        match.left_out.append(MatError("another match begins here; it is left out", sheet.beyond))
    if not match.records:
        raise match.left_out[0]
    return match


def _fill(match: Match, sheet: Sheet, jacoby: bool, strict: bool) -> None:
    """Fill in the records and the complaints of a match."""
    match.records, match.left_out = [], []
    for game, given in _starts(sheet, jacoby):
        record, complaints = _record(game, given, strict)
        if record:
            match.records.append(record)
        if complaints:
            match.left_out.append(_sentence(game, record, complaints))


def _starts(sheet: Sheet, jacoby: bool) -> Iterator[tuple[GameText, dict]]:
    """Yield each game with the keywords with which `games.backgammon.board.start` makes its start."""
    last = sheet.length - 1
    before: tuple[int, ...] = ()
    rule = sheet.info.get("Crawford", "On").lower() != "off"
    for game in sheet.games:
        due = rule and last > 0 and last in game.score and last not in before
        before = game.score
        yield (
            game,
            {
                "length": sheet.length,
                "score": game.score if sheet.length else (0, 0),
                "crawford": due and not any(cell.kind == "double" for cell in game.cells),
                "jacoby": jacoby and not sheet.length,
                "cube": sheet.info.get("CubeLimit", "") not in ("0", "1"),
            },
        )


def _record(game: GameText, given: dict, strict: bool) -> tuple[Record | None, list[MatError]]:
    """Return the record of a game, None where nothing of it can be used, and what was not used.

    Raise `OtherJacoby` where its result asks for the other rule, if `strict`.
    """
    if not game.right:
        return None, [MatError("the players' names and scores are missing below 'Game'", game.line + 1)]
    try:
        replay = Replay(Position(backgammon, start(**given)))
    except ValueError as error:
        return None, [MatError(str(error), game.line + 1)]
    for cell in game.cells:
        try:
            replay.do(cell)
        except OtherJacoby as error:
            if strict:
                raise
            replay.complaints.append(error)
    remarks = [MatError(f"{text!r} is neither a turn nor a result", line) for line, text in game.remarks]
    moves, result = replay.position.moves, replay.ending()
    complaints = sorted(replay.complaints, key=lambda each: each.line) + remarks
    if not moves and not result and complaints:
        return None, complaints
    return Record(backgammon.name, given, moves, [], result, game.players), complaints


def _sentence(game: GameText, record: Record | None, complaints: list[MatError]) -> MatError:
    """Return the one sentence about a game: the first complaint, and how many more there are."""
    first, more = complaints[0], len(complaints) - 1
    kept = "" if record else ", so the game is left out"
    others = f" (and {more} more)" if more else ""
    return MatError(f"game {game.number}: {first.sentence}{others}{kept}", first.line)
