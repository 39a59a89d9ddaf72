"""Pretraining into a folder: what is kept, and that training broken off anywhere comes to the weights it would have."""

import os
import re
import resource
import signal
import subprocess
import sys
from itertools import count

import numpy as np
import pytest
from safetensors.torch import load_file

from designloop.core.alphabet import DNA
from designloop.core.config import read_document
from designloop.core.errors import DesignloopError, InputError, StoreError
from designloop.language_models.formats.checkpoints import read_checkpoint, write_checkpoint
from designloop.language_models.pretraining.pretraining import held_apart, pretrain
from designloop.language_models.transformer import Transformer

TINY = Transformer(width=8, depth=1, n_heads=1, steps=6, minibatch=64, device="cpu")
CORPUS = ["".join("ACGT"[(start + i) % 4] for i in range(length)) for start in range(4) for length in range(4, 12)]


class Killed(BaseException):
    """As if the process ended there."""


def trained(out, **changes):
    description = changes.pop("description", TINY)
    return pretrain(changes.pop("corpus", CORPUS), DNA, description, out, evaluate_every=2, threads=1, **changes)


def tensors(folder):
    """All numbers in the folder, and which step the model is of."""
    files = (load_file(folder / f"{name}.safetensors") for name in ("model", "training"))
    numbers = [{name: tensor.numpy().tobytes() for name, tensor in file.items()} for file in files]
    return numbers, read_checkpoint(folder / "model.safetensors").notes


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder trained without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    trained(folder)
    return folder


def test_the_folder_holds_the_best_model_a_log_and_the_description(tmp_path):
    seen = []
    result = trained(tmp_path / "m", watch=seen.append)
    assert [(p.step, p.row is not None) for p in seen] == [(k, k % 2 == 0) for k in range(1, 7)]
    assert (result.step, result.first_step, result.is_finished) == (6, 0, True)
    assert result.best == min(result.rows, key=lambda row: row.held_out_loss)
    assert read_checkpoint(tmp_path / "m" / "model.safetensors").notes["step"] == result.best.step
    header, *lines = (tmp_path / "m" / "log.csv").read_text().splitlines()
    assert header == "step,seconds,loss,held_out_loss,letters_per_second"
    assert [line.split(",")[0] for line in lines] == ["2", "4", "6"]
    assert read_document(tmp_path / "m" / "model.yaml").data == TINY.describe()
    assert result.model().log_likelihood(["ACGT"]).shape == (1,)


def test_one_checkpoint_is_one_file_however_often_it_is_written(whole, tmp_path):
    checkpoint = read_checkpoint(whole / "training.safetensors")
    files = [tmp_path / f"{k}.safetensors" for k in range(8)]
    for file in files:
        write_checkpoint(checkpoint, file)
    assert len({file.read_bytes() for file in files}) == 1
    again = read_checkpoint(files[0])
    assert (again.description, again.notes) == (checkpoint.description, checkpoint.notes)
    assert list(again.tensors) == list(checkpoint.tensors)
    assert all(again.tensors[name].equal(tensor) for name, tensor in checkpoint.tensors.items())


def test_the_same_pretraining_in_another_process_writes_the_same_bytes(whole, tmp_path):
    program = "import sys, pathlib, test_pretraining as its; its.trained(pathlib.Path(sys.argv[1]))"
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(map(str, sys.path))}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, env=surroundings)
    assert (tmp_path / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"evaluate_every": 0}, "evaluate_every: expected 1 or more, got 0; omit it"),
        ({"n_threads": -1}, "threads: expected 1 or more, got -1"),
        ({"held_out": np.float32(1.5)}, "held-out share: expected at least 0 and below 1, such as 0.05; got 1.5"),
    ],
)
def test_a_number_that_is_none_is_told_before_any_work(tmp_path, wrong, sentence):
    given = {name.removeprefix("n_"): value for name, value in wrong.items()}
    with pytest.raises(InputError, match=re.escape(sentence)):
        pretrain(CORPUS, DNA, TINY, tmp_path / "m", **given)
    assert not (tmp_path / "m").exists()


def test_a_share_of_any_kind_of_number_is_held_out(tmp_path):
    assert trained(tmp_path / "m", held_out=np.float32(0.5)).n_held_out == len(set(CORPUS)) // 2


def test_a_model_in_the_place_of_the_training_is_told(tmp_path):
    trained(tmp_path)
    (tmp_path / "training.safetensors").write_bytes((tmp_path / "model.safetensors").read_bytes())
    with pytest.raises(StoreError, match=r"is a model, not a training"):
        trained(tmp_path)


@pytest.mark.parametrize("changes", [{"objective": "causal"}, {"objective": "masked", "optimizer": "adamw"}])
def test_ctrl_c_ends_after_a_step_and_the_same_call_goes_on_to_the_same_bits(tmp_path, changes):
    description = TINY.with_(**changes)
    trained(tmp_path / "whole", description=description)

    def press(progress):
        if progress.step in (3, 5):
            signal.raise_signal(signal.SIGINT)

    steps = []
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "broken", description=description, watch=press)
        steps.append(read_checkpoint(tmp_path / "broken" / "training.safetensors").notes["step"])
    assert steps == [3, 5]
    assert trained(tmp_path / "broken", description=description).first_step == 5
    assert tensors(tmp_path / "broken") == tensors(tmp_path / "whole")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("is_renamed", [True, False])
def test_killed_at_any_write_it_goes_on_to_the_same_bits(tmp_path, monkeypatch, whole, is_renamed):
    replace, deaths = os.replace, 0
    while True:
        folder, left = tmp_path / str(deaths), [deaths]

        def dying(part, path, left=left):
            left[0] -= 1
            if left[0] < 0 and is_renamed:
                replace(part, path)
            if left[0] < 0:
                raise Killed
            replace(part, path)

        monkeypatch.setattr(os, "replace", dying)
        try:
            trained(folder)
        except Killed:
            deaths += 1
        else:
            break
        monkeypatch.setattr(os, "replace", replace)
        (folder / ".model.safetensors-killed").write_text("half of a model")
        trained(folder)
        assert tensors(folder) == tensors(whole), f"killed at write {deaths}"
        assert not list(folder.glob(".*-*"))
    assert deaths >= 9  # the description, training and log at first; a model at least once; two at each evaluation


def test_a_finished_training_trains_nothing(tmp_path):
    trained(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    again = trained(tmp_path)
    assert (again.first_step, again.step, again.is_finished) == (6, 6, True)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_its_time_being_up_it_keeps_what_it_came_to_and_goes_on_with_more(tmp_path, monkeypatch, whole):
    seconds = count()
    with monkeypatch.context() as patch:
        patch.setattr("designloop.language_models.pretraining.sitting.perf_counter", lambda: float(next(seconds)))
        first = trained(tmp_path, minutes=20 / 60)
    assert 1 < first.step < 6
    assert first.rows[-1].step == first.step
    assert trained(tmp_path, minutes=20 / 60).step == first.step
    assert trained(tmp_path).is_finished
    assert tensors(tmp_path)[0][1] == tensors(whole)[0][1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"description": TINY.with_(depth=2)}, r"\(depth: 1 there, 2 here\)"),
        (
            {"description": TINY.with_(objective="causal", steps=7)},
            "any-order there, causal here; steps: 6 there",
        ),
        ({"corpus": CORPUS[1:]}, r"training sequences: 30 \(\w{12}\) there, 29"),
        ({"held_out": ["ACGT"]}, "held-out sequences: 2 .* there, 1"),
    ],
)
def test_another_pretraining_than_the_folders_is_refused_with_what_differs(whole, changes, told):
    before = tensors(whole)
    with pytest.raises(StoreError, match=told):
        trained(whole, **changes)
    assert tensors(whole) == before


def test_a_full_disk_is_told_and_loses_nothing(tmp_path, whole):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(progress):
        if progress.step == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))

    try:
        with pytest.raises(StoreError, match=r"cannot write .*safetensors: .*File too large.*free space"):
            trained(tmp_path, watch=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(file.name for file in whole.iterdir())
    assert trained(tmp_path).first_step == 2
    assert tensors(tmp_path) == tensors(whole)


def test_a_folder_that_lost_a_file_is_not_written_over(tmp_path):
    trained(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match=r"has lost its model\.safetensors"):
        trained(tmp_path)
    (tmp_path / "elsewhere").rename(tmp_path / "model.safetensors")
    (tmp_path / "training.safetensors").unlink()
    with pytest.raises(StoreError, match="holds a model without training"):
        trained(tmp_path)


def test_other_surroundings_are_remarked_on(tmp_path, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, watch=lambda _: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr("torch.__version__", "99.0.0")
    (remark,) = trained(tmp_path).remarks
    assert remark.startswith("it was trained with torch ")
    assert ", now 99.0.0: the last bits" in remark
    assert trained(tmp_path).remarks == (remark,)  # what it holds has not changed since


def test_other_surroundings_are_remarked_on_also_after_the_next_interruption(tmp_path, monkeypatch):
    for version in ("98.0.0", "99.0.0"):
        monkeypatch.setattr("torch.__version__", version)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path, watch=lambda _: signal.raise_signal(signal.SIGINT))
    (remark,) = trained(tmp_path).remarks
    assert remark.startswith("it was trained with torch 98.0.0, now 99.0.0: ")


def test_a_loss_that_is_no_number_says_to_train_elsewhere(tmp_path):
    with pytest.raises(DesignloopError, match=r"the loss at step \d is nan; use a lower .* and another folder"):
        trained(tmp_path, description=TINY.with_(learning_rate=1e15))


@pytest.mark.parametrize(
    ("name", "value"), [("device", "cuda"), ("precision", "bfloat16"), ("numpy", "0.9"), ("designloop", "0.0")]
)
def test_all_that_the_last_bits_hang_on_is_remarked_on(tmp_path, name, value):
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, watch=lambda _: signal.raise_signal(signal.SIGINT))
    file = tmp_path / "training.safetensors"
    there = read_checkpoint(file)
    there.notes["surroundings"][name] = value
    write_checkpoint(there, file)
    (remark,) = trained(tmp_path).remarks
    assert remark.startswith(f"it was trained with {name} {value}, now ")
    assert ";" not in remark


def test_a_folder_that_says_nothing_of_its_surroundings_is_gone_on_with(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, watch=lambda _: signal.raise_signal(signal.SIGINT))
    there = read_checkpoint(tmp_path / "training.safetensors")
    there.notes["surroundings"].clear()
    write_checkpoint(there, tmp_path / "training.safetensors")
    assert trained(tmp_path).remarks == ()


def test_no_time_at_all_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^minutes: expected a number above 0, got 0; omit it"):
        trained(tmp_path, minutes=0)
    assert not list(tmp_path.iterdir())


def test_equal_sequences_are_held_out_together_whatever_their_order():
    rng = np.random.default_rng(0)
    train, held = held_apart(CORPUS * 2, 0.2, 0)
    shuffled = [CORPUS[i] for i in rng.permutation(len(CORPUS))]
    assert held_apart(shuffled, 0.2, 0)[1] == held
    assert held_apart(CORPUS, 0.2, 1)[1] != held
    assert (len(held), len(train), set(train) & set(held)) == (6, 52, set())
    assert held_apart(CORPUS, 0.0, 0) == (CORPUS, [])


def test_what_cannot_be_held_out_is_told():
    with pytest.raises(InputError, match="cannot hold out any of 1 distinct sequence and"):
        held_apart(["ACGT", "ACGT"], 0.05, 0)
    with pytest.raises(InputError, match=r"such as 0.05; got 1"):
        held_apart(CORPUS, 1.0, 0)


def test_without_a_held_out_share_the_last_weights_are_kept(tmp_path):
    result = trained(tmp_path, held_out=0.0)
    assert result.best == result.rows[-1]
    assert [row.held_out_loss for row in result.rows] == [None] * 3
    assert read_checkpoint(tmp_path / "model.safetensors").notes["step"] == 6
