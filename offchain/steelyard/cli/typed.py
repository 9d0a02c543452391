# SPDX-License-Identifier: MIT
"""Numbers as they are typed; argparse shows what is wrong with them."""

import argparse


def number(text: str) -> float:
    """Any number."""
    try:
        return float(text)
    except ValueError:
        message = f"{text!r} is not a number"
        raise argparse.ArgumentTypeError(message) from None


def ratio(text: str) -> float:
    """0.1 or 10%."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        message = f"{text!r} is not a share such as 0.003 or 0.3%"
        raise argparse.ArgumentTypeError(message) from None


def whole(text: str) -> int:
    """A whole number of at least 0."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        message = f"{text!r} is not a whole number of at least 0"
        raise argparse.ArgumentTypeError(message)
    return value


def names(text: str) -> tuple[str, ...]:
    """BTC,ETH."""
    found = tuple(part.strip() for part in text.split(","))
    if not all(found):
        message = f"{text!r} is not a list of names such as BTC,ETH"
        raise argparse.ArgumentTypeError(message)
    return found
