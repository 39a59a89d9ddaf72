"""Checks an oracle before a campaign depends on it, and says what to change."""

from designloop.checking.check import check_oracle
from designloop.checking.findings import Finding
from designloop.checking.report import Report

__all__ = ["Finding", "Report", "check_oracle"]
