"""The money of a rehearsal: simulations may spend what the real campaign has left, by the prices of their lab."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from designloop.core.counting import many
from designloop.core.money import Quote
from designloop.core.past import Past
from designloop.lab.lab import Lab
from designloop.live.campaign import LiveCampaign


@dataclass(frozen=True)
class Money:
    """What was spent by the prices of the real lab, and what the simulated lab may still be paid."""

    past: Past
    campaign: LiveCampaign
    lab: Lab
    budgets: Mapping[str, float | None]

    @property
    def sentences(self) -> Iterator[str]:
        """What the budget of money counts, and how the prices of the two labs compare."""
        limit = self.budgets.get("cost")
        yield "money in tables and figures is counted from now on; what was ordered before is paid"
        if limit is None:
            return
        if self.campaign.lab.prices is None:
            yield (
                f"money: {self._of_lab(limit)} from now on, by the prices of the simulated lab; earlier orders are not "
                "counted, since the campaign has no `lab.prices`"
            )
            return
        yield (
            f"money: of the {self._real(limit)} of the whole campaign, {self._real(self.past.spent)} were spent by "
            f"`lab.prices`; the {self._real(limit - self.past.spent)} that are left may be spent by the prices of the "
            "simulated lab"
        )
        yield from self._compared()

    @property
    def warning(self) -> str:
        """Why a budget of money is not to be trusted; empty where it is."""
        prices, currency = self.campaign.lab.prices, self.lab.cost.currency
        if self.budgets.get("cost") is None or prices is None:
            return ""
        if prices.currency and currency and prices.currency != currency:
            return (
                f"`lab.prices` are in {prices.currency}, but the simulated lab charges in {currency}: the budget of "
                f"money adds them as if they were the same; describe its `cost` in {prices.currency} (--lab, or "
                "`lab.simulated`)"
            )
        if self._expected(self.lab.quote(self.campaign.whole_space)) == 0:
            return (
                "the simulated lab charges nothing for a batch, so that the budget of money does not limit it; "
                "describe its `cost` (--lab, or `lab.simulated`)"
            )
        return ""

    def _compared(self) -> Iterator[str]:
        """The price of a usual batch in both labs, where they differ."""
        assert self.campaign.lab.prices is not None
        space = self.campaign.whole_space
        real, simulated = (self._expected(its.quote(space)) for its in (self.campaign.lab.prices, self.lab))
        if real != simulated:
            yield (
                f"a batch of up to {many(self._n_designs, 'design')} costs about {self._real(real)} by `lab.prices`, "
                f"and {self._of_lab(simulated)} by the prices of the simulated lab"
            )

    @property
    def _n_designs(self) -> int:
        """The largest batch, as the scheduler makes it of the simulated lab."""
        return self.campaign.scheduler.most_designs(self.lab.card)

    def _expected(self, quote: Quote) -> float:
        wells = [self.campaign.scheduler.replicates] * self._n_designs
        return quote.expected([self.campaign.whole_space.max_length] * self._n_designs, 0, wells)

    def _real(self, amount: float) -> str:
        assert self.campaign.lab.prices is not None
        return f"{amount:,.2f} {self.campaign.lab.prices.currency}".rstrip()

    def _of_lab(self, amount: float) -> str:
        return f"{amount:,.2f} {self.lab.cost.currency}".rstrip()
