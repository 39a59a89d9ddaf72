"""The default strategy beside others, on the works of works.py: one value for each work, strategy and instance.

    python benchmarks/default_strategy.py --works ehrlich "3 in flight" --strategies auto today --instances 60-79

Results are appended to a CSV file (--results) as campaigns end, and those in it are not run again: an interrupted run
is resumed by the same command. All strategies of an instance have the same landscape, corpus, starts, language model
and seed. Degenerate instances, by the oracle's own flag, are left out and listed. Instances 0-39 are for tuning, 40-59
for checks, 60-79 for reports. strategy_report.py makes tables and figures of the file.
"""

import argparse
import csv
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import process_time
from typing import NamedTuple

from variants import ABLATION, PEERS, SHELF, STRATEGIES
from works import WORKS

GROUPS = {
    "shelf": list(SHELF),
    "peers": list(PEERS),
    **{f"ablation of {name}": list(group) for name, group in ABLATION.items()},
}
"""Names that stand for several strategies."""
_COLUMNS = ("work", "strategy", "instance", "value", "seconds")


class Cell(NamedTuple):
    work: str
    strategy: str
    instance: int


def run(cell: Cell) -> tuple[Cell, float, float]:
    """The cell, its figure and its processor seconds."""
    work, began = WORKS[cell.work], process_time()
    campaign = work.campaign(cell.instance, STRATEGIES[cell.strategy](work))
    result = campaign.run(seed=cell.instance if work.table else 0)
    return cell, work.judge(result, campaign.oracle), process_time() - began


def known(file: Path) -> dict[Cell, float]:
    if not file.exists():
        return {}
    with file.open(newline="") as lines:
        return {Cell(r["work"], r["strategy"], int(r["instance"])): float(r["value"]) for r in csv.DictReader(lines)}


def run_all(cells: list[Cell], file: Path, workers: int) -> int:
    """Run the cells and append their figures; a campaign that fails is told, and the others go on. The failures."""
    is_new, n_failed = not file.exists(), 0
    with file.open("a", newline="") as lines, ProcessPoolExecutor(workers) as pool:
        table = csv.writer(lines, lineterminator="\n")
        if is_new:
            table.writerow(_COLUMNS)
        asked = {pool.submit(run, cell): cell for cell in cells}
        for future in as_completed(asked):
            if error := future.exception():
                n_failed += 1
                print(f"{asked[future]} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                continue
            cell, value, seconds = future.result()
            table.writerow([*cell, f"{value:.6g}", f"{seconds:.1f}"])
            lines.flush()
            print(f"{cell.work:18} {cell.strategy:16} {cell.instance:3} {value:.4g}  ({seconds:.0f} s)", flush=True)
    return n_failed


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", nargs="+", default=list(WORKS), choices=list(WORKS), metavar="WORK")
    parser.add_argument(
        "--strategies", nargs="+", default=["auto", "today"], choices=[*STRATEGIES, *GROUPS], metavar="NAME"
    )
    parser.add_argument("--instances", type=numbers, default=numbers("0-1"))
    parser.add_argument("--results", type=Path, default=Path("default_strategy.csv"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run two strategies on one instance, and keep nothing")
    args = parser.parse_args()
    if args.smoke:
        args.works, args.instances = ["nk 1"], [0]
        args.results = Path(os.devnull)
    names = [name for one in args.strategies for name in GROUPS.get(one, [one])]
    cells = [Cell(work, name, i) for work in args.works for i in args.instances for name in names]
    cells = [cell for cell in cells if _can_run(cell)]
    done = known(args.results)
    if n_failed := run_all([cell for cell in cells if cell not in done], args.results, args.workers):
        raise SystemExit(f"{n_failed} campaigns failed; the same command runs them again")


def _can_run(cell: Cell) -> bool:
    work = WORKS[cell.work]
    if work.table:
        if "DESIGNLOOP_DATA" in os.environ:
            return True
        print(f"{cell.work}: skipped, DESIGNLOOP_DATA is not set")
        return False
    try:
        is_left_out = work.is_left_out(cell.instance)
    except ValueError as error:  # nk_ends.csv may lack an instance
        print(f"{cell.work}, instance {cell.instance}: skipped: {error}")
        return False
    if is_left_out:
        print(f"{cell.work}, instance {cell.instance}: degenerate, left out")
    return not is_left_out


if __name__ == "__main__":
    main()
