"""Batches through a lab, as its events; and a crowded lab."""

from lab_stubs import designs, start

from designloop.core.clock import DAY
from designloop.core.records import Batch, Event
from designloop.lab.lab import Lab

CROWDED = Lab(
    calendar={"closures": ["2025-01-20/2025-01-22"]},
    plate_size=6,
    wip_limit=16,
    people=[{"name": "bench", "number": 2, "shifts": [{"days": ["mon", "tue", "thu"], "hours": ["09:00", "17:00"]}]}],
    stages=[
        {"name": "ordering", "days": {"uniform": [1, 3]}, "per": "batch", "clock": "calendar"},
        {
            "name": "synthesis",
            "days": {"lognormal": [1.5, 0.5]},
            "machines": 2,
            "load": 5,
            "min_fill": 0.6,
            "failure": 0.2,
            "rework": {"to": "synthesis", "times": 2},
            "breakdown": {"between": {"exponential": 4}, "repair": {"exponential": 1}, "work": "restarted"},
            "maintenance": {"every": 3, "days": 0.5},
        },
        {"name": "picking", "days": {"hours": 5}, "machines": 3, "people": "bench", "share": 0.5},
        {"name": "cloning", "days": 1, "capacity": 4, "start_times": ["10:00"]},
        {
            "name": "growth",
            "days": 1,
            "machines": 2,
            "people": "bench",
            "n_people": 2,
            "hands_on": {"hours": 1},
            "consumables": [{"name": "media", "price": 1, "pack": 4, "stock": 4, "reorder_at": 0, "delay_days": 2}],
        },
    ],
    assay={"days": 2, "plates_per_day": 1, "min_fill": 0.5, "wait_days": 3, "lost_wells": 0.1},
    close_at={"days": 60},
    background=[{"name": "others", "stages": ["synthesis"], "rate": 1, "size": 3}],
)


def batches(lab: Lab, sizes: list[int], *, seed: int = 0, gap: int = DAY, first: int = 0) -> list[Event]:
    """All events of batches of these sizes, the first submitted at a minute and the others `gap` minutes apart."""
    run, events, n = start(lab, seed), list[Event](), 0
    for ordinal, size in enumerate(sizes, start=1):
        due = first + (ordinal - 1) * gap
        while run.now < due:
            events += run.run(until=due)
        events += run.submit(Batch(ordinal, designs(size, first=n, round=ordinal)))
        n += size
    while sum(event.kind == "round_closed" for event in events) < len(sizes):
        events += run.run()
    return events
