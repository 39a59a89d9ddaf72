"""A program of a user, for type checkers: `mypy` passes `right` and finds each misspelling of `wrong`.

Nothing runs it. An error that is not found is an unused `type: ignore`, which fails as well.
"""

import designloop as dl


def right() -> str:
    campaign = dl.Campaign(
        oracle=dl.oracles.Ehrlich(length=32),
        lab=dl.Lab.preset("good", plate_size=96),
        strategy=dl.strategies.ModelGuided(surrogate=dl.surrogates.BayesianLinear()),
        scheduler=dl.scheduling.Rounds(batch_size=96),
        budget=dl.Budget(designs=960),
    )
    result = campaign.run(seed=0)
    named: str = result.recommended.sequence if result.recommended else ""
    highest = dl.load("runs/mine").observations()["value"].max()
    found = dl.Study(base="mine.yaml", axes={"strategies": [dl.strategies.Random()]}).run(workers=2, progress=True)
    page: str = found.verdict.sentence + found.plot().save("curves.png").name + dl.report.write(result).name
    return f"{named} {highest!r} {page}"


def wrong(campaign: dl.Campaign) -> None:
    dl.Campain()  # type: ignore[attr-defined]
    dl.oracles.Erlich(length=32)  # type: ignore[attr-defined]
    dl.scheduling.Rounds(batch=96)  # type: ignore[call-arg]
    campaign.run(seed="0")  # type: ignore[arg-type]
    campaign.run(sede=0)  # type: ignore[call-arg]
    campaign.run(seed=0).bets()  # type: ignore[attr-defined]
    campaign.run(seed=0).observation()  # type: ignore[attr-defined]
    dl.load_study(3)  # type: ignore[arg-type]
