"""`designloop validate`: check a campaign and the files it reads, and print it with all defaults filled in."""

import sys
from collections.abc import Sequence
from pathlib import Path

from designloop.cli.shared.campaigns import read_campaign
from designloop.cli.shared.messages import print_remarks
from designloop.core.config import to_yaml
from designloop.core.faults import asked_first


def validate_campaign(config: Path, settings: Sequence[str]) -> None:
    """Check the campaign and its files, then print it with all defaults filled in."""
    from designloop.oracles.remarks import remarks_on

    campaign = read_campaign(config, settings)
    known = campaign.known()
    print(to_yaml(campaign.describe()), end="")
    with asked_first(campaign.oracle, "optimum"):
        highest = campaign.oracle.optimum
    if highest is not None:
        print(f"the optimum of the landscape is {highest:.6g}", file=sys.stderr)
    remarks = [*remarks_on(campaign.oracle, campaign.prior.corpus, known.corpus), *known.remarks]
    space = campaign.whole_space
    print(f"the space holds {space.how_many}", file=sys.stderr)
    if space.fixed:
        letters = ", ".join(f"{(space.parent or '')[at]}{at + 1}" for at in sorted(space.fixed))
        print(f"kept: {letters}", file=sys.stderr)
    template = campaign.lab.assay.template(campaign.lab.plate_size, has_parent=space.parent is not None)
    print(template.in_words, file=sys.stderr)
    print_remarks(remarks)
    print(f"{config} is valid", file=sys.stderr)
