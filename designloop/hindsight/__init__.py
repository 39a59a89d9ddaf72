"""Hindsight: what a strategy would have chosen at each decision of a recorded campaign, simulated or live."""
