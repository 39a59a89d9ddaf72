"""A run called from Python shows how far it is where it is asked to, and nothing otherwise."""

import io
import re
import sys
from types import SimpleNamespace

import pytest
from stubs import small

from designloop.progress import bars
from designloop.progress.bars import Bar, bar_on, in_notebook, notebook_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Front:
    """What a notebook shows in one place, each time it is told."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def display(self, shown: Bar, *, display_id: bool) -> "Front":
        assert display_id
        self.update(shown)
        return self

    def update(self, shown: Bar) -> None:
        self.seen.append(shown._repr_html_())


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Front:
    """A kernel's front end, without a kernel."""
    front = Front()
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=None))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=front.display))
    return front


def test_a_run_shows_nothing_unless_it_is_asked_to(capfd):
    small().run()
    assert capfd.readouterr() == ("", "")


def test_without_a_terminal_a_run_is_followed_in_lines_on_stderr(capfd):
    assert bar_on(sys.stderr) is None
    small().run(progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[0].endswith("| opening")
    assert "closed: " in err.splitlines()[-1]


def test_in_a_terminal_a_bar_says_how_far_it_is(monkeypatch):
    out = Terminal()
    bar = bar_on(out, counts=True)
    assert bar is not None
    with bar as shown:
        shown.update("3 min left", 2, 8)
        shown.say("failed: [cell] 3")
    written = re.sub("\x1b[^a-zA-Z]*[a-zA-Z]", "", out.getvalue())
    assert "2/8 3 min left" in written
    assert "failed: [cell] 3" in written  # no markup: what stands in brackets is kept


def test_in_a_notebook_a_bar_stays_with_its_last_words(front):
    assert in_notebook()
    result = small().run(progress=True)
    assert front.seen[0] == "<div><progress max='1'></progress> </div>"
    last = front.seen[-1]
    assert f"week {result.weeks:.1f}" in last
    assert "best measured" in last


def test_a_notebook_is_told_now_and_then_and_of_the_end(front, monkeypatch):
    now = iter([100.0, 100.05, 100.05, 100.3, 100.3, 100.31, 100.4, 100.5])
    monkeypatch.setattr(bars, "monotonic", lambda: next(now))
    with notebook_bar(counts=True) as bar:
        for done in (1, 2, 3, 4):
            bar.update("<b>", done, 4)
        bar.say("a & b")
    words = "&lt;b&gt;</div>"
    assert front.seen == [
        "<div><progress max='1'></progress> </div>",
        f"<div><progress value=\"0.2500\" max='1'></progress> 1/4 · {words}",
        f"<div><progress value=\"0.7500\" max='1'></progress> 3/4 · {words}",
        f"<div>a &amp; b</div><div><progress value=\"1.0000\" max='1'></progress> 4/4 · {words}",
        f"<div>a &amp; b</div><div><progress value=\"1.0000\" max='1'></progress> 4/4 · {words}",
    ]


def test_a_script_is_no_notebook():
    assert not in_notebook()
