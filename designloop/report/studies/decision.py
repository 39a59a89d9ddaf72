"""The decision: cost and certainty of each option, the chosen one, and its confirmation on fresh campaigns."""

from dataclasses import replace

from designloop.report.marks import Axis, Figure, Mark, Panel, Points, Rule
from designloop.report.page import Block, Selector, View, Views
from designloop.report.palette import COLOURS, QUIET, Style
from designloop.report.studies.judged_study import Judged, named, slug
from designloop.report.studies.verdict_tables import page_table
from designloop.study.decision import Decision, SettingDecision, Share

OPTION = Style(QUIET, size=7, width=1.4)
CHOSEN = Style(COLOURS[0], marker="diamond", size=11, width=2.4)
CONFIRMED = Style(COLOURS[1], marker="square", size=9, width=2.4)


def deciding(judged: Judged) -> Views | None:
    """The decision in each setting; None if the study requests none."""
    decision = judged.decision
    if decision is None:
        return None
    axes = list(decision.settings[0].labels)
    labels = {axis: tuple(dict.fromkeys(one.labels[axis] for one in decision.settings)) for axis in axes}
    long = [axis for axis in axes if len(labels[axis]) > 1]
    selectors = tuple(Selector(axis, labels[axis]) for axis in long)
    views = tuple(
        View(tuple(one.labels[axis] for axis in long), _blocks(judged, decision, place), named(one.labels))
        for place, one in enumerate(decision.settings)
    )
    return Views("decision", selectors, views)


def _blocks(judged: Judged, decision: Decision, place: int) -> tuple[Block, ...]:
    setting, table = decision.settings[place], decision.tables()[place]
    name = slug("decision", *setting.labels.values())
    if not setting.candidates:
        return (setting.sentence,)
    n_axes = len(table.columns) - 3
    rows = page_table(name, replace(table, note=""), n_axes, title="Options by cost", is_headline=True)
    return (setting.sentence, _figure(judged, decision, setting), rows)


def _figure(judged: Judged, decision: Decision, setting: SettingDecision) -> Figure:
    known = {"option": OPTION, "chosen": CHOSEN}
    marks: list[Mark] = []
    for one in setting.candidates:
        name = "chosen" if one.labels == setting.winner else "option"
        marks.append(_share(one.cost, one.share, name, known[name], named(one.labels)))
        if name == "chosen" and setting.confirmed is not None:
            marks.append(
                _share(one.cost, setting.confirmed, "chosen, on fresh campaigns", CONFIRMED, named(one.labels))
            )
    probability = float(judged.results.description["decide"]["probability"])
    return Figure(
        slug("decision", *setting.labels.values()),
        f"Cost and certainty of each option: {named(setting.labels)}",
        f"Criterion: {decision.asked}. Each mark shows the share of an option's campaigns that reached the threshold; "
        "its line ends at the one-sided 95% lower bound. An option is certain enough if the line ends above the dotted "
        "one. Cost: mean money spent until the threshold, the date or the end of the budget.",
        (
            Panel(
                Axis("cost (lab's currency)"),
                Axis("share that reached it", low=-0.03, high=1.05),
                (Rule(probability), *marks),
                height=300,
            ),
        ),
    )


def _share(cost: float, share: Share, name: str, look: Style, option: str) -> Points:
    hover = [f"{option}<br>cost {cost:,.0f}<br>{share}"]
    return Points([cost], [share.value], look, name, y_low=[share.low], y_high=[share.value], hover=hover)
