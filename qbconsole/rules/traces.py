"""Where in a plugin's own file something went wrong, and what the exception says, fit for a screen."""

from __future__ import annotations

import traceback
from types import FunctionType

from qbconsole.visible import safe


def line_in(cause: BaseException, file: str) -> int:
    """The deepest line of this file on the way to the exception; 0 where it never passed there."""
    lines = [
        frame.lineno or 0 for frame in traceback.extract_tb(cause.__traceback__) if frame.filename == file
    ]
    return lines[-1] if lines else 0


def said(cause: BaseException) -> str:
    """Kind and message of an exception on one line."""
    message = cause.msg if isinstance(cause, SyntaxError) else str(cause)
    return f"{type(cause).__name__}: {safe(message, limit=300)}" if message else type(cause).__name__


def def_line(function: FunctionType) -> int:
    """The line of a function's `def`, below its decorators."""
    starts = [line for _, _, line in function.__code__.co_lines() if line is not None]
    return starts[0] if starts else function.__code__.co_firstlineno
