# SPDX-License-Identifier: MIT
"""One function per command; each returns the exit code."""

import json
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from steelyard.cli.arguments import OK
from steelyard.cli.loop import every
from steelyard.cli.output import Steps, asker, console
from steelyard.cli.signing import relay, sign, write_planned
from steelyard.errors import SteelyardError
from steelyard.keeper.config import KeeperConfig, load_config
from steelyard.keeper.template import NOWHERE, template

__all__ = [
    "bench",
    "demo",
    "deploy",
    "init",
    "plan",
    "relay",
    "run",
    "sign",
    "status",
]


class FileInTheWay(SteelyardError):
    """A file that would be overwritten."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"file {path} exists, expected none; --force replaces it")


class FileNotWritten(SteelyardError):
    """A file that cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"file {path} cannot be written: {reason}")


def run(args: Namespace) -> int:
    """`steelyard run`."""
    from steelyard.keeper.opening import open_keeper
    from steelyard.keeper.run import run_once

    config = load_config(args.config)
    with (
        Steps() as steps,
        open_keeper(
            config, may_sign=True, prompt=asker(), progress=steps.say
        ) as keeper,
    ):

        def turn() -> None:
            record = run_once(keeper)
            steps.stop()
            _show_run(record, args.json)

        if args.once:
            turn()
            return OK
        return every(args.every, turn)


def plan(args: Namespace) -> int:
    """`steelyard plan`."""
    from steelyard.cli.orders import look_ahead, orders_asked
    from steelyard.cli.orders_text import orders_data, orders_lines
    from steelyard.keeper.opening import open_keeper
    from steelyard.keeper.run import run_once

    config = load_config(args.config)
    asked, ahead = orders_asked(args, config.preferences), None
    if args.out is not None and args.out.exists():
        raise FileInTheWay(args.out)
    with (
        Steps() as steps,
        open_keeper(config, may_sign=False, progress=steps.say) as keeper,
    ):
        record = run_once(keeper, dry_run=True)
        if asked is not None:
            record, ahead = look_ahead(record, config, asked, steps.say)
    _show_run(record, args.json, {} if asked is None else orders_data(ahead))
    if asked is not None and not args.json:
        for line in orders_lines(record.before, config.preferences, ahead):
            console().print(line, markup=False)
    if args.out is not None:
        print(write_planned(args.out, record, config), file=sys.stderr)
    return OK


def status(args: Namespace) -> int:
    """`steelyard status`."""
    from steelyard.chain.node_errors import typed_node_errors
    from steelyard.chain.snapshot import read_snapshot
    from steelyard.cli.tables import print_status
    from steelyard.headroom import order_state
    from steelyard.keeper.exposures import exposures
    from steelyard.keeper.model_text import decided_by
    from steelyard.keeper.opening import connected
    from steelyard.keeper.record import json_text
    from steelyard.keeper.standing import as_data, standings

    config = load_config(args.config)
    timeout_seconds = config.rpc_timeout_seconds
    with Steps() as steps, typed_node_errors(config.endpoint(), timeout_seconds):
        steps.say("read")
        snapshot = read_snapshot(connected(config), config.vault, config.lens)
    runs = _last_runs(config)
    if args.json:
        data = {
            "snapshot": snapshot,
            "exposures": exposures(snapshot),
            "orders": order_state(snapshot),
            "limits": [as_data(standing) for standing in standings(snapshot)],
            "preferences": config.preferences,
            "runs": runs,
        }
        print(json_text(data))
        return OK
    print_status(console(), snapshot, runs, decided_by(config.preferences))
    return OK


def init(args: Namespace) -> int:
    """`steelyard init`."""
    _write_config(args.out, args.vault, args.lens, force=args.force)
    print(f"wrote {args.out}")
    return OK


def deploy(args: Namespace) -> int:
    """`steelyard deploy`."""
    from steelyard.chain.connection import connect
    from steelyard.chain.deploy import addresses, deploy_system
    from steelyard.chain.node_errors import typed_node_errors
    from steelyard.chain.spec_json import load_spec

    spec = load_spec(args.spec)
    for path in (args.out, args.config_out):
        if path is not None and path.exists():
            raise FileInTheWay(path)
        if path is not None and not path.absolute().parent.is_dir():
            raise FileNotWritten(path, "there is no such folder")  # before it is paid
    web3 = connect(args.rpc_url, expected_chain_id=args.chain_id)
    with Steps() as steps, typed_node_errors(args.rpc_url):
        sender = _sender(args)
        steps.say("deploy")
        system = deploy_system(web3, spec, sender)
    found = addresses(system)
    text = json.dumps(found, indent=2)
    if args.json:
        print(text)
    else:
        for name in ("vault", "lens", "authority"):
            print(f"{name:<10} {found[name]}")
    if args.out is not None:
        _write(args.out, text + "\n")
    if args.config_out is not None:
        _write_config(args.config_out, found["vault"], found["lens"], force=False)
    return OK


def demo(args: Namespace) -> int:
    """`steelyard demo`."""
    from steelyard.demo.run import main

    return main(args)


def bench(args: Namespace) -> int:
    """`steelyard bench`."""
    from steelyard.bench import main

    return main(args)


def _show_run(
    record: object, as_json: bool, more: Mapping[str, object] | None = None
) -> None:
    """`more` stands beside the record's own fields in JSON."""
    from steelyard.cli.tables import print_run
    from steelyard.keeper.record import RunRecord, json_text, to_json

    assert isinstance(record, RunRecord)
    if as_json:
        print(json_text({**to_json(record), **(more or {})}), flush=True)
    else:
        print_run(console(), record)


def _last_runs(config: KeeperConfig) -> tuple[dict[str, object], ...]:
    from steelyard.keeper.journal import Journal

    if not config.journal.is_file():
        return ()
    with Journal(config.journal, config.chain_id) as journal:
        return tuple(
            {
                "at": run.at,
                "outcome": run.outcome,
                "reason": json.loads(run.record).get("reason"),
            }
            for run in journal.runs(5)
        )


def _sender(args: Namespace):  # type: ignore[no-untyped-def]  # Sender, imported late
    from eth_utils.address import is_address, to_checksum_address

    from steelyard.keeper.fields import ConfigInvalid
    from steelyard.keeper.signer import unlocked

    if args.keystore is None:
        if not is_address(args.account):
            raise ConfigInvalid("--account", args.account, "an address")
        return to_checksum_address(args.account)
    return unlocked(
        args.keystore,
        password_file=args.password_file,
        password_env=args.password_env,
        prompt=asker(),
    )


def _write_config(
    path: Path, vault: str | None, lens: str | None, *, force: bool
) -> None:
    if path.exists() and not force:
        raise FileInTheWay(path)
    _write(path, template(vault or NOWHERE, lens or NOWHERE))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileNotWritten(path, error.strerror or str(error)) from None
