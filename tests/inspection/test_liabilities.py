"""Liabilities by hand and against a search of all pieces; limits are data, and wrong ones are refused with the mend."""

from random import Random

import pytest
from pydantic import ValidationError

from designloop.core.alphabet import DNA, PROTEIN, RNA, states
from designloop.inspection.liabilities.composition import Run, gc_content, gc_spread, longest_run
from designloop.inspection.liabilities.limits import PRESETS, Limits, usual
from designloop.inspection.liabilities.measured import (
    measured_dna,
    measured_letters,
    measured_protein,
    violations,
)
from designloop.inspection.liabilities.repeats import LEAST_LOOP, Repeat, longest_hairpin, longest_repeat
from designloop.inspection.liabilities.sites import Motif, Site, enzymes

FREE = Limits()


def paired(piece: str) -> str:
    return piece.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def pieces(sequence: str, apart: int, *, pairs: bool) -> int:
    """The longest piece that occurs again, or pairs, at least `apart` letters behind its end: every pair is tried."""
    n = len(sequence)
    return max(
        (
            size
            for first in range(n)
            for size in range(1, n - first)
            for second in range(first + size + apart, n - size + 1)
            if sequence[second : second + size]
            == (paired(sequence[first : first + size]) if pairs else sequence[first : first + size])
        ),
        default=0,
    )


def test_composition_by_hand() -> None:
    assert gc_content("GGCA") == 0.75
    assert gc_content("") == 0
    assert gc_spread("GGGGAAAACC", 4) == 1.0
    assert gc_spread("GATC", 4) == 0.0
    assert gc_spread("GAT", 4) is None
    assert longest_run("AACCCGGG") == Run("C", 3, 2)
    assert longest_run("AACCCGGG", "AT") == Run("A", 2, 0)
    assert longest_run("GGG", "AT") is None


def test_repeats_and_hairpins_by_hand() -> None:
    assert longest_repeat("ACGTTTACGA") == Repeat(3, 0, 6)
    assert longest_repeat("AAAAA") == Repeat(2, 0, 2), "pieces do not overlap"
    assert longest_repeat("ACGT") is None
    assert longest_hairpin("GGGCAAAGCCC") == Repeat(4, 0, 7)
    assert longest_hairpin("GGGCAAGCCC") == Repeat(3, 0, 7), "a loop has three letters"
    assert longest_hairpin("AAAAAAAA") is None


@pytest.mark.parametrize("letters", ["ACGT", "AT", "GGC"])
def test_no_longer_repeat_or_hairpin_is_there(letters: str) -> None:
    random = Random(letters)
    for length in (0, 1, 4, 7, 12, 18):
        sequence = "".join(random.choices(letters, k=length))
        repeat, stem = longest_repeat(sequence), longest_hairpin(sequence)
        assert (repeat.length if repeat else 0) == pieces(sequence, 0, pairs=False)
        assert (stem.length if stem else 0) == pieces(sequence, LEAST_LOOP, pairs=True)


def test_sites_are_found_on_both_strands_and_where_they_overlap() -> None:
    bsai = Site.model_validate("bsai")
    assert (bsai.name, bsai.letters) == ("BsaI", "GGTCTC")
    assert bsai.places("AGGTCTCAGAGACC") == [1, 8]
    assert Site(name="x", letters="GAUN").letters == "GATN"
    assert Site(name="aa", letters="AA").places("AAAC") == [0, 1]
    assert Motif(name="glycosylation", pattern="N[^P][ST]").places("NNTSNPS") == [0, 1]
    assert Motif(name="end", pattern="K$").places("KAK") == [2]
    assert Motif(name="start", pattern="^M").places("MAM") == [0]


def test_the_sites_of_enzymes_are_those_of_rebase() -> None:
    restriction = pytest.importorskip("Bio.Restriction", reason="Biopython is not installed")
    assert {name: getattr(restriction, name).site for name in enzymes()} == enzymes()


@pytest.mark.parametrize(
    ("sequence", "limits", "said"),
    [
        ("GGGGCCCCAAAATTTTGGGG", {"gc": (0.2, 0.5)}, ["GC content 60%, at most 50%"]),
        ("AAAATTTTAAAATTTTAAAT", {"gc": (0.2, 0.5)}, ["GC content 0%, at least 20%"]),
        ("GGGGCCCC", {"gc": (0.2, 0.5)}, []),
        (
            "GGGGAAAA",
            {"gc_window": 4, "gc_spread": 0.5},
            ["GC content of windows of 4 differs by 100 points, at most 50"],
        ),
        ("CAAAACGGG", {"run_at": 3, "run_gc": 3}, ["4 A in a row at 2, at most 3"]),
        ("CAAAAGGGG", {"run_at": 4, "run_gc": 3}, ["4 G in a row at 6, at most 3"]),
        ("ACGTTTACGA", {"repeat": 2}, ["repeat of 3 letters at 1 and 7, at most 2"]),
        ("ACGTTTACGA", {"repeat": 3}, []),
        ("GGGCAAAGCCC", {"hairpin": 3}, ["hairpin of 4 pairs at 1 and 8, at most 3"]),
        ("ACGT", {"lengths": (5, 9)}, ["4 letters, 5 to 9 can be ordered"]),
        ("AGGTCTCA", {"sites": ["BsaI"]}, ["site of BsaI at 2"]),
        ("AGGUCUCA", {"sites": ["BsaI"]}, ["site of BsaI at 2"]),
        ("AGAATTCA", {"sites": ["BsaI"]}, []),
    ],
)
def test_each_limit_says_what_was_found_and_where(sequence: str, limits: dict, said: list[str]) -> None:
    its = Limits.model_validate(limits)
    assert violations(measured_dna(sequence, its), its) == said


def test_a_site_in_the_letters_around_a_design_is_meant() -> None:
    whole = "GGTCTCAAAAGAATTCAAA"
    assert measured_dna(whole, FREE).sites == (("BsaI", 0), ("EcoRI", 10))
    assert measured_dna(whole, FREE, (6, len(whole))).sites == (("EcoRI", 10),)
    assert measured_dna(whole, FREE, (5, len(whole))).sites[0] == ("BsaI", 0), "in part in the design"


def test_a_motif_counts_where_the_known_sequence_has_none() -> None:
    limits = Limits(preset="protein")
    assert violations(measured_protein("ANGC", limits, "ANGA"), limits) == ["cysteine at 4, gained"]
    assert violations(measured_protein("CANGC", limits, "ANGC"), limits) == ["cysteine at 1, gained"], "aligned"
    shifted = measured_protein("WANGCAAAA", limits, "ANGCAAAAA")
    assert (shifted.gained, len(shifted.motifs)) == ((), 2), "an insertion and a deletion shift what is between them"
    assert violations(measured_protein("ANGC", limits), limits) == [], "nothing to compare with"
    strict = Limits(preset="protein", motifs=(Motif(name="oxidation", pattern="M", flag="any"),))
    assert violations(measured_protein("AMAM", strict, "AMAM"), strict) == ["oxidation at 2", "oxidation at 4"]
    assert violations(measured_protein("AAAAAAAAA", limits), limits) == ["9 A in a row at 1, at most 7"]
    assert measured_letters("0011").as_dict()["run"] == {"letter": "0", "length": 2, "at": 1}


def test_every_preset_says_its_source_and_the_usual_one_goes_by_the_length() -> None:
    for name in PRESETS:
        its = Limits(preset=name)
        assert its.in_words == name
        assert its == Limits.model_validate(its.describe())
        assert bool(its.source and its.about) is (name != "none")
    assert usual(RNA, 300).preset == "oligos"
    assert usual(DNA, 301).preset == "gene-fragments"
    assert (usual(PROTEIN, 9).preset, usual(states(4), 9).preset) == ("protein", "none")
    assert Limits(preset="oligos", run_gc=3).in_words == "oligos, changed"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"preset": "olgos"}, "Did you mean 'oligos'?"),
        ({"gc": [0.7, 0.3]}, "gc: 0.7 is above 0.3; give the lower end first"),
        ({"gc": [30, 70]}, "less than or equal to 1"),
        ({"sites": ["BasI"]}, "GGTCTC}. Did you mean 'BsaI'?"),
        ({"sites": [{"name": "x", "letters": "GGX"}]}, "'X' is no IUPAC code of DNA"),
        ({"motifs": [{"name": "x", "pattern": "N(S|T)"}]}, r"write letters, `.`, `[ST]` or `[^P]`"),
    ],
)
def test_wrong_limits_are_refused_with_the_mend(fields: dict, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Limits.model_validate(fields)
    assert sentence in str(refused.value)
