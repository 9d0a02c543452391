# SPDX-License-Identifier: MIT
"""A connection to a node that is known to answer and to be on the right chain."""

from urllib.parse import urlsplit

import requests
from web3 import HTTPProvider, Web3
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from steelyard.chain.errors import RpcTimeout, RpcUnreachable, WrongChainId


def connect(
    rpc_url: str, *, expected_chain_id: int | None, timeout_seconds: float = 30.0
) -> Web3:
    """A Web3 on the node at `rpc_url`, after one question for its chain id.

    Any chain will do when `expected_chain_id` is None.
    Raises RpcUnreachable, RpcTimeout or WrongChainId; their texts hide the path of
    the URL, where providers put keys.
    """
    endpoint = visible_endpoint(rpc_url)
    chain_id = _ask_chain_id(rpc_url, endpoint, timeout_seconds)
    if expected_chain_id is not None and chain_id != expected_chain_id:
        raise WrongChainId(endpoint, chain_id, expected_chain_id)

    provider = HTTPProvider(
        rpc_url,
        request_kwargs={"timeout": timeout_seconds},
        session=_session(rpc_url),
        cache_allowed_requests=True,
        cacheable_requests={RPCEndpoint("eth_chainId")},
    )
    # a contract must not make this program open an address of its choice (EIP-3668)
    provider.global_ccip_read_enabled = False
    return Web3(provider)


def visible_endpoint(rpc_url: str) -> str:
    """Scheme, host and port of `rpc_url`, without user, password, path and query."""
    try:
        parts = urlsplit(rpc_url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise RpcUnreachable("the URL given", f"{error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise RpcUnreachable(
            repr(rpc_url.split("?")[0].split("@")[-1][:40]),
            "expected a URL like http://127.0.0.1:8545",
        )
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _session(rpc_url: str) -> requests.Session | None:
    """A session past any proxy for a node on this machine; else web3's own."""
    if urlsplit(rpc_url).hostname not in ("127.0.0.1", "localhost", "::1"):
        return None
    session = requests.Session()
    session.trust_env = False
    return session


def _ask_chain_id(rpc_url: str, endpoint: str, timeout_seconds: float) -> int:
    probe = HTTPProvider(
        rpc_url,
        request_kwargs={"timeout": timeout_seconds},
        session=_session(rpc_url),
        exception_retry_configuration=None,
    )
    try:
        return Web3(probe).eth.chain_id
    except requests.Timeout:
        raise RpcTimeout(endpoint, timeout_seconds) from None
    except requests.HTTPError as error:
        status = error.response.status_code
        raise RpcUnreachable(endpoint, f"HTTP status {status}") from None
    except requests.RequestException as error:
        raise RpcUnreachable(endpoint, type(error).__name__) from None
    except (Web3Exception, ValueError):
        raise RpcUnreachable(endpoint, "the answer is no JSON-RPC") from None
