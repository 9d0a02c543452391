# SPDX-License-Identifier: MIT
"""A node lost in the middle of work is one clear line that shows no key."""

import pytest
import requests
from web3.exceptions import Web3RPCError

from steelyard.chain.errors import RpcTimeout, RpcUnreachable
from steelyard.chain.node_errors import NodeRefused, typed_node_errors

URL = "https://node.example:8545/secret-key"


def http_error(status: int) -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError(response=response)


@pytest.mark.parametrize(
    ("raised", "expected", "said"),
    [
        (requests.ReadTimeout(), RpcTimeout, "no answer in 30 s"),
        (requests.ConnectionError(URL), RpcUnreachable, "ConnectionError"),
        (http_error(429), RpcUnreachable, "HTTP status 429"),
        (Web3RPCError("header\nnot found"), NodeRefused, "header not found"),
    ],
)
def test_typed_node_errors__transport_fails__is_typed_and_hides_the_path(
    raised: Exception, expected: type[Exception], said: str
) -> None:
    with pytest.raises(expected) as caught, typed_node_errors(URL):
        raise raised

    assert said in str(caught.value)
    assert "https://node.example:8545" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_typed_node_errors__other_error__passes() -> None:
    with pytest.raises(ZeroDivisionError), typed_node_errors(URL):
        raise ZeroDivisionError
