"""Laws that hold for every lab, checked on random ones.

    python benchmarks/random_labs.py [--n 500] [--smoke]

A seeded generator describes labs with machines, loads, people, shifts, closures, breakdowns, queues, rework,
alternatives, consumables in stock and prices that fall due later. Three batches with retests pass each lab. Each design
has one outcome, and nothing returns before its time. No machine, group of people, capacity or stock is exceeded, and
nobody works off shift or in a closure. What is reserved is paid or released. The same seed gives the same events, in
whatever steps the lab is run.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError
from theory_lab import NormalHash, designs

from designloop.core.calendar import WorkingTime, working_time
from designloop.core.clock import DAY, WEEKDAYS, minute_of_day, minutes
from designloop.core.people import ShiftTime
from designloop.core.random import stream
from designloop.core.records import Batch, Event
from designloop.lab.lab import Lab
from designloop.lab.load import loads
from designloop.lab.warm_up import first_day

_MOST_LOAD = 0.4
"""Other people's work leaves the lab time, also if it does not come in full loads."""
Rng = np.random.Generator


def random_lab(seed: int) -> Lab:
    """A valid lab; the first of several descriptions that is neither refused nor full of other people's work."""
    rng = stream(seed, "random lab")
    for _ in range(100):
        try:
            lab = Lab.model_validate(description(rng))
        except ValidationError:
            continue
        if all(load.share < _MOST_LOAD for load in loads(lab)):
            return lab
    raise AssertionError(f"no valid lab for seed {seed}")


def description(rng: Rng) -> dict[str, Any]:
    """A description, which may be refused."""
    people = [group(rng, name) for name in ("bench", "robot")]
    stages = [stage(rng, f"stage {place}", place) for place in range(int(rng.integers(1, 6)))]
    stages[int(rng.integers(len(stages)))]["retest_from"] = True
    if len(stages) > 1 and rng.random() < 0.3:
        first = int(rng.integers(len(stages) - 1))
        for alternative, share in zip(stages[first : first + 2], (0.3, 0.7), strict=True):
            alternative |= {"one_of": "route", "share": share}
    assay = {"days": 1, "min_fill": float(rng.choice([0, 0.5])), "lost_wells": 0.05, "wells_per_control": 12}
    closures = list(rng.choice(["2025-01-09", "01-15/01-20", "2025-02-03/2025-02-14", "12-24/01-01"], 2, replace=False))
    calendar = {"closures": closures, "workdays": WEEKDAYS[: int(rng.choice([5, 7]))]}
    plates = [consumable(rng, "tips", ("plate", "well"))] if rng.random() < 0.5 else []
    close_at = {"days": 60} if rng.random() < 0.2 else {}
    gate = {"wip_limit": int(rng.integers(1, 30))} if rng.random() < 0.3 else {}
    others = {"background": [job(rng, name, stages) for name in ("others", "more")[: int(rng.integers(3))]]}
    if rng.random() < 0.3:
        others["warm_up_weeks"] = float(rng.choice([1, 2.5]))
    return (
        gate
        | others
        | {"plate_size": 24, "calendar": calendar, "people": people, "stages": stages, "assay": assay}
        | {"close_at": close_at, "cost": {"consumables": plates}}
    )


def job(rng: Rng, name: str, stages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Other people's work: at random, or on Mondays and Thursdays."""
    size, route = [1, 3, 8], [stage["name"] for stage in stages if rng.random() < 0.6]
    comes = {"rate": 3, "size": size} if rng.random() < 0.5 else {"calendar": {"days": ["mon", "thu"]}, "size": 4}
    return {"name": name, "stages": route, "priority": str(rng.choice(["first", "first-come", "last"]))} | comes


def group(rng: Rng, name: str) -> dict[str, Any]:
    start, length = int(rng.integers(0, 16)), int(rng.integers(2, 8))
    shifts = [{"hours": [f"{start:02d}:00", f"{start + length:02d}:30"], "days": WEEKDAYS[: int(rng.integers(2, 8))]}]
    price = {"per_hour": 4.05} if rng.random() < 0.3 else {}
    return {"name": name, "number": int(rng.integers(1, 4)), "shifts": shifts, **price}


def stage(rng: Rng, name: str, place: int) -> dict[str, Any]:
    """A stage with some of the settings that a station has."""

    def maybe(chance: float, **fields: Any) -> dict[str, Any]:
        return fields if rng.random() < chance else {}

    days = [1, {"uniform": [0.2, 2]}, {"exponential": 1}, {"hours": {"triangular": [1, 4, 20]}}][int(rng.integers(4))]
    found = {"name": name, "days": days, **maybe(0.5, failure=0.2), **maybe(0.3, release="together")}
    found |= {
        **maybe(0.3, start_days=WEEKDAYS[: int(rng.integers(1, 6))]),
        **maybe(0.3, start_times=["09:00", "14:30"]),
    }
    found |= {**maybe(0.2, clock="calendar"), **maybe(0.2, per="batch"), **maybe(0.2, batch_failure=0.1)}
    if rng.random() < 0.6:
        found |= {"machines": int(rng.integers(1, 4)), "load": int(rng.choice([1, 4, 16]))}
        found |= {
            **maybe(0.4, setup={"hours": 1}),
            **maybe(0.4, min_fill=0.7, wait_days=[2, None][int(rng.integers(2))]),
            **maybe(0.2, run_failure=0.1),
            **maybe(0.4, per_run=7),
            **maybe(0.1, per_hour=0.55),
            **maybe(0.3, consumables=[consumable(rng, f"kit {place}", ("run", "design"))]),
        }
        found |= {**maybe(0.3, mixes=False), **maybe(0.5, queue=str(rng.choice(["priority", "by-batch"])))}
        work = str(rng.choice(["kept", "restarted", "lost"]))
        found |= maybe(0.4, breakdown={"between": {"exponential": 8}, "repair": {"exponential": 1}, "work": work})
        found |= {**maybe(0.2, maintenance={"every": 10, "days": 1}), **maybe(0.4, people="bench")}
        found |= maybe(0.7, hands_on={"hours": 1}, n_people=1) if "people" in found else {}
    else:
        found |= maybe(0.4, capacity=int(rng.integers(1, 9)))
    found |= {**maybe(0.3, cost=3, due=str(rng.choice(["entered", "passed"]))), **maybe(0.2, share=0.5)}
    back = {"to": f"stage {int(rng.integers(place + 1))}", "times": int(rng.integers(1, 4)), "cost": 2}
    return found | maybe(0.4, rework=back if rng.random() < 0.7 else {"days": 1, "failure": 0.2})


def consumable(rng: Rng, name: str, uses: Sequence[str]) -> dict[str, Any]:
    """Something that is used up, which may be kept in stock."""
    found = {"name": name, "price": 3, "per": str(rng.choice(uses)), "amount": int(rng.integers(1, 6))}
    found |= {"pack": int(rng.choice([1, 10, 40]))}
    level, above, delay = (
        int(rng.integers(20)),
        int(rng.integers(1, 30)),
        [0, 2, {"exponential": 3}][int(rng.integers(3))],
    )
    stock = {"stock": level + above, "reorder_at": level, "delay_days": delay}
    return found | (stock if rng.random() < 0.8 else {})


def passed(lab: Lab, seed: int, *, is_reversed: bool = False, step: int | None = None) -> list[Event]:
    """All events of three batches that leave on days 0, 3 and 10, of which the last two measure designs again.

    The last one is urgent in every other lab. With `step`, the lab is run in steps of so many minutes.
    """
    oracle = NormalHash()
    run = lab.start(oracle, seed, space=oracle.space)
    all_designs, events, first = designs(60, seed, oracle), list[Event](), 0
    for round_, (day, n, n_retests) in enumerate(((0, 30, 0), (3, 10, 4), (10, 20, 8)), start=1):
        while run.now < day * DAY:
            events += run.run(until=min(day * DAY, run.now + (step or day * DAY)))
        new = tuple(all_designs[first : first + n])
        retests = tuple(all_designs[:n_retests])
        batch = Batch(round_, new[:: -1 if is_reversed else 1], retests, urgent=round_ == 3 and seed % 2 == 0)
        events += run.submit(batch)
        first += n
    while sum(event.kind == "round_closed" for event in events) < 3:
        events += run.run(until=None if step is None else run.now + step)
        assert run.now < 3000 * DAY, "designs stay in the lab for ever"
    return events


# Laws: each yields what is wrong.


def one_outcome(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """Every design of a batch, and every retest, ends once."""
    submitted = Counter((e.design, e.data["round"]) for e in events if e.kind == "submitted")
    ended = Counter((e.design, e.data["round"]) for e in events if e.kind in ("observed", "failed"))
    if submitted != ended:
        yield f"{(submitted - ended) + (ended - submitted)} designs with no outcome, or with several"


def in_its_time(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """Events are in order of time, and no value returns before the shortest stages and the assay have passed."""
    if [e.minute for e in events] != sorted(e.minute for e in events):
        yield "events are not in the order of time"
    working = WorkingTime(lab.calendar)
    begun = {(e.design, e.data["round"]): e for e in events if e.kind == "submitted"}
    rest = lab.assay.days.shortest + lab.assay.analysis_days.shortest
    for event in events:
        if event.kind == "observed":
            start = begun[event.design, event.data["round"]]
            stages = lab.retest_stages if start.data["retest"] else lab.stages
            least = minutes(days=sum(stage.shortest_days for stage in stages) + rest) - len(stages)
            if working.elapsed(event.minute) - working.elapsed(start.minute) < least:
                yield f"design {event.design} returned too early"


def on_one_route(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """Of the alternatives on its way, each measured design has entered exactly one."""
    entered, visits = defaultdict[Any, set[str]](set), dict[Any, bool]()
    for e in events:
        visit = e.design, e.data.get("round")
        if e.kind == "entered":
            entered[visit].add(e.data["stage"])
        elif e.kind == "submitted":
            visits[visit] = e.data["retest"]
    measured = {(e.design, e.data["round"]) for e in events if e.kind == "observed"}
    for visit in measured:
        stages = lab.retest_stages if visits[visit] else lab.stages
        route = {stage.name for stage in stages if stage.alternatives}
        if route and len(entered[visit] & route) != 1:
            yield f"design {visit[0]} entered {sorted(entered[visit] & route)}"


def within_limits(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """No machine has two runs at a time or more designs than its load; no stage, and not all together, too many."""
    stages, busy = {stage.name: stage for stage in lab.stages}, defaultdict[str, set[int]](set)
    inside = dict[tuple[Any, int], str]()
    for e in events:
        name, visit = e.data.get("stage", ""), (e.design, e.data.get("round", 0))
        if e.kind == "run_started":
            n = len(e.data["designs"]) + sum(e.data.get("background", {}).values())
            if e.data["machine"] in busy[name] or not 0 < n <= stages[name].load:
                yield f"machine {e.data['machine']} of '{name}' has too much"
            busy[name].add(e.data["machine"])
            if max(busy[name]) > stages[name].machines:
                yield f"'{name}' has a machine too many"
        elif e.kind == "run_ended":
            busy[name].remove(e.data["machine"])
        elif e.kind in ("left", "went_back", "failed"):
            inside.pop(visit, None)
        elif e.kind == "entered" and name in stages:
            inside[visit] = name
            n_here = Counter(inside.values())[name]
            if n_here > (getattr(stages[name], "capacity", None) or n_here):
                yield f"'{name}' holds {n_here} designs"
            if len(inside) > (lab.wip_limit or len(inside)):
                yield f"{len(inside)} designs are in the stages, more than {lab.wip_limit}"


def people_on_shift(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """People begin and end work on shift, and no more of them work than there are."""
    working = working_time(lab.calendar, first_day(lab.warm_up_weeks))
    stages = {stage.name: stage for stage in lab.stages}
    runs = [e for e in events if e.kind == "run_started"]
    started = {(e.data["stage"], e.data["run"]): e.data.get("began", e.minute) for e in runs}
    for group in lab.people:
        time, changes = ShiftTime(group, working), list[tuple[int, int]]()
        for e in events:
            if e.kind == "run_ended" and e.data.get("people") == group.name:
                first = started[e.data["stage"], e.data["run"]], e.data["freed"]
                n = stages[e.data["stage"]].n_people
                for begin, end in (first, e.data.get("again", first))[: 1 + ("again" in e.data)]:
                    changes += [(begin, n), (end, -n)]
                    if time.next_on(begin) != begin or (end > begin and time.next_on(end - 1) != end - 1):
                        yield f"'{group.name}' work off shift from {begin} to {end}"
        at_work = np.cumsum([n for _, n in sorted(changes)])
        if at_work.size and at_work.max() > group.number:
            yield f"{at_work.max()} of {group.number} '{group.name}' are at work"


def on_the_clock(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """Runs start on the weekdays and at the times of their stage, on working days."""
    stages = {stage.name: stage for stage in lab.stages}
    for e in events:
        if e.kind == "run_started":
            which = stages[e.data["stage"]]
            day, time_of_day = divmod(e.data.get("began", e.minute), DAY)
            date = lab.calendar.start.fromordinal(lab.calendar.start.toordinal() + day)
            if which.start_days and (
                WEEKDAYS[date.weekday()] not in which.start_days or not lab.calendar.is_working(date)
            ):
                yield f"'{which.name}' started on {date:%A}"
            if which.start_times and time_of_day not in map(minute_of_day, which.start_times):
                yield f"'{which.name}' started at minute {time_of_day}"


def money_adds_up(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """What is reserved covers what is charged and each run in progress, and what is left of it is released."""
    reserved, charged, most, running = dict[str, float](), Counter[str](), Counter[str](), Counter[str]()
    prices = {stage.name: getattr(stage, "per_run", 0) for stage in lab.stages}
    is_ours = dict[tuple[str, int], bool]()
    for e in events:
        if e.kind == "reserved":
            for item, amount in e.data.items():
                most[item] += max(amount - reserved.get(item, 0), 0)
            reserved |= e.data
            if min(reserved.values()) < 0:
                yield f"{reserved} is reserved"
        elif e.kind == "charged":
            charged.update(e.data)
        elif e.kind == "run_started":
            is_ours[e.data["stage"], e.data["run"]] = bool(e.data["designs"])
            running[e.data["stage"]] += bool(e.data["designs"])
        elif e.kind == "run_ended" and is_ours[name := e.data["stage"], e.data["run"]]:
            if reserved.get(f"{name} runs", 0) < running[name] * prices[name]:
                yield f"{running[name]} runs of '{name}' are in progress, but less is reserved"
            running[name] -= 1
    # The machines may still run when the last round closes early.
    if any(amount for item, amount in reserved.items() if not running[item.removesuffix(" runs")]):
        yield f"{reserved} stays reserved"
    if over := {item for item in most if charged[item] > most[item] + 1e-9}:
        yield f"more is charged than was reserved for {over}"


def stock_lasts(lab: Lab, events: Sequence[Event]) -> Iterator[str]:
    """No run takes what is not in stock. Each pack is delivered once, on its day, and each order is paid."""
    kept = {one.name: one for one, _ in lab.consumables if one.stock is not None}
    stock, paid, ordered = {name: one.stock or 0 for name, one in kept.items()}, Counter[str](), Counter[str]()
    arrivals = Counter[tuple[str, int]]()
    stages = {stage.name: stage for stage in lab.stages}
    for e in events:
        if e.kind == "charged":
            paid.update({name: amount for name, amount in e.data.items() if name in kept})
        elif e.kind == "stock_ordered":
            ordered[e.data["item"]] += e.data["packs"]
            arrivals[e.data["item"], e.data["arrives"]] += e.data["packs"] * kept[e.data["item"]].pack
        elif e.kind == "stock_arrived":
            arrivals[e.data["item"], e.minute] -= e.data["units"]
            stock[e.data["item"]] += e.data["units"]
        elif e.kind == "run_started" and e.data["designs"]:  # other people's runs use up what is theirs
            for one in getattr(stages[e.data["stage"]], "consumables", ()):
                if one.name in kept:
                    stock[one.name] -= one.amount * (len(e.data["designs"]) if one.per == "design" else 1)
        if min(stock.values(), default=0) < 0:
            yield f"there are {stock} at minute {e.minute}"
    if any(n and minute < events[-1].minute for (_, minute), n in arrivals.items()):
        yield "an order did not come on its day"
    if paid != Counter({name: n * kept[name].price for name, n in ordered.items()}):
        yield f"{ordered} were ordered, but {paid} was paid"


LAWS: tuple[Callable[[Lab, Sequence[Event]], Iterator[str]], ...] = (
    one_outcome,
    in_its_time,
    on_one_route,
    within_limits,
    people_on_shift,
    on_the_clock,
    money_adds_up,
    stock_lasts,
)


def faults(seed: int) -> list[str]:
    """What is wrong with one random lab."""
    lab = random_lab(seed)
    events = passed(lab, seed)
    found = [f"{law.__name__}: {what}" for law in LAWS for what in law(lab, events)]
    if events != passed(lab, seed, step=int(stream(seed, "step").integers(60, 5 * DAY))):
        found.append("in other steps, other events happen")
    if events != passed(lab, seed, is_reversed=True):
        found.append("in another order of a batch, other events happen")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--smoke", action="store_true", help="check 20 labs")
    given = parser.parse_args()
    n, began = 20 if given.smoke else given.n, time.process_time()
    wrong = {seed: found for seed in range(n) if (found := faults(seed))}
    for seed, found in wrong.items():
        print(f"seed {seed}: {'; '.join(sorted(set(found))[:3])}")
    print(f"{n - len(wrong)} of {n} labs keep all laws, {time.process_time() - began:.0f} s of processor time")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
