"""Formats and figures of other simulators, so that their users can check ours against what they know."""
