"""Where a model lies."""

from __future__ import annotations

import torch


def placed(device: str) -> torch.device:
    """The device of that name. Raises ValueError where this machine, or this build of torch, has none such."""
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError) as reason:
        raise ValueError(f"workload: device: {device!r} cannot be used here: {str(reason).splitlines()[0]}") from None
    return found
