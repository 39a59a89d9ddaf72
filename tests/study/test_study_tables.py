"""Tables and exports hold what the verdict and the cells hold."""

from dataclasses import replace

import polars
import pytest
from results_stubs import cell, noisy, study, trace

from designloop.study.curves import curve
from designloop.study.estimates import Estimate
from designloop.study.export import cell_rows, trace_rows, write_tables
from designloop.study.look import Look
from designloop.study.sentences import estimate, number, p_value
from designloop.study.tables import Table, legend_of, markdown, tables_of
from designloop.study.terms import term
from designloop.study.units import settings_of
from designloop.study.verdict import assess

CELLS = [
    cell("b", 1, 3, [(10, 0.25), (20, 0.5)], given={"corpus": 7}, outcomes={"observed": 5}),
    cell("a", 1, 3, error="ValueError: on fire"),
    cell("a", 0, 3, [(10, 0.125)]),
]


def test_numbers_have_three_digits_that_matter() -> None:
    said = [number(value) for value in (0.12345, 12.345, 999.4, 999.6, 54321.0, -0.5, 2.7e-15, None)]
    assert said == ["0.123", "12.3", "999", "1,000", "54,321", "-0.5", "0", "–"]
    assert [p_value(p) for p in (0.0004, 0.0312, 1.0, None)] == ["< .001", ".031", "1.000", "–"]
    assert estimate(Estimate(0.5, 0.25, 0.75)) == "0.5 (0.25 to 0.75)"


def test_a_table_is_markdown() -> None:
    table = Table("T", ("a", "b"), (("1", "2"),), "note")
    assert table.markdown() == "**T**\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nnote\n"


def test_every_row_of_every_table_is_as_wide_as_its_head_and_holds_no_nan() -> None:
    names = {"floor": 0.0, "a": 0.2, "b": 0.0}
    cells = [*noisy(names, 20, 1, "nk"), *noisy(names, 20, 1, "ehrlich"), cell("a", 99, 0, labels={"oracles": "nk"})]
    facts = {"floor": "floor", "thresholds": {"nk": 0.5}}
    verdict = assess(study(cells, list(names), **facts), Look(n_resamples=100))
    tables = tables_of(verdict)
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    text = markdown(verdict)
    assert "nan" not in text
    assert "None" not in text
    for title in (
        "Pairs: oracles nk",
        "Every trace: oracles nk",
        "Reaching a true value of 0.5",
        "Mean rank",
        "Leader of each setting",
    ):
        assert title in text
    assert verdict.settings[0].sentence in text


def test_cells_are_one_row_each_in_the_order_of_the_axes_failed_ones_too() -> None:
    rows = list(cell_rows(study(CELLS)))
    assert [(row["strategies"], row["instance"], row["error"]) for row in rows] == [
        ("a", 0, None),
        ("a", 1, "ValueError: on fire"),
        ("b", 1, None),
    ]
    assert (rows[2]["final_true"], rows[2]["given_corpus"], rows[2]["n_observed"]) == (0.5, 7, 5)
    points = [
        (row["strategies"], row["designs"], row["value"]) for row in trace_rows(study(CELLS)) if row["trace"] == "true"
    ]
    assert points == [("a", 10, 0.125), ("b", 10, 0.25), ("b", 20, 0.5)]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_exports_read_back_as_they_were(tmp_path, kind) -> None:
    cells, traces = write_tables(study(CELLS), tmp_path / "tables", kind)
    read = polars.read_parquet if kind == "parquet" else polars.read_csv
    assert read(cells)["given_corpus"].to_list() == [None, None, 7]
    assert read(cells)["final_common"].to_list() == [0.125, None, 0.5]
    assert read(traces).height == 9


def test_an_empty_study_is_exported_as_empty_tables(tmp_path) -> None:
    cells, traces = write_tables(study([]), tmp_path)
    assert polars.read_parquet(cells).height == polars.read_parquet(traces).height == 0


def test_a_curve_steps_where_its_traces_do_and_tells_how_many_have_a_value() -> None:
    cells = [cell("a", 0, points=[(10, 1.0)]), cell("a", 1, points=[(20, 3.0)]), cell("b", 0), cell("b", 1)]
    (setting,) = settings_of(study(cells))
    found = curve(setting, "a", "true", "designs", n_resamples=100)
    assert found is not None
    assert found.points == (0, 10, 20, 40)
    assert found.share == (0, 0.5, 1, 1)
    assert found.mean == (2.0, 2.0, 2.0, 2.0), "who has no value counts as the lowest of its instance"
    assert found.low == (1, 1, 1, 1)
    alone = curve(settings_of(study(cells[:1]))[0], "a", "true", "weeks")
    assert alone is not None
    assert alone.low == (None,) * 3
    assert curve(setting, "b", "true", "designs") is not None


def test_a_curve_of_many_steps_is_thinned() -> None:
    many = trace(*((i, i) for i in range(1, 1001)))
    cells = [cell("a", i, end=1000, traces={"true": many}) for i in range(2)]
    found = curve(settings_of(study(cells))[0], "a", "true", "designs", n_resamples=10)
    assert found is not None
    assert len(found.points) == 200
    assert found.points[-1] == 1000


def test_columns_that_are_empty_throughout_are_left_out() -> None:
    table = Table("T", ("", "a", "b", "c"), (("", "–", "1", ""), ("", "–", "–", "")), "note")
    assert table.trimmed() == Table("T", ("", "b"), (("", "1"), ("", "–")), "note")
    assert Table("T", ("a", "b"), ()).trimmed().columns == ("a", "b")


def test_one_seed_on_each_instance_has_no_correlation_within_them_and_no_column_for_it() -> None:
    """Nor has a lab that costs nothing a column for what holds at no cost."""
    names = {"floor": 0.0, "a": 0.2}
    for n_seeds, is_there in ((1, False), (2, True)):
        cells = [replace(one, cost=0.0) for one in noisy(names, 20, n_seeds)]
        tables = tables_of(assess(study(cells, list(names), floor="floor"), Look(n_resamples=100)))
        (pairs,) = (table for table in tables if table.title.startswith("Pairs"))
        assert ("correlation within instances" in pairs.columns) == is_there
        (values,) = (table for table in tables if table.title.startswith("Every trace"))
        assert values.columns == ("strategies", "trace", "at 40 designs", "at 4 weeks")
        assert all(len(row) == len(table.columns) for table in tables for row in table.rows)


def test_terms_of_the_columns_are_explained_once() -> None:
    """Every column is explained, or says itself what it is."""
    verdict = assess(study(noisy({"floor": 0.0, "a": 0.2}), ["floor", "a"], floor="floor"), Look(n_resamples=100))
    tables = tables_of(verdict)
    known = dict(legend_of(tables))
    plain = {"strategies", "cells", "median", "mean", "a", "b", "a - b", "p", "", "at 40 designs", "at 4 weeks"}
    used = {term(column) for table in tables for column in table.columns}
    assert used - known.keys() - plain == {"at 4,000 cost"}
    text = markdown(verdict)
    assert all(text.count(f"- *{name}*: {meaning}") == 1 for name, meaning in known.items())
