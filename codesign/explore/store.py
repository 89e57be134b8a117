"""A folder of results: rows are only ever added, and one that was finished is never lost and never doubled."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from codesign.rows import Row
from codesign.rows.frame import ROWS_FILE, key_of, whole_lines


class Store:
    """Appends rows to `folder/rows.jsonl`. Several processes may hold one folder open.

    * A row is one `write` of one whole line under an exclusive lock; kill -9 between two instructions tears at most
      the line being written, and the next writer cuts the torn piece off before it adds its own.
    * Before it writes, a store reads what others have added since; a key that is there is not written again.
    * A full disk takes back what it had begun, and says so.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / ROWS_FILE
        self.keys: set[str] = set()
        self._read_to = 0  # bytes of whole lines seen so far
        with _border(folder):
            (folder / "layers").mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self.refresh()

    def refresh(self) -> None:
        """Take note of the rows that are there."""
        with self._lock():
            self._catch_up()

    def append(self, rows: Iterable[Row], replace: bool = False) -> list[Row]:
        """Write the rows whose keys are not there yet, and return those. `replace` writes them all: the last counts."""
        with self._lock():
            end = self._catch_up()
            fresh: dict[str, Row] = {row.key: row for row in rows if replace or row.key not in self.keys}
            if fresh:
                lines = "".join(row.to_json() + "\n" for row in fresh.values()).encode()
                self._write(lines, end)
                self._read_to = end + len(lines)
                self.keys.update(fresh)
        return list(fresh.values())

    def write_aside(self, name: str, content: bytes) -> None:
        """A file beside the rows (layers, machines): whole or not there. Write it before its row."""
        path = self.folder / name
        if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
            return
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        with _border(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_bytes(content)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)

    def sync(self) -> None:
        """Make sure that a power cut loses nothing either (kill -9 does not need it)."""
        os.fsync(self._file)

    def close(self) -> None:
        """Sync and let go of the file."""
        self.sync()
        os.close(self._file)

    def _catch_up(self) -> int:
        """Read keys that others have added; cut off a torn last line; return the file's end."""
        size = os.fstat(self._file).st_size
        added = os.pread(self._file, size - self._read_to, self._read_to) if size > self._read_to else b""
        whole = added.rfind(b"\n") + 1
        if whole < len(added):
            os.ftruncate(self._file, self._read_to + whole)
        self.keys.update(map(key_of, whole_lines(added[:whole])))
        self._read_to += whole
        return self._read_to

    def _write(self, lines: bytes, end: int) -> None:
        try:
            written = 0
            while written < len(lines):
                written += os.write(self._file, lines[written:])
        except OSError as problem:
            os.ftruncate(self._file, end)
            raise _explained(problem, self.folder) from problem

    @contextmanager
    def _lock(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)


@contextmanager
def _border(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise _explained(problem, folder) from problem


def _explained(problem: OSError, folder: Path) -> ValueError:
    if problem.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return ValueError(
            f"results {folder}: no room to write ({problem.strerror}); every row that was finished is kept: "
            "make room and give the same command again"
        )
    return ValueError(f"results {folder}: cannot be written ({problem.strerror}); give --out a folder of your own")
