"""The targets of the fuzzer: valid files for each reader, and how to read a mutant of one."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars
from fuzzing_mutations import ANY, TEXT, Mutation

import designloop as dl
from designloop.cli.shared.campaigns import read_campaign
from designloop.cli.shared.sequence_groups import alphabet_of
from designloop.core.alphabet import DNA, PROTEIN, states
from designloop.core.errors import DesignloopError
from designloop.core.prior import CorpusFile, Prior, StartsFile
from designloop.core.readers.sequences import read_cleaned, read_sequences
from designloop.core.readers.tables import read_table
from designloop.core.spaces import Space
from designloop.oracles.card import card
from designloop.report.campaign import page_of
from designloop.report.record import Record
from designloop.storage.run_directory import load

CONFIGS = Path(__file__).parent.parent / "configs"
Read = Callable[[Path, bytes], object]


@dataclass(frozen=True)
class Target:
    """A reader under test: `read(folder, data)` reads a mutant, next to the seeds that `make` wrote into the folder."""

    suffix: str
    make: Callable[[Path], Sequence[bytes]]
    read: Read
    mutations: Sequence[Mutation] = TEXT
    is_quick: bool = True

    def seeds(self, folder: Path) -> list[bytes]:
        """The valid files; creates the folder."""
        folder.mkdir(exist_ok=True)
        return list(self.make(folder))

    def warm(self, folder: Path) -> None:
        """Read a valid file once, so that no case imports anything."""
        for seed in self.seeds(folder)[:1]:
            with suppress(Exception):
                self.read(folder, seed)


def _file(data: bytes, suffix: str) -> Path:
    file = Path(f"mutant{suffix}")
    file.write_bytes(data)
    return file.absolute()


# -- sequences and tables ----------------------------------------------------------------------------------------------

FASTA = b">one family=a\nACGTAC\nGTACGT\n>two\nACGTTCGTACGA\n>three words here\nACGTACGTAAAA\n"
LINES = b"ACGTACGTAC\n\nACGTTCGTAC\nacgtacgtaa\n"
TABLE = (
    b"sequence,value,std_error,outcome,r1,r2,r3\nACGTAC,1.5,0.1,observed,1,2,3\nACGTTC,2.5,,,2.5,NA,2\n"
    b'"ACGTAA",,,synthesis_failed,,,\nACGTAC,1.7,0.2,observed,1,2,3\nACGGGC,-3e-1,0,below_detection,4,5,6\n'
    b"ACGTACG,NaN,,lost,1,1,\n"
)
DIGITS = b"sequence,value,r1,r2,r3\n0000,1,1,2,3\n0101,0.5,1,NA,\n1110,2,3,4,5\n0011,7,1,1,1\n"
MUTANTS = b"mutant,value\nM1A,1\nK2R:Y5W,2.5\nwt,0\nA4=,1\nT3G;Y5C,7\n"


SHEET = (
    b"# exported\nSequence;Value ;SEM;SD;N;Low;High\nACGTAC;1,5;0,1;0,2;4;1,3;1,7\nACGTTC;2,25;0,2;0,4;4;2;2,5\n"
    b"# plate 2\nACGTAA;n.d.;;;;;\nACGGGC;>3,5;0,1;0,1;1;3;4\nACGTAC;1,75;0,1;0,2;4;1,5;2\n"
)
COMMAS = b"sequence\tvalue\tSEM\tsd\tn\tlow\thigh\nACGTAC\t1,5\t0,1\t0,2\t4\t1,3\t1,7\nACGGTC\t2,5\tNA\t-\t2\t2,4\t3\n"
PLATE = (
    b"Reader;gain 60\n\n<>;1;2;3;4;5;6\nA;812;OVER;3;masked;130;98\nB;640;1204;377;520;84;91\n"
    b"C;700;590;410;<5;72;80\nD;415;610;88;95;79;85\n\nend\n"
)
LONG = b"plate,well,value\n1,A01,5\n1,A2,OVRFLW\n2,B1,1.5\n"
LAYOUT = "well,sequence\nA01,ACGTAC\nA02,ACGTTC\nA4,ACGTAA\nB1,blank\nD6,ACGGGC\n"


def _sequences(folder: Path, data: bytes) -> None:
    ending = ".fasta" if data.startswith(b">") else ".csv" if b"," in data.split(b"\n", 1)[0] else ".txt"
    file = _file(data, ending)
    sequences = read_sequences(file, DNA)
    assert all(set(sequence) <= set("ACGT") for sequence in sequences)
    Prior(corpus=CorpusFile(path=str(file)), corpus_size=2).known(Space.of_length(DNA, 6), lambda *_: [], 0)


def _any_sequences(folder: Path, data: bytes) -> None:
    file = _file(data, ".fasta" if data.startswith(b">") else ".txt")
    alphabet = alphabet_of(None, [(file, None)])
    for policy in ("error", "drop", "keep"):
        with suppress(DesignloopError):
            read_cleaned(file, alphabet, mask="_" if policy == "keep" else "", ambiguous=policy)


def _starts(folder: Path, data: bytes) -> None:
    columns = {"value": "value", "std_error": "std_error", "outcome": "outcome"}
    space = Space(alphabet=DNA, min_length=6, max_length=6)
    Prior(corpus=None, starts=StartsFile(path=str(_file(data, ".csv")), **columns)).known(space, lambda *_: [], 0)


def _errors(folder: Path, data: bytes) -> None:
    """Every kind of error, as a landscape and as starts."""
    file = str(_file(data, ".csv"))
    kinds: tuple[dict[str, Any], ...] = (
        {"std_error": "sem"},
        {"variance": "sem"},
        {"std_dev": "sd", "n": "n"},
        {"interval": ("low", "high")},
        {"std_error": "sem", "duplicates": "last"},
    )
    fields = kinds[sum(data) % len(kinds)]
    if len(data) % 2:
        card(dl.oracles.Landscape(path=file, value="value", alphabet="dna", **fields))
    else:
        space = Space(alphabet=DNA, min_length=6, max_length=6)
        StartsFile(path=file, value="value", **fields).read(space)


def _plates(folder: Path, data: bytes) -> None:
    """Readings with a sound layout, and a layout with sound readings."""
    other = Path("other.csv")
    path, layout = (_file(data, ".csv"), other) if len(data) % 2 else (other, _file(data, ".csv"))
    other.write_text(LAYOUT if len(data) % 2 else PLATE.decode())
    StartsFile(path=str(path), layout=str(layout)).read(Space.of_length(DNA, 6))


def _workbooks(folder: Path) -> list[bytes]:
    import openpyxl

    files = []
    for rows in (SHEET, PLATE):
        book = openpyxl.Workbook()
        for line in rows.decode().splitlines():
            book.active.append([float(cell) if cell.isdigit() else cell or None for cell in line.split(";")])
        out = BytesIO()
        book.save(out)
        files.append(out.getvalue())
    return files


def _workbook(folder: Path, data: bytes) -> None:
    table = read_table(_file(data, ".xlsx"))
    for name in table.names[:3]:
        table.measured(name) if name.strip().lower() == "value" else table.column(name)


def _landscape(**fields: Any) -> Read:
    def read(folder: Path, data: bytes) -> None:
        oracle = dl.oracles.Landscape(path=str(_file(data, ".csv")), **fields)
        card(oracle)
        text = data.decode("utf-8-sig").upper().replace('""', '"')
        assert all(sequence.upper() in text.replace("U", "T") for sequence in oracle.space.enumerate()), (
            "a sequence that is not in the file"
        )

    return read


def _mutants(folder: Path, data: bytes) -> None:
    for fields in ({"alphabet": PROTEIN}, {}):
        oracle = dl.oracles.Landscape(
            path=str(_file(data, ".csv")), mutant="mutant", parent="MKTAY", indels="drop", **fields
        )
        card(oracle)
        assert {len(sequence) for sequence in oracle.space.enumerate()} == {5}


def _parquets(folder: Path) -> list[bytes]:
    columns: dict[str, list[Any]] = {
        "sequence": ["ACGTAC", "ACGTTC", "ACGTAA", "ACGTCC"],
        "value": [1.5, float("nan"), None, 3.0],
        "count": [1, 2, 3, 2**62],
        "odd": [True, None, False, True],
    }
    frames = polars.DataFrame(columns), polars.DataFrame({"sequence": ["ACGT" * 50] * 300, "value": [0.5] * 300})
    files = []
    for frame in frames:
        for compression in ("zstd", "snappy", "uncompressed"):
            out = BytesIO()
            frame.write_parquet(out, compression=compression)  # type: ignore[arg-type]  # one of its literals
            files.append(out.getvalue())
    return files


def _parquet(folder: Path, data: bytes) -> None:
    file = _file(data, ".parquet")
    if len(data) % 8:  # each is read in a new process, which is slow
        card(dl.oracles.Landscape(path=str(file), alphabet="dna"))
        return
    table = read_table(file)
    for name in table.names:
        table.column(name)


# -- descriptions ------------------------------------------------------------------------------------------------------

CAMPAIGN = b"""# a campaign that names many parts
name: small
oracle: {kind: nk, length: 6, neighbours: 1, alphabet: dna, seed: 3}
lab:
  name: good
  plate_size: 24
  stages:
    - {name: synthesis, days: 5, failure: 0.1}
    - {name: build, days: {lognormal: [2, .5]}, capacity: 2}
strategy:
  kind: model-guided
  generator: {kind: mutation, mutations: 2.0}
  surrogate: bayesian-linear
  acquisition: &best {kind: ucb, beta: 1.0}
scheduler: {kind: rounds, batch_size: 8}
budget: {designs: 32, weeks: 20, cost: 100000}
space: {parent: ACGTAC, fixed: [0], allowed: {2: GT}, max_edits: 3}
prior: {corpus: null, starts: {draw: random, n: 4, labelled: true}}
"""
SMALL = b"""name: s
oracle: {kind: ehrlich, num_states: 8, length: 8, num_motifs: 2, motif_length: 3}
lab: instant
strategy: random
scheduler: rounds
budget:
  designs: 12
prior: {corpus_size: 20, starts: {draw: random, n: 2}}
"""
SETTINGS = (
    b"budget.designs=96", b"lab=typical", b"strategy.acquisition={kind: ucb, beta: 2}", b"scheduler.batch_size=12",
    b"lab.stages.0.days=14", b"prior.starts={draw: random, n: 3}", b"oracle.seed=1e3", b"space.allowed={1: AC}",
)  # fmt: skip


def _campaign(folder: Path, data: bytes) -> None:
    campaign = read_campaign(_file(data, ".yaml"), [])
    campaign.known()
    campaign.describe()


def _setting(folder: Path, data: bytes) -> None:
    Path("base.yaml").write_bytes(SMALL)
    campaign = read_campaign(Path("base.yaml"), [data.decode("utf-8", "surrogateescape")])
    campaign.known()
    campaign.describe()


def _studies(folder: Path) -> list[bytes]:
    if not (folder / "configs").exists():
        shutil.copytree(CONFIGS, folder / "configs")
    return [file.read_bytes() for file in sorted((CONFIGS / "studies").glob("*.yaml"))]


def _study(folder: Path, data: bytes) -> None:
    from designloop.study.description import Study
    from designloop.study.plan import plan_of

    file = folder / "configs" / "studies" / "mutant.yaml"
    file.write_bytes(data)
    plan_of(Study.read(file).smoked())


# -- files that designloop writes --------------------------------------------------------------------------------------


def _run_folder(folder: Path) -> Path:
    run = folder / "run"
    if not run.exists():
        dl.Campaign(
            oracle=dl.oracles.NK(length=5, neighbours=1, alphabet=states(4)),
            lab=dl.Lab.preset("good", plate_size=24),
            strategy=dl.strategies.Random(),
            scheduler=dl.scheduling.Rounds(batch_size=8),
            budget=dl.Budget(designs=16),
            prior={"corpus": None},
        ).run(seed=1, store=run)
    return run


def _written(name: str) -> Callable[[Path], Sequence[bytes]]:
    return lambda folder: [(_run_folder(folder) / name).read_bytes()]


def _looked_at(change: Callable[[Path, bytes], object]) -> Read:
    """Show, report and resume a changed copy of the run."""

    def read(folder: Path, data: bytes) -> None:
        with tempfile.TemporaryDirectory() as text:
            run = Path(text) / "run"
            shutil.copytree(_run_folder(folder), run)
            change(run, data)
            load(run).as_dict()
            page_of(Record.read(run))
            dl.Campaign.read(run).resume(run)

    return read


def _replace(name: str) -> Callable[[Path, bytes], object]:
    return lambda run, data: (run / name).write_bytes(data)


def _events(folder: Path) -> list[bytes]:
    with sqlite3.connect(_run_folder(folder) / "campaign.db") as connection:
        rows = connection.execute("select data from events order by ordinal").fetchall()
    return ["\n".join(row for (row,) in rows).encode()]


def _put_events(run: Path, data: bytes) -> None:
    lines = data.decode("utf-8", "replace").split("\n")
    with sqlite3.connect(run / "campaign.db") as connection:
        ordinals = [ordinal for (ordinal,) in connection.execute("select ordinal from events order by ordinal")]
        connection.executemany("update events set data = ? where ordinal = ?", zip(lines, ordinals, strict=False))


def _models(folder: Path) -> list[bytes]:
    from designloop.language_models.pretraining.pretraining import pretrain
    from designloop.language_models.transformer import Transformer

    if not (folder / "model").exists():
        (folder / "model").mkdir()
        tiny = Transformer(depth=1, width=16, steps=2)
        pretrain(["ACGTACGT", "ACGTTCGT"] * 4, DNA, tiny, folder / "model", threads=1)
    return [(folder / "model" / name).read_bytes() for name in ("model.safetensors", "training.safetensors")]


def _model(folder: Path, data: bytes) -> None:
    from designloop.cli.shared.opened_models import opened_of_pretrain
    from designloop.language_models.pretraining.folder import TRAINING, record_of

    place = Path("model")
    place.mkdir(exist_ok=True)
    (place / TRAINING).write_bytes(data)
    with suppress(DesignloopError):  # a model file is not a training record
        record_of(place)
    opened_of_pretrain(_file(data, ".safetensors")).model.log_likelihood(["ACGT"])


def _fixed(*seeds: bytes) -> Callable[[Path], Sequence[bytes]]:
    return lambda _: seeds


TARGETS = {
    "corpus": Target(".txt", _fixed(FASTA, LINES, TABLE), _sequences),
    "no-alphabet": Target(".txt", _fixed(FASTA, LINES, b"MKTAYIAKQR\nMKTAYIAKQW\n", b"ACGUNACGU\n"), _any_sequences),
    "parquet": Target(".parquet", _parquets, _parquet, ANY),
    "starts": Target(".csv", _fixed(TABLE), _starts),
    "landscape": Target(".csv", _fixed(DIGITS), _landscape(alphabet="states-16")),
    "replicates": Target(".csv", _fixed(TABLE), _landscape(alphabet="dna", replicates=("r1", "r2", "r3"))),
    "errors": Target(".csv", _fixed(SHEET, COMMAS), _errors),
    "plates": Target(".csv", _fixed(PLATE, LONG), _plates),
    "workbook": Target(".xlsx", _workbooks, _workbook, ANY),
    "mutants": Target(".csv", _fixed(MUTANTS), _mutants),
    "campaign": Target(".yaml", _fixed(CAMPAIGN, SMALL), _campaign),
    "set": Target(".txt", _fixed(*SETTINGS), _setting),
    "study": Target(".yaml", _studies, _study),
    "manifest": Target(".json", _written("manifest.json"), _looked_at(_replace("manifest.json"))),
    "config": Target(".yaml", _written("config.yaml"), _looked_at(_replace("config.yaml"))),
    "store": Target(".db", _written("campaign.db"), _looked_at(_replace("campaign.db")), ANY),
    "events": Target(".jsonl", _events, _looked_at(_put_events)),
    "model": Target(".safetensors", _models, _model, ANY, is_quick=False),
}
