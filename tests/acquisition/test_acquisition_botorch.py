"""Our acquisition functions and BoTorch's on one Gaussian process, and BoTorch's own functions as parts."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from gaussians import ExactGaussian, Gaussian
from pydantic import ValidationError

from designloop.acquisition import EI, PI, QUCB, UCB, BoTorch, LogEI, QLogEI, QLogNEI
from designloop.acquisition.base import Acquisition, Choice
from designloop.acquisition.lazy import lazily, log_gains
from designloop.acquisition.monte_carlo import Joint, MonteCarlo
from designloop.core.errors import ConfigError
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns

botorch = pytest.importorskip("botorch", reason="BoTorch is not installed: pip install 'designloop[botorch]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # botorch warns of classes that it wants replaced

NAMES = [f"S{i:02d}" for i in range(52)]
POOL, MEASURED, BUSY = NAMES[:40], NAMES[40:], ("S38", "S39")
"""40 candidates, of which the last two may be in the lab, and 12 measured sequences."""
BEST = 0.6
LABS = {name: PendingDesigns(busy, np.zeros(1), tuple(MEASURED)) for name, busy in (("idle", ()), ("busy", BUSY))}
every_lab = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)


@lru_cache
def process() -> Any:
    """A Gaussian process of BoTorch given 12 points in six dimensions, and all 52 points."""
    import torch
    from botorch.models import SingleTaskGP

    torch.manual_seed(1)
    points = torch.rand(52, 6, dtype=torch.double)
    values = torch.sin(4.0 * points[40:]).sum(dim=1, keepdim=True)
    return SingleTaskGP(points[40:], values).eval(), points


@lru_cache
def gaussian() -> Gaussian:
    """Its joint posterior at all points, as a posterior of ours."""
    import torch

    model, points = process()
    with torch.no_grad():
        found = model.posterior(points)
        return ExactGaussian(NAMES, found.mean[:, 0].numpy(), found.distribution.covariance_matrix.numpy())


def theirs(name: str, sets: Any, n_draws: int = 2**15, model: Any = None, **arguments: Any) -> np.ndarray:
    """Values of BoTorch's class at sets of places, (b, q), on the Gaussian process itself."""
    import torch
    from botorch import acquisition
    from botorch.sampling.normal import SobolQMCNormalSampler

    points = process()[1]
    if "best_f" in arguments:  # as a float, BoTorch would round it to single precision
        arguments["best_f"] = torch.tensor(arguments["best_f"], dtype=torch.double)
    if name.startswith("q"):
        arguments["sampler"] = SobolQMCNormalSampler(torch.Size([n_draws]), seed=7)
    for key in ("X_pending", "X_baseline"):
        if key in arguments:
            arguments[key] = points[places(arguments[key])] if len(arguments[key]) else None
    with torch.no_grad():
        function = getattr(acquisition, name)(model or process()[0], **arguments)
        return function(points[torch.as_tensor(sets)]).numpy()


def places(names: Any) -> list[int]:
    return [NAMES.index(name) for name in names]


@pytest.mark.parametrize(("part", "name", "arguments"), [
    (LogEI(), "LogExpectedImprovement", {"best_f": BEST}), (EI(), "ExpectedImprovement", {"best_f": BEST}),
    (PI(), "ProbabilityOfImprovement", {"best_f": BEST}), (UCB(beta=1.5), "UpperConfidenceBound", {"beta": 1.5**2}),
], ids=lambda it: it.kind if isinstance(it, Acquisition) else "")  # fmt: skip
def test_closed_forms_are_those_of_botorch(part: Acquisition, name: str, arguments: dict[str, float]):
    """Each value of 40, to eight digits; ours are logarithms of what BoTorch gives for EI and PI."""
    ours = part.score(*gaussian().model_moments(POOL), BEST)
    found = theirs(name, np.arange(40)[:, None], **arguments)
    np.testing.assert_allclose(ours, np.log(found) if part.kind in ("ei", "pi") else found, rtol=1e-8, atol=1e-14)


def drawn(part: MonteCarlo, lab: PendingDesigns, n_draws: int) -> Joint:
    of = Choice(POOL, 4, gaussian(), lab, BEST, stream(3, "c"), np.zeros(40))
    return part.with_(n_draws=n_draws)._drawn(of)


JOINT = {"qlog-ei": QLogEI(), "qlog-nei": QLogNEI(), "qucb": QUCB(beta=1.5)}


def arguments_of(kind: str, lab: PendingDesigns, **smooth: float) -> tuple[str, dict[str, Any]]:
    """BoTorch's class for one of ours, and its arguments."""
    pending = {"X_pending": lab.sequences}
    if kind == "qucb":
        return "qUpperConfidenceBound", {**pending, "beta": 1.5**2}
    if kind == "qlog-ei":
        return "qLogExpectedImprovement", {**pending, **smooth, "best_f": BEST}
    whole = {"prune_baseline": False, "incremental": False}  # the value of the batch, not what it adds to pending ones
    return "qLogNoisyExpectedImprovement", {**pending, **smooth, **whole, "X_baseline": MEASURED}


@every_lab
@pytest.mark.parametrize("kind", JOINT)
@pytest.mark.parametrize("batch", [(3,), (5, 11, 20, 31)], ids=["one", "four"])
def test_joint_values_are_those_of_botorch_within_three_standard_errors(kind: str, batch: tuple[int, ...], lab: Any):
    """4,096 independent draws of ours, against 32,768 of a Sobol sequence."""
    part, joint = JOINT[kind], drawn(JOINT[kind], lab, 4096)
    values = joint.functions([*[POOL[i] for i in batch], *lab.sequences])
    if kind == "qucb":
        deviations = values - gaussian().mean[[*batch, *places(lab.sequences)]]
        each = (values - deviations + 1.5 * np.sqrt(np.pi / 2) * np.abs(deviations)).max(axis=1)
    else:
        best = joint.functions(MEASURED).max(axis=1) if kind == "qlog-nei" else np.full(4096, BEST)
        each = np.maximum(values.max(axis=1) - best, 0.0)
    name, arguments = arguments_of(kind, lab, tau_max=1e-6)
    found = float(theirs(name, [batch], **arguments)[0])
    expected = found if kind == "qucb" else np.exp(found)
    assert part.kind == kind
    assert abs(each.mean() - expected) < 3.0 * each.std() / np.sqrt(4096)


def same_draws(draws: np.ndarray) -> tuple[Any, Any]:
    """A model and a sampler of BoTorch with these draws, (d, n), at numbered points."""
    import torch
    from botorch.models.model import Model
    from botorch.sampling import IIDNormalSampler

    samples = torch.from_numpy(draws)

    class Numbered(Model):
        num_outputs, batch_shape = 1, torch.Size()

        def posterior(self, X: Any, **_: Any) -> Any:  # noqa: N803
            return samples[:, X[..., 0].long()].unsqueeze(-1)

    class Whole(IIDNormalSampler):
        def forward(self, posterior: Any) -> Any:
            return posterior

    return Numbered(), Whole(torch.Size([len(draws)]))


@every_lab
@pytest.mark.parametrize("kind", JOINT)
def test_from_the_same_draws_the_same_batch_is_chosen(kind: str, lab: PendingDesigns):
    """Twelve of 40: the search is lazy, and BoTorch's discrete optimiser evaluates everything."""
    import torch
    from botorch import acquisition
    from botorch.optim import optimize_acqf_discrete

    part, joint = JOINT[kind].with_(n_draws=256), drawn(JOINT[kind], lab, 256)
    joint = replace(joint, of=replace(joint.of, n=12))
    ours = [int(joint.places[i]) for i in part._batch(joint)]
    draws, (name, arguments) = joint.sample(NAMES).values, arguments_of("qucb" if kind == "qucb" else "qlog-ei", lab)
    if kind == "qlog-nei":  # a known best value of 0, once the best of each draw is subtracted
        draws = draws - draws[:, places(MEASURED)].max(axis=1, keepdims=True)
        arguments["best_f"] = 0.0
    if kind != "qucb":
        arguments["tau_max"] = 1e-8
    pending = torch.tensor(places(lab.sequences), dtype=torch.double)[:, None]
    model, sampler = same_draws(draws)
    arguments |= {"sampler": sampler, "X_pending": pending if len(pending) else None}
    function = getattr(acquisition, name)(model, **arguments)
    choices = torch.arange(40, dtype=torch.double)[:, None]
    chosen, _ = optimize_acqf_discrete(function, q=12, choices=choices, unique=True)
    assert ours == [int(i) for i in chosen[:, 0]]


CLASSES = {
    "LogExpectedImprovement": {}, "ExpectedImprovement": {}, "UpperConfidenceBound": {"beta": 2.0},
    "qLogExpectedImprovement": {}, "qLogNoisyExpectedImprovement": {"prune_baseline": False}, "qSimpleRegret": {},
    "qUpperConfidenceBound": {"beta": 2.0}, "qExpectedImprovement": {}, "qPosteriorStandardDeviation": {},
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_a_part_has_the_values_of_its_class_on_the_process_itself(name: str):
    """At every candidate, with the same sampler; draws with the exact covariance stand for the posterior."""
    part = BoTorch(function=name, options=CLASSES[name], n_draws=512)
    evaluated = part._evaluated(drawn(part, LABS["idle"], 512))
    found, before = evaluated.values(40)
    arguments: dict[str, Any] = {"best_f": BEST} if "Expected" in name and "Noisy" not in name else {}
    if "Noisy" in name:
        arguments = {"X_baseline": MEASURED}
    joint = drawn(part, LABS["idle"], 512)
    direct = theirs(name, joint.places[:, None], 2**15, **arguments, **CLASSES[name])
    assert before is None
    if name.startswith("q"):  # 512 draws against 32,768, which cannot show what happens once in a thousand
        np.testing.assert_allclose(found[direct > -5], direct[direct > -5], rtol=0.05, atol=0.03)
        assert (direct > -5).sum() >= 30
    else:
        np.testing.assert_allclose(found, direct, rtol=1e-5)


@every_lab
@pytest.mark.parametrize("name", CLASSES)
def test_a_part_chooses_n_distinct_candidates(name: str, lab: PendingDesigns):
    part = BoTorch(function=name, options=CLASSES[name], n_draws=64)
    free = [s for s in POOL if s not in lab.sequences]
    taken = part.choose(free, 5, gaussian(), lab, BEST, stream(0, "c"))
    assert len(set(taken)) == 5
    assert taken == part.choose(free, 5, gaussian(), lab, BEST, stream(0, "c"))


def test_what_a_candidate_adds_is_weighed_by_its_viability():
    """Values 0.5 and 0.6 of a batch that is worth 0.4: gains of 0.1 and 0.2, a tie if one is half as viable."""
    part = BoTorch(function="qExpectedImprovement")
    gains = part._gains(np.array([0.5, 0.6]), 0.4)
    np.testing.assert_allclose(gains, np.log([0.1, 0.2]))
    logs = BoTorch(function="qLogExpectedImprovement")._gains(np.log([0.5, 0.6]), float(np.log(0.4)))
    np.testing.assert_allclose(logs, np.log([0.1, 0.2]))
    bound = BoTorch(function="qUpperConfidenceBound", options={"beta": 1.0})
    np.testing.assert_array_equal(bound._gains(np.array([0.5, 0.6]), 0.4), [0.5, 0.6])


def test_a_class_without_pending_points_believes_the_means_of_the_earlier_choices():
    """The second choice of LogExpectedImprovement is the best given the mean of the first, in closed form."""
    part = BoTorch(function="LogExpectedImprovement", n_draws=512)
    first, second = part.choose(POOL, 2, gaussian(), LABS["idle"], BEST, stream(0, "c"))
    left = gaussian().condition([POOL[first]], gaussian().mean[[first]])
    score = LogEI().score(*left.model_moments(POOL), BEST)
    score[first] = -np.inf
    assert second == int(np.argmax(score))


def test_the_short_form_is_read():
    part = Acquisition._read("botorch:qLogExpectedImprovement")
    assert part == BoTorch(function="qLogExpectedImprovement")
    assert Acquisition._read(part.describe()) == part
    given = {"kind": "botorch:qUpperConfidenceBound", "options": {"beta": 4.0}, "pending": "ignore"}
    assert Acquisition._read(given).options == {"beta": 4.0}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"function": "qLogExpectedImprovment"}, "has no function 'qLogExpectedImprovment' .* Did you mean 'qLogExp"),
        ({"function": "qKnowledgeGradient"}, "has no function 'qKnowledgeGradient' that needs only a posterior"),
        ({"function": "qUpperConfidenceBound"}, r"requires beta; set `options: \{beta: ...\}`"),
        ({"function": "qSimpleRegret", "options": {"bta": 1}}, "unknown option 'bta' of qSimpleRegret"),
        ({"function": "qSimpleRegret", "options": {"sampler": 1}}, "unknown option 'sampler' of qSimpleRegret"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(fields: dict[str, Any], message: str):
    with pytest.raises(ValidationError, match=message):
        BoTorch(**fields)


def test_what_fails_inside_botorch_names_the_function():
    part = BoTorch(function="qBayesianActiveLearningByDisagreement")
    with pytest.raises(ConfigError, match="BoTorch's qBayesianActiveLearningByDisagreement failed"):
        part.choose(POOL, 2, gaussian(), LABS["idle"], BEST, stream(0, "c"))


def test_gains_of_a_lazy_search_add_up_to_the_value_of_its_batch():
    """log Σ gains is BoTorch's qLogEI of the whole batch, within three standard errors."""
    joint = drawn(JOINT["qlog-ei"], LABS["idle"], 4096)
    values, best, total = joint.functions(POOL).T, np.full(4096, BEST), 0.0
    taken = lazily(4, values, best, np.zeros(40))
    for place in taken:
        total += float(np.exp(log_gains(values[[place]], best)[0]))
        best = np.maximum(best, values[place])
    each = np.maximum(values[taken].max(axis=0) - BEST, 0.0)
    name, arguments = arguments_of("qlog-ei", LABS["idle"], tau_max=1e-6)
    assert total == pytest.approx(each.mean(), abs=1e-5)
    assert abs(total - np.exp(theirs(name, [taken], **arguments)[0])) < 3.0 * each.std() / np.sqrt(4096)
