"""Reads the arrays of Design-Bench: a file of numbered letters (`-x-`), and a file of values (`-y-`)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import DNA
from designloop.core.errors import InputError
from designloop.core.files import found
from designloop.core.readers.table import Places, Table


def values_beside(path: str) -> str | None:
    """The path of the values of an array of letters; None if the path is not that of such an array."""
    folder, name = Path(path).parent, Path(path).name
    return str(folder / name.replace("-x-", "-y-")) if name.endswith(".npy") and "-x-" in name else None


def read_arrays(letters: str, values: str) -> Table:
    """The table of both arrays, with the columns `sequence` and `value`. Letters 0 to 3 are A, C, G and T.

    Raises InputError with the file and the shape that was found.
    """
    file, codes, numbers = found(letters), _array(letters), _array(values).astype(float)
    if codes.ndim != 2 or codes.dtype.kind not in "iu" or not codes.size or codes.min() < 0 or codes.max() >= len(DNA):
        raise InputError(
            f"{file}: expected the numbers 0 to 3 (A, C, G, T) of shape (n, length), as in Design-Bench's TF-Bind-8, "
            f"got {codes.dtype} of shape {codes.shape}; write other alphabets as a table with letters"
        )
    if numbers.size != len(codes):
        raise InputError(f"{found(values)} has {numbers.size:,} values for {len(codes):,} sequences; give both parts")
    columns = [DNA.decode(codes), numbers.ravel().tolist()]
    return Table(file, ("sequence", "value"), len(codes), Places(range(1, len(codes) + 1), "row"), columns.__getitem__)


def _array(path: str) -> NDArray[np.generic]:
    file = found(path)
    try:
        return np.asarray(np.load(file, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{file} cannot be read as an array of numpy: {error}; create or copy it again") from error
