"""Lets torchaudio be imported beside any build of torch.

The published wheel's compiled extension links CUDA libraries, so beside a CPU-only torch `import torchaudio` (and with
it `import transformers.models.whisper`) fails. All that is used here, resampling, features, data set readers and
models, is Python, and torchaudio knows a mode without extension. So: the extension is tried as ever, and where it
cannot be loaded torchaudio is told that there is none. Nothing on disk is touched; see docs/decisions/torchaudio.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Never

EXTENSION = "torchaudio._extension"
_CANNOT_LOAD = (
    OSError,
    ImportError,
    RuntimeError,
    AttributeError,
)  # missing library, CUDA version that differs, op gone


def allow_any_torch() -> None:
    """From now on in this process torchaudio imports with or without its extension. Costs nothing until it does."""
    if EXTENSION not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != EXTENSION:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _OptionalExtension(spec.loader)
        return spec


class _OptionalExtension(Loader):
    """Runs the real `torchaudio._extension`; if that fails, states that there is no extension."""

    def __init__(self, real: Loader) -> None:
        self._real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        try:
            self._real.exec_module(module)
        except _CANNOT_LOAD as reason:
            vars(module).update(_without_extension(f"{type(reason).__name__}: {reason}"))


def _without_extension(reason: str) -> dict[str, object]:
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
