#!/usr/bin/env bash
# The guess: after `result = yield request | env.timeout(patience)`, which is how SimPy's own example of impatient
# customers waits, a request that is not in `result` was not granted. So whoever tests `request in result` knows
# whether it has the machine.
#
# Version: simpy 4.1.2, Python 3.11, from the Python package index.
# Source: simpy/events.py, `Condition`. A condition collects its events when the first of them is processed. A request
# that is granted at the same time is triggered but not processed yet, and is left out.
#
# The behaviour: here a machine becomes free at the very moment at which the patience of the next in line ends. The
# request is granted, counts as a user of the resource, and is missing from the result. The process gives up, and
# holds the machine. `cancel()` does nothing for a request that is granted, so all later jobs wait for ever. With
# `with` the machine is freed, but the job still counts as one that was turned away. In a laboratory simulated in
# whole days such ties are frequent. `request.triggered` tells the truth.
#
# Seen on 2026-11-29:
#   at day 5: in the result: False; triggered: True; users of the machine: 1
#   at day 100: the next job has started: False; waiting: 1
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet simpy==4.1.2

cat > "$work/tie.py" <<'PY'
import simpy

env = simpy.Environment()
machine = simpy.Resource(env, capacity=1)
seen, started = [], []


def first():
    with machine.request() as request:
        yield request
        yield env.timeout(5)


def impatient():
    yield env.timeout(2)
    request = machine.request()
    result = yield request | env.timeout(3)
    seen.append((env.now, request in result, request.triggered, machine.count))
    if request not in result:
        request.cancel()


def later():
    yield env.timeout(10)
    with machine.request() as request:
        yield request
        started.append(env.now)


for process in (first, impatient, later):
    env.process(process())
env.run(until=100)
day, listed, triggered, users = seen[0]
print(f"at day {day}: in the result: {listed}; triggered: {triggered}; users of the machine: {users}")
print(f"at day {env.now}: the next job has started: {bool(started)}; waiting: {len(machine.queue)}")
assert (day, listed, triggered, users) == (5, False, True, 1)
assert not started and len(machine.queue) == 1
PY
"$work/venv/bin/python" "$work/tie.py"
