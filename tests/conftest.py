"""Makes the stubs importable from every test, and Ctrl-C heard in each."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C is heard also where the shell that started pytest has it ignored, as it does in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
