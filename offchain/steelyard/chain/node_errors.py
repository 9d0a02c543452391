# SPDX-License-Identifier: MIT
"""A node that is lost, or refuses, in the middle of work: one clear line."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from web3.exceptions import BadResponseFormat, Web3RPCError

from steelyard.chain.connection import visible_endpoint
from steelyard.chain.errors import RpcTimeout, RpcUnreachable
from steelyard.errors import SteelyardError


class NodeRefused(SteelyardError):
    """The node answers a request with an error of its own."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"node at {endpoint} refuses a request: {reason}")


@contextmanager
def typed_node_errors(rpc_url: str, timeout_seconds: float = 30.0) -> Iterator[None]:
    """Raises RpcUnreachable, RpcTimeout, NodeRefused for what the transport raises.

    Their texts hide the path of the URL, where providers put keys.
    """
    endpoint = visible_endpoint(rpc_url)
    try:
        yield
    except requests.Timeout:
        raise RpcTimeout(endpoint, timeout_seconds) from None
    except requests.HTTPError as error:
        status = error.response.status_code
        raise RpcUnreachable(endpoint, f"HTTP status {status}") from None
    except requests.RequestException as error:
        raise RpcUnreachable(endpoint, type(error).__name__) from None
    except (Web3RPCError, BadResponseFormat) as error:
        reason = " ".join(str(getattr(error, "message", None) or error).split())[:300]
        raise NodeRefused(endpoint, reason) from None
