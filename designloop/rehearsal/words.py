"""A rehearsal in words: what the terminal prints, and the sentences of the page."""

from collections.abc import Iterator
from math import isnan

from designloop.core.counting import many
from designloop.rehearsal.findings import Findings
from designloop.rehearsal.one_more import OneMore
from designloop.report.lab.section import bottleneck_in_words
from designloop.report.words import percent


def lines_of(rehearsal: Findings) -> Iterator[str]:
    """What the batches showed, a line each."""
    yield f"{rehearsal.lab.name}: {batches_in_words(rehearsal)}"
    yield f"  turnaround   {turnaround_in_words(rehearsal)}"
    yield f"  throughput   {throughput_in_words(rehearsal)}"
    yield f"  bottleneck   {bottleneck_in_words(rehearsal.operations)}"
    yield from _one_more(rehearsal)
    yield from _loads(rehearsal)


def batches_in_words(rehearsal: Findings) -> str:
    """`200 batches of 96 designs, one every 7 days, seed 0`."""
    size, every = many(rehearsal.batch_size, "design"), f"{rehearsal.every_days:g} days"
    return f"{many(rehearsal.n_batches, 'batch')} of {size}, one every {every}, seed {rehearsal.seed}"


def turnaround_in_words(rehearsal: Findings) -> str:
    """When half, 80%, 95% and all of the designs with a value were back."""
    weeks = rehearsal.turnaround_weeks
    if isnan(weeks["half"]):
        return "no design had a value"
    spans = f"half after {weeks['half']:.1f} weeks, 80% after {weeks['80%']:.1f}, 95% after {weeks['95%']:.1f}"
    grows = "" if rehearsal.keeps_up else "; it grows with every batch"
    return f"{spans}, all after {weeks['all']:.1f}{grows}"


def throughput_in_words(rehearsal: Findings) -> str:
    """Designs with a value a week, of those submitted, and whether the lab keeps up."""
    said = f"{rehearsal.throughput:.1f} designs with a value a week, of {rehearsal.arrivals:.1f} submitted"
    if not rehearsal.keeps_up:
        return f"{said}; the lab cannot keep up, and ever more designs wait"
    return f"{said} ({percent(rehearsal.share_with_value)} of designs have a value)"


def gain_in_words(gain: OneMore) -> str:
    """`one more machine at cloning (3): mean turnaround −1.2 ± 0.1 days (of 30.4), 84.0 → 96.1 a week`."""
    if not gain.is_gain:
        return f"{gain.in_words}: no measurable change"
    week = f"{gain.before:.1f} → {gain.after:.1f} values a week"
    return f"{gain.in_words}: mean turnaround {change_in_words(gain)} days (of {gain.days_before:.1f}), {week}"


def change_in_words(gain: OneMore) -> str:
    """`−1.2 ± 0.1`."""
    change = f"{gain.days:+.1f}".replace("-", "−")
    return change if isnan(gain.error) else f"{change} ± {gain.error:.1f}"


def best_in_words(rehearsal: Findings) -> str:
    """What helps most, in one sentence."""
    if not rehearsal.one_more:
        return "Designs hardly waited for a machine or for people, so one more of anything would change nothing."
    best = rehearsal.one_more[0]
    if not best.is_gain:
        return "One more machine or person of those that designs waited for does not shorten the turnaround measurably."
    return f"What helps most is {gain_in_words(best)}."


def _one_more(rehearsal: Findings) -> Iterator[str]:
    gains = rehearsal.one_more
    if not gains:
        yield f"  one more     {best_in_words(rehearsal)}"
    for place, gain in enumerate(gains):
        yield f"  {'' if place else 'measured':12} {gain_in_words(gain)}"


def _loads(rehearsal: Findings) -> Iterator[str]:
    for place, load in enumerate(rehearsal.loads):
        result = f"{load.throughput:.1f} values, half after {load.half:.1f} weeks, 95% after {load.most:.1f}"
        ends = "" if load.keeps_up else "; cannot keep up"
        yield f"  {'' if place else 'a week':12} {load.arrivals:.0f} submitted: {result}{ends}"
