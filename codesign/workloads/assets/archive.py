"""Reading files out of the archives that package clients download: wheel, npm tarball, Debian package."""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

UNREADABLE = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError)
"""What the standard readers raise on a damaged archive."""

_AR_MAGIC = b"!<arch>\n"
_AR_HEADER = 60  # bytes before each member: name 16, date 12, owner 6, group 6, mode 8, size 10, end 2


def members(archive: Path, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each wanted file that is in the archive. Raises ValueError where it is none of the three."""
    names = set(wanted)
    if archive.suffix == ".whl":
        yield from _of_zip(archive, names)
    elif archive.suffix == ".deb":
        yield from _of_tar(_payload(archive), names)
    elif archive.suffix == ".tgz":
        with archive.open("rb") as file:
            yield from _of_tar(file, names)
    else:
        raise ValueError(f"{archive.name}: not a wheel (.whl), npm package (.tgz) or Debian package (.deb)")


def _of_zip(archive: Path, names: set[str]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as package:
        for name in package.namelist():
            if name in names:
                yield name, package.read(name)


def _of_tar(file: io.BufferedIOBase | io.BytesIO, names: set[str]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=file, mode="r:*") as package:
        for member in package:
            name = member.name.removeprefix("./")
            content = package.extractfile(member) if name in names and member.isfile() else None
            if content is not None:
                yield name, content.read()


def _payload(archive: Path) -> io.BytesIO:
    """The data.tar of a Debian package: an `ar` file whose third member holds what would be installed (deb(5))."""
    raw = archive.read_bytes()
    if not raw.startswith(_AR_MAGIC):
        raise ValueError(f"{archive.name}: not a Debian package: it does not begin with '!<arch>'")
    at = len(_AR_MAGIC)
    while at + _AR_HEADER <= len(raw):
        name = raw[at : at + 16].decode().strip().rstrip("/")
        size = int(raw[at + 48 : at + 58])
        body = raw[at + _AR_HEADER : at + _AR_HEADER + size]
        if name.startswith("data.tar"):
            return io.BytesIO(_unpacked(archive, name, body))
        at += _AR_HEADER + size + size % 2
    raise ValueError(f"{archive.name}: not a Debian package: no data.tar in it")


def _unpacked(archive: Path, name: str, body: bytes) -> bytes:
    if name.endswith(".xz"):
        return lzma.decompress(body)
    if name.endswith(".zst"):
        raise ValueError(f"{archive.name}: its data is compressed with zstd, which is not read here")
    return body
