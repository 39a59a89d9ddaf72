"""Contracts: checks of what parts return."""

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import Any

from designloop.core.counting import many
from designloop.core.errors import ContractError
from designloop.core.faults import called
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.records import MOST_REPLICATES, Choice, Event, Order, Proposal


def check_returned(value: Any, kinds: type | tuple[type, ...], part: Part, method: str, mend: str) -> None:
    """Raise ContractError where `method` of a part returned something other than `kinds`; `mend` says what to do."""
    if not isinstance(value, kinds):
        raise ContractError(f"{called(part)} returned {_one(value)} from `{method}`; {mend}")


def _one(value: Any) -> str:
    """`None`, `a list`, `the class Choice`: what a value is."""
    if value is None or isinstance(value, type):
        return "None" if value is None else f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}"


def check_is_proposal(value: Any, part: Part) -> None:
    """Raise ContractError where `value`, from `propose` of a strategy, is not a Proposal of choices and ids."""
    check_returned(value, Proposal, part, "propose", "return designloop.Proposal(choices)")
    for name, mend in (("choices", "designloop.Choice(sequence, origin)"), ("retests", "ids of measured designs")):
        items = getattr(value, name)
        if not isinstance(items, Collection):
            raise ContractError(f"{called(part)} proposed {_one(items)} as `{name}`; give a tuple of {mend}")
    if other := [choice for choice in value.choices if not isinstance(choice, Choice)]:
        raise ContractError(
            f"{called(part)} proposed {_one(other[0])} among `choices`; give designloop.Choice(sequence, origin) for "
            "each sequence"
        )


def check_proposal(
    proposal: Proposal, order: Order, history: History, who: str, *, may_be_short: bool = False
) -> Proposal:
    """The proposal, if it has the ordered number of new sequences: distinct, inside the space and not taken.

    Where the order `may_split`, retests may take the places of new sequences. The proposal may have fewer sequences
    where `may_be_short`. A proposal without new sequences has no retests either. Only measured designs are retested.
    Raises ContractError with the strategy, its mistake and the fix.
    """
    sequences = [choice.sequence for choice in proposal.choices]
    least = n_ordered(proposal, order)
    if len(sequences) > order.n_designs or (len(sequences) < least and not may_be_short):
        raise ContractError(
            f"strategy '{who}' proposed {many(len(sequences), 'design')}, expected {least:,}; "
            "propose the number that is ordered, or set strategy.fill to `short` to allow fewer"
        )
    _check_new(sequences, history, f"strategy '{who}'")
    for choice in proposal.choices:
        _check_predictions(choice, f"strategy '{who}'")
        _check_parent(choice, history, f"strategy '{who}'")
    _check_retests(proposal.retests, len(sequences), order, history, f"strategy '{who}'")
    _check_replicates(proposal, order, f"strategy '{who}'")
    _check_notes(proposal.notes, f"strategy '{who}'")
    return proposal if sequences or order.n_designs == 0 else Proposal((), notes=proposal.notes)


def n_ordered(proposal: Proposal, order: Order) -> int:
    """The smallest number of new designs that the order asks for, given the proposal's retests if it `may_split`."""
    taken = len(proposal.retests) if order.may_split else 0
    return max(order.n_designs - taken, min(order.n_designs, 1))


def _check_new(sequences: Sequence[str], history: History, who: str) -> None:
    if len(set(sequences)) < len(sequences):
        twice = next(sequence for sequence in sequences if sequences.count(sequence) > 1)
        raise ContractError(
            f"{who} proposed {twice!r} twice in a batch; propose each sequence once (the order sets the replicates)"
        )
    outside = [s for s, inside in zip(sequences, history.space.contains(sequences), strict=True) if not inside]
    if outside:
        known = history.space.alphabet.wrong_letter(outside[0]) is None
        broken = history.space.broken(outside[0]) if known else ""
        why = f" (it breaks {broken})" if broken else ""
        raise ContractError(
            f"{who} proposed {many(len(outside), 'sequence')} outside the space, first {outside[0]!r}{why}; "
            "filter with history.space.contains"
        )
    taken = [sequence for sequence in sequences if sequence in history.taken]
    if taken:
        where = "pending" if taken[0] in history.pending_sequences else "measured"
        raise ContractError(
            f"{who} proposed {many(len(taken), 'taken sequence')}, first {taken[0]!r} ({where}); exclude history.taken"
        )


def _check_predictions(choice: Choice, who: str) -> None:
    """Raise ContractError unless predictions are {name: (mean, standard deviation)}, finite and not negative."""
    told = {} if choice.predictions is None else choice.predictions
    wanted = "give {surrogate's name: (mean, standard deviation)} with finite numbers in the assay's units, or None"
    if not isinstance(told, Mapping):
        raise ContractError(f"{who} gave {_one(told)} as `predictions` of {choice.sequence!r}; {wanted}")
    for model, pair in told.items():
        if not (isinstance(model, str) and model and _is_moments(pair)):
            raise ContractError(f"{who} predicted {model!r}: {pair!r} for {choice.sequence!r}; {wanted}")


def _check_parent(choice: Choice, history: History, who: str) -> None:
    """Raise ContractError unless the parent is a sequence of the space's letters other than the choice, or None."""
    parent: Any = choice.parent
    if parent is None:
        return
    mend = "give the sequence from which it was bred, or None if it was not bred"
    if not isinstance(parent, str):
        raise ContractError(f"{who} gave {_one(parent)} as `parent` of {choice.sequence!r}; {mend}")
    if parent == choice.sequence:
        raise ContractError(f"{who} gave {parent!r} as its own `parent`; {mend}")
    if (wrong := history.space.alphabet.wrong_letter(parent)) is not None:
        raise ContractError(
            f"{who} gave {parent!r} as `parent` of {choice.sequence!r}, but {wrong[1]!r} is not in the alphabet of the "
            f"space; {mend}"
        )


def _is_moments(pair: Any) -> bool:
    """True for a pair of finite numbers of which the second is not negative."""
    try:
        mean, std = map(float, pair)
    except (TypeError, ValueError):
        return False
    return isfinite(mean) and isfinite(std) and std >= 0


_NUMBERS = {"weights": "finite numbers from 0", "out_of_fold": "finite numbers, or None where it is unknown"}


def _check_notes(notes: Any, who: str) -> None:
    """Raise ContractError unless notes are {text: JSON value}, with the types that the report reads."""
    if notes is None:
        return
    if not isinstance(notes, Mapping) or not all(isinstance(key, str) for key in notes):
        raise ContractError(f"{who} gave {notes!r} as `notes`; give {{name: JSON value}}, or None")
    if not isinstance(scale := notes.get("scale", ""), str):
        raise ContractError(f"{who} gave {scale!r} as `scale` of its notes; give the name of the scale")
    for key, what in _NUMBERS.items():
        told = notes.get(key, {})
        if not isinstance(told, Mapping) or not all(_is_noted(key, *item) for item in told.items()):
            raise ContractError(
                f"{who} gave {told!r} as `{key}` of its notes; give {{surrogate's name: number}}: {what}"
            )


def _is_noted(key: str, model: Any, number: Any) -> bool:
    if not isinstance(model, str) or number is None:
        return isinstance(model, str) and key == "out_of_fold"
    return isinstance(number, Real) and isfinite(number) and (float(number) >= 0 or key == "out_of_fold")


def _check_retests(retests: Sequence[int], n_new: int, order: Order, history: History, who: str) -> None:
    known = {int(i) for i in history.ids[history.is_measured & (history.ids >= 0)]}
    wrong = [design for design in retests if design not in known]
    if wrong:
        raise ContractError(f"{who} retests design {wrong[0]}, which has no value; retest only measured designs")
    most = order.n_designs + order.n_retests - n_new if order.may_split else order.n_retests
    if len(set(retests)) < len(retests) or len(retests) > most:
        raise ContractError(f"{who}: expected at most {most} distinct retests, got {list(retests)}")
    if order.may_split:
        return
    idle = known.difference(history.retesting)  # a design in the lab for a retest need not be retested again
    if len(retests) < min(order.n_retests, len(idle)):
        raise ContractError(
            f"{who}: expected {many(order.n_retests, 'retest')}, got {len(retests)}; pass ids of measured designs: "
            "Proposal(choices, retests=leaders(history, order.n_retests)), with leaders from designloop.strategies"
        )


def _check_replicates(proposal: Proposal, order: Order, who: str) -> None:
    """Raise ContractError unless the wells of each design are a number from 1, and all are at most the order's."""
    retests, wells = proposal.retests, proposal.retest_replicates
    if len(wells) not in (0, len(retests)):
        raise ContractError(
            f"{who} gave {many(len(wells), 'number')} as `retest_replicates` of {many(len(retests), 'retest')}; give "
            "one for each, or none"
        )
    given = [
        (f"{choice.sequence!r}", choice.replicates) for choice in proposal.choices if choice.replicates is not None
    ]
    for design, n in (*given, *zip((f"retest {i}" for i in retests), wells, strict=False)):
        if type(n) is not int or not 1 <= n <= MOST_REPLICATES:
            raise ContractError(
                f"{who} gave {n!r} as the replicates of {design}; give a whole number from 1 to {MOST_REPLICATES:,}"
            )
    if (given or wells) and (n_wells := sum(proposal.wells(order))) > order.wells:
        raise ContractError(
            f"{who} proposed {many(n_wells, 'well')}, but the order has {order.wells:,}; give some designs fewer "
            "replicates"
        )


def shortfall(proposal: Proposal, order: Order, minute: int, round_: int) -> list[Event]:
    """The event `short` where fewer new designs are proposed than ordered, else nothing."""
    n_chosen, n_asked = len(proposal.choices), n_ordered(proposal, order)
    facts = {"round": round_, "ordered": n_asked, "chosen": n_chosen}
    return [Event(minute, "short", None, facts)] if n_chosen < n_asked else []


def finite(facts: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON can hold: None for NaN and infinity."""
    return {k: (float(v) if abs(v) < float("inf") else None) if isinstance(v, float) else v for k, v in facts.items()}
