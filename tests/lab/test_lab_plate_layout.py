"""Layouts of plates from a file."""

from pathlib import Path

import pytest
from lab_stubs import Counting, start, whole
from pydantic import ValidationError

from designloop.core.errors import DesignloopError
from designloop.core.plates import place_of, wells_of
from designloop.core.records import Start
from designloop.core.sources import sources_of
from designloop.lab.lab import Lab

STANDARD = {"name": "standard", "value": 2.5}


def lab(folder: Path, text: str, plate_size: int = 24, **assay):
    (folder / "plate.csv").write_text(text)
    given = {"layout": str(folder / "plate.csv"), "controls": [STANDARD], **assay}
    return Lab.preset("instant", plate_size=plate_size, assay=given)


def mapped(content: dict[str, str], otherwise: str = "design") -> str:
    """A plate map of 24 wells."""
    rows = [[content.get(f"{letter}{column}", otherwise) for column in range(1, 7)] for letter in "ABCD"]
    body = "".join(f"{letter},{','.join(row)}\n" for letter, row in zip("ABCD", rows, strict=True))
    return f",1,2,3,4,5,6\n{body}"


def held(events):
    """Well -> the control in it, or None for a design."""
    return {e.data["well"]: e.data.get("control") for e in events if e.kind in ("control", "observed")}


WELLS = {"A1": "Parent", "D6": "STANDARD", "B2": "empty", "B3": ""}
LONG = [f"{well[0]}0{well[1:]},{WELLS.get(well, 'sample')}" for well in wells_of(24)]


@pytest.mark.parametrize("text", [mapped(WELLS), "\n".join(["Well,Content", *LONG, ""]), "\n".join(["well,x", *LONG])])
def test_a_plate_is_laid_out_as_in_its_file(tmp_path, text):
    """In the shape of a plate and as a long table, with A01 for A1."""
    wells = held(whole(lab(tmp_path, text), 20, parent="AAAAAAAA"))
    assert wells == {**dict.fromkeys(set(wells_of(24)) - {"B2", "B3"}), "A1": "parent", "D6": "standard"}


def test_controls_are_drawn_from_the_wells_of_designs_beside_those_of_the_file(tmp_path):
    described = lab(
        tmp_path, mapped({"A1": "standard"}), controls=[STANDARD, {"name": "blank", "n": 3}], reserved="D1:D6"
    )
    wells = list(held(whole(described, 14)).values())
    assert [wells.count(name) for name in ("standard", "blank", None)] == [1, 3, 14]


def test_the_file_is_part_of_the_record(tmp_path):
    sources = sources_of(lab(tmp_path, mapped({"A1": "standard"})))
    assert list(sources.files) == ["assay.layout"]
    assert sources.description["assay"]["layout"] == "plate.csv"


@pytest.mark.parametrize(
    ("text", "assay", "message"),
    [
        (mapped({"C2": "standrd"}), {}, r"plate\.csv, line 4: 'standrd' is no control; .* Did you mean 'standard'"),
        (mapped({}), {}, r"lab\.assay\.controls: control 'standard' has no well; write its name into .*plate\.csv"),
        (mapped({}, otherwise="standard"), {}, r"plate\.csv has no well for a design; write `design`"),
        (
            mapped({"A1": "standard"}),
            {"plate_size": 96},
            r"of 6 columns, but a plate of 96 wells has 12; set lab.plate_s",
        ),
        (mapped({"A1": "standard"}) * 2, {}, r"plate\.csv has 2 plates; keep one"),
        ("well,content\nA1,design\nA01,standard\n", {}, r"line 3: well A1 is named in line 2 too"),
        ("well,content\nA7,design\n", {}, r"line 2: expected a well from A1 to D6, got 'A7'"),
        ("well,name,note\nA1,design,\n", {}, r"plate\.csv has no column 'content'"),
        (
            mapped({"A1": "standard", "A2": "blank"}),
            {"wells_per_control": 12},
            r"control 'blank' has wells in .*plate\.csv and elsewhere; .* set assay\.wells_per_control to null",
        ),
        (
            mapped({"A1": "standard"}),
            {"controls": [{**STANDARD, "wells": ["A2"]}]},
            "'standard' has wells in .* elsewhere",
        ),
        (mapped({"A1": "standard"}), {"reserved": "A1:D6"}, "no well left for designs"),
    ],
)
@pytest.mark.parametrize("do", [lambda lab: lab.check_ready(Counting()), start], ids=["before a run", "at its start"])
def test_a_wrong_file_is_refused_with_its_line(tmp_path, text, assay, message, do):
    described = lab(tmp_path, text, **assay)
    with pytest.raises(DesignloopError, match=message):
        do(described)


# -- several files


def in_turn(folder: Path, *texts: str, **assay):
    """A lab whose plates have the layouts of several files in turn."""
    files = [folder / f"layout{ordinal}.csv" for ordinal in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    given = {"layout": [str(file) for file in files], "controls": [STANDARD], **assay}
    return Lab.preset("instant", plate_size=24, assay=given)


def standards_of(events) -> dict[str, str]:
    return {event.data["plate"]: event.data["well"] for event in events if event.kind == "control"}


def test_plates_use_the_layouts_of_several_files_in_turn(tmp_path):
    """In the order in which plates start, the replicates of a design included."""
    described = in_turn(tmp_path, mapped({"A1": "standard"}), mapped({"D6": "standard"}), mapped({"B2": "standard"}))
    assert standards_of(whole(described, 23 * 4)) == {"1-1-1": "A1", "1-2-1": "D6", "1-3-1": "B2", "1-4-1": "A1"}
    assert standards_of(whole(described, 23, replicates=2)) == {"1-1-1": "A1", "1-1-2": "D6"}
    assert list(sources_of(described).files) == ["assay.layout.0", "assay.layout.1", "assay.layout.2"]
    assert Lab.model_validate(described.describe()) == described


def test_starting_sequences_are_measured_on_plates_of_several_layouts(tmp_path):
    described = in_turn(tmp_path, mapped({"A1": "standard"}), mapped({"A1": "empty", "A2": "standard", "A3": "design"}))
    with pytest.raises(DesignloopError, match="make their numbers equal"):
        start(described)
    described = in_turn(tmp_path, mapped({"A1": "standard"}), mapped({"A2": "standard"}))
    starts = [Start("ACGT"[i >> 2] * 4 + "ACGT"[i & 3] * 4) for i in range(16)] * 2
    assert [one.plate for one in start(described).label(starts)] == ["0-1-1"] * 23 + ["0-2-1"] * 9


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            [mapped({"A1": "standard"}), mapped({"A1": "standard", "A2": "standard"})],
            r"in .*layout0\.csv a plate of 24 wells holds 23 designs and 1 control \(1 standard\), but in .*layout1"
            r"\.csv .* 22 designs and 2 controls \(2 standard\); make their numbers equal",
        ),
        ([mapped({"A1": "standard"}), mapped({"A1": "blank"})], r"'standard' has no well; write .*layout1\.csv"),
    ],
)
def test_layouts_with_other_numbers_of_wells_are_refused_before_anything_runs(tmp_path, texts, message):
    with pytest.raises(DesignloopError, match=message):
        in_turn(tmp_path, *texts).check_ready(Counting())


def test_a_list_without_layouts_is_refused():
    with pytest.raises(ValidationError, match="layout"):
        Lab.preset("instant", assay={"layout": []})


def test_a_layout_of_1536_wells_is_read_and_its_wells_come_as_people_read_them(tmp_path):
    """Row Z is followed by AA, and column 9 by 10."""
    wells = wells_of(1536)
    (tmp_path / "plate.csv").write_text(
        "\n".join(["well,content", *(f"{well},{'blank' if well[-1] == '8' else 'design'}" for well in reversed(wells))])
    )
    described = Lab.preset("instant", plate_size=1536, assay={"layout": str(tmp_path / "plate.csv")})
    events = whole(described, 2000, constant=1.0)
    first = [e for e in events if e.kind in ("control", "observed") and e.data["plate"] == "1-1-1"]
    blanks = [e.data["well"] for e in first if e.kind == "control"]
    assert blanks == [well for well in wells if well[-1] == "8"]
    assert blanks[:6] == ["A8", "A18", "A28", "A38", "A48", "B8"]
    assert (blanks[25 * 5], blanks[26 * 5], blanks[-1]) == ("Z8", "AA8", "AF48")
    assert sorted((e.data["well"] for e in first), key=place_of) == wells
