"""Mean ranks across landscapes with the critical difference; nothing else is pooled over landscapes."""

from dataclasses import replace

from designloop.core.counting import many
from designloop.report.marks import Axis, Figure, Panel, Points
from designloop.report.page import Selector, View, Views
from designloop.report.studies.judged_study import Judged, slug
from designloop.study.rankings import Ranking
from designloop.study.sentences import labels as with_axes
from designloop.study.sentences import number, of_ranking

_ROW = 34


def mean_ranks(judged: Judged) -> Views | None:
    """A figure for each combination of the axes that are neither compared nor landscapes; None without a ranking."""
    known = [one for one in judged.verdict.rankings if one.mean_ranks]
    if not known:
        return None
    axes = {axis: tuple(dict.fromkeys(one.labels[axis] for one in judged.verdict.rankings)) for axis in known[0].labels}
    selectors = tuple(Selector(axis, labels) for axis, labels in axes.items() if len(labels) > 1)
    views = tuple(_view(judged, one, [selector.word for selector in selectors]) for one in judged.verdict.rankings)
    return Views("mean-ranks", selectors, views)


def _view(judged: Judged, one: Ranking, words: list[str]) -> View:
    sentence = of_ranking(one, judged.verdict.min_units)
    return View(tuple(one.labels[word] for word in words), (_figure(judged, one),) if one.mean_ranks else (sentence,))


def _figure(judged: Judged, one: Ranking) -> Figure:
    order = sorted(one.mean_ranks.items(), key=lambda item: item[1])
    half = (one.critical_difference or 0.0) / 2
    marks = tuple(
        Points(
            [rank],
            [row],
            replace(judged.style(label), size=10.0),
            label,
            x_low=[rank - half],
            x_high=[rank + half],
            hover=[f"{label}<br>mean rank {rank:.2f}"],
        )
        for row, (label, rank) in enumerate(order)
    )
    rows = tuple((float(row), label) for row, (label, _) in enumerate(order))
    where = f" Setting: {with_axes(one.labels)}." if one.labels else ""
    return Figure(
        slug("mean-ranks", *one.labels.values()),
        f"Mean rank over {many(len(one.landscapes), 'landscape')}",
        f"Contestants whose bars do not overlap differ. Each bar extends by half the critical difference (Nemenyi: "
        f"{number(one.critical_difference)}) to either side. {of_ranking(one, judged.verdict.min_units)}{where}",
        (
            Panel(
                Axis("mean rank; 1 is best", low=0.5, high=len(order) + 0.5),
                Axis("", rows, low=-0.6, high=len(order) - 0.4, is_reversed=True, has_grid=False),
                marks,
                height=_ROW * len(order) + 20,
            ),
        ),
    )
