"""Published optimisers as strategies for default_strategy.py, with the same corpus, starts and failures as all others.

`botorch-gp` needs BoTorch in the same environment. `holo-genetic` and `flexs-adalead` run the programs of the manual's
page on adapters, each in an environment of its own: $DESIGNLOOP_PEERS is a folder with `holo/bin/python` and
`flexs/bin/python`.
"""

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from pydantic import Field
from works import Work

import designloop as dl
from designloop.core.history import History
from designloop.core.records import Order, Proposal
from designloop.language_models.base import LanguageModel
from designloop.strategies import leaders
from designloop.strategies.naturalness import Naturalness, viable_first
from designloop.strategies.random_viable import RandomViable
from designloop.strategies.uniform import Random
from designloop.surrogates import Measured

_MANUAL = Path(dl.__file__).parent / "guide" / "adapters.md"


class BoTorchGP(dl.Strategy):
    """BoTorch's Gaussian process of one-hot letters, and discrete Thompson sampling from mutants of the best designs.

    SingleTaskGP with its usual kernel and prior, but one length scale for all columns (of distances that count letters,
    as Hamming's), because fitting one for each of 1,024 columns takes minutes; fit_gpytorch_mll; and
    MaxPosteriorSampling without replacement. Like `genetic`, it breeds from the best designs, and keeps the most viable
    of twice as many children; without a corpus, all of them.
    """

    model: LanguageModel | None = Field(None, description="language model that estimates viability")
    n_candidates: int = Field(5000, ge=1, description="mutants to choose from")
    parents: int = Field(100, ge=1, description="number of best designs that have children")

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The best candidate of each of n draws."""
        measured = Measured.of(history)
        if len(set(measured.values.tolist())) < 2:
            first = Random() if self.model is None else RandomViable(model=self.model)
            return first.propose(history, order, rng)
        found = self._candidates(history, rng)
        chosen = drawn(history, measured, found, order.n_designs, int(rng.integers(2**31)))
        choices = (dl.Choice(sequence, "botorch") for sequence in chosen)
        return Proposal(self.filled(history, choices, order.n_designs, rng), leaders(history, order.n_retests))

    def _candidates(self, history: History, rng: np.random.Generator) -> list[str]:
        if history.space.size is not None and history.space.size <= 4 * self.n_candidates:
            return dl.generators.Enumerate().propose(history, self.n_candidates, rng)
        breeding = dl.generators.Mutation(mutations=2.0, recombination=0.5, parents=self.parents)
        children = breeding.propose(history, 2 * self.n_candidates, rng)
        view = Naturalness.learnt(self.model, history) if self.model is not None else None
        return viable_first(view, children, rng)[: self.n_candidates]


def drawn(history: History, measured: Any, candidates: list[str], n: int, seed: int) -> list[str]:
    """The best candidate of each of n joint draws of the Gaussian process."""
    import torch
    from botorch.fit import fit_gpytorch_mll
    from botorch.generation import MaxPosteriorSampling
    from botorch.models import SingleTaskGP
    from gpytorch.kernels import RBFKernel
    from gpytorch.mlls import ExactMarginalLogLikelihood
    from gpytorch.priors import LogNormalPrior

    def one_hot(sequences: Sequence[str]) -> Any:
        codes = history.hull.padded_codes(sequences)
        return torch.as_tensor(np.eye(len(history.space.alphabet) + 1)[codes].reshape(len(codes), -1))

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        x, values = one_hot(measured.sequences), torch.as_tensor(measured.values)[:, None]
        kernel = RBFKernel(lengthscale_prior=LogNormalPrior(2**0.5 + np.log(x.shape[1]) / 2, 3**0.5))
        model = SingleTaskGP(x, values, covar_module=kernel)  # standardises the values
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        choices = one_hot(candidates)
        picked = MaxPosteriorSampling(model, replacement=False)(choices, num_samples=min(n, len(candidates)))
    places = {row.tobytes(): place for place, row in enumerate(choices.numpy())}
    return [candidates[places[row.tobytes()]] for row in picked.numpy()]


@lru_cache
def _program(name: str) -> Path:
    """A program of the manual's page, in a temporary folder."""
    found = re.search(rf"^```python\n(# {re.escape(name)}\n.*?)^```$", _MANUAL.read_text("utf-8"), re.M | re.S)
    if found is None:
        raise LookupError(f"{_MANUAL} has no program that begins with '# {name}'")
    file = Path(mkdtemp(prefix="designloop-peers-")) / name
    file.write_text(found[1], encoding="utf-8")
    return file


def _outside(environment: str, name: str) -> dict[str, Any]:
    if "DESIGNLOOP_PEERS" not in os.environ:
        raise LookupError(f"DESIGNLOOP_PEERS is not set: expected a folder that has {environment}/bin/python")
    python = Path(os.environ["DESIGNLOOP_PEERS"]) / environment / "bin" / "python"
    return {
        "kind": "command", "argv": [str(python), str(_program(name))], "fill": "uniform", "start_seconds": 600,
        "seconds": 3600,
    }  # fmt: skip


def botorch_gp(work: Work) -> Any:
    return BoTorchGP(model=None if work.model is None else LanguageModel._read(work.model))


def holo_genetic(_: Work) -> dict[str, Any]:
    return _outside("holo", "holo_genetic.py")


def flexs_adalead(_: Work) -> dict[str, Any]:
    return _outside("flexs", "flexs_adalead.py")
