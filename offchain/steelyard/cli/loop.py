# SPDX-License-Identifier: MIT
"""One turn every so often. Ctrl-C ends between turns; twice, at once."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from steelyard.cli.arguments import OK
from steelyard.errors import SteelyardError


def every(seconds: float, turn: Callable[[], None]) -> int:
    """Runs until interrupted or terminated; always OK.

    A SteelyardError of a turn is printed, and the next turn is tried.
    """
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print("stopping after this turn; once more to stop at once", file=sys.stderr)

    before = {
        number: signal.signal(number, ask_to_stop)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        while not stop.is_set():
            try:
                turn()
            except SteelyardError as error:
                print(f"error: {error}", file=sys.stderr, flush=True)
            stop.wait(seconds)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return OK
