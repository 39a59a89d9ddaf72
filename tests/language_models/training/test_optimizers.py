import pytest
import torch

from designloop.core.alphabet import DNA
from designloop.language_models import Transformer
from designloop.language_models.networks.devices import one_thread
from designloop.language_models.training.optimizers import optimizer_of, orthogonal
from designloop.language_models.training.training import Training

CORPUS = ["".join("ACGT"[(start + i * step) % 4] for i in range(12)) for start in range(4) for step in (1, 2, 3)]


@pytest.mark.parametrize("shape", [(3, 16, 16), (3, 16, 64), (3, 64, 16)])
def test_orthogonal_keeps_the_singular_vectors_and_brings_the_values_near_one(shape: tuple[int, ...]):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    left, _, right = torch.linalg.svd(x, full_matrices=False)
    values = left.mT @ orthogonal(x) @ right.mT
    on_diagonal = torch.diagonal(values, dim1=1, dim2=2)
    assert ((on_diagonal > 0.6) & (on_diagonal < 1.3)).all()
    assert torch.allclose(values, torch.diag_embed(on_diagonal), atol=1e-4)


def test_muon_moves_each_matrix_of_a_block_as_far_however_small_its_gradient():
    network = Training.begun(Transformer(depth=1, steps=1, device="cpu"), 4).network
    optimizer = optimizer_of("muon", network, 0.01)
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    for weight in network.parameters():
        weight.grad = 1e-6 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    optimizer.step()
    for name, weight in network.named_parameters():
        moved = torch.linalg.svdvals(weight.detach() - before[name]) if weight.ndim == 2 else None
        if name.startswith("blocks.") and moved is not None:
            rows, columns = weight.shape
            rate = 0.01 * 10 / 3 * max(1, rows / columns) ** 0.5
            assert 0.6 * rate < float(moved.min()) <= float(moved.max()) < 1.3 * rate, name


def test_a_network_learns_by_muon():
    """From log 4 = 1.39 a letter to less than half a nat."""
    part = Transformer(depth=1, steps=400, minibatch=64, device="cpu", objective="masked", optimizer="muon")
    training = Training.begun(part, 4)
    codes = part.encoded(CORPUS, DNA)
    with one_thread():
        training.run(codes)
        assert training.held_out_loss(codes) < 0.5
