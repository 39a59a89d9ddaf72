"""What every candidate surrogate predicted is recorded with each design, and the history keeps it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from histories import SPACES, Told, events_of, history_of, observed
from stubs import FailingLog, Scripted, played, small

from designloop.campaign import Campaign
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Choice, Event, Order, Proposal, Start

SPACE = SPACES["one length"]
A, B, C = "AAAAAAAA", "CCCCCCCC", "GGGGGGGG"
PLAIN = {"round", "sequence", "origin", "mean", "std", "viability"}


class Predicting(Scripted):
    """Scripted; from round 2 on, two models predict: by the number of As, and by a constant."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        proposal = super().propose(history, order, rng)
        if history.round == 0:
            return proposal
        return Proposal(tuple(with_predictions(choice) for choice in proposal.choices), proposal.retests)


class Saying(Scripted):
    """Scripted; its first choice has whatever predictions it is told to give."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        first, *others = super().propose(history, order, rng).choices
        return Proposal((Choice(first.sequence, "scripted", predictions=SAID[0]), *others))


SAID: list[Any] = [None]


def with_predictions(choice: Choice) -> Choice:
    its = {"motifs": (np.float64(choice.sequence.count("A")), np.float32(0.5)), "linear": (1, 2)}
    return Choice(choice.sequence, choice.origin, predictions=its)


def chosen(design: int, sequence: str, predictions: Mapping[str, list[float]] | None = None, round_: int = 1) -> Event:
    data: dict[str, Any] = {"sequence": sequence, "round": round_}
    return Event(1, "chosen", design, data if predictions is None else {**data, "predictions": predictions})


def test_the_history_keeps_a_mean_and_a_deviation_for_each_row_and_model():
    history = history_of(SPACE).after(
        [
            chosen(0, A, {"motifs": [1.0, 0.1]}),
            chosen(1, B),
            chosen(2, C, {"motifs": [3.0, 0.3], "linear": [2.5, 1.0]}),
            *(Event(1, "submitted", i, {"round": 1}) for i in range(3)),
            observed(0, 1.5),
            observed(1, 2.5),
        ]
    )
    assert list(history.predictions) == ["motifs"]
    np.testing.assert_array_equal(history.predictions["motifs"], [[1.0, 0.1], [np.nan, np.nan]])
    assert history.predicted[2] == {"motifs": (3.0, 0.3), "linear": (2.5, 1.0)}  # it is still in the lab
    after = history.after([observed(2, 9.0)])
    assert list(after.predictions) == ["linear", "motifs"]
    np.testing.assert_array_equal(after.predictions["linear"], [[np.nan] * 2, [np.nan] * 2, [2.5, 1.0]])


def test_starting_sequences_have_no_prediction_and_a_round_has_its_rows():
    history = history_of(SPACE, starts=[Start(C, 1.0)]).after(
        [
            *events_of([Told(A, 2.0)]),
            chosen(1, B, {"motifs": [1.0, 0.1]}, round_=2),
            Event(1, "submitted", 1, {"round": 2}),
            observed(1, 3.0),
        ]
    )
    assert history.rounds.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(history.predictions["motifs"][history.rounds == 2], [[1.0, 0.1]])
    assert np.isnan(history.predictions["motifs"][history.rounds < 2]).all()


def test_without_predictions_there_is_no_model_and_no_new_key():
    events = played(small()).events()
    assert {frozenset(event.data) for event in events if event.kind == "chosen"} == {frozenset(PLAIN)}
    assert History.opening(SPACE, Known(), events[0]).after(events[1:]).predictions == {}


def test_predictions_are_recorded_as_plain_numbers_and_folded_again():
    log = played(small(strategy=Predicting()))
    told = [event for event in log.events() if event.kind == "chosen"]
    first, later = ([e.data for e in told if (e.data["round"] > 1) is is_late] for is_late in (False, True))
    assert {frozenset(data) for data in first} == {frozenset(PLAIN)}
    for data in later:
        assert set(data) == {*PLAIN, "predictions"}
        assert data["predictions"] == {"linear": [1.0, 2.0], "motifs": [float(data["sequence"].count("A")), 0.5]}
    history = History.opening(SPACE, Known(), log.events()[0]).after(log.events()[1:])
    n_as = [sequence.count("A") for sequence in history.sequences]
    expected = [[n, 0.5] if round_ > 1 else [np.nan] * 2 for n, round_ in zip(n_as, history.rounds, strict=True)]
    np.testing.assert_array_equal(history.predictions["motifs"], expected)


def check_hashes_after_stops(campaign: Campaign) -> None:
    """Stopped at every transaction and resumed, the campaign ends with the hash of the whole run."""
    whole = FailingLog()
    played(campaign, log=whole)
    for fails_at in range(whole.n_appends):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(campaign, log=log)
        log.fails_at = None
        assert played(campaign, log=log).hash() == whole.hash()


def test_stopped_at_every_transaction_and_resumed_the_predictions_are_the_same():
    check_hashes_after_stops(small(strategy=Predicting(), budget={"designs": 16}))


@pytest.mark.parametrize(
    ("said", "came"),
    [
        ([("motifs", 1.0, 1.0)], "gave a list as `predictions`"),
        ({"motifs": 1.0}, "predicted 'motifs': 1.0"),
        ({"motifs": (1.0,)}, r"predicted 'motifs': \(1.0,\)"),
        ({"motifs": (1.0, -0.1)}, r"predicted 'motifs': \(1.0, -0.1\)"),
        ({"motifs": (float("nan"), 1.0)}, r"predicted 'motifs': \(nan, 1.0\)"),
        ({"motifs": (1.0, float("inf"))}, r"predicted 'motifs': \(1.0, inf\)"),
        ({"motifs": ("high", 1.0)}, r"predicted 'motifs': \('high', 1.0\)"),
        ({3: (1.0, 1.0)}, r"predicted 3: \(1.0, 1.0\)"),
        ({"": (1.0, 1.0)}, r"predicted '': \(1.0, 1.0\)"),
    ],
)
def test_wrong_predictions_are_refused_with_what_to_give(said: Any, came: str):
    SAID[0] = said
    with pytest.raises(ContractError, match=came) as caught:
        small(strategy=Saying()).run()
    assert "(mean, standard deviation)} with finite numbers in the assay's units, or None" in str(caught.value)


@pytest.mark.parametrize("said", [None, {}, {"motifs": (1.0, 0.0)}, {"motifs": np.array([1.0, 2.0])}])
def test_right_predictions_are_taken(said: Any):
    SAID[0] = said
    assert small(strategy=Saying(), scheduler={"kind": "rounds", "batch_size": 8}).run().designs == 20


NOTES = {
    "weights": {"motifs": np.float64(0.75), "linear": 0.25},
    "out_of_fold": {"motifs": 0.5, "linear": None},
    "scale": "asinh",
    "tried": ("ranks", "asinh"),
}
READ_BACK = {
    "out_of_fold": {"linear": None, "motifs": 0.5},
    "scale": "asinh",
    "tried": ["ranks", "asinh"],
    "weights": {"linear": 0.25, "motifs": 0.75},
}


class Noting(Scripted):
    """Scripted; it notes what it is told to note."""

    notes: ClassVar[Any] = None

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        return replace(super().propose(history, order, rng), notes=self.notes if history.round else None)


def test_notes_are_recorded_before_the_batch_and_the_history_keeps_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Noting, "notes", NOTES)
    events = played(small(strategy=Noting())).events()
    told = [(e.kind, e.data["round"]) for e in events if e.kind in ("recommended", "believed", "chosen", "retest")]
    assert [pair for pair, after in zip(told, [*told[1:], None], strict=True) if pair != after] == [
        ("chosen", 1),
        ("recommended", 1),
        ("believed", 2),
        ("chosen", 2),
        ("retest", 2),
        ("recommended", 2),
        ("believed", 3),
        ("chosen", 3),
        ("retest", 3),
        ("recommended", 3),
    ]
    assert [e.data for e in events if e.kind == "believed"] == [{"round": r, "notes": READ_BACK} for r in (2, 3)]
    history = History.opening(SPACE, Known(), events[0]).after(events[1:])
    assert history.beliefs == {2: READ_BACK, 3: READ_BACK}


def test_stopped_at_every_transaction_and_resumed_the_notes_are_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Noting, "notes", NOTES)
    check_hashes_after_stops(small(strategy=Noting(), budget={"designs": 16}))


@pytest.mark.parametrize(
    ("notes", "came"),
    [
        (["weights"], r"gave \['weights'\] as `notes`"),
        ({3: "x"}, "as `notes`; give {name: JSON value}, or None"),
        ({"weights": [0.5, 0.5]}, r"gave \[0.5, 0.5\] as `weights` of its notes"),
        ({"weights": {"motifs": -0.1}}, "as `weights` of its notes; .* finite numbers from 0"),
        ({"weights": {"motifs": None}}, "as `weights` of its notes"),
        ({"weights": {"motifs": float("nan")}}, "as `weights` of its notes"),
        ({"weights": {1: 0.5}}, "as `weights` of its notes"),
        ({"out_of_fold": {"motifs": float("inf")}}, "as `out_of_fold` of its notes"),
        ({"out_of_fold": {"motifs": "high"}}, "as `out_of_fold` of its notes"),
        ({"scale": 3}, "gave 3 as `scale` of its notes"),
        ({"why": float("nan")}, "notes cannot be recorded.*with None for NaN"),
        ({"why": object()}, "notes cannot be recorded"),
    ],
)
def test_wrong_notes_are_refused_with_what_to_give(monkeypatch: pytest.MonkeyPatch, notes: Any, came: str):
    monkeypatch.setattr(Noting, "notes", notes)
    with pytest.raises(ContractError, match=came):
        small(strategy=Noting()).run()
