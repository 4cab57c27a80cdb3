"""Revisions of what decides: kept before they decide anything, and what waits follows them."""

from qbconsole.sync.revising.revision import (
    RunRevision,
    hashes_of,
    keep_text,
    plugin_hashes,
    still_in_force,
    template_hashes,
)

__all__ = ["RunRevision", "hashes_of", "keep_text", "plugin_hashes", "still_in_force", "template_hashes"]
