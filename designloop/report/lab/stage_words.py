"""A stage in words, from its description as plain data: its equipment, and how it works."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

import numpy as np

from designloop.core.clock import DAY
from designloop.core.counting import many
from designloop.core.distributions import Fixed
from designloop.core.durations import read_duration
from designloop.report.words import percent

_N_DRAWS = 400
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StageWords:
    """A stage as a box of a picture or a line of a table."""

    name: str
    equipment: str
    """`2 machines × 96`, `1 reader × 8 plates a day`; nothing where nothing limits it."""
    details: tuple[str, ...]
    back_to: str | None = None
    """The stage to which designs that failed go back."""
    share: float = 1.0
    one_of: str | None = None
    """The alternatives to which it belongs."""


def stages_in_words(lab: Data) -> list[StageWords]:
    """The stages of a lab in order, the assay last."""
    people = {group["name"]: group for group in lab.get("people", ())}
    return [*(_stage(stage, people, _jobs(lab, stage["name"])) for stage in lab.get("stages", ())), _assay(lab)]


def _jobs(lab: Data, stage: str) -> list[str]:
    """Other people's work that passes a stage."""
    return [job["name"] for job in lab.get("background", ()) if stage in (job.get("stages") or [stage])]


def _stage(data: Data, people: Mapping[str, Data], jobs: Sequence[str]) -> StageWords:
    rework = data.get("rework") or {}
    return StageWords(
        data["name"],
        _equipment(data),
        tuple(detail for detail in (*_details(data, people), *(f"shared with {job}" for job in jobs)) if detail),
        rework.get("to"),
        data.get("share", 1.0),
        data.get("one_of"),
    )


def _equipment(data: Data) -> str:
    if data.get("machines") is not None:
        load = f" × {data['load']:,}" if data.get("load", 1) > 1 else ""
        return f"{many(data['machines'], 'machine')}{load}"
    return many(data["capacity"], "place") if data.get("capacity") is not None else ""


def _details(data: Data, people: Mapping[str, Data]) -> Iterator[str]:
    if "days" not in data:
        yield f"a stage of one's own: {data.get('kind', '')}"
    else:
        yield _time(data)
    yield _hands(data, people)
    yield from _starts(data)
    yield _failures(data)
    yield from _stops(data)
    yield from map(_consumable, data.get("consumables", ()))


def _time(data: Data) -> str:
    each = "a run" if data.get("load", 1) > 1 else "a batch" if data.get("per") == "batch" else "a design"
    setup = data.get("setup", 0)
    after = f" after {in_days(setup)} of setup" if setup else ""
    clock = " on the calendar" if data.get("clock") == "calendar" else ""
    return f"{in_days(data['days'], data.get('load', 1))} {each}{after}{clock}"


def _hands(data: Data, people: Mapping[str, Data]) -> str:
    if data.get("people") is None:
        return ""
    number = people.get(data["people"], {}).get("number", 1)
    how_long = f" for {in_days(data['hands_on'])}" if data.get("hands_on") is not None else " until the end"
    return f"{data.get('n_people', 1)} of {number} {data['people']}, hands-on{how_long}"


def _starts(data: Data) -> Iterator[str]:
    if data.get("min_fill"):
        n = max(int(np.ceil(data["min_fill"] * data.get("load", 1) - 1e-9)), 1)
        yield f"starts with {n:,} designs, or after {_days(data.get('wait_days', 5.0))}"
    days, times = data.get("start_days"), data.get("start_times")
    if days or times:
        weekdays, hours = ", ".join(day.capitalize() for day in days or ()), ", ".join(times or ())
        yield f"starts {'on ' if days else 'at '}{' at '.join(filter(None, (weekdays, hours)))}"
    if data.get("release") == "together":
        yield "waits for the whole batch"
    if (queue := str(data.get("queue", "first-come"))) != "first-come":
        yield {"priority": "retests first", "by-batch": "earlier batches first"}.get(queue, queue)


def _failures(data: Data) -> str:
    risks = (("failure", ""), ("run_failure", " of runs"), ("batch_failure", " of batches"))
    said = [f"{_percent(data[key])}{of}" for key, of in risks if data.get(key)]
    said += ["those not viable"] if data.get("expresses") else []
    rework = data.get("rework") or {}
    again = ", and are made again once" if rework else ""
    if rework.get("to"):
        times = rework.get("times", 1)
        again = f", and go back to {rework['to']}{'' if times == 1 else f' up to {times} times'}"
    return f"{' and '.join(said)} fail{again}" if said else ""


def _percent(share: float) -> str:
    return percent(share, 0 if share >= 0.01 else 1)


def _stops(data: Data) -> Iterator[str]:
    if broken := data.get("breakdown"):
        yield f"breaks down about every {_about(broken['between'])}, for {_about(broken['repair'])}"
    if maintenance := data.get("maintenance"):
        yield f"maintenance every {_days(maintenance['every'])}"


def _consumable(data: Data) -> str:
    """`uses kit, 2 a run (24 in stock; ordered at 6, delivered after 10 days)`."""
    used = f"uses {data['name']}, {data.get('amount', 1):,} a {data.get('per', 'run')}"
    if data.get("stock") is None:
        return used
    delay = data.get("delay_days", 0)
    later = f", delivered after {in_days(delay)}" if delay else ""
    return f"{used} ({data['stock']:,} in stock; ordered at {data.get('reorder_at', 0):,}{later})"


def _assay(lab: Data) -> StageWords:
    data = lab.get("assay", {})
    per_day = data.get("plates_per_day")
    equipment = f"{many(data.get('readers', 1), 'reader')} × {per_day:g} plates a day" if per_day else ""
    fill, wait = data.get("min_fill", 0.0), data.get("wait_days", 5.0)
    full = f"{percent(fill)} full" if fill else "not empty"
    start = "" if not fill else f"starts when {full}" + (f", or after {_days(wait)}" if wait is not None else "")
    days, analysis = data.get("days", 0), data.get("analysis_days", 0)
    times = [*([in_days(days)] if days else []), *([f"{in_days(analysis)} of analysis"] if analysis else [])]
    plates = f"plates of {lab.get('plate_size', 96):,} wells"
    used = map(_consumable, lab.get("cost", {}).get("consumables", ()))
    details = (plates, " and ".join(times), start, *used)
    return StageWords(data.get("name", "assay"), equipment, tuple(detail for detail in details if detail))


def in_days(data: Any, size: int = 1) -> str:
    """A duration in words: `3 days`, `18 to 24 h`; of one without a longest time, the middle 90%."""
    duration = read_duration(data)
    if isinstance(duration, Fixed):
        return _days(duration.days)
    low, high = duration.shortest, duration.longest
    if isinf(high):
        low, high = _middle(duration, size)
    if low == high:
        return _days(low)
    return f"{low * 24:.2g} to {high * 24:.2g} h" if high < 1 + 1e-9 else f"{low:.2g} to {high:.2g} days"


def _about(data: Any) -> str:
    """The mean of a duration, in words."""
    return _days(float(f"{read_duration(data).mean(1):.2g}"))


def _middle(duration: Any, size: int) -> Sequence[float]:
    """The middle 90% of a distribution."""
    rng = np.random.default_rng(0)
    found: list[float] = np.quantile([duration.draw(rng, size) for _ in range(_N_DRAWS)], [0.05, 0.95]).tolist()
    return found


def _days(days: float) -> str:
    """`5 h`, `20 min` or `1.5 days`."""
    if days == 0:
        return "no time"
    if days < 1 / 24:
        return f"{days * DAY:.2g} min"
    return f"{days * 24:.3g} h" if days < 1 else f"{days:.3g} day{'' if days == 1 else 's'}"
