"""RNA folding: energies as the nearest-neighbour rules say, the ensemble as counting every structure gives it."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from math import exp
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from designloop.core.errors import ConfigError, InputError, OracleError
from designloop.core.parts import find
from designloop.oracles import RnaFolding
from designloop.oracles import vienna as vienna_module
from designloop.oracles.structures import can_pair, pairs_of
from designloop.testing import OracleContract

vienna = pytest.importorskip("RNA", reason="ViennaRNA is not installed: pip install 'designloop[rna]'")
HAIRPIN = "((((....))))"
KT = 0.0019871706 * 310.15  # kcal/mol at 37 °C: the gas constant times the temperature
PUZZLES = Path(os.environ.get("DESIGNLOOP_DATA", "../shared/data")) / "eterna100_puzzles.tsv"
needs_puzzles = pytest.mark.skipif(not PUZZLES.is_file(), reason="set DESIGNLOOP_DATA to a folder with Eterna100")


class TestDefect(OracleContract):
    oracle = RnaFolding(target="((((....)))).((...))")


class TestProbability(OracleContract):
    oracle = RnaFolding(measure="probability", target="((....))")


class TestDistance(OracleContract):
    oracle = RnaFolding(measure="distance", target=HAIRPIN)


class TestEnergy(OracleContract):
    oracle = RnaFolding(measure="free-energy", length=24)


def structures(length: int) -> list[str]:
    """Every structure of this length whose hairpin loops have at least three letters."""
    if length == 0:
        return [""]
    found = ["." + rest for rest in structures(length - 1)]
    for inside in range(3, length - 1):
        found += [f"({a}){b}" for a, b in product(structures(inside), structures(length - 2 - inside))]
    return found


def ensemble(sequence: str) -> dict[str, float]:
    """P(structure) of each that the sequence can form, by Boltzmann weights that are added up one by one."""
    fold = vienna.fold_compound(sequence)
    possible = [s for s in structures(len(sequence)) if can_pair(sequence, pairs_of(s))]
    weights = np.array([exp(-fold.eval_structure(s) / KT) for s in possible])
    return dict(zip(possible, weights / weights.sum(), strict=True))


@pytest.mark.parametrize(
    ("sequence", "energy"),
    [
        ("AAAAAAAAAAAA", 0.0),  # nothing pairs
        ("GGGGAAAACCCC", 3 * 3.3 - 5.6 + 1.1),  # three GG/CC stacks, a loop of four, its terminal mismatch
        ("GGGCAAAAGCCC", 2 * 3.3 + 3.4 - 5.6 + 1.5),  # GG/CC twice and GC/GC, a loop of four, C-G with A and A
        ("GCCCAAAAAGGGC", 3.4 + 2 * 3.3 - 5.7 + 1.5),  # as before, a loop of five: 5.7
    ],
)
def test_stability_is_the_sum_of_stacks_and_loops_of_turner_2004(sequence, energy):
    """Added by hand from the nearest-neighbour database (Mathews et al. 2004), in kcal/mol."""
    oracle = RnaFolding(measure="free-energy", length=len(sequence))
    assert oracle([sequence])[0] == pytest.approx(energy, abs=0.005)


@pytest.mark.parametrize("sequence", ["GGGGAAAACCCC", "GGGAGAAACUCC", "GUAUAAAGUGCC", "GGCAAAGCAACC"])
def test_probability_and_defect_are_those_of_all_structures_counted_one_by_one(sequence):
    """The library rounds Boltzmann factors a little, so that they are smooth in the temperature: .0005 at most here."""
    oracle = {name: RnaFolding(measure=name, target=HAIRPIN) for name in ("probability", "ensemble-defect", "distance")}
    shares = ensemble(sequence)
    assert len(shares) > 20
    partner = [dict([*pairs_of(s), *((j, i) for i, j in pairs_of(s))]) for s in [HAIRPIN, *shares]]
    same = [sum(mine.get(i) == partner[0].get(i) for i in range(12)) / 12 for mine in partner[1:]]
    assert oracle["probability"]([sequence])[0] == pytest.approx(shares.get(HAIRPIN, 0.0), abs=5e-4)
    expected = sum(share * s for share, s in zip(shares.values(), same, strict=True))
    assert oracle["ensemble-defect"]([sequence])[0] == pytest.approx(expected, abs=5e-4)
    likeliest = max(shares, key=shares.__getitem__)
    different = set(pairs_of(HAIRPIN)) ^ set(pairs_of(likeliest))
    assert oracle["distance"]([sequence])[0] == pytest.approx(1 - len(different) / 12)


def test_a_target_whose_pairs_cannot_form_has_probability_0():
    """ViennaRNA itself says 73 for GCACGCUGGAGC, in which A and A would pair."""
    oracle = RnaFolding(measure="probability", target=HAIRPIN)
    assert oracle(["GCACGCUGGAGC", "GGGAAAAAAUCC", "AAAAAAAAAAAA"]).tolist() == [0.0, 0.0, 0.0]


def test_probabilities_of_all_structures_sum_to_one():
    sequence = "GGCAAAGCAACC"
    possible = [s for s in structures(12) if s.count("(")]
    found = sum(RnaFolding(measure="probability", target=s)([sequence])[0] for s in possible)
    assert found == pytest.approx(1 - ensemble(sequence)["." * 12], abs=5e-4)


def test_a_warmer_rna_is_less_stable():
    cold, warm = (RnaFolding(measure="free-energy", length=12, temperature=t)(["GGGGAAAACCCC"])[0] for t in (20, 60))
    assert cold > 5.4 > warm >= 0


def test_other_codes_settings_of_the_library_change_nothing():
    """Its global variables, which `RNA.md()` copies, are not read; other energy parameters are an error."""
    oracle = RnaFolding(target=HAIRPIN)
    before = oracle(["GGGUAAAAGCCC", "GGGGAAAACCCC"])
    names = {"temperature": 60.0, "dangles": 0, "noGU": 1, "noLP": 1, "salt": 0.1, "betaScale": 2.0, "max_bp_span": 4}
    kept = {name: getattr(vienna.cvar, name) for name in names}
    try:
        for name, value in names.items():
            setattr(vienna.cvar, name, value)
        np.testing.assert_array_equal(oracle(["GGGUAAAAGCCC", "GGGGAAAACCCC"]), before)
    finally:
        for name, value in kept.items():
            setattr(vienna.cvar, name, value)
    vienna.params_load_RNA_Andronescu2007()
    try:
        with pytest.raises(OracleError, match=r"parameters were changed in this process: .* kcal/mol, not -5.4; call"):
            oracle(["GGGGAAAACCCC"])
    finally:
        vienna.params_load_RNA_Turner2004()
    np.testing.assert_array_equal(oracle(["GGGUAAAAGCCC", "GGGGAAAACCCC"]), before)


def test_threads_find_the_same_values():
    oracle = RnaFolding(target="((((((....))))))....")
    sequences = oracle.space.sample(40, np.random.default_rng(0))
    alone = oracle(sequences)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: oracle(sequences), range(8)):
            np.testing.assert_array_equal(found, alone)


def test_a_long_rna_has_finite_values():
    """Not scaled by the minimum free energy, the partition function overflows, and the probability is infinite."""
    half = "GC" * 110
    target = "(" * 220 + "...." + ")" * 220
    values = RnaFolding(measure="probability", target=target)([half + "GAAA" + half])
    assert 0.9 < values[0] <= 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "requires a target; give `target: .*not none of them"),
        ({"target": HAIRPIN, "puzzle": 3}, "not target and puzzle"),
        ({"puzzle": 3}, "not puzzle"),
        ({"measure": "free-energy"}, "give `length`, and remove the target"),
        ({"measure": "free-energy", "length": 9, "target": HAIRPIN}, "give `length`, and remove the target"),
        ({"target": HAIRPIN, "length": 12}, "`length` is that of the target; remove it"),
        ({"target": "(((...))"}, r"target, position 1: '\(' is not closed"),
        ({"target": "(((...)))" * 300}, "target: expected at most 2000 letters, got 2700"),
    ],
)
def test_what_cannot_be_folded_is_told_with_the_mend(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        RnaFolding(**fields)


def test_other_letters_and_lengths_are_errors():
    oracle = RnaFolding(target=HAIRPIN)
    for wrong in ("GGGGTTTTCCCC", "GGGGNNNNCCCC", "ggggaaaacccc"):
        with pytest.raises(InputError, match="sequence 2"):
            oracle(["GGGGAAAACCCC", wrong])
    with pytest.raises(InputError, match="sequence 1: rna-folding expects 12 letters, got 3"):
        oracle(["GGG"])


def test_without_the_library_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "RNA", None)
    vienna_module.library.cache_clear()
    try:
        with pytest.raises(ConfigError, match=r"requires an extra: pip install 'designloop\[rna\]'"):
            _ = RnaFolding(target=HAIRPIN).space
    finally:
        vienna_module.library.cache_clear()


def test_it_is_known_by_name():
    assert find("oracles", "rna-folding") is RnaFolding


def puzzles(folder: Path, structure: str, solution: str = "GGGGAAAACCCC") -> str:
    columns = ["Puzzle #", "Puzzle Name", "Secondary Structure V1", "Secondary Structure V2"]
    columns += [f"Sample Solution (V{edition}/Vienna{engine})" for edition in (1, 2) for engine in (1, 2)]
    file = folder / "puzzles.tsv"
    rows = [["1", "Hairpin", structure, structure, *[solution] * 4]]
    file.write_text("\n".join("\t".join(row) for row in [columns, *rows]) + "\n")
    return str(file)


def test_a_puzzle_is_read_by_its_number(tmp_path):
    oracle = RnaFolding(measure="distance", path=puzzles(tmp_path, HAIRPIN), puzzle=1)
    assert (oracle.structure, oracle.optimum) == (HAIRPIN, 1.0)
    assert oracle.remarks[1] == "Eterna100 puzzle 1: Hairpin"
    assert f"ViennaRNA {vienna.__version__} at 37 °C" in oracle.remarks[0]
    unsolved = RnaFolding(measure="distance", path=puzzles(tmp_path, HAIRPIN, "A" * 12), puzzle=1)
    assert unsolved.optimum is None
    with pytest.raises(InputError, match="has no puzzle 7 in column 'Puzzle #', but 1 puzzle, 1 to 1; correct"):
        _ = RnaFolding(path=puzzles(tmp_path, HAIRPIN), puzzle=7).space
    with pytest.raises(InputError, match=r"puzzles.tsv, line 2: target, position 1: '\(' is not closed"):
        _ = RnaFolding(path=puzzles(tmp_path, "(((...))"), puzzle=1).space


@needs_puzzles
@pytest.mark.parametrize("edition", [1, 2])
def test_every_puzzle_of_eterna100_can_be_read(edition):
    oracles = [RnaFolding(path=str(PUZZLES), puzzle=n, edition=edition) for n in range(1, 101)]
    lengths = [len(oracle.structure) for oracle in oracles]
    assert (min(lengths), max(lengths)) == (12, 400)
    assert [oracle.space.min_length for oracle in oracles] == lengths


@needs_puzzles
def test_sample_solutions_fold_into_their_targets():
    """Solutions were made with ViennaRNA 2; of the short puzzles of the second edition, all hold in this version."""
    oracles = [RnaFolding(measure="distance", path=str(PUZZLES), puzzle=n) for n in range(1, 101)]
    short = [oracle for oracle in oracles if len(oracle.structure) <= 60]
    solved = [oracle.optimum == 1.0 for oracle in short if oracle.eterna.solutions]
    assert len(solved) >= 20
    assert all(solved)
