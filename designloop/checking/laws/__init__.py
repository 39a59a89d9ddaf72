"""The laws that an oracle must obey, each with what to change where it is broken."""

from designloop.checking.findings import Law
from designloop.checking.laws import form, manners, sameness, sequences, values

_IN_ORDER: tuple[Law, ...] = (
    form.answers,
    form.type_,
    sameness.again,
    form.finite,
    form.empty,
    form.input_,
    sequences.letters,
    sameness.order,
    sameness.company,
    sameness.duplicates,
    sameness.plates,
    sameness.process,
    sameness.copies,
    sameness.threads,
    sameness.randomness,
    values.viable,
    values.spread,
    values.optimum,
    values.scale,
    sequences.corpus,
    sequences.measures,
    sequences.outside,
    manners.tidy,
    manners.quiet,
)
LAWS: dict[str, Law] = {law.name: law for law in _IN_ORDER}
"""Name -> law, in the order in which they are judged."""
