"""An outside strategy for tests: mutants of the best designs, in any space of the protocol. It knows no designloop."""

import json
import random
import sys

FAR = 10**9


def edits(parent, child, fixed):
    """Fewest edits that touch no fixed letter of the parent."""
    row = list(range(len(child) + 1))
    for i, letter in enumerate(parent):
        touched = FAR if i in fixed else 1
        before, row = row, [row[0] + touched]
        for j, other in enumerate(child):
            row.append(min(before[j] + (touched if letter != other else 0), before[j + 1] + touched, row[j] + 1))
    return row[-1]


def is_inside(sequence, space):
    if space["pool"] is not None:
        return sequence in space["pool"]
    if not space["min_length"] <= len(sequence) <= space["max_length"]:
        return False
    if any(letter not in letters for letter, letters in zip(sequence, space["letters"], strict=False)):
        return False
    return space["max_edits"] is None or edits(space["parent"], sequence, space["fixed"]) <= space["max_edits"]


def drawn(space, rng):
    if space["pool"] is not None:
        return rng.choice(space["pool"])
    length = rng.randint(space["min_length"], space["max_length"])
    return "".join(rng.choice(letters) for letters in space["letters"][:length])


def mutant(parent, space, rng):
    child = list(parent)
    for _ in range(rng.choice((1, 1, 2))):
        place, letter, move = rng.randrange(len(child) + 1), rng.choice(space["alphabet"]), rng.random()
        if move < 0.2:
            child.insert(place, letter)
        elif move < 0.4:
            child[place : place + 1] = []
        else:
            child[place : place + 1] = [letter]
    return "".join(child)


def propose(question):
    rng, space, n = random.Random(question["seed"]), question["space"], question["order"]["n_designs"]
    history = question["history"]
    rows = [(value, s) for value, s in zip(history["value"], history["sequence"], strict=True) if value is not None]
    parents = [s for _, s in sorted(rows, reverse=True)[:10]] or question["known"]["corpus"]
    taken, chosen = set(question["taken"]), {}
    for _ in range(200 * n):
        child = mutant(rng.choice(parents), space, rng) if parents and rng.random() < 0.8 else drawn(space, rng)
        if len(chosen) < n and child not in taken and child not in chosen and is_inside(child, space):
            chosen[child] = {"sequence": child, "origin": "mutant"}
    return {"type": "proposal", "choices": list(chosen.values())}


for line in sys.stdin:
    message = json.loads(line)
    answer = {"type": "ready", "protocol": 1} if message["type"] == "hello" else propose(message)
    print(json.dumps(answer), flush=True)
