"""The device, the precision and the number of threads of a network's computations."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch

from designloop.core.errors import InputError
from designloop.language_models.base import Precision


def device_named(name: str) -> torch.device:
    """The device called `name`; `auto` is the first GPU, or else the CPU. Raises InputError if it is not available."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.ones(1, device=name).cpu()
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0]  # torch without CUDA asserts that it has it
        raise InputError(f"`device: {name}` is not available ({reason}); use `cpu` or `auto`") from error
    return torch.device(name)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device has bfloat16 in hardware. Without it, bfloat16 is many times slower than float32."""
    if device.type == "cuda":
        with torch.cuda.device(device):
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    asked = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask is not None and ask() for ask in asked)


def is_bfloat16(precision: Precision, device: torch.device) -> bool:
    """Whether this precision means bfloat16 on this device."""
    return precision == "bfloat16" or (precision == "auto" and has_bfloat16(device))


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Within the block torch uses `n` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def one_thread() -> AbstractContextManager[None]:
    """Within the block torch uses one thread, so that results do not depend on the number of cores."""
    return threads(1)
