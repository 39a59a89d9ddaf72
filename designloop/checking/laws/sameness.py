"""Laws of sameness: a value depends on its sequence alone, at any time, in any list, in any process."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from designloop.checking.answers import Answer
from designloop.checking.asking import Asker
from designloop.checking.findings import Finding, law
from designloop.checking.trial import Floats, Trial, distances, values_of
from designloop.core.errors import DesignloopError
from designloop.core.random import stream

_N_THREADS = 4
_TURNED, _COMPANY, _TWICE = ("in one order", "in another"), ("alone", "in the list"), ("once", "the other time")
_PLATES, _PLACES = ("in the first plate", "in the second"), ("in one process", "in another")
_ALONE = "make each value a function of its sequence alone"


@law("again", "the same question has the same answer", after=("answers",))
def again(trial: Trial) -> Iterator[Finding]:
    """Values that differ from call to call, beginning with the first."""
    seeded = f"; it draws from the global generator of {' and '.join(sorted(trial.moved))}" if trial.moved else ""
    change = "remove randomness, counters and whatever is kept between calls (the lab adds the noise)" + seeded
    what = "the oracle gives other values when it is asked again"
    early = values_of(trial.first)
    found = list(trial.same("again", trial.opening, early, trial.ask(trial.opening), what, change))
    found = found or list(trial.same("again", trial.base, trial.values, trial.ask(trial.base), what, change))
    yield from found


@law("plates", "a value does not depend on the plates that were asked before", after=("again",))
def plates(trial: Trial) -> Iterator[Finding]:
    """State that shows on the second plate: its values are compared with those of a new process that begins with it."""
    change = "keep nothing between calls that changes a value: no running mean, no cache by position"
    trial.ask(trial.base)
    second = trial.ask(trial.other_plate, "for a second plate ")
    back = trial.ask(trial.base, "for the first plate, after a second one, ")
    yield from trial.same(
        "plates", trial.base, trial.values, back, "a value is another one after another plate", change
    )
    if trial.abroad is None:
        return
    what = "a value is another one if its plate is the second, and not the first"

    def found(there: Asker) -> list[Finding]:
        first = trial.ask(trial.other_plate, "in a new process ", asker=there)
        return list(trial.same("plates", trial.other_plate, first, second, what, change, _PLATES))

    # What differs may be the order of sets, which is another law's.
    if found(trial.abroad) and (alike := trial.asker.elsewhere(same_hash=True)):
        with closing(alike):
            yield from found(alike)


@law("order", "a value does not depend on the position of its sequence in the list", after=("again",))
def order(trial: Trial) -> Iterator[Finding]:
    """Values of shuffled and reversed lists, and a list in reverse order that answers in reverse."""
    rows = stream(0, "oracle-check", "order").permutation(len(trial.base))
    shuffled = np.empty(len(rows))
    shuffled[rows] = trial.ask([trial.base[row] for row in rows], "for a shuffled list ")
    backwards = trial.ask(trial.base[::-1], "for a reversed list ")[::-1]
    what = "a value depends on the position of its sequence in the list"
    change = f"{_ALONE} (do not sort, rank, standardise or index by position)"
    for other in (shuffled, backwards):
        if found := list(
            trial.same("order", trial.base, trial.values, other, what + _order_found(trial), change, _TURNED)
        ):
            yield found[0]
            return


def _order_found(trial: Trial) -> str:
    """The order in which values come, where it is a known one."""
    alone = np.array([trial.ask([sequence])[0] for sequence in trial.base])
    by_text = np.argsort(np.array(trial.base))
    known = {
        " (they come in reverse order)": alone[::-1],
        " (they come in the order of the sorted sequences)": alone[by_text],
        " (they come sorted)": np.sort(alone),
        " (they come sorted, the highest first)": np.sort(alone)[::-1],
    }
    return next((text for text, values in known.items() if distances(values, trial.values)[0].max() <= 1e-9), "")


@law("company", "a value does not depend on the other sequences of the list, nor on their number", after=("again",))
def company(trial: Trial) -> Iterator[Finding]:
    """Values of sequences alone, in parts of a list, and in a long list."""
    alone = np.concatenate([trial.ask([sequence], "for a sequence alone ") for sequence in trial.base])
    change = f"{_ALONE} (do not normalise, rank or pad over the list)"
    what = "a sequence has another value in a list than alone"
    found = list(trial.same("company", trial.base, alone, trial.values, what, change, _COMPANY))
    if not found:
        parts = [trial.base[i : i + 5] for i in range(0, len(trial.base), 5)]
        values = np.concatenate([trial.ask(part, f"for {len(part)} sequences ") for part in parts])
        found = list(
            trial.same(
                "company", trial.base, alone, values, "a value depends on the size of the batch", change, _COMPANY
            )
        )
    yield from found or _in_a_long_list(trial, alone, change)


def _in_a_long_list(trial: Trial, alone: Floats, change: str) -> Iterator[Finding]:
    """The base at the end of a long list, where an oracle that works in parts may have given up."""
    before = trial.random[: trial.affordable(1000, 5.0)]
    values = trial.ask([*before, *trial.base], f"for {len(before) + len(trial.base)} sequences ")[-len(trial.base) :]
    what = f"a value depends on the size of the batch, here {len(before) + len(trial.base)} sequences"
    yield from trial.same("company", trial.base, alone, values, what, change, _COMPANY)


@law("duplicates", "a sequence that occurs twice in a list has one value", after=("again",))
def duplicates(trial: Trial) -> Iterator[Finding]:
    """Values of repeated sequences."""
    n, change = len(trial.base), "give each occurrence of a sequence the same value"
    both = trial.ask([*trial.base, *trial.base], "for a list in which each sequence occurs twice ")
    what = "a sequence that occurs twice in a list has two values"
    found = list(trial.same("duplicates", trial.base, both[:n], both[n:], what, change, _TWICE))
    found = found or list(
        trial.same("duplicates", trial.base, trial.values, both[:n], "a repeated sequence has another value", change)
    )
    pair = trial.ask([trial.base[0]] * 3, "for a list of one sequence, three times, ")
    yield from found or trial.same("duplicates", [trial.base[0]] * 3, pair, pair[[0, 0, 0]], what, change)


@law("randomness", "the global random generators are not used", after=("answers",))
def randomness(trial: Trial) -> Iterator[Finding]:
    """Values that depend on a global generator, and global generators that an oracle moves or seeds."""
    one, other = (values_of(trial.tell(trial.base, "ask", seed=seed)) for seed in (1, 2))
    repeated = values_of(trial.tell(trial.base, "ask", seed=1))
    names = " and ".join(sorted(trial.moved)) or "random or numpy"
    change = (
        "draw from a generator of your own that is seeded by the sequence, or draw nothing (the lab adds the noise)"
    )
    if distances(one, repeated)[0].max() <= 1e-9 < distances(one, other)[0].max():
        yield from trial.same(
            "randomness", trial.base, one, other, f"values depend on the global generator of {names}", change
        )
    elif trial.moved:
        what = f"the oracle seeds or moves the global generator of {names}, which other code may use"
        yield Finding("randomness", "doubt", what, "use a generator of your own, as in numpy.random.default_rng(0)")


@law("process", "a value is the same in another process", after=("plates",))
def process(trial: Trial) -> Iterator[Finding]:
    """Values in a new process, in which Python's sets have another order."""
    what = "a value is another one in another process, so that a run cannot be resumed"
    change = "do not use hash() or the order of a set (hashlib is stable), the process id, or the time"
    if trial.abroad is not None:
        values = trial.ask(trial.base, "in another process ", asker=trial.abroad)
        yield from trial.same("process", trial.base, trial.values, values, what, change, _PLACES)


@law("threads", "it can be asked in another thread, and in several at once", after=("again",))
def threads(trial: Trial) -> Iterator[Finding]:
    """Values in another thread (a fault) and in four at once (a doubt)."""
    found = trial.tell(trial.base, "ask_in_thread")
    change = "open files, connections and models in the call, or once for each thread (a time limit uses a thread)"
    if found.problem:
        yield threads.fault(f"in another thread the oracle {found.problem}", change)
        return
    yield from trial.same(
        "threads", trial.base, trial.values, found.array, "a value is another one in another thread", change
    )
    yield from _at_once(trial, trial.asker)


def _at_once(trial: Trial, asker: Asker) -> Iterator[Finding]:
    n = len(trial.base)
    turned = [[trial.base[(i + row * n // _N_THREADS) % n] for i in range(n)] for row in range(_N_THREADS)]
    change = "use local variables only, or a lock; until then ask it in one thread"
    for row, told in enumerate(asker.do("ask_in_threads", lists=turned)):
        each = Answer.of(told)
        if each.problem:
            yield Finding(
                "threads", "doubt", f"asked in {_N_THREADS} threads at once, the oracle {each.problem}", change
            )
            return
        values = np.roll(each.array, row * n // _N_THREADS)
        if distances(trial.values, values)[0].max() > 1e-5:
            yield Finding("threads", "doubt", f"values are wrong if {_N_THREADS} threads ask at once", change)
            return


@law("copies", "its description reads back, and a pickled copy gives the same values", after=("process",))
def copies(trial: Trial) -> Iterator[Finding]:
    """Descriptions and pickled copies that fail or give other values."""
    told = trial.asker.do("description")
    if "problem" in told:
        what = f"the oracle exists in this process only: {told['problem']}"
        yield Finding(
            "copies", "doubt", what, "otherwise runs cannot be resumed, and studies cannot use several processes"
        )
        return
    change = "make every setting a field, and keep nothing else on the object"
    found = trial.tell(trial.base, "ask_copy")
    if found.values is None:
        what = f"a pickled copy is of no use: the oracle {found.problem}"
        yield Finding("copies", "doubt", what, f"{change}, if you pickle it yourself (studies do not)")
    else:
        what = "a pickled copy gives other values"
        yield from trial.same("copies", trial.base, trial.values, found.array, what, change)
    yield from _read_back(trial, change)


def _read_back(trial: Trial, change: str) -> Iterator[Finding]:
    try:
        told = trial.asker.do("description_read_back")
    except DesignloopError as error:
        yield copies.fault(f"the description of the oracle cannot be read back: {error}", change)
        return
    if told != trial.asker.do("description")["description"]:
        yield copies.fault("the description gives a different oracle when it is read back", change)
    values = values_of(trial.tell(trial.base, "ask_read_back"), "read back from its description, ")
    what = "the oracle gives other values when its description is read back"
    yield from trial.same("copies", trial.base, trial.values, values, what, change)
