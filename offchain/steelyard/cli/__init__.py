# SPDX-License-Identifier: MIT
"""The command line. Exit codes: see `arguments.EXIT_CODES`."""

import sys
from collections.abc import Sequence

from steelyard.cli.arguments import FAILED, INTERRUPTED, OK, parser
from steelyard.errors import SteelyardError


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code. Usage errors leave through SystemExit(2)."""
    args = parser().parse_args(argv)
    try:
        from steelyard.cli import commands  # heavy: not for --help

        code: int = getattr(commands, args.command)(args)
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
