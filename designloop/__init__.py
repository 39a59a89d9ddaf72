"""designloop simulates the slow loop of sequence design, and schedules the batches in it.

`import designloop as dl` gives every name in `dl.__all__`; each is imported at its first use.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designloop.core.pages import written_by
from designloop.core.pictures import Picture, drawn_by
from designloop.core.version import __version__ as __version__

if TYPE_CHECKING:  # what editors and type checkers read instead of the tables below
    from designloop import acquisition as acquisition
    from designloop import generators as generators
    from designloop import lab as lab
    from designloop import language_models as language_models
    from designloop import oracles as oracles
    from designloop import pending_rules as pending_rules
    from designloop import report as report
    from designloop import rules as rules
    from designloop import scheduling as scheduling
    from designloop import stages as stages
    from designloop import strategies as strategies
    from designloop import surrogates as surrogates
    from designloop import testing as testing
    from designloop.acquisition.base import Acquisition as Acquisition
    from designloop.campaign import Campaign as Campaign
    from designloop.checking.check import check_oracle as check_oracle
    from designloop.core.alphabet import DNA as DNA
    from designloop.core.alphabet import PROTEIN as PROTEIN
    from designloop.core.alphabet import RNA as RNA
    from designloop.core.alphabet import Alphabet as Alphabet
    from designloop.core.alphabet import states as states
    from designloop.core.errors import DesignloopError as DesignloopError
    from designloop.core.history import History as History
    from designloop.core.prior import Prior as Prior
    from designloop.core.records import Choice as Choice
    from designloop.core.records import Design as Design
    from designloop.core.records import Order as Order
    from designloop.core.records import Proposal as Proposal
    from designloop.core.records import Stop as Stop
    from designloop.core.records import Wait as Wait
    from designloop.core.spaces import Narrowing as Narrowing
    from designloop.core.spaces import Space as Space
    from designloop.core.spaces.rule import Rule as Rule
    from designloop.extension import extend as extend
    from designloop.generators.base import Generator as Generator
    from designloop.generators.base import Score as Score
    from designloop.hindsight.replay import replay as replay
    from designloop.lab.lab import Lab as Lab
    from designloop.language_models.base import LanguageModel as LanguageModel
    from designloop.language_models.base import SequenceModel as SequenceModel
    from designloop.live.campaign import LiveCampaign as LiveCampaign
    from designloop.live.directory import Live as Live
    from designloop.operations.operations import Operations as Operations
    from designloop.oracles.base import Oracle as Oracle
    from designloop.oracles.function import oracle as oracle
    from designloop.pending_rules.base import PendingRule as PendingRule
    from designloop.rehearsal.rehearse import Rehearsal as Rehearsal
    from designloop.rehearsal.rehearse import rehearse as rehearse
    from designloop.scheduling.base import Budget as Budget
    from designloop.scheduling.base import Scheduler as Scheduler
    from designloop.stages.base import Stage as Stage
    from designloop.stages.visit import Visit as Visit
    from designloop.storage.result import Result as Result
    from designloop.storage.run_directory import load as load
    from designloop.strategies.base import Strategy as Strategy
    from designloop.study.recorded import load_study as load_study
    from designloop.study.runnable import Study as Study
    from designloop.study.study_result import StudyResult as StudyResult
    from designloop.surrogates.base import Posterior as Posterior
    from designloop.surrogates.base import Surrogate as Surrogate
    from designloop.trial_runs.trial_run import trial_run as trial_run

_ROOMS = (
    "oracles",
    "strategies",
    "generators",
    "surrogates",
    "acquisition",
    "pending_rules",
    "rules",
    "scheduling",
    "language_models",
    "lab",
    "stages",
    "report",
    "testing",
)
_PLACES = {
    "Campaign": "campaign",
    "extend": "extension",
    "load": "storage.run_directory",
    "Result": "storage.result",
    "Live": "live.directory",
    "LiveCampaign": "live.campaign",
    "rehearse": "rehearsal.rehearse",
    "Rehearsal": "rehearsal.rehearse",
    "Study": "study.runnable",
    "load_study": "study.recorded",
    "StudyResult": "study.study_result",
    "Lab": "lab.lab",
    "Operations": "operations.operations",
    "trial_run": "trial_runs.trial_run",
    "replay": "hindsight.replay",
    "Budget": "scheduling.base",
    "Space": "core.spaces",
    "Narrowing": "core.spaces",
    "Prior": "core.prior",
    "Alphabet": "core.alphabet",
    "DNA": "core.alphabet",
    "RNA": "core.alphabet",
    "PROTEIN": "core.alphabet",
    "states": "core.alphabet",
    "oracle": "oracles.function",
    "check_oracle": "checking.check",
    # Bases of the user's own parts, and the types in their signatures.
    "Oracle": "oracles.base",
    "Strategy": "strategies.base",
    "Generator": "generators.base",
    "Surrogate": "surrogates.base",
    "Acquisition": "acquisition.base",
    "PendingRule": "pending_rules.base",
    "Rule": "core.spaces.rule",
    "Scheduler": "scheduling.base",
    "Stage": "stages.base",
    "Visit": "stages.visit",
    "LanguageModel": "language_models.base",
    "SequenceModel": "language_models.base",
    "Posterior": "surrogates.base",
    "Score": "generators.base",
    "History": "core.history",
    "Design": "core.records",
    "Proposal": "core.records",
    "Choice": "core.records",
    "Order": "core.records",
    "Wait": "core.records",
    "Stop": "core.records",
    "DesignloopError": "core.errors",
}
__all__ = ["__version__", *_ROOMS, *_PLACES]  # noqa: PLE0604  # every entry is a name; the tables say which

if not TYPE_CHECKING:  # a type checker would conclude that every name exists, misspelt ones too

    def __getattr__(name: str) -> Any:
        """Import a name at its first use, so that `import designloop` is cheap."""
        if name in _ROOMS:
            return import_module(f"designloop.{name}")
        if name in _PLACES:
            return getattr(import_module(f"designloop.{_PLACES[name]}"), name)
        from designloop.core.errors import did_you_mean

        raise AttributeError(f"module 'designloop' has no attribute '{name}'{did_you_mean(name, __all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _draw(result: Any, name: str | None) -> Picture:
    from designloop.report.pictures import drawn

    return drawn(result, name)


drawn_by(_draw)


def _write(thing: Any, path: Path) -> Path:
    from designloop.report.dossier.page import write

    return write(thing, path)


written_by(_write)
