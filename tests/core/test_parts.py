"""Parts: frozen descriptions that read back from what they print, and are found by name, entry point or file."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import designloop.strategies
from designloop.acquisition import UCB, Thompson
from designloop.acquisition.base import Acquisition
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import ConfigError
from designloop.core.frozen import FrozenError
from designloop.core.kinds import short_names
from designloop.core.parts import Part, find, kind_of
from designloop.core.shelves import SHELVES
from designloop.generators import Mixture, Mutation
from designloop.language_models.base import LanguageModel
from designloop.strategies import ModelGuided, Random

NEEDED = {
    ("language_models", "checkpoint"): {"path": "/somewhere/model.safetensors"},
    ("language_models", "huggingface"): {"path": "/somewhere/esm2_t6_8M_UR50D"},
    ("acquisition", "botorch"): {"function": "qSimpleRegret"},
    ("generators", "mixture"): {"generators": ["mutation", {"kind": "language-model", "model": "markov"}]},
    ("strategies", "command"): {"argv": ["python", "evolve.py"]},
    ("oracles", "landscape"): {"path": "/somewhere/table.csv", "alphabet": "dna"},
    ("scheduling", "fill"): {"plates": 1},
    ("oracles", "evolved"): {"oracle": "nk"},
    ("oracles", "expression"): {"oracle": "ehrlich"},
    ("oracles", "command"): {"argv": ["python", "fold.py"], "alphabet": "rna", "length": 9},
    ("oracles", "python"): {"function": "no_such:fold", "alphabet": "rna", "length": 9},
    ("oracles", "parallel"): {"oracle": "nk"},
    ("oracles", "fitted"): {"table": {"path": "/somewhere/table.csv", "alphabet": "dna"}},
    ("oracles", "posterior-draw"): {
        "past": "/somewhere/past.json",
        "space": {"alphabet": "rna", "min_length": 9, "max_length": 9},
    },
    ("oracles", "likelihood"): {"path": "/somewhere/esm2_t6_8M_UR50D", "parent": "MKT"},
    ("oracles", "rna-folding"): {"target": "((((....))))"},
    ("stages", "station"): {"name": "cloning", "days": 5},
    ("rules", "forbidden-motifs"): {"motifs": ["GGTCTC"]},
    ("rules", "restriction-sites"): {"enzymes": ["BsaI"]},
    ("rules", "homopolymers"): {"longest": 4},
    ("rules", "translates-to"): {"protein": "MK"},
    ("oracles", "function"): {
        "function": "tests_of_designloop_have:no_such",
        "space": {"alphabet": "rna", "min_length": 9, "max_length": 9},
    },
}
EVERY = [(shelf, kind) for shelf in SHELVES for kind in short_names(shelf)]


class Holder(Part):
    acquisition: Acquisition = Thompson()
    others: tuple[Acquisition, ...] = ()
    model: LanguageModel | None = None
    note: str = ""


def test_every_shelf_has_parts():
    assert all(short_names(shelf) for shelf in SHELVES)


@pytest.mark.parametrize(("shelf", "kind"), [pair for pair in EVERY if pair != ("oracles", "function")])
def test_every_part_reads_back_from_the_yaml_it_prints(shelf: str, kind: str):
    """Its defaults, written out, are the same part, under the same kind and the same hash."""
    part_class = find(shelf, kind)
    part = part_class.model_validate(NEEDED.get((shelf, kind), {}))
    described = part.describe()
    assert described["kind"] == kind == part.kind
    text = to_yaml({"part": described})
    again = read_text(text, "text").data["part"]
    assert again == described
    fields = {key: value for key, value in again.items() if key != "kind"}
    read = part_class.model_validate(fields)
    assert read == part
    assert read.content_hash() == part.content_hash()


@pytest.mark.parametrize(("shelf", "kind"), EVERY)
def test_every_field_of_a_part_says_what_it_means(shelf: str, kind: str):
    """A field's description is the help text, and a number's unit."""
    silent = [name for name, field in find(shelf, kind).model_fields.items() if not field.description]
    assert silent == []


@pytest.mark.parametrize(("shelf", "kind"), EVERY)
def test_every_part_says_in_a_line_what_it_is(shelf: str, kind: str):
    assert (find(shelf, kind).__doc__ or "").strip()


def test_a_part_cannot_be_changed_but_copied_with_changes():
    part = UCB(beta=2.0)
    with pytest.raises(FrozenError, match=r"parts are frozen: copy this one .* part\.with_\(beta=\.\.\.\)"):
        part.beta = 3.0  # type: ignore[misc]  # what is forbidden
    assert part.with_(beta=3.0) == UCB(beta=3.0)
    assert part.beta == 2.0
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        part.with_(beta=-1.0)


@pytest.mark.parametrize("written", ["ucb", {"kind": "ucb"}, {"kind": "ucb", "beta": 1.0}, UCB()])
def test_a_field_takes_a_part_a_name_or_a_mapping(written: object):
    assert Holder.model_validate({"acquisition": written}).acquisition == UCB()


def test_parts_within_parts_read_back():
    strategy = ModelGuided(generator=Mixture(generators=(Mutation(mutations=3.0),)), acquisition=UCB(beta=0.3))
    again = ModelGuided.model_validate({k: v for k, v in strategy.describe().items() if k != "kind"})
    assert again == strategy


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"kind": "expected-improvement"}, "unknown acquisition function 'expected-improvement'"),
        ({"kind": "tompson"}, r"unknown acquisition function 'tompson'. Did you mean 'thompson'\?"),
        ({"beta": 2.0}, "a short name, or a mapping with the key 'kind'; known: botorch, dpp"),
        (3, "expected an acquisition function"),
        ({"kind": "ucb", "betta": 2.0}, r"unknown key 'betta'. Did you mean 'beta'\?"),
        ({"kind": "designloop.nowhere:X"}, "cannot import designloop.nowhere"),
        ({"kind": "designloop.acquisition.ucb:UBC"}, r"has no 'UBC'. Did you mean 'UCB'\?"),
        (
            {"kind": "designloop.generators.mutation:Mutation"},
            "is .*Mutation.*, not an acquisition function; derive it",
        ),
        ({"kind": "no/such/file.py:X"}, "no file no/such/file.py"),
        ({"kind": "test_parts:AN_OBJECT"}, "'test_parts:AN_OBJECT' is an object of the class Random, not an acq"),
    ],
)
def test_what_is_no_part_is_told_with_the_nearest_right_one(written: object, message: str):
    with pytest.raises(ValidationError, match=message):
        Holder.model_validate({"acquisition": written})


AN_OBJECT = Random()
OWN = '''
from designloop.acquisition.base import Acquisition


class Mine(Acquisition):
    """Stds alone."""

    power: float = 1.0

    def score(self, mean, std, threshold):
        return std**self.power
'''


def test_a_part_in_a_file_of_ones_own_is_named_by_its_path(tmp_path: Path):
    """It reads back from what it prints, wherever that is read."""
    file = tmp_path / "mine.py"
    file.write_text(OWN)
    holder = Holder.model_validate({"acquisition": {"kind": f"{file}:Mine", "power": 2.0}})
    described = holder.acquisition.describe()
    assert described == {
        "kind": f"{file}:Mine",
        "cost_weight": 0.0,
        "pending": {"kind": "kriging-believer"},
        "power": 2.0,
    }
    assert Holder.model_validate({"acquisition": described}) == holder


def test_an_attribute_without_a_type_is_told_with_the_mend(tmp_path: Path):
    file = tmp_path / "seen.py"
    file.write_text(OWN.replace("power: float = 1.0", "seen = []"))
    mend = r"`seen = \[\]` \(.*seen\.py, line \d+.*\) has no type; write `seen: ClassVar = \[\]`"
    with pytest.raises(ValidationError, match=mend):
        Holder.model_validate({"acquisition": f"{file}:Mine"})


def test_a_file_that_raises_is_told_with_its_error(tmp_path: Path):
    file = tmp_path / "broken.py"
    file.write_text("1 / 0")
    with pytest.raises(
        ValidationError, match=r"broken\.py: it raised ZeroDivisionError: .*broken\.py, line 1, in <module>: 1 / 0"
    ):
        Holder.model_validate({"acquisition": f"{file}:Mine"})


def test_a_class_is_named_by_its_short_name_or_its_place():
    assert kind_of(UCB) == "ucb"
    assert kind_of(Holder) == f"{__name__}:Holder"


def test_a_shelf_lists_its_parts_without_importing_them():
    """Neither torch nor scipy is loaded by looking at what there is."""
    program = (
        "import sys, designloop.acquisition as a, designloop.surrogates as s, designloop.strategies as t\n"
        "assert 'Thompson' in dir(a) and 'DeepEnsemble' in dir(s) and 'Genetic' in dir(t)\n"
        "from designloop.core.config import read_text\n"
        "print([name for name in ('torch', 'scipy', 'polars', 'pandas', 'ruamel') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_a_misspelt_part_of_a_shelf_names_the_nearest():
    import designloop.acquisition

    with pytest.raises(AttributeError, match=r"no attribute 'Tompson'. Did you mean 'Thompson'\?"):
        _ = designloop.acquisition.Tompson


def test_defaults_are_not_shared_by_runs():
    """A part's default parts are equal and cannot be changed, so that two campaigns share no state."""
    one, other = build(Holder, read_text("note: a", "x")), build(Holder, read_text("note: b", "x"))
    assert one.acquisition == other.acquisition == Thompson()
    with pytest.raises(FrozenError, match="frozen"):
        one.acquisition.scale = 9.0  # type: ignore[attr-defined]  # what is forbidden


@pytest.mark.parametrize(
    ("given", "said"),
    [(designloop.strategies, "the module designloop.strategies"), (Thompson, "the class Thompson")],
)
def test_a_module_or_a_class_in_place_of_a_part_is_named(given, said):
    with pytest.raises(ValidationError, match=f"expected an acquisition function, got {said}; give an instance"):
        ModelGuided(generator="mutation", surrogate="gaussian-process", acquisition=given)


def test_a_hint_stands_at_the_end_of_its_sentence():
    with pytest.raises(ConfigError, match=r"with the key 'kind', got 3; known: .* \(acquisition"):
        build(ModelGuided, read_text("acquisition: 3", "x"))
