"""An outside oracle that counts As, and errs as its first argument says; its second names a file of notes, a flag that
a flaw needs. It speaks JSON, or rows where its third argument is `csv`. It knows no designloop.
"""

import json
import os
import sys
import time
from pathlib import Path

FLAW, NOTES, FORM = (*sys.argv[1:], *["none", os.devnull, "json"][len(sys.argv) - 1 :])
IS_FLAWED = not NOTES.endswith(".flag") or Path(NOTES).exists()


def note(text):
    if not NOTES.endswith(".flag"):
        with Path(NOTES).open("a") as notes:
            notes.write(f"{text}\n")


def read(line):
    if FORM == "json":
        return json.loads(line)
    kind, number, *rest = line.rstrip("\n").split(",")
    return {"type": kind, "id": int(number), "sequences": rest}


def say(kind, number, values=()):
    if FORM == "json":
        rest = {"protocol": number} if kind == "ready" else {"id": number, "values": values}
        print(json.dumps({"type": kind, **rest}), flush=True)
    else:
        print(kind, number, *("NA" if value is None else value for value in values), sep=",", flush=True)


def worth(sequence):
    return None if sequence.startswith("TT") else 1.0 + sequence.count("A")


def err(number, values):
    """The answer with its flaw; the values where there is nothing to say."""
    if FLAW == "crash":
        print("segmentation fault in fold()", file=sys.stderr)
        os._exit(3)
    elif FLAW == "hang":
        time.sleep(60)
    elif FLAW == "garbage":
        print("folding 16 sequences ...", flush=True)
    elif FLAW == "few":
        values.pop()
    elif FLAW == "many":
        values.append(0.5)
    elif FLAW == "infinity":
        values[-1] = float("inf")
    elif FLAW == "text":
        values[-1] = "high"
    elif FLAW == "late":
        say("values", number - 1, values)
    elif FLAW == "slowly":
        time.sleep(0.05)
    return values


for line in sys.stdin:
    message = read(line)
    if message["type"] == "hello":
        note(f"alphabet {message['alphabet']}" if FORM == "json" else f"alphabet {message['sequences'][1]}")
        say("ready", 1)
        continue
    note(f"{os.getpid()} {message['id']} {' '.join(message['sequences'])}")
    values = [worth(sequence) for sequence in message["sequences"]]
    say("values", message["id"], err(message["id"], values) if IS_FLAWED else values)
