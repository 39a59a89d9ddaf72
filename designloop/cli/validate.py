"""`designloop validate`: check a campaign or a study, and the files it reads."""

import sys
from collections.abc import Iterator, Sequence
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.cli.shared.campaigns import is_live, is_of_a_study, read_campaign
from designloop.cli.shared.messages import print_remarks
from designloop.core.config import Document, build, override, read_document, to_yaml
from designloop.core.errors import ConfigError
from designloop.core.faults import asked_first
from designloop.core.money import Quote, pays

if TYPE_CHECKING:
    from designloop.campaign import Campaign

_OF_A_LAB = frozenset(("stages", "assay", "people", "preset"))
_OF_A_CAMPAIGN = frozenset(("oracle", "lab", "base", "axes", "scheduler", "budget"))


def validate(config: Path, settings: Sequence[str], *, full: bool) -> None:
    """Check a study, a live campaign or a campaign, whichever the file describes. Raises ConfigError for a lab."""
    document = read_document(config)
    override(document, settings)
    if not _OF_A_LAB.isdisjoint(document.data) and _OF_A_CAMPAIGN.isdisjoint(document.data):
        raise ConfigError(
            f"{config} describes a lab alone; look at it with `designloop lab show {config}`, or write its keys under "
            "`lab` of a campaign"
        )
    if is_of_a_study(document.data):
        validate_study(config, settings, full=full)
    elif is_live(document.data):
        validate_live(config, document, full=full)
    else:
        validate_campaign(config, settings, full=full)


def validate_live(config: Path, document: Document, *, full: bool) -> None:
    """Check a live campaign and its files; print it with all defaults filled in if `full`."""
    from designloop.live.campaign import LiveCampaign

    document.data.setdefault("name", config.stem)
    campaign = build(LiveCampaign, document)
    known = campaign.known(0)
    if full:
        print(to_yaml(campaign.describe()), end="")
    print(f"the space holds {campaign.whole_space.how_many}", file=sys.stderr)
    print(campaign.lab.template.in_words, file=sys.stderr)
    print_remarks(known.remarks)
    print(f"{config} is valid; begin it with `designloop live init {config} DIR`", file=sys.stderr)


def validate_study(config: Path, settings: Sequence[str], *, full: bool) -> None:
    """Check every campaign of the study and its files; print its size, or the whole study if `full`."""
    from designloop.study.description import Study
    from designloop.study.run import planned

    study = Study.read(config, settings)
    plan, remarks = planned(study)
    if full:
        print(to_yaml(study.describe()), end="")
    print(plan, file=sys.stderr)
    print_remarks([*(f"left out: {option}" for option in plan.left_out), *remarks])
    print(f"{config} is valid", file=sys.stderr)


def validate_campaign(config: Path, settings: Sequence[str], *, full: bool) -> None:
    """Check the campaign and its files; print it with all defaults filled in if `full`."""
    from designloop.lab.reservations import wide_reservations
    from designloop.oracles.remarks import remarks_on

    campaign = read_campaign(config, settings)
    known = campaign.known()
    if full:
        print(to_yaml(campaign.describe()), end="")
    with asked_first(campaign.oracle, "optimum"):
        highest = campaign.oracle.optimum
    if highest is not None:
        print(f"the optimum of the landscape is {highest:.6g}", file=sys.stderr)
    space, has_parent = campaign.whole_space, campaign.whole_space.parent is not None
    remarks = [*remarks_on(campaign.oracle, campaign.prior.corpus, known.corpus), *known.remarks, *campaign.lab.remarks]
    remarks += campaign.lab.assay.remarks(has_parent=has_parent)
    print(f"the space holds {space.how_many}", file=sys.stderr)
    if space.fixed:
        letters = ", ".join(f"{(space.parent or '')[at]}{at + 1}" for at in sorted(space.fixed))
        print(f"kept: {letters}", file=sys.stderr)
    print(campaign.lab.assay.templates(campaign.lab.plate_size, has_parent=has_parent)[0].in_words, file=sys.stderr)
    scheduler, quote = campaign.scheduler, campaign.lab.quote(space)
    if plan := scheduler.plan(campaign.lab.card):
        print(f"scheduler: {plan}", file=sys.stderr)
    n_designs = scheduler.most_designs(campaign.lab.card)
    print_remarks([*remarks, *wide_reservations(campaign.lab, quote, n_designs, scheduler.replicates)])
    for warning in _too_little(campaign, quote):
        print(f"warning: {warning}", file=sys.stderr)
    print(f"{config} is valid{'' if full else ' (--full prints it with all defaults)'}", file=sys.stderr)


def _too_little(campaign: "Campaign", quote: Quote) -> Iterator[str]:
    """What a budget does not suffice for: the first result, or the first design."""
    weeks, cost, shortest = campaign.budget.weeks, campaign.budget.cost, campaign.lab.shortest_days / 7
    if weeks is not None and weeks < shortest:
        lasts = f"a design takes more than {shortest:.1f} weeks in this lab, but budget.weeks is {weeks:g}"
        yield f"{lasts}, so no result comes back"
    if cost is not None and not pays(cost, least := _least_cost(campaign, quote)):
        yield f"a result costs at least {least:,.2f} in this lab, but budget.cost is {cost:,.2f}, so none comes back"


def _least_cost(campaign: "Campaign", quote: Quote) -> float:
    """The money for a first result: a design with what is reserved for it, and the rent that is kept back."""
    lengths, replicates = [campaign.whole_space.min_length], campaign.scheduler.replicates
    n_weeks = max(floor(campaign.lab.shortest_days / 7) + 1, ceil(campaign.lab.card.weeks))
    return n_weeks * quote.per_week + quote.price(lengths, replicates=replicates)
