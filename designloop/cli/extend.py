"""`designloop extend`: go on with a finished run under changes."""

from collections.abc import Sequence
from pathlib import Path

from designloop.cli.shared.campaigns import run_with_progress
from designloop.core.config import setting_in


def extend_campaign(directory: Path, settings: Sequence[str], *, json: bool, quiet: bool) -> None:
    """Go on with the finished run in `directory` under changes."""
    from designloop.extension import extend
    from designloop.storage.run_directory import load, recorded

    recorded(directory)  # says what is missing where there is no run
    changes = dict(setting_in(setting) for setting in settings)

    def go_on() -> str:
        """Before the extension is an event, the run is as finished as it was."""
        is_extended = load(directory).stop is None
        return f"designloop resume {directory}" if is_extended else "the same command again; nothing is extended yet"

    run_with_progress(
        lambda report: extend(directory, changes, progress=report), directory, json=json, quiet=quiet, go_on=go_on
    )
