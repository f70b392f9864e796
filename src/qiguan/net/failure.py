"""A request that brought no answer, and how each error of the transport is named."""

from __future__ import annotations

import errno
import zlib
from dataclasses import dataclass

import aiohttp
from aiohttp import http_exceptions

from qiguan.core.source import Outcome
from qiguan.net.guard import PrivateAddress

_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that brought no answer: why, and words for the log (no secrets)."""

    outcome: Outcome
    detail: str = ""


class TooLarge(Exception):
    """The body passed its limit."""


def failure_of(error: Exception) -> Failure:
    """Name what went wrong, by the class of the error alone: messages may hold addresses. What nobody foresaw is our own: INTERNAL."""
    chain = _causes(error)
    name = type(error).__name__
    if any(isinstance(cause, PrivateAddress) for cause in chain):
        return Failure(Outcome.PRIVATE_ADDRESS)
    if any(isinstance(cause, OSError) and cause.errno in _OURS for cause in chain):
        return Failure(Outcome.INTERNAL, name)  # this machine could not dial: no word about the other side
    if isinstance(error, TimeoutError):
        return Failure(Outcome.TIMEOUT, name)
    if isinstance(error, TooLarge):
        return Failure(Outcome.TOO_LARGE)
    if any(isinstance(cause, http_exceptions.LineTooLong) or "Too many headers" in str(cause) for cause in chain):
        return Failure(Outcome.TOO_LARGE, "header")
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientResponseError | zlib.error):
        return Failure(Outcome.MALFORMED, name)  # it answered, but not in HTTP, or in a coding that cannot be undone
    if isinstance(error, aiohttp.ClientError | OSError | UnicodeError):
        return Failure(Outcome.UNREACHABLE, name)
    return Failure(Outcome.INTERNAL, name)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or getattr(cause, "os_error", None) or cause.__context__
    return found
