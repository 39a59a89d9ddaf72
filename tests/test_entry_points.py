"""A package of another's own brings parts by entry points: known by name in YAML, and shown by `designloop parts`."""

import json
import os
import subprocess
import sys

import pytest

MODULE = '''
"""Parts of another package."""

import designloop as dl
from designloop.core.records import Proposal
from designloop.strategies import Random


@dl.oracle(alphabet=dl.RNA, length=6, optimum=1.0)
def guanines(sequences):
    """Share of G, from another package."""
    return [sequence.count("G") / 6 for sequence in sequences]


class Backwards(Random):
    """Random, but the last shall be first."""

    def propose(self, history, order, rng):
        proposal = super().propose(history, order, rng)
        return Proposal(proposal.choices[::-1], proposal.retests)
'''
ENTRY_POINTS = """\
[designloop.oracles]
guanines = bench_parts:guanines

[designloop.strategies]
backwards = bench_parts:Backwards
broken = bench_parts_of_old:Broken
"""
CAMPAIGN = """\
name: elsewhere
oracle: guanines
lab: instant
strategy: backwards
scheduler: {kind: rounds, batch_size: 4}
budget: {designs: 8}
"""


@pytest.fixture
def designloop(tmp_path):
    """Types a command where a package with entry points is installed (as pip leaves it: a module and its dist-info)."""
    packages = tmp_path / "packages"
    info = packages / "bench_parts-1.0.dist-info"
    info.mkdir(parents=True)
    (packages / "bench_parts.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-parts\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    path = os.pathsep.join([str(packages), *(place for place in sys.path if place)])

    def type_command(*words):
        command = [sys.executable, "-m", "designloop.cli.main", *words]
        environment = {**os.environ, "PYTHONPATH": path}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return type_command


def test_parts_of_another_package_run_a_campaign_by_name(designloop, tmp_path):
    ran = designloop("run", "campaign.yaml", "--out", "there", "--json")
    assert ran.returncode == 0, ran.stderr
    assert (json.loads(ran.stdout)["label"], json.loads(ran.stdout)["designs"]) == ("backwards", 8)
    described = (tmp_path / "there" / "config.yaml").read_text()
    assert "kind: backwards" in described
    shown = designloop("show", "there", "--json")
    assert json.loads(shown.stdout) == json.loads(ran.stdout)


def test_parts_of_another_package_are_shown(designloop):
    oracles, strategies = designloop("parts", "oracles"), designloop("parts", "strategies", "backwards")
    assert oracles.returncode == strategies.returncode == 0, oracles.stderr + strategies.stderr
    assert any(line.split()[:4] == ["guanines", "Share", "of", "G,"] for line in oracles.stdout.splitlines())
    assert "Random, but the last shall be first." in strategies.stdout


def test_a_package_that_is_broken_hides_no_other(designloop):
    listed, asked = designloop("parts"), designloop("parts", "strategies", "broken")
    assert listed.returncode == 0, listed.stderr
    assert "cannot be used: cannot import bench_parts_of_old" in " ".join(listed.stdout.split())
    assert asked.returncode == 2
    assert asked.stderr.startswith("error: cannot import bench_parts_of_old")


def test_a_name_nearly_right_is_answered_with_that_of_another_package(designloop, tmp_path):
    text = (tmp_path / "campaign.yaml").read_text()
    (tmp_path / "campaign.yaml").write_text(text.replace("oracle: guanines", "oracle: guanine"))
    refused = designloop("validate", "campaign.yaml")
    assert refused.returncode == 2
    assert "unknown oracle 'guanine' (oracle, line 2 of campaign.yaml). Did you mean 'guanines'?" in refused.stderr
