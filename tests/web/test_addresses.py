"""The addresses that a class server tells."""

import socket
from types import SimpleNamespace

import psutil
import pytest

from playground.web.addresses import class_addresses


@pytest.fixture(autouse=True)
def interfaces(monkeypatch):
    def own(*addresses: str):
        return [SimpleNamespace(family=socket.AF_INET, address=address) for address in addresses]

    other = SimpleNamespace(family=socket.AF_INET6, address="fe80::1")
    found = {
        "lo": own("127.0.0.1"),
        "eth0": [*own("192.168.1.7"), other],
        "eth1": own("169.254.3.4", "10.0.0.2"),
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)


@pytest.mark.parametrize("listens", ["0.0.0.0", "::"])
def test_who_listens_everywhere_tells_its_addresses_but_those_that_only_it_can_open(listens):
    assert class_addresses(listens, 8501) == ["http://192.168.1.7:8501", "http://10.0.0.2:8501"]
    assert class_addresses(listens, 80, "/rnn/", "https")[0] == "https://192.168.1.7:80/rnn"


@pytest.mark.parametrize("listens", ["localhost", "127.0.0.1", "192.168.1.7"])
def test_who_listens_at_one_address_tells_no_others(listens):
    assert class_addresses(listens, 8501) == []
