"""What the numbers of the search mean: a sentence, the formula, and the formula with this line's own numbers.

`explain` is for a number of the tree, `explain_phase` for a phase of a simulation. Nothing is drawn here.
"""

from collections.abc import Mapping

from engine.puct import PuctFormula
from engine.stepping import BackedUp, Choice, Evaluated, Event, Expanded, RolledOut, Selected, Term
from games.game import CHANCE, SECOND
from gui.tabs.tree_rows import Words

N, Q, P, U = "N", "Q", "P", "U"
"""The numbers of a line of the tree."""


def figure(value: float) -> str:
    """Write a number with three digits that count."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def signed(value: float) -> str:
    """Write a number with its sign and three digits that count."""
    return f"{value + 0.0:+.3g}"


def explain(number: str, term: Term, choice: Choice, mean: float | None, formula: PuctFormula, words: Words) -> str:
    """Explain a number of a move by the choice in which it stands.

    `mean` is the move's mean value, the first player's view, None where it is not at hand.
    """
    if choice.turn == CHANCE:
        return _explain_chance(number, term, choice)
    if number == N:
        return _explain_visits(term, choice)
    if number == P:
        source = "how likely the move looks before any search, to the network or to the rollout policy"
        return f"P, the prior: {source}.\nP = {figure(term.prior)}; the priors of all moves here add up to 1."
    if number == Q:
        return _explain_value(term, choice, mean, formula, words)
    return _explain_bonus(term, choice, formula)


def _explain_visits(term: Term, choice: Choice) -> str:
    parent = choice.visits - 1  # without the simulation that is on its way
    share = f"N = {term.visits:,} of {parent:,} = {term.visits / parent:.0%}" if parent > 0 else f"N = {term.visits:,}"
    closed = " All of it was tried to the end: nothing goes there any more." if term.closed else ""
    return f"N: the simulations that went this way; the most visited move is played.\n{share}.{closed}"


def _explain_chance(number: str, term: Term, choice: Choice) -> str:
    due = term.prior * choice.visits
    lag = f"odds x N = {figure(term.prior)} x {choice.visits:,} = {figure(due)} are due, {term.visits:,} were made"
    return f"The dice choose: select goes where visits lag their odds the most.\n{lag}."


def _explain_value(term: Term, choice: Choice, mean: float | None, formula: PuctFormula, words: Words) -> str:
    if not term.visits:
        seen = formula.seen(choice.value, choice.turn)
        guess = (
            f"Q = {figure(seen)} - {figure(formula.first_play)} = {signed(formula.guess(choice.value, choice.turn))}"
        )
        return f"Q of a move without visits is a guess: what its parent is worth, less first play.\n{guess}."
    whose = words.chooser(choice.turn)
    sentence = "Q: the mean of the values that came back this way" + (f", as {whose} sees it." if whose else ".")
    if mean is None:
        return f"{sentence}\nQ = {signed(term.q)}, of {term.visits:,} values."
    return f"{sentence}\n{_value_sum(term, choice, mean, formula)}"


def _value_sum(term: Term, choice: Choice, mean: float, formula: PuctFormula) -> str:
    total = f"{figure(mean * term.visits)} / {term.visits:,} = {signed(mean)}"
    if formula.normalises:
        low, high = figure(formula.low), figure(formula.high)
        return f"W / N = {total}; on the scale from {low} (-1) to {high} (+1) of this tree Q = {signed(term.q)}."
    if choice.turn == SECOND:
        return f"Q = -W / N = -({figure(mean * term.visits)} / {term.visits:,}) = {signed(-mean)}."
    return f"Q = W / N = {total}."


def _explain_bonus(term: Term, choice: Choice, formula: PuctFormula) -> str:
    value = formula.bonus(term.prior, choice.visits, term.visits)
    inserted = (
        f"{figure(formula.c_puct)} x {figure(term.prior)} x sqrt({choice.visits:,}) / (1 + {term.visits:,})"
        f" = {figure(value)}"
    )
    sum_ = f"select compares Q + U = {signed(term.q)} + {figure(value)} = {signed(term.q + value)}"
    planned = " At this root a plan of visits decides instead." if choice.planned else ""
    return (
        "U: the bonus for moves that are likely and have few visits; the parent's visits count the simulation on its "
        f"way.\nU = c_puct x P x sqrt(N parent) / (1 + N)\n= {inserted}\n{sum_}.{planned}"
    )


# --- phases -----------------------------------------------------------------------------------------------


def explain_phase(phase: str, seen: Mapping[str, Event], words: Words) -> str:
    """Explain a phase: what it does, its formula, and this simulation's numbers, where they are `seen` already."""
    return f"{WHAT[phase]}{_numbers(seen.get(phase), seen, words)}"


WHAT = {
    "select": "Select: walk down from the root; at each node take the child with the greatest Q + U.",
    "expand": "Expand: give the leaf its children, each with its prior P.",
    "evaluate": "Evaluate: ask the network what the leaf is worth: V. At the end of a game the rules say it.",
    "rollout": "Rollout: play on to the end by a fast policy, z; what goes up is v = (1 - weight) x V + weight x z.",
    "backup": "Back up: at every node of the way N grows by 1, and Q by (v - Q) / N.",
}


def _numbers(event: Event | None, seen: Mapping[str, Event], words: Words) -> str:
    if isinstance(event, Selected) and event.choices:
        return "\n" + _first_choice(event.choices[0], words)
    if isinstance(event, Expanded) and event.children:
        priors = [prior for _, prior in event.children]
        return f"\n{len(priors)} children, P from {figure(min(priors))} to {figure(max(priors))}."
    if isinstance(event, Evaluated) and event.value is not None:
        return f"\nV = {words.value(event.value)}."
    if isinstance(event, RolledOut):
        return "\n" + _blended(event, seen.get("evaluate"))
    if isinstance(event, BackedUp):
        change = event.changes[0]
        (before, after), visits = change.value, change.visits[1]
        step = f"{signed(before)} + ({figure(event.value)} - {figure(before)}) / {visits:,} = {signed(after)}"
        return f"\nAt the root: N = {visits:,}, Q = {step}."
    return ""


def _first_choice(choice: Choice, words: Words) -> str:
    taken = choice.terms[choice.taken]
    name = words.name(taken.move)
    if choice.turn == CHANCE or choice.planned:
        return f"First {name}, by {'its odds' if choice.turn == CHANCE else 'the plan of visits'}."
    others = [term for term in choice.terms if term is not taken and not term.closed]
    first = f"First {name}: {signed(taken.q)} + {figure(taken.u)} = {signed(taken.q + taken.u)}"
    if not others:
        return f"{first}."
    next_best = max(others, key=lambda term: term.q + term.u)
    return f"{first}; then comes {words.name(next_best.move)} with {signed(next_best.q + next_best.u)}."


def _blended(event: RolledOut, evaluated: Event | None) -> str:
    if event.followed is not None:
        return f"Here the leaf is followed to the end in the tree itself: v = {signed(event.value)}."
    value = evaluated.value if isinstance(evaluated, Evaluated) else None
    if event.result is None:
        return f"No rollout here: v = {signed(event.value)}."
    if value is None or event.weight == 1:
        return f"v = z = {signed(event.value)}."
    weight = figure(event.weight)
    return f"v = (1 - {weight}) x {signed(value)} + {weight} x {signed(event.result)} = {signed(event.value)}."
