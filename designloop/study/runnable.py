"""A study as Python has it: described, and run, into a folder or in memory."""

import warnings
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from designloop.core.errors import Notice
from designloop.study import description
from designloop.study.engines import Processes
from designloop.study.recorded import load_study
from designloop.study.run import Progress, Report, run_study
from designloop.study.study_result import StudyResult
from designloop.study.telling import following


class Study(description.Study):
    """Many campaigns side by side: every combination of the axes' options, for each instance and seed.

    `base` is a campaign, its description, or its file; options may be parts. `read` takes a study from a YAML file.
    """

    def run(
        self, store: str | Path | None = None, *, workers: int | None = None, progress: bool | Report = False
    ) -> StudyResult:
        """Run every cell in processes of this machine, into the folder `store` or in memory, and give what came of it.

        A folder that holds part of it is gone on with. `workers`: processes at once, by default one for each core.
        `progress`: True shows a bar, a function is told of each cell that ends. A cell that fails stops no other: its
        error stands in `cells()`, and a Notice says so. Raises ConfigError, InputError or StoreError before any work.
        """
        if store is None:
            with TemporaryDirectory(prefix="designloop-", ignore_cleanup_errors=True) as folder:
                return replace(self.run(Path(folder) / "study", workers=workers, progress=progress), directory=None)
        with following(progress) as report:
            done = run_study(self, store, Processes(workers), report)
        if done.failures:
            _tell_failures(done)
        return load_study(store)


def _tell_failures(done: Progress) -> None:
    first = done.failures[0]
    warnings.warn(
        f"{len(done.failures)} of {done.n_cells} cells failed; the first: {first.cell}: {first.cause}",
        Notice,
        stacklevel=3,
    )
