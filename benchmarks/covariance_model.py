"""A covariance model of an RNA family, as a baseline: it predicts a masked base from a profile with base pairs.

The model is built with Infernal (Nawrocki and Eddy 2013) from training sequences that MAFFT aligns (Katoh and Standley
2013). Consensus pairs are columns of the alignment that covary and pair. Their score is the mutual information minus
its background (Dunn et al. 2008), times the share of canonical pairs; the nested set with the highest sum is chosen
(Nussinov et al. 1978). P(letter | the rest) is proportional to 2^bits of the sequence with that letter in place.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LETTERS, GAP = "ACGU", "-"
CANONICAL = {"AU", "UA", "GC", "CG", "GU", "UG"}
TOOLS = ("mafft", "cmbuild", "cmalign")
MOST_ALIGNED = 400
FEWEST_LETTERS = 0.5
NEAREST_PAIR = 4
LEAST_SCORE = 0.1
Floats = NDArray[np.float64]


def is_installed() -> bool:
    return all(shutil.which(tool) for tool in TOOLS)


def probabilities(train: list[str], asked: list[tuple[str, int]]) -> Floats:
    """P(letter | all others) in the family of `train`, for each (sequence, 0-based position) in `asked`, (n, 4)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = train[:: max(1, len(train) // MOST_ALIGNED)]
        rows = _aligned(kept, folder)
        _built(rows, _consensus(np.array([list(row) for row in rows])), folder)
        variants = [s[:place] + letter + s[place + 1 :] for s, place in asked for letter in LETTERS]
        bits = _scores(variants, folder).reshape(-1, len(LETTERS))
    weights = np.exp2(bits - bits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _aligned(sequences: list[str], folder: Path) -> list[str]:
    fasta = folder / "family.fasta"
    fasta.write_text("".join(f">s{i}\n{s}\n" for i, s in enumerate(sequences)))
    told = subprocess.run(
        ["mafft", "--quiet", "--auto", "--thread", "1", str(fasta)], capture_output=True, text=True, check=True
    )
    return ["".join(block.splitlines()[1:]).upper().replace("T", "U") for block in told.stdout.split(">")[1:]]


def _consensus(table: NDArray[np.str_]) -> str:
    """The consensus pairs of an alignment, a table of letters (n, columns), as a string of `<`, `>` and `.`."""
    columns = [c for c in range(table.shape[1]) if (table[:, c] != GAP).mean() >= FEWEST_LETTERS]
    hot = np.stack([(table[:, columns] == letter) for letter in LETTERS], axis=2).astype(float)  # (n, C, 4)
    joint = np.einsum("nia,njb->ijab", hot, hot) / len(table) + 1e-6
    joint /= joint.sum(axis=(2, 3), keepdims=True)
    left, right = joint.sum(axis=3), joint.sum(axis=2)
    information = (joint * np.log2(joint / (left[..., None] * right[..., None, :]))).sum(axis=(2, 3))
    np.fill_diagonal(information, 0.0)
    background = np.outer(information.mean(axis=1), information.mean(axis=1)) / max(information.mean(), 1e-9)
    pairs = sum(joint[:, :, LETTERS.index(p[0]), LETTERS.index(p[1])] for p in CANONICAL)
    score = np.maximum(information - background, 0.0) * pairs
    marks = ["."] * table.shape[1]
    for i, j in _nested(np.where(score >= LEAST_SCORE, score, 0.0)):
        marks[columns[i]], marks[columns[j]] = "<", ">"
    return "".join(marks)


def _nested(score: Floats) -> list[tuple[int, int]]:
    """The nested pairs, at least `NEAREST_PAIR` apart, whose scores sum highest."""
    n = len(score)
    best = np.zeros((n + 1, n + 1))  # best[i, j] of columns i to j - 1
    for width in range(NEAREST_PAIR + 1, n + 1):
        for i in range(n - width + 1):
            j = i + width
            paired = score[i, i + NEAREST_PAIR : j] + np.array(
                [best[i + 1, k] + best[k + 1, j] for k in range(i + NEAREST_PAIR, j)]
            )
            best[i, j] = max(best[i + 1, j], float(paired.max(initial=0.0)))
    found, open_ = list[tuple[int, int]](), [(0, n)]
    while open_:
        i, j = open_.pop()
        if j - i <= NEAREST_PAIR or best[i, j] == 0:
            continue
        if best[i, j] == best[i + 1, j]:
            open_.append((i + 1, j))
            continue
        ends = range(i + NEAREST_PAIR, j)
        k = max(ends, key=lambda k: score[i, k] + best[i + 1, k] + best[k + 1, j])
        found.append((i, k))
        open_ += [(i + 1, k), (k + 1, j)]
    return found


def _built(rows: list[str], consensus: str, folder: Path) -> None:
    lines = ["# STOCKHOLM 1.0", *(f"s{i} {row}" for i, row in enumerate(rows)), f"#=GC SS_cons {consensus}", "//"]
    (folder / "family.sto").write_text("\n".join(lines) + "\n")
    subprocess.run(
        ["cmbuild", "-F", "-n", "family", str(folder / "family.cm"), str(folder / "family.sto")],
        capture_output=True,
        check=True,
    )


def _scores(sequences: list[str], folder: Path) -> Floats:
    """Bits of each sequence under the model, (n,)."""
    fasta, told = folder / "asked.fasta", folder / "scores.txt"
    fasta.write_text("".join(f">q{i}\n{s}\n" for i, s in enumerate(sequences)))
    command = ["cmalign", "--cpu", "0", "--noprob", "--notrunc", "--cyk", "--mxsize", "4096"]
    subprocess.run(
        [*command, "--sfile", str(told), "-o", "/dev/null", str(folder / "family.cm"), str(fasta)],
        capture_output=True,
        check=True,
    )
    rows = [line.split() for line in told.read_text().splitlines() if line and not line.startswith("#")]
    bits = {row[1]: float(row[6]) for row in rows}
    return np.array([bits[f"q{i}"] for i in range(len(sequences))])
