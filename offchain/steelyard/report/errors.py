# SPDX-License-Identifier: MIT
"""What keeps a report from being written."""

from pathlib import Path

from steelyard.errors import SteelyardError


class ReportNotWritten(SteelyardError):
    """The folder or the file cannot be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        super().__init__(f"report is {path}, expected a file to write: {reason}")
        self.path = path
