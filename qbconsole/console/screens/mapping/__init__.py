"""The mapping editor: sections, rows with how often each was used, picker, live effect, text change."""

from __future__ import annotations

from qbconsole.console.screens.mapping.screen import MappingScreen

__all__ = ["MappingScreen"]
