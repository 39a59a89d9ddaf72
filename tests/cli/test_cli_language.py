"""`designloop pretrain`, `sample` and `score`, and the models that `inspect` asks: what they print, and refuse."""

import json
import math
import re
import signal

import pytest

WORDS = ("--set", "width=8", "--set", "n_heads=1", "--set", "device=cpu", "--depth", 1, "--steps", 6, "--minibatch", 64)
CORPUS = ["".join("ACGU"[(start + i) % 4] for i in range(length)) for start in range(4) for length in range(4, 12)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    file = tmp_path_factory.mktemp("corpus") / "natural.txt"
    file.write_text("\n".join(CORPUS) + "\n")
    return file


@pytest.fixture
def pretrained(designloop, corpus, tmp_path):
    """Train a tiny model of an objective into a folder of that name."""

    def train(objective, *words):
        out = tmp_path / objective
        answer = designloop("pretrain", corpus, "--out", out, "--objective", objective, "--threads", 1, *WORDS, *words)
        assert answer.code == 0, answer.err
        return out, answer

    return train


def test_pretraining_tells_a_line_for_each_evaluation_and_what_was_kept(pretrained):
    answer = pretrained("causal", "--evaluate-every", 3)[1]
    assert "alphabet rna (guessed from the letters" in answer.err
    assert "30 training sequences, 2 held out" in answer.err
    assert "near-duplicates may be on both sides" in answer.err
    lines = [line for line in answer.err.splitlines() if line.startswith("step")]
    assert [line.split(" | ")[0] for line in lines] == ["step      3 of 6", "step      6 of 6"]
    assert "nats per letter on held-out sequences" in answer.out
    assert "training finished (6 of 6 steps)" in answer.out
    again = pretrained("causal", "--evaluate-every", 3)[1]
    assert "training was already finished (6 of 6 steps)" in again.out
    told = json.loads(pretrained("causal", "--evaluate-every", 3, "--json")[1].out)
    assert (told["first_step"], told["is_finished"], told["n_held_out"]) == (6, True, 2)
    assert told["last"]["step"] == 6


def test_interrupted_it_says_how_to_go_on(designloop, corpus, tmp_path, monkeypatch):
    def press(progress):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("designloop.cli.pretrain._lines", lambda _: press)
    answer = designloop("pretrain", corpus, "--out", tmp_path / "m", "--threads", 1, "--evaluate-every", 1, *WORDS)
    assert answer.code == 130
    assert "interrupted; " in answer.err
    assert "holds the model of step 1: " in answer.err
    assert "give the same command again" in answer.err


def test_what_holds_nothing_out_is_not_told_how(designloop, corpus, tmp_path):
    answer = designloop("pretrain", corpus, "--out", tmp_path / "m", "--held-out", 0, "--held-out-identity", 0.9)
    assert answer.code == 2
    assert "--held-out-identity requires --held-out above 0" in answer.err


def test_clusters_are_held_out_and_nothing_so_like_them_is_trained_on(designloop, tmp_path):
    (tmp_path / "two.txt").write_text("\n".join(["A" * 30 + letter for letter in "ACG"] + ["CG" * 15] * 2) + "\n")
    words = ("--held-out", 0.5, "--held-out-identity", 0.9, "--threads", 1, "--alphabet", "dna", *WORDS)
    answer = designloop("pretrain", tmp_path / "two.txt", "--out", tmp_path / "m", *words)
    assert answer.code == 0, answer.err
    assert "3 training sequences, 1 held out" in answer.err
    assert "near-duplicates" not in answer.err


@pytest.mark.parametrize("how", [(), ("--held-out-identity", ".8")])
def test_too_few_sequences_are_told_with_those_that_were_left_out(designloop, tmp_path, how):
    (tmp_path / "natural.fasta").write_text(">a\nACGTN\n>b\nACGGN\n>c\nACGTA\n")
    words = ("--out", tmp_path / "model", "--alphabet", "dna", "--ambiguous", "drop", *how)
    answer = designloop("pretrain", tmp_path / "natural.fasta", *words)
    assert answer.code == 2
    assert "2 of 3 sequences left out: 2 with ambiguity codes (letters: N 2)." in answer.err


def test_no_time_at_all_is_refused_and_leaves_nothing_behind(designloop, corpus, tmp_path):
    answer = designloop("pretrain", corpus, "--out", tmp_path / "m", "--minutes", 0, *WORDS)
    assert answer.code == 2
    assert "expected a number above 0, got 0; omit it" in " ".join(answer.err.split())
    assert not (tmp_path / "m").exists()


def test_samples_come_again_by_seed_and_fit_what_was_asked(designloop, pretrained, tmp_path):
    out, _ = pretrained("any-order")
    first, again, other = (designloop("sample", out, 20, "--seed", seed).out for seed in (1, 1, 2))
    assert first == again != other
    assert {len(line) for line in first.split()} <= set(range(4, 12))
    assert {len(line) for line in designloop("sample", out, 5, "--length", 7).out.split()} == {7}
    lengths = {len(line) for line in designloop("sample", out, 20, "--min-length", 9, "--max-length", 10).out.split()}
    assert lengths == {9, 10}
    drawn = designloop("sample", out / "model.safetensors", 9, "--like", "acgt_cg_").out.split()
    assert all(line[:4] + line[5:7] == "ACGUCG" for line in drawn)
    assert len(set(drawn)) > 1
    drawn = designloop("sample", out, 9, "--like", "ACGUACGU", "--fixed", "1-3,8").out.split()
    assert all(line[:3] + line[7] == "ACGU" for line in drawn)
    drawn = designloop("sample", out, 9, "--like", "ACGUACGU", "--max-edits", 1).out.split()
    assert all(sum(a != b for a, b in zip(line, "ACGUACGU", strict=True)) <= 1 for line in drawn)
    assert designloop("sample", out, 2, "--out", tmp_path / "mine.fasta").out == ""
    assert [line[0] for line in (tmp_path / "mine.fasta").read_text().split()][::2] == [">", ">"]


def test_samples_are_drawn_in_bfloat16_where_that_is_asked_or_the_machine_has_it(designloop, pretrained, monkeypatch):
    out, _ = pretrained("causal")

    def drawn(precision, *, has_it):
        monkeypatch.setattr("designloop.language_models.networks.devices.has_bfloat16", lambda _: has_it)
        return designloop("sample", out, 2000, "--seed", 1, "--precision", precision).out.split()

    full, half = (drawn(precision, has_it=False) for precision in ("float32", "bfloat16"))
    assert len(half) == len(full) == 2000
    assert half != full
    assert (drawn("auto", has_it=False), drawn("auto", has_it=True)) == (full, half)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--length", 9000), "9,000 letters requested, but the model's context is 4096"),
        (("--min-length", 9, "--max-length", 8), "--max-length 8 is below --min-length 9"),
        (("--like", "ACGU"), "--like has no letters to draw: write _ for them"),
        (("--like", "ACGX_"), "--like: 'X' at position 4 is not in the rna alphabet (ACGU)"),
        (("--like", ""), "--like is empty; give a sequence, with _ for each letter to draw"),
        (("--like", "ACGU", "--length", 4), "--length cannot be combined with --like"),
        (("--like", "ACGU", "--fixed", "1-9"), "--fixed 1-9: expected positions from 1 to 4, as in 1-10,15; got '1-9'"),
        (("--like", "A_GU", "--max-edits", 1), "--max-edits requires a --like without masked letters"),
        (("--like", "A_GU", "--fixed", "2"), "position 2 of --like is masked, but --fixed keeps it"),
        (("--max-edits", 2), "--max-edits requires --like"),
        (("--temperature", 0), "--temperature 0.0: expected a finite number above 0"),
        (("--temperature", "nan"), "--temperature nan: expected a finite number above 0"),
        (("--precision", "half"), "--precision half: expected one of float32, bfloat16, auto"),
        (("--out", "mine.csv"), "mine.csv: unsupported format; write FASTA"),
    ],
)
def test_what_cannot_be_sampled_is_told(designloop, pretrained, words, sentence):
    out, _ = pretrained("any-order")
    answer = designloop("sample", out, 3, *words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


@pytest.mark.parametrize(
    ("objective", "kind"), [("causal", "exact"), ("masked", "a pseudo-likelihood"), ("any-order", "a mixture of four")]
)
def test_scores_say_what_they_are_in_nats_and_bits(designloop, pretrained, tmp_path, objective, kind):
    out, _ = pretrained(objective)
    (tmp_path / "mine.fasta").write_text(">one\nACGTACG\n>two\nGGGG\n")
    answer = designloop("score", out, tmp_path / "mine.fasta", "--by-letter")
    assert kind in answer.out
    assert "all 11 letters: " in answer.out
    told = json.loads(designloop("score", out, tmp_path / "mine.fasta", "--by-letter", "--json").out)
    assert kind in told["likelihood"]
    for row, n in zip(told["sequences"], (7, 4), strict=True):
        assert row["nats_per_letter"] == pytest.approx(row["log_likelihood"] / n)
        assert row["bits_per_letter"] == pytest.approx(row["nats_per_letter"] / math.log(2))
        assert len(row["letters"]) == n
    assert told["sequences"][0]["letters"][3][0] == "U"
    assert told["nats_per_letter"] == pytest.approx(sum(row["log_likelihood"] for row in told["sequences"]) / 11)


def test_wrong_input_to_a_model_is_told_with_its_place(designloop, pretrained, corpus, tmp_path):
    out, _ = pretrained("causal", "--context", 12)
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("ACGU\nACGE\n")
    said = designloop("score", out, wrong).err
    assert "wrong.txt, line 2: letter 'E' at position 4 is not in the rna alphabet" in said
    assert f"The alphabet, rna, is that of {out / 'model.safetensors'}." in said
    wrong.write_text("ACGU\nACGN\n")
    assert "line 2: letter 'N' at position 4" in designloop("score", out, wrong).err
    answer = designloop("score", out, wrong, "--ambiguous", "drop", "--json")
    assert "1 of 2 sequences left out: 1 with ambiguity codes" in answer.err
    assert json.loads(answer.out)["n"] == 1
    wrong.write_text("ACGU\n" + "A" * 13 + "\n")
    assert "line 2: the sequence has 13 letters, but the model's context is 12" in designloop("score", out, wrong).err
    said = designloop("pretrain", wrong, "--out", tmp_path / "none", "--context", 12).err
    assert "line 2: the sequence has 13 letters" in said
    said = designloop("pretrain", corpus, "--out", tmp_path / "none", "--objective", "caual").err
    assert "'causal', 'masked' or 'any-order', got 'caual' (objective, the command line)" in said
    assert not (tmp_path / "none").exists()
    wrong.write_text("ACG\n")
    said = designloop("inspect", wrong, "--model", out, "--alphabet", "dna").err
    assert "was trained on the alphabet rna (ACGU), but the sequences are dna (ACGT)" in said
    checkpoint = out / "model.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    for words in (("sample", out, 1), ("score", out, corpus), ("inspect", corpus, "--model", out)):
        answer = designloop(*words)
        assert (answer.code, answer.out) == (2, "")
        assert "is not a valid checkpoint" in answer.err
    assert "does not exist" in designloop("sample", tmp_path, 1).err


def test_masked_letters_are_told_by_each_model_and_the_neighbours(designloop, pretrained, tmp_path):
    models = [pretrained(objective)[0] for objective in ("causal", "masked")]
    (tmp_path / "mine.txt").write_text("ACGT_CGTAC\nACGTACGTAC\n")
    (tmp_path / "natural.fasta").write_text(">1\nACGUACGUAC\n>2\nACGUUCGUAC\n>3\nACGUUCGUAA\n>4\nGGGGGGGGGG\n")
    words = ["inspect", tmp_path / "mine.txt", "--corpus", tmp_path / "natural.fasta", "--mask"]
    words += [word for model in models for word in ("--model", model)]
    out = designloop(*words).out
    assert "Position 5 of record 1" in out
    told = json.loads(designloop(*words, "--json").out)
    (asked,) = told["masked"]
    assert (asked["record"], asked["position"]) == (1, 5)
    assert {name: sum(shares.values()) for name, shares in asked["models"].items()} == pytest.approx(
        {"causal": 1, "masked": 1}
    )
    assert asked["nearest"] == {"record": 1, "identity": 1.0, "letter": "A"}
    assert asked["votes"] == {"A": 0.25, "C": 0.0, "G": 0.25, "U": 0.5}
    left = json.loads(designloop(*words, "--json", "--leave-out", 0.95).out)["masked"][0]
    assert (left["nearest"]["record"], left["n_voters"]) == (3, 2)


def test_likelihoods_are_shown_by_each_model(designloop, pretrained, tmp_path):
    out, _ = pretrained("causal")
    (tmp_path / "mine.txt").write_text("ACGTACG\nAC_T\n")
    printed = designloop("inspect", tmp_path / "mine.txt", "--model", out).out
    assert "nats/letter" in printed
    assert "least likely letter" in printed
    told = json.loads(designloop("inspect", tmp_path / "mine.txt", "--model", out, "--json").out)
    (likelihood,) = told["likelihoods"]
    assert (told["alphabet"], told["is_guessed"]) == ("rna", False)
    assert (likelihood["record"], likelihood["model"], len(likelihood["letters"])) == (1, "causal", 7)
    assert likelihood["letters"][likelihood["least_likely_position"] - 1] == min(likelihood["letters"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--mask",), "--mask requires a --corpus or a --model"),
        (("--mask", "--corpus", "mine.txt"), "mine.txt has no masked letters; write _ for each letter"),
        (("--leave-out", 0.9), "--leave-out requires --mask and --corpus"),
    ],
)
def test_a_mask_that_cannot_be_asked_about_is_told(designloop, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("ACGU\n")
    answer = designloop("inspect", "mine.txt", *words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def test_a_folder_of_the_transformers_library_is_scored(designloop, tmp_path):
    pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")
    from tiny_models import gpt2_by_letter

    from designloop.core.alphabet import DNA
    from designloop.core.spaces import Space
    from designloop.language_models import HuggingFace

    folder = gpt2_by_letter(tmp_path / "tiny", "[TAG]")
    (tmp_path / "few.txt").write_text("ACGTAC\nGGT\n")
    part = HuggingFace(path=str(folder), prefix="[TAG]")
    wanted = part.pretrained([], Space.of_length(DNA, 6)).letter_log_likelihoods(["ACGTAC", "GGT"]).sum(axis=1)
    words = ("score", folder, tmp_path / "few.txt", "--set", "prefix='[TAG]'")
    told = json.loads(designloop(*words, "--json").out)
    assert [row["log_likelihood"] for row in told["sequences"]] == pytest.approx(wanted.tolist())
    assert told["likelihood"] == "exact, given the length"
    assert "model tiny (causal); likelihood given the length: exact" in designloop(*words).out
    assert "quote text that begins with [" in designloop(*words[:-1], "prefix=[TAG]").err
    assert "`prefix`: '[TAC]' is not in the tokenizer's vocabulary" in designloop(*words[:-1], "prefix='[TAC]'").err
    whole = designloop("score", folder / "model.safetensors", tmp_path / "few.txt")
    assert whole.code == 2
    assert "for a model of the transformers library give its folder" in whole.err


@pytest.fixture
def tiny(tmp_path):
    """A causal model of DNA, in a folder of the transformers library."""
    pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")
    from tiny_models import gpt2_by_letter

    return gpt2_by_letter(tmp_path / "tiny", "[TAG]")


def test_a_folder_of_the_transformers_library_is_sampled(designloop, tiny):
    words = ("sample", tiny, 40, "--alphabet", "dna")
    drawn = designloop(*words, "--min-length", 2, "--max-length", 5).out.split()
    assert {len(sequence) for sequence in drawn} == {2, 3, 4, 5}  # it knows no lengths: each is as likely
    assert set("".join(drawn)) == set("ACGT")
    assert {len(sequence) for sequence in designloop(*words, "--length", 7).out.split()} == {7}
    tagged = designloop(*words, "--length", 7, "--set", "prefix='[TAG]'").out
    assert tagged != designloop(*words, "--length", 7).out
    filled = designloop("sample", tiny, 8, "--like", "ACGT__ACGT").out.split()  # DNA by its letters
    assert {(sequence[:4], sequence[6:]) for sequence in filled} == {("ACGT", "ACGT")}
    assert len(designloop("sample", tiny, 8, "--like", "ACGTACGT", "--max-edits", 2).out.split()) == 8


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--length", 4), "a folder of the transformers library does not name its alphabet; give --alphabet"),
        (("--alphabet", "dna"), "has no distribution of lengths; give --length, or --min-length and --max-len"),
        (("--alphabet", "dna", "--min-length", 3), "has no distribution of lengths; give --length"),
        (("--alphabet", "dan", "--length", 3), "--alphabet dan: "),
        (("--like", "AC_"), "--like: the letters (A, C, 2 in all) match dna, rna and protein; give the alphabet"),
        (("--alphabet", "dna", "--length", 99), "99 letters requested, but the model's context is 31"),
    ],
)
def test_what_a_folder_of_the_transformers_library_does_not_say_is_asked_for(designloop, tiny, words, sentence):
    answer = designloop("sample", tiny, 3, *words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def test_a_folder_of_the_transformers_library_is_inspected_as_it_is_scored(designloop, tiny, tmp_path):
    (tmp_path / "few.txt").write_text("ACGTAC\nGGT\n")
    words = (tmp_path / "few.txt", "--set", "prefix='[TAG]'", "--json")
    scored = json.loads(designloop("score", tiny, *words).out)["sequences"]
    told = json.loads(designloop("inspect", *words, "--model", tiny).out)
    assert (told["alphabet"], told["is_guessed"]) == ("dna", True)
    assert [each["model"] for each in told["likelihoods"]] == ["tiny", "tiny"]
    found = [each["nats_per_letter"] for each in told["likelihoods"]]
    assert found == pytest.approx([row["nats_per_letter"] for row in scored])
    assert [sum(each["letters"]) / len(each["letters"]) for each in told["likelihoods"]] == pytest.approx(found)
    (tmp_path / "masked.txt").write_text("ACGT__ACT\n")
    asked = json.loads(designloop("inspect", tmp_path / "masked.txt", "--mask", "--model", tiny, "--json").out)
    assert [sum(each["models"]["tiny"].values()) for each in asked["masked"]] == pytest.approx([1.0, 1.0])


def test_a_folder_of_the_transformers_library_is_inspected_beside_a_model_of_ones_own(
    designloop, tiny, pretrained, tmp_path
):
    out, _ = pretrained("causal")
    (tmp_path / "few.txt").write_text("ACGTAC\n")
    words = ("inspect", tmp_path / "few.txt", "--model", tiny, "--model", out, "--json")
    answer = designloop(*words)
    assert answer.code == 2  # the other is of RNA, and this one spells no U
    assert "tiny" in answer.err
    told = json.loads(designloop(*words, "--set", "letters={U: T}").out)
    assert [each["model"] for each in told["likelihoods"]] == ["tiny", "causal"]
    assert told["alphabet"] == "rna"


def test_tokens_of_several_letters_do_not_count_as_letters(designloop, tmp_path):
    pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")
    from tiny_models import gpt2_by_pairs

    folder = gpt2_by_pairs(tmp_path / "pairs")
    (tmp_path / "long.txt").write_text("ACG" * 14 + "\n")  # 42 letters; its context is of 31 tokens
    scored = json.loads(designloop("score", folder, tmp_path / "long.txt", "--alphabet", "dna", "--json").out)
    assert scored["n_letters"] == 42
    asked = designloop("inspect", tmp_path / "long.txt", "--alphabet", "dna", "--model", folder, "--json")
    (likelihood,) = json.loads(asked.out)["likelihoods"]
    assert likelihood["nats_per_letter"] == pytest.approx(scored["nats_per_letter"])


def test_a_model_of_ones_own_is_not_told_what_it_knows(designloop, pretrained, tmp_path):
    (tmp_path / "few.txt").write_text("ACGU\n")
    out, few = pretrained("causal")[0], tmp_path / "few.txt"
    for option, words in (
        ("--alphabet", ("score", out, few, "--alphabet", "rna")),
        ("--set", ("score", out, few, "--set", "context=9")),
        ("--alphabet", ("sample", out, 3, "--alphabet", "rna")),
        ("--set", ("sample", out, 3, "--set", "context=9")),
        ("--set", ("inspect", few, "--model", out, "--set", "context=9")),
        ("--set", ("inspect", few, "--set", "context=9")),
    ):
        answer = designloop(*words)
        assert (answer.code, answer.out) == (2, "")
        assert re.search(rf"{option} (is only for a folder|requires a --model) of the transformers library", answer.err)
