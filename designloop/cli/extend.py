"""`designloop extend`: continue a finished run with changes."""

from collections.abc import Sequence
from pathlib import Path

from designloop.cli.shared.campaigns import check_is_simulated, run_with_progress
from designloop.core.config import setting_in


def extend_campaign(directory: Path, settings: Sequence[str], *, json: bool, quiet: bool) -> None:
    """Continue the finished run in `directory` with changes."""
    from designloop.extension import extend
    from designloop.storage.run_directory import load, recorded

    recorded(directory)  # says what is missing where there is no run
    check_is_simulated(directory)
    changes = dict(setting_in(setting) for setting in settings)

    def go_on() -> str:
        """How to continue. Until the extension is recorded as an event, the run is still finished."""
        is_extended = load(directory).stop is None
        return f"designloop resume {directory}" if is_extended else "the same command; nothing has been extended yet"

    run_with_progress(
        lambda report: extend(directory, changes, progress=report), directory, json=json, quiet=quiet, go_on=go_on
    )
