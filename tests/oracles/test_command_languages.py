"""Programs in R and in a shell are oracles, and a run in which one is killed, hangs and talks goes on to the end."""

import os
import shutil
from pathlib import Path

import pytest
from stubs import small

from designloop.core.errors import OracleError
from designloop.oracles import Command

SPACE = {"alphabet": "dna", "length": 8}
R = r"""
flaw <- function() if (file.exists("flaw")) readLines("flaw", n = 1) else "none"
worth <- function(sequences) ifelse(startsWith(sequences, "TT"), NA,
                                    1 + lengths(regmatches(sequences, gregexpr("A", sequences))))
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  cells <- strsplit(line, ",")[[1]]
  if (cells[1] == "hello") {
    cat("ready,1\n")
    next
  }
  message("asked for ", length(cells) - 2, " sequences")
  if (flaw() == "kill") tools::pskill(Sys.getpid(), 9)
  if (flaw() == "hang") Sys.sleep(60)
  if (flaw() == "garbage") print(cells)
  values <- sprintf("%.17g", worth(cells[-(1:2)]))
  cat(paste(c("values", cells[2], values), collapse = ","), "\n", sep = "")
}
"""
SHELL = r"""
flaw() { cat flaw 2>/dev/null; }
while IFS=, read -r type id rest; do
  if [ "$type" = hello ]; then echo ready,1; continue; fi
  echo "asked for $rest" >&2
  case $(flaw) in
    kill) kill -9 $$ ;;
    hang) sleep 60 ;;
    garbage) echo "folding" ;;
  esac
  worth='/^TT/ { print "NA"; next } { print 1 + gsub(/A/, "") }'
  echo "values,$id,$(echo "$rest" | tr , '\n' | awk "$worth" | paste -sd, -)"
done
"""
PROGRAMS = {"count.R": ("Rscript", R), "count.sh": ("sh", SHELL)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_run_survives_its_program_killed_hung_and_talking_in_turn(name: str, tmp_path: Path) -> None:
    interpreter, text = PROGRAMS[name]
    if shutil.which(interpreter) is None:
        pytest.skip(f"{interpreter} is not installed")
    (tmp_path / name).write_text(text)
    oracle = Command(
        argv=(interpreter, tmp_path / name), format="csv", folder=str(tmp_path), seconds=1.0, restarts=0, **SPACE
    )
    flaw, run = tmp_path / "flaw", tmp_path / "run"
    whole = small().run(seed=5)
    failures = {"kill": "was ended by SIGKILL before it answered", "hang": "did not answer within 1 s",
                "garbage": "expected a row that begins with `values`"}  # fmt: skip
    go_on = False
    for what, said in failures.items():
        flaw.write_text(f"{what}\n")
        campaign = small(oracle=oracle)
        with pytest.raises(
            OracleError, match=rf"^oracle 'command: {interpreter} {name}' in week .*: the program .*{said}"
        ):
            campaign.resume(run) if go_on else campaign.run(seed=5, store=run)
        go_on = True
    os.remove(flaw)
    result = small(oracle=oracle).resume(run)
    assert result.observations().to_dicts() == whole.observations().to_dicts()
    assert "asked for" in (run / "program.log").read_text()
