"""Lets torchaudio and torchvision be imported beside any build of torch.

Their published wheels' compiled extensions link CUDA libraries, so beside a CPU-only torch `import torchaudio` (and
with it `import transformers.models.whisper`) fails, and so does `import torchvision` (and with it timm). All that is
used here, resampling, features, data set readers and models, is Python. So: the module of each that cannot do without
its extension is run as ever, and where that fails it is told that there is none. Nothing on disk is touched; see
docs/decisions/torch-companions.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Never

_CANNOT_LOAD = (OSError, ImportError, RuntimeError, AttributeError)  # no library, another CUDA version, an op gone


def allow_any_torch() -> None:
    """From now on in this process they import with or without extension. Costs nothing until they do."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _WITHOUT:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Optional(spec.loader)
        return spec


class _Optional(Loader):
    """Runs the real module; if that fails, gives it the names that it has where there is no extension."""

    def __init__(self, real: Loader) -> None:
        self._real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        try:
            self._real.exec_module(module)
        except _CANNOT_LOAD as reason:
            vars(module).update(_WITHOUT[module.__name__](f"{type(reason).__name__}: {reason}"))


def _torchaudio(reason: str) -> dict[str, object]:
    """The names torchaudio 2.9 to 2.11 read from its `_extension`, as they stand where none was built."""

    def unavailable(*_: object, **__: object) -> Never:
        raise RuntimeError(f"torchaudio's compiled extension does not load beside this build of torch ({reason})")

    def fail_if_no_align(_: Callable[..., object]) -> Callable[..., Never]:
        return unavailable

    return {
        "_IS_TORCHAUDIO_EXT_AVAILABLE": False,
        "_IS_ALIGN_AVAILABLE": False,
        "_check_cuda_version": lambda: None,
        "fail_if_no_align": fail_if_no_align,
    }


_WITHOUT: Mapping[str, Callable[[str], dict[str, object]]] = {
    "torchaudio._extension": _torchaudio,
    "torchvision._meta_registrations": lambda reason: {},  # shapes of ops that are not there: torchvision 0.24 to 0.29
}
