# SPDX-License-Identifier: MIT
"""The command line. Exit codes: see `arguments.EXIT_CODES`."""

import sys
from collections.abc import Sequence
from importlib import import_module

from steelyard.cli.arguments import FAILED, INTERRUPTED, OK, parser
from steelyard.errors import SteelyardError

COMMANDS = "steelyard.cli.commands"
# commands that need no vault, and need not wait for what does
OWN_MODULES = {
    "lp": ("steelyard.cli.lp", "main"),
    "quote": ("steelyard.cli.quote", "main"),
    "optimize": ("steelyard.cli.optimize", "main"),
    "pools": ("steelyard.cli.pools", "main"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code. Usage errors leave through SystemExit(2)."""
    args = parser().parse_args(argv)
    try:
        # heavy: not for --help
        module, function = OWN_MODULES.get(args.command, (COMMANDS, args.command))
        code: int = getattr(import_module(module), function)(args)
        return code
    except SteelyardError as error:
        if args.debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone: nothing to say, nobody to say it to
        return OK


if __name__ == "__main__":
    sys.exit(main())
