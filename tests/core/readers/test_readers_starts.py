"""Starting sequences are read from tables as laboratories have them: replicates, errors, limits and plates."""

from pathlib import Path

import pytest

from designloop.core.alphabet import DNA, PROTEIN
from designloop.core.errors import InputError
from designloop.core.prior import Prior, StartsFile
from designloop.core.records import Outcome, Start
from designloop.core.rows import starting_rows
from designloop.core.spaces import Space


def read(folder: Path, text: str, name: str = "s.csv", **fields: object) -> tuple[list[Start], list[str]]:
    (folder / name).write_text(text)
    return StartsFile(path=str(folder / name), **fields).read(Space.of_length(DNA, 4))


@pytest.mark.parametrize(
    ("header", "cells", "fields", "error"),
    [
        ("se", "0.1", {"std_error": "se"}, 0.1),
        ("v", "0.01", {"variance": "v"}, 0.1),
        ("sd,n", "0.2,4", {"std_dev": "sd", "n": "n"}, 0.1),
        ("lo,hi", "0.804004,1.195996", {"interval": ("lo", "hi")}, 0.1),
        ("se", "NA", {"std_error": "se"}, None),
        ("sd,n", "0,1", {"std_dev": "sd", "n": "n"}, None),
        ("sd,n", "0,3", {"std_dev": "sd", "n": "n"}, None),
        ("sd,n", "NA,NA", {"std_dev": "sd", "n": "n"}, None),
        ("lo,hi,n", "1,1,1", {"interval": ("lo", "hi"), "n": "n"}, None),
    ],
)
def test_an_error_of_every_kind_is_the_standard_error_of_the_start(tmp_path, header, cells, fields, error):
    (start,), _ = read(tmp_path, f"sequence,value,{header}\nACGT,1,{cells}\n", value="value", **fields)
    assert start.value == 1
    assert start.std_error == (None if error is None else pytest.approx(error, rel=1e-5))


@pytest.mark.parametrize("fields", [{"std_dev": "sd", "n": 4}, {"value": "value", "std_error": "sem"}])
def test_values_of_starts_with_errors_are_in_the_column_value_by_default(tmp_path, fields):
    starts, remarks = read(tmp_path, "sequence,value,sd,sem\nACGT,1,0.2,0.1\n", **fields)
    assert starts == [Start("ACGT", 1.0, 0.1)]
    assert not any("not read" in remark for remark in remarks)


def test_blanks_around_the_sequence_in_a_cell_are_no_letters(tmp_path):
    assert read(tmp_path, "sequence,value\n ACGT ,1\n\u00a0ACGA,2\n", value="value")[0][1].sequence == "ACGA"
    assert read(tmp_path, "sequence,other\n ACGT ,1\n")[0] == [Start("ACGT")]


def test_where_lower_values_are_better_the_sign_and_the_side_of_a_limit_change(tmp_path):
    text = "sequence,value,result\nACGT,2,\nACGA,<0.1,\nACCA,,not_expressed\n"
    starts, remarks = read(tmp_path, text, value="value", outcome="result", maximise=False)
    above = Outcome.ABOVE_DETECTION
    assert [(start.value, start.outcome) for start in starts] == [(-2, None), (-0.1, above), (None, "not_expressed")]
    assert any("the lowest value is the best (`maximise: false`): the sign is changed" in one for one in remarks)


SCAN = "mutant,score,se\nwt,1,0.1\nK2R,2,0.1\nK2=,0.9,0.1\nK2*,0.1,0.1\nA3del,0.4,\nM1L:A3G,3,0.1\n"


@pytest.mark.parametrize(
    ("fields", "sequences", "sentence"),
    [
        ({}, ["MKA", "MRA", "MKA", "MK", "LKG"], "1 of 6 rows dropped: 1 with a stop"),
        ({"stops": "merge", "indels": "drop"}, ["MKA", "MRA", "MKA", "M", "LKG"], "1 with an insertion or deletion"),
        ({"synonymous": "drop"}, ["MKA", "MRA", "MK", "LKG"], "1 with a synonymous variant"),
    ],
)
def test_starts_may_be_named_as_mutants_of_the_parent_of_the_space(tmp_path, fields, sequences, sentence):
    (tmp_path / "dms.csv").write_text(SCAN)
    file = StartsFile(path=str(tmp_path / "dms.csv"), mutant="mutant", value="score", std_error="se", **fields)
    starts, remarks = file.read(Space.of_length(PROTEIN, 3, parent="MKA"))
    assert [start.sequence for start in starts] == sequences
    assert sentence in " | ".join(remarks)


def test_mutants_of_starts_have_a_parent_of_their_own_or_ask_for_one(tmp_path):
    (tmp_path / "dms.csv").write_text("mutant,score\nK24R,2\n")
    file = StartsFile(path=str(tmp_path / "dms.csv"), mutant="mutant", value="score", parent="mka", first=23)
    (start,), _ = file.read(Space.of_length(PROTEIN, 3))
    assert start == Start("MRA", 2.0)
    with pytest.raises(InputError, match=r"dms\.csv, line 2: the names of mutants require their parent"):
        file.with_(parent=None).read(Space.of_length(PROTEIN, 3))
    (tmp_path / "dms.csv").write_text("mutant,score\nK24*,2\n")
    with pytest.raises(InputError, match=r"has no stop; set `stops: drop`"):
        file.with_(stops="keep").read(Space.of_length(PROTEIN, 3))


def test_a_layout_may_name_mutants(tmp_path):
    (tmp_path / "wells.csv").write_text("well,mutant\nA1,wt\nA2,K2R\n")
    (tmp_path / "s.csv").write_text("well,value\nA1,1\nA2,2\n")
    file = StartsFile(path=str(tmp_path / "s.csv"), layout=str(tmp_path / "wells.csv"), mutant="mutant")
    assert file.read(Space.of_length(PROTEIN, 3, parent="MKA"))[0] == [Start("MKA", 1.0), Start("MRA", 2.0)]


def test_a_start_of_one_replicate_has_the_pooled_error_and_it_is_told(tmp_path):
    text = "sequence,value,sd,n\nACGT,1,0.2,3\nACGA,2,0,1\nACCA,,,0\n"
    starts, remarks = read(tmp_path, text, value="value", std_dev="sd", n="n")
    assert [start.std_error for start in starts] == [pytest.approx(0.2 / 3**0.5), pytest.approx(0.2), None]
    assert any(remark.startswith("the errors of 1 row (1 with one replicate) are estimated") for remark in remarks)


def test_a_start_of_several_columns_or_rows_has_a_well_for_each(tmp_path):
    columns, _ = read(tmp_path, "sequence,r1,r2,r3\nACGT,1,2,NA\nACGA,,,\n", replicates=("r1", "r2", "r3"))
    rows, _ = read(tmp_path, "sequence,value\nACGT,1\nACGT,2\nACGA,\n", value="value")
    assert columns == rows == [Start("ACGT", 1.0), Start("ACGT", 2.0), Start("ACGA")]
    (row,) = starting_rows(columns)
    assert (row.value, len(row.values)) == (1.5, 2)


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ("1,2,3,0.1,9", {"std_error": "e"}),
        ("1,3,,0.1,9", {"std_error": "e"}),
        ("1,2,3,0.01,9", {"variance": "e"}),
        ("1,2,3,0.3,9", {"std_dev": "e", "n": "n"}),
        ("1,2,3,1.804004,2.195996", {"interval": ("e", "n")}),
    ],
)
def test_the_stated_error_of_replicates_is_that_of_their_mean(tmp_path, cells, fields):
    text = f"sequence,r1,r2,r3,e,n\nACGT,{cells}\n"
    (row,) = starting_rows(read(tmp_path, text, replicates=("r1", "r2", "r3"), **fields)[0])
    assert (row.value, row.std_error) == (pytest.approx(2), pytest.approx(0.1, rel=1e-5))


def test_remarks_on_errors_see_all_replicates_and_not_only_the_first(tmp_path):
    text = "sequence,r1,r2,sd,n\nACGT,1,3,0.2,2\nACGA,,5,,1\nACCA,,,,0\n"
    starts, remarks = read(tmp_path, text, replicates=("r1", "r2"), std_dev="sd", n="n")
    assert [start.std_error for start in starts] == [pytest.approx(0.2), pytest.approx(0.2), pytest.approx(0.2), None]
    assert any(remark.startswith("the errors of 1 row (1 with one replicate) are estimated") for remark in remarks)


@pytest.mark.parametrize(("how", "values"), [("replicates", [1, 2, 5]), ("first", [1, 5]), ("last", [2, 5])])
def test_rows_of_one_sequence_are_kept_as_told(tmp_path, how, values):
    text = "sequence,value\nACGT,1\nACGT,2\nACGA,5\n"
    starts, remarks = read(tmp_path, text, value="value", duplicates=how)
    assert [start.value for start in starts] == values
    assert any(f"1 row dropped: the {how} row of each" in remark for remark in remarks) == (how != "replicates")
    with pytest.raises(InputError, match=r"s\.csv, line 2 and line 3 have one sequence, ACGT; remove one"):
        read(tmp_path, text, value="value", duplicates="error")


def test_a_value_beyond_a_limit_is_censored_and_not_missing(tmp_path):
    text = "sequence,value,result\nACGT,>3.5,\nACGA,OVER,above_detection\nACCA,<0.1,\nAGGT,2,\nTTTT,masked,\n"
    starts, remarks = read(tmp_path, text, value="value", outcome="result")
    above, below = Outcome.ABOVE_DETECTION, Outcome.BELOW_DETECTION
    expected = [(3.5, above), (3.5, above), (0.1, below), (2.0, None), (None, None)]
    assert [(start.value, start.outcome) for start in starts] == expected
    assert "3 values lie beyond a limit (1 above without a number, for which 3.5 is taken" in " | ".join(remarks)
    with pytest.raises(InputError, match=r"line 2: the outcome is observed, but there is the value 3.5 beyond a limit"):
        read(tmp_path, "sequence,value,result\nACGT,>3.5,observed\n", value="value", outcome="result")


def test_the_readings_of_a_plate_are_starts(tmp_path):
    plate = "<>,1,2,3,4,5,6\nA,812,OVER,1,masked,1,1\nB,1,1,1,1,1,1\nC,1,1,1,1,1,1\nD,1,1,1,1,1,900\n"
    layout = tmp_path / "wells.csv"
    layout.write_text("well,sequence\nA01,ACGT\nA02,ACGA\nA04,ACCA\nB1,blank\n")
    starts, remarks = read(tmp_path, plate, layout=str(layout))
    assert starts == [Start("ACGT", 812.0), Start("ACGA", 900.0, None, Outcome.ABOVE_DETECTION), Start("ACCA")]
    assert "21 of 24 wells left out: no design (1 blank, 20 not in the layout)" in " | ".join(remarks)


@pytest.mark.parametrize(("how", "values"), [("drop", [1, 4]), ("keep", [1, 2, 3, 4])])
def test_ambiguous_starts_are_an_error_or_as_told(tmp_path, how, values):
    text = "sequence,value\nacgu,1\nACNT,2\nA-CGT,3\nAAAA,4\n"
    with pytest.raises(InputError, match=r"s\.csv, line 3: letter 'N' .*`ambiguous: drop`"):
        read(tmp_path, text, value="value")
    starts, remarks = read(tmp_path, text, value="value", ambiguous=how)
    assert [start.value for start in starts] == values
    assert starts[0].sequence == "ACGT"
    assert set(starts[-2].sequence) <= set("ACGT")
    assert ("2 of 4 rows dropped: 1 with ambiguity codes, 1 with gaps" in " | ".join(remarks)) == (how == "drop")
    with pytest.raises(InputError, match=r"s\.txt, line 2: letter 'N'"):
        read(tmp_path, "ACGT\nACNT\n", "s.txt")
    assert read(tmp_path, "ACGT\nACNT\n", "s.txt", ambiguous="drop")[0] == [Start("ACGT")]


def test_a_row_that_is_left_out_takes_its_value_and_its_limit_with_it(tmp_path):
    plate = "<>,1,2,3,4,5,6\nA,812,OVER,1,3,1,1\nB,1,1,1,1,1,1\nC,1,1,1,1,1,1\nD,1,1,1,1,1,900\n"
    (tmp_path / "wells.csv").write_text("well,sequence\nA1,ACNT\nA2,ACGA\nA4,ACCA\nA5,NA\n")
    layout = str(tmp_path / "wells.csv")
    starts, _ = read(tmp_path, plate, layout=layout, ambiguous="drop")
    assert starts == [Start("ACGA", 900.0, None, Outcome.ABOVE_DETECTION), Start("ACCA", 3.0)]


def test_a_missing_sequence_is_no_dipeptide(tmp_path):
    """NA and NaN would pass as proteins."""
    (tmp_path / "s.csv").write_text("sequence,value\nMKTAY,1\nNA,2\n")
    protein = Space.of_length(PROTEIN, 5)
    for fields in ({"value": "value"}, {}):
        with pytest.raises(InputError, match=r"s\.csv, line 3: the sequence is empty"):
            StartsFile(path=str(tmp_path / "s.csv"), **fields).read(protein)
    (tmp_path / "s.csv").write_text("sequence,value\nNA,1\nNAN,2\nAC,3\n")
    starts, _ = StartsFile(path=str(tmp_path / "s.csv"), value="value").read(
        Space(alphabet=PROTEIN, min_length=2, max_length=3)
    )
    assert [start.sequence for start in starts] == ["NA", "NAN", "AC"]


def test_plain_text_with_a_header_is_a_table_of_starts(tmp_path):
    (tmp_path / "measured.txt").write_text("sequence value std_error\nACGT 1.5 0.1\nACGA NA NA\n")
    starts, _ = Prior(corpus=None, starts=str(tmp_path / "measured.txt")).starts.read(Space.of_length(DNA, 4))
    assert starts == [Start("ACGT", 1.5, 0.1), Start("ACGA")]
    starts, remarks = StartsFile(path=str(tmp_path / "measured.txt")).read(Space.of_length(DNA, 4))
    assert (starts, "only the sequences are read" in " ".join(remarks)) == ([Start("ACGT"), Start("ACGA")], True)


def test_doubts_about_errors_and_the_form_of_the_file_are_told_of_starts_too(tmp_path):
    text = "Sequence;Activity;SEM\nACGT;1,5;0,3\nACGA;2,5;0,3\nAGGT;4,5;0,3\n"
    starts, remarks = read(tmp_path, text, value="activity", variance="sem")
    assert [start.value for start in starts] == [1.5, 2.5, 4.5]
    said = " | ".join(remarks)
    for words in (
        "separated by semicolons",
        "decimal commas",
        "is read as variances: ± 0.548",
        "give `std_error: sem`",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"std_error": "e", "labelled": True}, "results come from column 'e' or from the lab, not both"),
        ({"value": "v", "replicates": ("a", "b")}, "`value` and `replicates` are given; give only the replicates"),
    ],
)
def test_starts_name_their_columns_completely(fields, sentence):
    with pytest.raises(ValueError, match=sentence):
        StartsFile(path="s.csv", **fields)


def test_a_file_of_starts_with_a_number_of_replicates_reads_back(tmp_path):
    """`n` is a field of a drawn start too."""
    prior = Prior(corpus=None, starts=StartsFile(path="s.csv", value="v", std_dev="sd", n=3))
    assert Prior.model_validate(prior.describe()) == prior
