"""Reads a campaign from its file, runs it with a progress display, and prints its summary."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.cli.shared.summaries import print_summary
from designloop.core.config import build, override, read_document
from designloop.core.errors import ConfigError, DesignloopError, StoreLost
from designloop.progress.campaigns import Foretell, Report, reporting
from designloop.storage.run_directory import CONFIG

if TYPE_CHECKING:
    from designloop.campaign import Campaign
    from designloop.core.history import History
    from designloop.core.records import Event
    from designloop.storage.summary import Summary


_NO_VALUE = "check the oracle (NaN and None mean not viable) and the failures of the lab"


class Interrupted(DesignloopError):
    """The user stopped a run, which can be continued."""

    exit_code = 130  # as a shell reports an interrupt


def is_of_a_study(data: Mapping[str, object]) -> bool:
    """Whether a description is that of a study."""
    return bool({"base", "axes"} & set(data)) and "oracle" not in data


def is_live(data: Mapping[str, object]) -> bool:
    """Whether a description is that of a live campaign, whose lab is real."""
    lab = data.get("lab")
    return (lab.get("preset") if isinstance(lab, Mapping) else lab) == "live"


def check_is_simulated(directory: Path) -> None:
    """Raise ConfigError where a directory holds a live campaign."""
    if is_live(read_document(directory / CONFIG).data):
        raise ConfigError(
            f"{directory} holds a live campaign; go on with it by `designloop live ask {directory}`, `tell` or `extend`"
        )


def read_campaign(config: Path, settings: Sequence[str]) -> "Campaign":
    """The campaign that a file describes, with `--set` applied. Raises ConfigError with key, line and remedy."""
    from designloop.campaign import Campaign

    document = read_document(config)
    if is_of_a_study(document.data):
        raise ConfigError(f"{config} describes a study; run it with `designloop study {config}`")
    override(document, settings)
    if is_live(document.data):
        raise ConfigError(
            f"the lab of {config} is real (`lab: live`); begin it with `designloop live init {config} DIR`, or "
            "simulate it in a lab, as with `--set lab=good`"
        )
    document.data.setdefault("name", config.stem)
    campaign = build(Campaign, document)
    if campaign.name in (".", "..") or set(campaign.name) & set("/\\"):
        raise ConfigError(f"the name '{campaign.name}' cannot be a folder in runs/; give a plain name ({config})")
    return campaign


def run_with_progress(
    run: Callable[[Report | None], "Summary"],
    directory: Path,
    *,
    json: bool,
    quiet: bool,
    foretell: Foretell = lambda _: "",
    go_on: Callable[[], str] | None = None,
) -> None:
    """Run with a progress display and print the summary. A run that ends early says how to continue it (`go_on`)."""
    how = go_on or (lambda: f"designloop resume {directory}")
    try:
        with reporting(sys.stderr, quiet=quiet or json, foretell=foretell) as report:
            heard = _Heard(report)
            result = run(heard)
    except KeyboardInterrupt as interrupt:
        raise Interrupted(f"interrupted; to continue: {how()}") from interrupt
    except Exception as error:
        if getattr(error, "exit_code", 1) == 1 and not isinstance(error, StoreLost):
            error.add_note(f"The run up to here is kept. When the error is fixed, continue with: {how()}")
        raise
    if not heard.anything:
        print(f"note: {directory} is already finished; nothing was run", file=sys.stderr)
    print_summary(result, json=json, quiet=quiet)
    is_poor = "money" in (result.stop or "")
    if result.stop and (result.designs or is_poor) and not result.outcomes:
        key = "budget.cost" if is_poor else "budget.weeks"
        ended = f"the budget ended in week {result.weeks:.1f}, before the first result; raise it ({key})"
        print(f"warning: {ended}", file=sys.stderr)
    elif result.stop and result.designs and not result.n_observed:
        print(f"warning: no design had a value: {result.outcomes_in_words}; {_NO_VALUE}", file=sys.stderr)
    if not (quiet or json):
        print(f"  kept in      {directory} (designloop show, report or extend)")


class _Heard:
    """A report that remembers whether it was told of anything, as a finished run tells nothing."""

    def __init__(self, report: Report | None) -> None:
        self._report, self.anything = report, False

    def __call__(self, history: "History", events: Sequence["Event"]) -> None:
        self.anything = True
        if self._report is not None:
            self._report(history, events)
