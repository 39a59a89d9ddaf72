"""Leakage between a corpus and a measured landscape is told where both are given."""

from html import unescape

import pytest

from designloop.cli.pretrain import compared

CAMPAIGN = """
oracle: {kind: landscape, path: measured.csv, alphabet: rna}
lab: instant
scheduler: {kind: rounds, batch_size: 2}
budget: {designs: 4}
prior: {corpus: natural.fasta}
"""
TABLE = "sequence,value\nACGUACGUACGU,1\nGGGGACGUACGU,2\nGGGGACGUCCCC,3\nUUUUUUUUUUUU,\nAAAAAAAAAAAA,0\n"
CORPUS = ">one\nGGGGACGUCCCC\n>two\nGGGGACGUACGA\n"
SAID = (
    "leakage: of the 4 best measured sequences, 1 in the corpus, 1 more nearly so (identity 90% or more); "
    "1 of all 4 are in it"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("c.yaml", CAMPAIGN), ("measured.csv", TABLE), ("natural.fasta", CORPUS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_validate_tells_how_much_of_the_landscape_the_corpus_holds(designloop, folder):
    answer = designloop("validate", "c.yaml")
    assert answer.code == 0, answer.err
    assert f"note: {SAID}\n" in answer.err


def test_nothing_is_told_where_one_of_them_is_not_a_file(designloop, folder):
    assert "leakage" not in designloop("validate", "c.yaml", "--set", "prior.corpus=null").err


def test_a_table_beside_a_corpus_is_compared_too(folder):
    """As `designloop pretrain --landscape` does; near-duplicates of 12 letters have one edit."""
    assert compared(folder / "measured.csv", ["GGGGACGUCCCC", "GGGGACGUACGA"]) == [SAID]
    assert compared(folder / "measured.csv", ["ACGU"])[0].startswith("0 of 1 sequence could be in the space by length")


DROPPED = "1 of 5 rows dropped: no value"


def test_the_report_of_a_run_lists_what_was_left_out_and_the_leakage(designloop, folder):
    said = designloop("run", "c.yaml", "--out", "run").err
    page = designloop("report", "run")
    assert page.code == 0
    text = unescape((folder / "run" / "report.html").read_text())
    for remark in (SAID, DROPPED):
        assert f"note: {remark}\n" in said
        assert remark in text


def test_a_study_tells_what_its_campaigns_would_and_its_report_too(designloop, folder):
    base = ", ".join(CAMPAIGN.strip().splitlines())
    (folder / "s.yaml").write_text(f"base: {{{base}}}\naxes: {{strategies: {{a: random, b: genetic}}}}\nseeds: 1\n")
    answer = designloop("study", "s.yaml", "--out", "study", "--workers", "1")
    assert answer.code == 0, answer.err
    assert designloop("report", "study").code == 0
    text = unescape((folder / "study" / "report.html").read_text())
    for remark in (SAID, DROPPED):
        assert answer.err.count(f"note: {remark}\n") == 1
        assert remark in text
