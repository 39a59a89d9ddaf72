"""A trial run in words: what the terminal prints, and the sentences of the page."""

from collections.abc import Iterator
from math import isnan

from designloop.core.counting import many
from designloop.report.lab.section import bottleneck_in_words
from designloop.report.words import percent
from designloop.trial_runs.findings import Findings
from designloop.trial_runs.one_more import OneMore


def lines_of(trial: Findings) -> Iterator[str]:
    """What the batches showed, a line each."""
    yield f"{trial.lab.name}: {batches_in_words(trial)}"
    yield f"  turnaround   {turnaround_in_words(trial)}"
    yield f"  throughput   {throughput_in_words(trial)}"
    yield f"  bottleneck   {bottleneck_in_words(trial.operations)}"
    yield from _one_more(trial)
    yield from _loads(trial)


def batches_in_words(trial: Findings) -> str:
    """`200 batches of 96 designs, one every 7 days, seed 0`."""
    size, every = many(trial.batch_size, "design"), f"{trial.every_days:g} days"
    return f"{many(trial.n_batches, 'batch')} of {size}, one every {every}, seed {trial.seed}"


def turnaround_in_words(trial: Findings) -> str:
    """When half, 80%, 95% and all of the designs with a value were back."""
    weeks = trial.turnaround_weeks
    if isnan(weeks["half"]):
        return "no design had a value"
    spans = f"half after {weeks['half']:.1f} weeks, 80% after {weeks['80%']:.1f}, 95% after {weeks['95%']:.1f}"
    grows = "" if trial.keeps_up else "; it grows with every batch"
    return f"{spans}, all after {weeks['all']:.1f}{grows}"


def throughput_in_words(trial: Findings) -> str:
    """Designs with a value a week, of those submitted, and whether the lab keeps up."""
    said = f"{trial.throughput:.1f} designs with a value a week, of {trial.arrivals:.1f} submitted"
    if not trial.keeps_up:
        return f"{said}; the lab cannot keep up, and ever more designs wait"
    return f"{said} ({percent(trial.share_with_value)} of designs have a value)"


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


def best_in_words(trial: Findings) -> str:
    """What helps most, in one sentence."""
    found = trial.operations.bottleneck
    if not trial.one_more and found is not None and found.kind == "consumable":
        return f"Designs waited for {found.name}, and not for machines or people; order it earlier: raise `reorder_at`."
    if not trial.one_more:
        return "Designs hardly waited for a machine or for people, so one more of anything would change nothing."
    best = trial.one_more[0]
    if not best.is_gain:
        return "One more machine or person of those that designs waited for does not shorten the turnaround measurably."
    return f"What helps most is {gain_in_words(best)}."


def _one_more(trial: Findings) -> Iterator[str]:
    gains = trial.one_more
    if not gains:
        yield f"  one more     {best_in_words(trial)}"
    for place, gain in enumerate(gains):
        yield f"  {'' if place else 'measured':12} {gain_in_words(gain)}"


def _loads(trial: Findings) -> Iterator[str]:
    for place, load in enumerate(trial.loads):
        result = f"{load.throughput:.1f} values, half after {load.half:.1f} weeks, 95% after {load.most:.1f}"
        ends = "" if load.keeps_up else "; cannot keep up"
        yield f"  {'' if place else 'a week':12} {load.arrivals:.0f} submitted: {result}{ends}"
