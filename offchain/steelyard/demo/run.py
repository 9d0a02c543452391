# SPDX-License-Identifier: MIT
"""`steelyard demo`: the whole story, then its tables, its page and where it lies."""

from argparse import Namespace
from pathlib import Path

from rich.console import Console

from steelyard.demo.progress import Narrator
from steelyard.demo.record import DemoRecord
from steelyard.demo.scenario import Options
from steelyard.demo.story import play
from steelyard.keeper.record import json_text
from steelyard.report.as_json import record_json
from steelyard.report.page import write_page
from steelyard.report.terminal import summary_table

REPORTS = Path("reports")


def main(args: Namespace) -> int:
    """Plays the demo; 0. Raises a SteelyardError."""
    options = Options(
        prices=args.prices,
        start=args.start,
        days=args.days or Options.days,
        chain=args.chain,
        fork_url=args.fork_url,
        seed=Options.seed if args.seed is None else args.seed,
        keep=args.keep,
    )
    narrator = Narrator()

    def tell(record: DemoRecord) -> None:
        with narrator.chapter("tables and plots"):
            page = write_page(record, REPORTS)
        if args.json:
            print(json_text({**record_json(record), "report": str(page)}), flush=True)
            return
        console = Console(highlight=False)
        console.print(summary_table(record))
        console.print(f"\nreport: {page.resolve()}", soft_wrap=True)

    play(options, narrator, tell)
    return 0
