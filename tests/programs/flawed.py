"""An outside strategy that errs as its first argument says. It knows no designloop."""

import itertools
import json
import os
import sys
from pathlib import Path

FLAW, FLAG = sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else os.curdir)


def free(question):
    """The first sequences of the space that are not taken."""
    space, taken = question["space"], set(question["taken"])
    every = map("".join, itertools.product(*space["letters"][: space["min_length"]]))
    return list(itertools.islice((sequence for sequence in every if sequence not in taken), 100))


def proposal(question):
    n, taken, several = question["order"]["n_designs"], question["taken"], free(question)
    choices = [{"sequence": sequence} for sequence in several[:n]]
    answer = {"type": "proposal", "choices": choices}
    if FLAW == "few":
        del choices[1:]
    elif FLAW == "many":
        choices.append({"sequence": several[n]})
    elif FLAW == "twice":
        choices[0] = choices[1]
    elif FLAW == "taken" and taken:
        choices[:] = [{"sequence": taken[0]}]
    elif FLAW == "outside":
        choices[0] = {"sequence": "Ā" * 8}
    elif FLAW == "retests":
        answer["retests"] = [999]
    elif FLAW == "infinite":
        choices[0]["mean"] = float("inf")
    elif FLAW == "narrow":
        choices[0]["std"] = -1.0
    return answer


for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        print('{"type": "ready", "protocol": 1}', flush=True)
        continue
    print(f"round {message['round']}, seed {message['seed']}", file=sys.stderr)
    if FLAW == "crash later" and FLAG.exists() and message["round"] > 0:
        sys.exit("the disk is full")
    print(json.dumps(proposal(message)), flush=True)
