"""A trial run puts batches through a lab without a campaign: turnaround, queues, bottleneck, what would help."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.trial_runs.trial_run import TrialRun as TrialRun
    from designloop.trial_runs.trial_run import trial_run as trial_run

_PLACE = "designloop.trial_runs.trial_run"
if not TYPE_CHECKING:
    places = {"TrialRun": f"{_PLACE}:TrialRun", "trial_run": f"{_PLACE}:trial_run"}
    __getattr__, __dir__ = lazy_parts(__name__, places)
