"""Order sheets say what to buy, plate maps say where it stands, and the table of results can be told as it is."""

import csv
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from live_stubs import begun

from designloop.core.errors import ConfigError, LiveError
from designloop.core.records import Batch
from designloop.live.directory import Live
from designloop.live.names import design_name, number_in
from designloop.live.plating import plates_of
from designloop.live.sheets import Sheets

LAB = {
    "plate_size": 24, "controls": [{"name": "wt", "wells": "A1"}, {"name": "blank", "n": 2}], "reserved": ["D6"],
    "before": "GG",
}  # fmt: skip


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Thirty designs of RNA in two wells each, on plates of 24."""
    folder = tmp_path_factory.mktemp("sheets")
    its = begun(
        folder, LAB, name="My RBS 2", oracle=None, space={"alphabet": "rna", "length": 7},
        strategy="random", scheduler={"kind": "rounds", "batch_size": 30, "replicates": 2}, budget={"designs": 30},
    )  # fmt: skip
    its.ask()
    its.sheets()
    return its


def rows(live: Live, name: str) -> list[list[str]]:
    with (live.path / "round-1" / name).open(encoding="utf-8") as file:
        return list(csv.reader(file))


def test_idt_takes_plates_of_dna(live: Live) -> None:
    header, *body = rows(live, "idt-plate-1.csv")
    assert header == ["Well Position", "Name", "Sequence"]
    assert [row[0] for row in body[:3]] == ["A1", "A2", "A3"]
    assert [row[1] for row in body] == [f"my_rbs_2_{n}" for n in range(30)]
    assert {len(row[2]) for row in body} == {9}
    assert all(row[2].startswith("GG") and set(row[2]) <= set("ACGT") for row in body)
    assert rows(live, "twist.csv") == [["Name", "Sequence"], *(row[1:] for row in body)]


def test_every_form_of_the_order_holds_every_design(live: Live) -> None:
    table = rows(live, "order.csv")
    assert [row[0] for row in table[1:]] == [f"my_rbs_2_{n}" for n in range(30)]
    sheet = openpyxl.load_workbook(live.path / "round-1" / "order.xlsx").active
    assert [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] == table
    fasta = (live.path / "round-1" / "order.fasta").read_text().split()
    assert fasta[::2] == [f">{row[0]}" for row in table[1:]]
    assert [f"GG{sequence}" for sequence in fasta[1::2]] == [row[2] for row in table[1:]]


def test_each_well_holds_one_thing_and_each_design_has_its_wells(live: Live) -> None:
    header, *wells = rows(live, "plate-map.csv")
    assert header == ["plate", "well", "content", "design", "replicate", "sequence"]
    assert len({(row[0], row[1]) for row in wells}) == len(wells)
    held = Counter((row[2], row[4]) for row in wells if row[3])
    assert held == Counter((f"my_rbs_2_{n}", r) for n in range(30) for r in "12")
    plates = {row[0] for row in wells}
    assert plates == {"R1P1", "R1P2", "R1P3"}
    assert [row[1] for row in wells if row[2] == "wt"] == ["A1"] * 3
    assert Counter(row[0] for row in wells if row[2] == "blank") == dict.fromkeys(plates, 2)
    assert "D6" not in {row[1] for row in wells}


def test_the_map_in_the_shape_of_a_plate_says_the_same(live: Live) -> None:
    header, *body = rows(live, "R1P2.csv")
    assert header == ["R1P2", "1", "2", "3", "4", "5", "6"]
    shaped = {f"{row[0]}{n}": cell for row in body for n, cell in enumerate(row[1:], start=1) if cell}
    assert shaped == {row[1]: row[2] for row in rows(live, "plate-map.csv") if row[0] == "R1P2"}


def test_the_table_of_results_is_told_as_it_is_filled_in(live: Live) -> None:
    header, *body = rows(live, "results.csv")
    assert header == ["plate", "well", "name", "replicate", "value", "outcome"]
    assert len(body) == 60
    filled = live.path / "filled.csv"
    with filled.open("w", newline="") as out:
        csv.writer(out).writerows([header, *([*row[:4], n, ""] for n, row in enumerate(body))])
    assert "60 new values of 30 designs" in live.tell(filled, dry_run=True).lines


def test_only_what_was_ordered_has_sheets(live: Live) -> None:
    with pytest.raises(LiveError, match="there is no round 2"):
        live.sheets(2)


def test_proteins_are_not_ordered_as_dna(tmp_path: Path) -> None:
    live = begun(tmp_path, oracle=None, space={"alphabet": "protein", "length": 5}, strategy="random")
    live.ask()
    assert not {name for name in Sheets(live.record, 1).tables if name.startswith(("idt", "twist"))}


def test_names_are_read_back() -> None:
    name = design_name("Mar 12", 7)
    assert name == "mar_12_7", "nothing that a spreadsheet takes for a date"
    assert [number_in(text, "Mar 12") for text in (name, "MAR-12-7", "design 7", "7", "7.0")] == [7] * 5
    assert [number_in(text, "Mar 12") for text in ("other_7", "-7", "A7", "")] == [None] * 4


def test_replicates_apart_stand_on_plates_of_their_own(live: Live) -> None:
    record = live.record
    batch_lab = record.campaign.lab.with_(replicates_together=False)
    designs = tuple(record.history.designs[n] for n in range(5))
    plates = plates_of(Batch(1, designs, replicates=3), batch_lab, seed=0)
    assert [{its[1] for its in wells.values() if not isinstance(its, str)} for wells in plates.values()] == [
        {1},
        {2},
        {3},
    ]


ADAPTERS = {
    "rna": ("GGTCTC", "GGUCUC", "GGTCTC"),
    "dna": ("GGUCTC", "GGTCTC", "GGTCTC"),
}
"""Alphabet -> the letters before each sequence: as described, in `order.csv`, and for suppliers of DNA."""


@pytest.mark.parametrize("alphabet", ADAPTERS)
def test_each_sheet_has_one_alphabet_and_sequences_are_told_as_they_were_ordered(alphabet: str, tmp_path: Path) -> None:
    described, ordered, supplied = ADAPTERS[alphabet]
    its = begun(
        tmp_path, {"before": described, "after": "Tu"}, oracle=None, space={"alphabet": alphabet, "length": 7},
        strategy="random", scheduler={"kind": "rounds", "batch_size": 6},
    )  # fmt: skip
    its.ask()
    its.sheets()
    letters = set("ACGU" if alphabet == "rna" else "ACGT")
    last = {"rna": "Uu", "dna": "Tt"}[alphabet]
    whole = [row[2] for row in rows(its, "order.csv")[1:]]
    assert all(text.startswith(ordered) and text.endswith(last) and set(text.upper()) <= letters for text in whole)
    twist = [row[1] for row in rows(its, "twist.csv")[1:]]
    assert all(text.startswith(supplied) and set(text.upper()) <= set("ACGT") for text in twist)
    assert [row[5] for row in rows(its, "plate-map.csv")[1:] if row[3] == "0"] == [its.history.designs[0].sequence]
    for at, texts in enumerate((whole, twist, [its.history.designs[n].sequence for n in range(6)])):
        file = tmp_path / f"{at}.csv"
        file.write_text("sequence,value\n" + "".join(f"{text},{n}\n" for n, text in enumerate(texts)))
        its.tell(file)
        assert {n: row.values for n, row in its.history.rows.items()} == {n: (n,) for n in range(6)}


def test_letters_around_sequences_must_be_letters_of_the_space(tmp_path: Path) -> None:
    for lab in ({"before": "GGXC"}, {"after": "GG C"}):
        key = next(iter(lab))
        with pytest.raises(ConfigError, match=rf"lab\.{key}: '.' in '{lab[key]}' is no letter of dna \(ACGT\)"):
            begun(tmp_path, lab)
    with pytest.raises(ConfigError, match=r"lab\.after: 'E' in 'E' is no letter"):
        begun(tmp_path / "one").extend({"lab.after": "E"})
