"""Backgammon in the terminal: its commands, its board, what it says."""

import secrets
from collections.abc import Sequence

import numpy as np
from rich.console import Console, RenderableType
from rich.text import Text

from engine.backgammon.player import judge_cube
from engine.backgammon.plies import Lookahead
from engine.backgammon.positions import roll_out
from engine.backgammon.rollout import Rollout, RolloutSettings
from engine.backgammon.rollout_report import told
from engine.players import Analysis, Player
from engine.reviewing import bar, heeding_interrupts
from games.backgammon import gnubg_id, plays, rules, xgid
from games.backgammon.board import counted_score, pip_count, points_won, start
from games.backgammon.dice import GivenDice, SeededDice, read_throw
from games.backgammon.writing import write_play
from games.game import FIRST, SECOND, Position
from gui import messages as say
from gui import terminal
from gui.backgammon import terminal_view as draw
from gui.backgammon import turn as turns
from gui.backgammon.book import OpenedMatch, resume
from gui.backgammon.book import begin as begin_match
from gui.backgammon.match import MatchSession, names_of
from gui.backgammon.start import MOST_DRAWN, PEOPLE
from gui.backgammon.turn import Turn
from gui.terminal import Command, DirectThinker, Terminal

SHOWN = 5
"""Plays that a hint lists."""

GAMES, MOST_GAMES = 360, 100_000
"""Games of a rollout at most, unless a number is given, and the largest such number."""

WORDS = {1: "a game", 2: "a gammon", 3: "a backgammon"}


class BackgammonTerminal(Terminal):
    """A match at a keyboard."""

    session: MatchSession
    hint_line = "type a play such as 8/5 6/5, or 8/5 and then 6/5; help lists the commands"
    examples = (
        ("8/5 6/5", "play, all dice or one by one; also 13/7*, 6/4(2), bar/22, 6/off, 24/18/13"),
        ("Enter", "roll, or confirm the turn"),
    )

    def __init__(
        self, session: MatchSession, console: Console, lookahead: Lookahead, plies: int = 0, save_to: str = ""
    ):
        """Hints come from `lookahead`."""
        super().__init__(session, console, save_to)
        self.lookahead, self.plies = lookahead, plies
        self.turn: Turn | None = None  # in the making
        self.shown: np.ndarray | None = None  # the position that was drawn last

    # --- reading off ---

    @property
    def names(self) -> tuple[str, str]:
        """What FIRST and SECOND are called."""
        return self.session.names

    @property
    def viewer(self) -> int:
        """From whose side the board is drawn: the person's on turn, else the first person's."""
        mover, people = int(self.state[rules.MOVER]), self.session.people
        return mover if mover in people or not people else min(people)

    @property
    def state(self) -> np.ndarray:
        """The position on the board, with the checkers of a turn in the making."""
        return self.turn.state if self.turn else self.session.state

    @property
    def complete(self) -> bool:
        """Whether all dice of a turn are played and it waits to be confirmed."""
        return self.turn is not None and self.turn.complete

    @property
    def awaits_line(self) -> bool:
        """Whether a person is to type something now: a decision, or dice that were thrown by hand."""
        return self.session.awaits_dice or self.session.awaits_person

    def prompt(self) -> str:
        """Return what is asked for a line."""
        state, position = self.state, self.session.position
        if self.session.awaits_dice:
            mover = self.names[int(state[rules.MOVER])]
            whose = f"opening, {self.names[FIRST]} then {self.names[SECOND]}" if state[rules.OPENING] else mover
            return f"dice for {whose}> "
        name = self.names[position.turn]
        if state[rules.OFFERED]:
            return f"{name}, take or drop> "
        if self.complete:
            return f"{name}, Enter confirms, undo takes back> "
        dice = "-".join(str(die) for die in state[rules.DICE : rules.DICE + 4] if die)
        return f"{name}, {dice}> " if dice else f"{name}, Enter rolls, or double> "

    def drawn(self, found: Analysis | None = None) -> RenderableType:
        """Draw the board."""
        session = self.session
        points = session.book.points(session.position.state)
        scene = draw.Scene(self.names, session.book.game + 1, points, session.book.dice.describe())
        return draw.view(self.state, self.viewer, self.look, scene)

    # --- people ---

    def enter(self, line: str) -> None:
        """Do what a line means that is no command: dice, a play, or Enter."""
        if self.session.awaits_dice:
            self.send(say.SetDice(*read_throw(line, bool(self.state[rules.OPENING]))))
        elif line:
            self.move(line)
        else:
            self.go_on()

    def go_on(self) -> None:
        """Do what an empty line means: roll, or confirm the turn."""
        if self.state[rules.OFFERED]:
            raise ValueError("answer the double: take or drop")
        if self.turn is not None and self.turn.complete:
            moves, self.turn = turns.confirmed(self.turn), None
            self.told += len(moves)  # the person knows them
            self.send(say.Plays(moves))
        elif self.state[rules.DICE]:
            raise ValueError("there are dice left to play")
        else:
            self.send(say.RollDice())

    def move(self, text: str) -> None:
        """Move a person's checkers; the turn waits to be confirmed."""
        if not self.complete and not self.state[rules.DICE]:
            raise ValueError(f"{text[:40]!r} is no command, and no dice are rolled; help lists the commands")
        self.turn = turns.type_in(self.turn or turns.begin(self.state), text)
        self.show()

    def cube(self, move: int) -> None:
        """Double, take or drop."""
        why = self.session.position.why_not(move)
        if why or self.turn:
            raise ValueError(f"not now: {why or 'checkers were moved'}")
        self.session.cube(move)

    # --- what is said ---

    def begin(self) -> None:
        """Say where the dice come from, and how to play."""
        self.say(self.session.book.dice.describe(), "dim")
        self.tell_session()
        super().begin()

    def show(self) -> None:
        """Draw the board."""
        super().show()
        self.shown = self.session.position.state
        if self.turn and self.turn.moves:
            self.say(f"so far: {self.turn.written}")

    def tell_moves(self) -> None:
        """Say what was thrown and played since the last time, whole turns; draw the board for a person on turn."""
        position = self.session.position
        while self.told < len(position.moves):
            end = end_of_play(position, self.told)
            if end == len(position.moves) and self.is_mid_turn:
                return
            self.tell_play(position, self.told, end)
            self.told = end
        new = self.session.awaits_person and self.shown is not position.state
        if new and not self.session.engine.doing and not self.is_forced(position.state):
            self.show()

    @property
    def is_mid_turn(self) -> bool:
        """Whether the engine has dice left to play."""
        position = self.session.position
        played = bool(position.moves) and position.moves[-1] < rules.ROLL
        return played and bool(position.state[rules.DICE]) and not self.session.over

    def is_forced(self, state: np.ndarray) -> bool:
        """Tell whether the rules leave one play of a roll: the session makes it."""
        return bool(state[rules.DICE]) and len(plays(state)) == 1

    def tell_play(self, position: Position, ply: int, end: int) -> None:
        """Say in words what was thrown, played, or done with the cube."""
        state, move, mover = position.states[ply], position.moves[ply], position.movers[ply]
        if move >= rules.FIRST_ROLL:
            self.tell_throw(state, move, position.states[ply + 1])
        elif move < rules.ROLL and mover in self.session.people:
            play = write_play(state, position.moves[ply:end])
            self.say(f"{self.names[mover]} play{self.s(mover)} {play}, which is forced")
        elif move < rules.ROLL:
            play = write_play(state, position.moves[ply:end])
            self.say(f"{self.names[mover]} play{self.s(mover)} {play}", "bold")
        elif move != rules.ROLL:
            verb = {rules.DOUBLE: "double", rules.TAKE: "take", rules.DROP: "drop"}[move]
            self.say(f"{self.names[mover]} {verb}{self.s(mover)}", "bold")

    def tell_throw(self, before: np.ndarray, move: int, after: np.ndarray) -> None:
        """Say who threw what, and whether it can be played."""
        mover, high, low = rules.thrown(before, move)
        name, s = self.names[mover], self.s(mover)
        self.say(f"{name} begin{s} with {high}-{low}" if before[rules.OPENING] else f"{name} roll{s} {high}-{low}")
        if not after[rules.DICE]:
            self.say(f"{name} cannot move")

    def s(self, player: int) -> str:
        """Return the ending of a verb whose subject a player is."""
        return "" if self.names[player] == "You" else "s"

    # --- the end of a game ---

    def finish(self) -> None:
        """Say how a game ended, and begin the next one; the people may leave between two."""
        session = self.session
        ended, self.turn = session.state, None
        winner = int(ended[rules.WINNER])
        self.show()
        points, name, s = points_won(ended), self.names[winner], self.s(winner)
        resigned = ", by resignation" * (session.resigned is not None)
        what = WORDS.get(int(ended[rules.GAIN]), "all that the match needed")
        self.say(f"{name} win{s} {what}, {points} point{'s' * (points > 1)}{resigned}", "bold")
        if session.match_over:
            one, other = counted_score(ended)
            self.say(f"{name} win{s} the match: {self.names[0]} {one}, {self.names[1]} {other}", "bold")
            self.left = True
        elif session.length or self.wants_another():
            self.send(say.NextGame())
            self.told = 0
        else:
            self.left = True

    def wants_another(self) -> bool:
        """Ask people whether they go on; a player alone plays one game."""
        if not self.session.people:
            return False
        try:
            return self.ask("game over, Enter plays the next, quit> ").lower() not in ("quit", "q")
        except EOFError:
            return False


def end_of_play(position: Position, ply: int) -> int:
    """Return the ply after the move at a ply, or after all checkers that were moved with it in one turn."""
    end = ply + 1
    if position.moves[ply] < rules.ROLL:
        while (
            end < len(position.moves)
            and position.moves[end] < rules.ROLL
            and position.movers[end] == position.movers[ply]
        ):
            end += 1
    return end


# --- commands ---------------------------------------------------------------------------------------------


def roll(game: BackgammonTerminal, rest: str) -> None:
    """Roll the dice."""
    if game.turn or game.state[rules.DICE] or game.state[rules.OFFERED]:
        raise ValueError("the dice are not to be rolled now")
    game.send(say.RollDice())


def undo(game: BackgammonTerminal, rest: str) -> None:
    """Take back the last checker of the turn in the making."""
    if game.turn is None:
        raise ValueError("there is nothing to take back: a turn that is confirmed stands")
    game.turn = turns.undo(game.turn)
    if not game.turn.moves:
        game.turn = None
    game.show()


def resign(game: BackgammonTerminal, rest: str) -> None:
    """Offer the game, a gammon or a backgammon."""
    gains = {"": 1, "1": 1, "game": 1, "2": 2, "gammon": 2, "3": 3, "backgammon": 3}
    if rest.lower() not in gains:
        raise ValueError("a game is given up plainly, as a gammon or as a backgammon: resign gammon")
    game.send(say.Resign(gains[rest.lower()]))


def hint(game: BackgammonTerminal, rest: str) -> None:
    """Show the best plays, or what to do with the cube."""
    state = game.state
    if game.complete:
        raise ValueError("all dice are played: undo, then ask again")
    if state[rules.DICE]:
        game.console.print(draw.plays_table(state, game.lookahead.rank(state, game.plies, most=SHOWN)))
    else:
        decision = judge_cube(game.lookahead, state, game.plies)
        game.console.print(draw.cube_table(decision, decision.outputs))


def rollout(game: BackgammonTerminal, rest: str) -> None:
    """Roll out the best plays, or what to do with the cube; Ctrl-C shows what is done."""
    if game.complete:
        raise ValueError("all dice are played: undo, then ask again")
    if rest and not (rest.isdecimal() and 2 <= int(rest[:8]) <= MOST_GAMES):
        raise ValueError(f"a rollout takes 2 to {MOST_GAMES} games: rollout {GAMES}")
    settings = RolloutSettings(int(rest or GAMES))
    with bar("rolling out", "games") as show, heeding_interrupts() as stop:
        rolled = roll_out(Rollout(game.lookahead, settings), game.state, show, stop)
    game.console.print(Text(told(game.state, rolled)), soft_wrap=True)


def show_dice(game: BackgammonTerminal, rest: str) -> None:
    """Show where the dice come from, and all that fell."""
    game.say(game.session.book.dice.describe())
    game.console.print(draw.dice_table(game.session.book.dice.log))


def show_ids(game: BackgammonTerminal, rest: str) -> None:
    """Write the position as other programs do."""
    state = game.session.position.state
    game.say(f"{gnubg_id.to_id(state)}  {xgid.to_id(state)}")


def show_pips(game: BackgammonTerminal, rest: str) -> None:
    """Count the pips."""
    counts: Sequence[str] = [f"{game.names[side]} {pip_count(game.state, side)}" for side in (FIRST, SECOND)]
    game.say(f"{', '.join(counts)} pips")


BackgammonTerminal.commands = COMMANDS = {
    "roll": Command(roll, "roll the dice, without doubling"),
    "double": Command(lambda game, rest: game.cube(rules.DOUBLE), "double the stakes before the roll"),
    "take": Command(lambda game, rest: game.cube(rules.TAKE), "take the double"),
    "drop": Command(lambda game, rest: game.cube(rules.DROP), "drop the double and lose the game"),
    "undo": Command(undo, "take a checker back, until the turn is confirmed"),
    "hint": Command(hint, f"show the {SHOWN} best plays with their chances, or what to do with the cube"),
    "rollout": Command(rollout, f"play on many times to be surer than a hint: {GAMES} games at most", "[GAMES]"),
    "resign": Command(resign, "give up the game; Yomi may want more", "[gammon|backgammon]"),
    "board": Command(lambda game, rest: game.show(), "draw the board again"),
    "pips": Command(show_pips, "count the pips"),
    "dice": Command(show_dice, "show where the dice come from, and all that fell"),
    "id": Command(show_ids, "write the position as GNU Backgammon and eXtreme Gammon do"),
    "save": Command(terminal.save, "write the match as .mat", "FILE"),
    "help": Command(terminal.show_help, "this list"),
    "quit": Command(terminal.leave, "leave"),
}


# --- the way in -------------------------------------------------------------------------------------------


def opening(load: str, manual: bool, seed: int | None, **conditions) -> OpenedMatch:
    """Return the match to play: from an ID or a .mat file, else a new one by the keywords of `board.start`.

    Dice are thrown by hand or come from a seed, which is drawn where none is given. Raise `ValueError` for what
    cannot be.
    """
    dice = GivenDice() if manual else SeededDice(secrets.randbelow(MOST_DRAWN) if seed is None else seed)
    return resume(load, dice) if load else begin_match(start(**conditions), dice)


def begin(
    opened: OpenedMatch,
    player: Player,
    people: set[int],
    console: Console,
    lookahead: Lookahead,
    plies: int = 0,
    save_to: str = "",
) -> BackgammonTerminal:
    """Return a match at a keyboard."""
    names = names_of(people) if len(people) == 1 else ("First", "Second")
    session = MatchSession(opened, lambda: player, people, names, DirectThinker(), plies, weighs_luck=False)
    session.engine.ready()
    return BackgammonTerminal(session, console, lookahead, plies, save_to)


def play(opened: OpenedMatch, player: Player, lookahead: Lookahead, plies: int, colour: str, save_to: str = "") -> None:
    """Play a match in the terminal."""
    terminal.play(begin(opened, player, PEOPLE[colour], Console(highlight=False), lookahead, plies, save_to))
