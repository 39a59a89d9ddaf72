"""A space is the set of sequences that a campaign may build: membership, counting and uniform draws."""

from designloop.core.spaces.hull import hull
from designloop.core.spaces.narrowing import Narrowing
from designloop.core.spaces.space import Space, compress

__all__ = ["Narrowing", "Space", "compress", "hull"]
