"""How far an evaluation is: told to the log, now and then, where it is given no other place to."""

from __future__ import annotations

import logging
from time import monotonic

from codesign.workloads.base import Progress

_log = logging.getLogger(__name__)
_QUIET_S = 5.0  # between lines


def logged(metric: str) -> Progress:
    """Lines such as `wer: 24 of 48 samples`; an evaluation that takes less than a few seconds says nothing."""
    last = monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal last
        if monotonic() - last > _QUIET_S:
            last = monotonic()
            _log.info("%s: %d of %d samples", metric, done, of)

    return tell
