"""A program that errs as its first argument says; its second names a file of notes. It knows no designloop."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

FLAW, NOTES = sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else os.devnull)


def note(text):
    with NOTES.open("a") as notes:
        notes.write(f"{text}\n")


def say(answer):
    print(answer if isinstance(answer, str) else json.dumps(answer), flush=True)


def is_first():
    return NOTES.read_text().count("started") == 1


def greet():
    if FLAW == "crash at start":
        sys.exit("no such module")
    if FLAW == "hang at start":
        time.sleep(60)
    if FLAW == "speak at start":
        say("loading the model")
    say({"type": "ready", "protocol": 2 if FLAW == "another version" else 1})


def crash():
    print("out of paper\nat line 7", file=sys.stderr)
    os._exit(3)


def leave_a_child():
    note(subprocess.Popen(["sleep", "60"]).pid)


def hang():
    time.sleep(60)


def be_endless():
    while True:
        sys.stdout.write("A" * 65536)


def talk():
    for _ in range(1000):
        sys.stderr.write(f"{'loss ' * 200}\n")


FLAWS = {
    "crash": [crash],
    "be killed": [lambda: os.kill(os.getpid(), 9)],
    "close": [lambda: os.close(1), hang],
    "hang": [hang],
    "hang with a child": [leave_a_child, hang],
    "leave a child": [leave_a_child],
    "be endless": [be_endless],
    "talk": [talk],
    "not read": [lambda: os.close(0)],
}


def answer(message):
    for step in FLAWS.get("crash" if FLAW == "crash once" and is_first() else FLAW, []):
        step()
    if FLAW == "answer twice":
        say({"type": "echo", "of": message})
    say(WRONG.get(FLAW, {"type": "echo", "of": message, "pid": os.getpid(), "letter": "Ā"}))


WRONG = {
    "garbage": "epoch 1, loss 0.3",
    "bytes": '"\udcff"',
    "nothing": "",
    "a list": [1],
    "nan": '{"type": "echo", "number": NaN}',
    "infinity": '{"type": "echo", "number": 1e999}',
    "another type": {"type": "proposal"},
    "another key": {"type": "echo", "off": 1},
    "a text for a number": {"type": "echo", "number": "1"},
    "report": {"type": "error", "message": "the licence has expired"},
    "a deep hole": "[" * 100_000,
}
sys.stdout.reconfigure(errors="surrogateescape")
note("started")
for line in sys.stdin:
    message = json.loads(line)
    greet() if message["type"] == "hello" else answer(message)
note("ended")
