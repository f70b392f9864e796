"""Every error of the transport has its outcome; messages, which may hold addresses, are not passed on."""

from __future__ import annotations

import errno
import zlib

import aiohttp
import pytest

from qiguan.core.source import Outcome
from qiguan.net.failure import TooLarge, failure_of
from qiguan.net.guard import PrivateAddress


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TimeoutError("https://x.invalid/?token=abc"), Outcome.TIMEOUT),
        (TooLarge(), Outcome.TOO_LARGE),
        (zlib.error("x"), Outcome.MALFORMED),
        (aiohttp.ClientPayloadError("x"), Outcome.MALFORMED),
        (aiohttp.ServerDisconnectedError(), Outcome.UNREACHABLE),
        (OSError("refused"), Outcome.UNREACHABLE),
        (UnicodeError("x"), Outcome.UNREACHABLE),
        (KeyError("ours"), Outcome.INTERNAL),
        (OSError(errno.EMFILE, "too many open files"), Outcome.INTERNAL),
        (aiohttp.ClientOSError(errno.ENFILE, "too many open files"), Outcome.INTERNAL),
        (aiohttp.ClientConnectorError(None, OSError(errno.EMFILE, "x")), Outcome.INTERNAL),
        (OSError(errno.ECONNREFUSED, "x"), Outcome.UNREACHABLE),
    ],
)
def test_an_error_is_named_by_its_class_alone(error, outcome):
    failure = failure_of(error)
    assert failure.outcome is outcome
    assert "token" not in failure.detail


def test_a_refused_address_is_found_however_deep_it_lies():
    try:
        try:
            raise PrivateAddress
        except OSError as inner:
            raise aiohttp.ClientError("wrapped") from inner
    except aiohttp.ClientError as outer:
        failure = failure_of(outer)
    assert failure.outcome is Outcome.PRIVATE_ADDRESS
    assert failure.detail == ""
