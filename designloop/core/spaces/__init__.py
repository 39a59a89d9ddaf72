"""A space is the set of sequences a campaign may build: who is in it, how many there are, and draws from it."""

from designloop.core.spaces.hull import hull
from designloop.core.spaces.narrowing import Narrowing
from designloop.core.spaces.space import Space, compress

__all__ = ["Narrowing", "Space", "compress", "hull"]
