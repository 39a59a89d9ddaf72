#!/usr/bin/env bash
# Expectation: After `result = yield request | env.timeout(patience)`, as in SimPy's own example of impatient customers, a
# request that is not in `result` was not granted. Testing `request in result` shows whether the process has the machine.
#
# Version: simpy 4.1.2, Python 3.11, from the Python package index.
# Source: simpy/events.py, `Condition`. A condition collects its events when the first of them is processed. A request
# that is granted at the same time is triggered but not yet processed, and is left out.
#
# Behaviour: Here a machine becomes free at the moment when the patience of the next process in line ends. The request is
# granted, counts as a user of the resource, and is missing from the result. The process gives up, but still holds the
# machine. `cancel()` has no effect on a granted request, so all later jobs wait forever. In a `with` block the machine is
# released, but the job still counts as turned away. Such ties are frequent in a laboratory simulated in whole days.
# `request.triggered` gives the correct answer.
#
# Output on 2026-11-29:
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
