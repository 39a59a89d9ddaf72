"""A mistake in a description is told with its key, its place in the file or in --set, and the mend."""

from pathlib import Path

import pytest
from pydantic import Field

from designloop.acquisition import UCB
from designloop.core.config import build, override, read_document, read_text, to_yaml
from designloop.core.errors import ConfigError, near_word
from designloop.core.parts import Part
from designloop.generators import LanguageModel
from designloop.language_models import Markov, Transformer
from designloop.strategies import ModelGuided, Random
from designloop.strategies.base import Strategy


class Budget(Part):
    designs: int = Field(10, ge=1)
    weeks: float | None = None


class Campaign(Part):
    name: str
    budget: Budget = Budget()
    strategy: Strategy = Random()
    steps: tuple[Budget, ...] = ()


def told(text: str, *settings: str) -> str:
    """The sentence for a mistake in this text, or in these settings."""

    def read() -> Campaign:
        document = read_text(text, "campaign.yaml")
        override(document, settings)
        return build(Campaign, document)

    with pytest.raises(ConfigError) as error:
        read()
    return str(error.value)


GOOD = """\
# a comment
name: mine
budget:
  designs: 20
strategy:
  kind: model-guided
  acquisition:
    kind: ucb
    beta: 2
steps:
  - designs: 1
  - weeks: 3
"""


def test_a_description_is_read_with_its_parts():
    campaign = build(Campaign, read_text(GOOD, "campaign.yaml"))
    assert isinstance(campaign.strategy, ModelGuided)
    assert campaign.strategy.acquisition == UCB(beta=2)
    assert campaign.steps == (Budget(designs=1), Budget(weeks=3))


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("designs: 20", "desings: 20", "unknown key 'desings' "
         "(budget.desings, line 4 of campaign.yaml). Did you mean 'designs'?"),
        ("name: mine", "nmae: mine", "unknown key 'nmae' (nmae, line 2 of campaign.yaml). Did you mean 'name'?"),
        ("kind: ucb", "kind: ucp", "unknown acquisition function 'ucp' "
         "(strategy.acquisition, line 7 of campaign.yaml). Did you mean 'ucb'?"),
        ("beta: 2", "betta: 2", "unknown key 'betta' "
         "(strategy.acquisition.betta, line 9 of campaign.yaml). Did you mean 'beta'?"),
        ("designs: 20", "designs: many", "expected a whole number, "
         "got 'many' (budget.designs, line 4 of campaign.yaml)"),
        ("  - weeks: 3", "  - weeks: x", "expected a number, "
         "got 'x' (steps.1.weeks, line 12 of campaign.yaml)"),
        ("beta: 2", "beta: -2", "expected at least 0, got -2 "
         "(strategy.acquisition.beta, line 9 of campaign.yaml)"),
        ("name: mine", "", "this key is required (name, campaign.yaml)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_key_line_and_mend(right: str, wrong: str, sentence: str):
    assert told(GOOD.replace(right, wrong)) == sentence


def test_every_mistake_is_told_in_a_line_of_its_own():
    lines = told(GOOD.replace("designs: 20", "desings: 20").replace("beta: 2", "beta: x")).splitlines()
    assert len(lines) == 2
    assert "line 4" in lines[0]
    assert "line 9" in lines[1]


def test_settings_change_what_the_file_says():
    document = read_text(GOOD, "campaign.yaml")
    override(document, ["budget.designs=480", "steps.1.weeks=2.5", "strategy.acquisition.beta=0", "name='7'"])
    campaign = build(Campaign, document)
    assert campaign.budget.designs == 480
    assert campaign.steps[1].weeks == 2.5
    assert campaign.strategy.acquisition == UCB(beta=0)  # type: ignore[attr-defined]
    assert campaign.name == "7"


def test_settings_reach_into_what_the_file_leaves_out_or_names_shortly():
    """`--set strategy.n_initial=5` where the file says `strategy: model-guided`, and a budget it does not mention."""
    document = read_text("name: mine\nstrategy: model-guided", "campaign.yaml")
    override(document, ["strategy.n_initial=5", "budget.weeks=3"])
    campaign = build(Campaign, document)
    assert campaign.strategy.n_initial == 5  # type: ignore[attr-defined]
    assert campaign.budget.weeks == 3


def test_a_setting_within_a_part_that_the_file_leaves_out_changes_the_default():
    """The generator by default is a language model's, whose model is an n-gram one."""
    document = read_text("name: mine\nstrategy: model-guided", "campaign.yaml")
    override(document, ["strategy.generator.model.order=3", "strategy.acquisition.kind=ucb"])
    strategy = build(Campaign, document).strategy
    assert strategy == ModelGuided(generator=LanguageModel(model=Markov(order=3)), acquisition=UCB())
    document = read_text("name: mine\nstrategy: model-guided", "campaign.yaml")
    override(document, ["strategy.generator.objective=causal"])  # short for a model
    strategy = build(Campaign, document).strategy
    assert strategy == ModelGuided(generator=LanguageModel(model=Transformer(objective="causal")))


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (
            "strategy.generator.model=markv",
            "unknown language model 'markv' (strategy.generator.model, "
            "from --set strategy.generator.model=markv). Did you mean 'markov'?",
        ),
        ("strategy.generator.model.kind=markv", "unknown language model 'markv' (strategy.generator.model, from --set"),
        (
            "strategy.surrogate.embedding=marko",
            "strategy.surrogate.embedding=marko). Did you mean 'markov'?",
        ),
        ("strategy.generator.adapt.steps=-1", "got -1 (strategy.generator.adapt.steps, from --set"),
        (
            "strategy.acquisition.beta=2",
            "a mapping with the key 'kind', got {'beta': 2}; known: botorch, dpp",
        ),  # no Thompson's
    ],
)
def test_a_wrong_setting_within_a_part_that_the_file_leaves_out_is_told(setting: str, sentence: str):
    assert sentence in told("name: mine\nstrategy: model-guided", setting)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (
            "budget.desings=2",
            "unknown key 'desings' (budget.desings, from --set budget.desings=2). Did you mean 'designs'?",
        ),
        ("budget.designs=x", "got 'x' (budget.designs, from --set budget.designs=x)"),
        ("budget.designs", "--set budget.designs: expected key=value, as in --set budget.designs=480"),
        ("=3", "expected key=value"),
        ("name.first=3", "name"),
        ("budget.designs.more=3", "--set budget.designs.more=3: budget.designs has no keys below it"),
        ("steps.7.weeks=1", "--set steps.7.weeks=1: steps.7 has no keys below it"),
        ("budget.designs=[1", "--set budget.designs=[1"),
        ("strategy=modelguided", "(strategy, from --set strategy=modelguided). Did you mean 'model-guided'?"),
    ],
)
def test_a_mistake_in_a_setting_is_told_with_the_setting(setting: str, sentence: str):
    assert sentence in told(GOOD, setting)


@pytest.mark.parametrize("word", ["[HEAVY]", "[HEAVY][HUMAN]", "{A}"])
def test_a_text_that_yaml_reads_as_a_list_is_told_to_be_quoted(word: str):
    with pytest.raises(ConfigError, match=r"quote text that begins with \[ or \{, as in '\[A\]'"):
        _named(f"name={word}")
    assert _named(f"name='{word}'") == word


def _named(setting: str) -> str:
    class Named(Part):
        name: str = ""

    document = read_text("{}", "here.yaml")
    override(document, [setting])
    return build(Named, document).name


def test_a_file_that_is_no_yaml_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "broken.yaml"
    file.write_text("name: a\nbudget: [1, 2\nmore: 3\n")
    with pytest.raises(ConfigError, match=r"broken\.yaml, line \d"):
        read_document(file)


@pytest.mark.parametrize("text", ["", "- a\n- b", "just words"])
def test_a_description_is_a_mapping(text: str):
    with pytest.raises(ConfigError, match="expected a mapping of keys to values, got"):
        read_text(text, "it")


def test_a_file_that_is_not_there_is_told_with_where_one_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no configuration file no\.yaml \(current folder"):
        read_document("no.yaml")


def test_a_key_given_twice_is_refused():
    """The second would silently win."""
    with pytest.raises(ConfigError, match=r"campaign\.yaml, line 2"):
        read_text("name: a\nname: b", "campaign.yaml")


@pytest.mark.parametrize(
    "data", [{"a": [1, 2.5, None, True], "b": {"c": "yes", "0": ""}}, {"z": "x: y", "a": [], "t": "1e5"}]
)
def test_yaml_reads_back_to_the_same_data_in_the_same_order(data: dict):
    again = read_text(to_yaml(data), "it").data
    assert again == data
    assert list(again) == list(data)


def test_the_configuration_that_a_campaign_prints_is_the_campaign():
    campaign = build(Campaign, read_text(GOOD, "campaign.yaml"))
    assert build(Campaign, read_text(to_yaml(campaign.describe()), "resolved.yaml")) == campaign


@pytest.mark.parametrize("setting", ["name=\udcec", "\udcec=1", "lab.²=1", f"lab.stages.{'9' * 5000}.days=1"])
def test_a_setting_that_is_no_text_or_names_no_place_is_a_sentence(setting: str):
    """A place in a list is of ASCII digits, and of no more than any list has."""
    document = read_text("name: a\nlab: [1]\n", "small.yaml")
    with pytest.raises(ConfigError, match=r"--set"):
        override(document, [setting])


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("epsilon", ["design", "eps", "slope"], "eps"),
        ("cap", ["scale", "capacity"], "capacity"),
        ("plate_sise", ["plate", "plate_size"], "plate_size"),
        ("axse", ["base", "axes"], "axes"),
    ],
)
def test_an_abbreviation_is_suggested_before_a_word_that_is_only_similar(word, known, near):
    assert near_word(word, known) == f". Did you mean '{near}'?"


STAGES = "lab:\n  stages:\n    - {name: cloning, days: 2}\n    - {name: expression, days: 3, cost: 1}"


@pytest.mark.parametrize(
    ("setting", "second"),
    [
        ("lab.stages.expression.days=5", {"name": "expression", "days": 5, "cost": 1}),
        ("lab.stages.1.days=5", {"name": "expression", "days": 5, "cost": 1}),
        ("lab.stages.expression={days: 5}", {"name": "expression", "days": 5, "cost": 1}),
        ("lab.stages.1={days: 5}", {"days": 5}),
    ],
)
def test_a_stage_that_is_written_out_is_set_by_its_name(setting: str, second: dict[str, object]):
    document = read_text(STAGES, "c.yaml")
    override(document, [setting])
    assert document.data["lab"]["stages"] == [{"name": "cloning", "days": 2}, second]
    assert document.places["lab", "stages", 1] == ("line 4" if setting.count("days=") else f"--set {setting}")


@pytest.mark.parametrize("setting", ["lab.stages.expresion.days=5", "lab.stages.expresion={days: 5}"])
def test_a_misspelt_stage_names_the_nearest(setting: str):
    with pytest.raises(ConfigError, match=r"lab\.stages has no 'expresion'. Did you mean 'expression'\?"):
        override(read_text(STAGES, "c.yaml"), [setting])


def test_the_name_of_a_file_becomes_its_path_where_a_key_below_it_is_set():
    document = read_text("prior: {corpus: natural.fasta}\nlab: good\nstrategy: auto\n", "c.yaml")
    override(document, ["prior.corpus.ambiguous=drop", "lab.plate_size=48", "strategy.fill=short"])
    assert document.data == {
        "prior": {"corpus": {"path": "natural.fasta", "ambiguous": "drop"}},
        "lab": {"preset": "good", "plate_size": 48},
        "strategy": {"kind": "auto", "fill": "short"},
    }
