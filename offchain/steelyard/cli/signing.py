# SPDX-License-Identifier: MIT
"""`plan --out`, `sign` and `relay`: one order, several signers, several machines."""

from argparse import Namespace
from pathlib import Path

from steelyard.cli.arguments import OK
from steelyard.cli.output import Steps, asker
from steelyard.keeper.config import KeeperConfig, load_config
from steelyard.keeper.record import RunRecord


def write_planned(path: Path, record: RunRecord, config: KeeperConfig) -> str:
    """Writes the order of a planned run; what happened, in a line."""
    from steelyard.keeper.order_file import planned_order, save_order_file

    if record.outcome != "planned":
        return f"no order to write: {record.reason}"
    save_order_file(path, planned_order(record, config))
    return f"wrote {path}, to be signed by {record.before.threshold}"


def sign(args: Namespace) -> int:
    """`steelyard sign`."""
    from steelyard.chain.node_errors import typed_node_errors
    from steelyard.chain.snapshot import read_snapshot
    from steelyard.keeper.opening import accounts, connected
    from steelyard.keeper.order_file import (
        check_order_file,
        load_order_file,
        save_order_file,
        with_signature,
    )
    from steelyard.keeper.order_text import order_text

    config = load_config(args.config)
    with (
        Steps() as steps,
        typed_node_errors(config.endpoint(), config.rpc_timeout_seconds),
    ):
        steps.say("read")
        snapshot = read_snapshot(connected(config), config.vault, config.lens)
        file = check_order_file(load_order_file(args.order), snapshot)
        steps.stop()
        print(order_text(file.order, snapshot), flush=True)  # before any password
        signers, _ = accounts(config, asker())
        for account in signers:
            file = with_signature(file, snapshot, account)
    save_order_file(args.order, file)
    count, wanted = len(file.signatures), snapshot.threshold
    print(f"digest {file.digest}\n{count} of {wanted} signatures are in {args.order}")
    return OK


def relay(args: Namespace) -> int:
    """`steelyard relay`."""
    from steelyard.chain.node_errors import typed_node_errors
    from steelyard.keeper.opening import open_keeper
    from steelyard.keeper.order_file import load_order_file
    from steelyard.keeper.run import relay_order

    config = load_config(args.config)
    file = load_order_file(args.order)
    with (
        Steps() as steps,
        open_keeper(
            config, may_sign=True, prompt=asker(), progress=steps.say
        ) as keeper,
        typed_node_errors(config.endpoint(), config.rpc_timeout_seconds),
    ):
        tx_hash = relay_order(keeper, file)
    print(f"transaction {tx_hash}\norder digest {file.digest}")
    return OK
