"""What is measured: every fault with its defaults, and the variants that matter."""

from __future__ import annotations

from dataclasses import dataclass

from streamguide.simulator.faults import FAULTS

SCENARIO = "hello"

_RETRIED = ("408", "409", "429", "500", "504")
_NOT_RETRIED = ("400", "401", "402", "403", "404", "413")
_VARIANTS: dict[str, tuple[str, ...]] = {
    "status": (
        *(f"code={code}" for code in (*_NOT_RETRIED, *_RETRIED)),
        "code=429;error_code=enforced_spend_limit_reached",
        "code=429;error_code=contract_spend_limit_reached",
        "code=529;x-should-retry=false",
        "code=400;x-should-retry=true",
    ),
    "no-response": ("how=reset",),
    "not-sse": ("how=html",),
    "error-event": ("at=1",),
    "end-early": ("how=message_delta",),
    "slow": ("factor=0",),
    # Silence shorter than the limit, then an end; pings for longer than the limit.
    "stall": ("seconds=1;then=close", "seconds=5;how=pings"),
    "drop": ("at=1", "byte=40", "how=reset"),
    "connection-close": ("at=14",),
    "http10": ("at=14",),
    "crlf": ("how=cr",),
}

# Where time is not the point.
_AT_ONCE = "slow;factor=0"

# Where time is the fault, clients have a short limit. The guard ends what would wait for longer:
# after every limit, and well before the stream goes on. curl averages its speed and is later.
_LIMIT = 3.0
_CURL_LIMIT = 1.0
_GUARD = 7.0
_CURL_GUARD = 15.0
_PATIENT = 60.0
_HANG = ("slow-first-token", "stall")


@dataclass(frozen=True, slots=True)
class Case:
    """One fault to meet: the path that leads to it, and how long clients wait, in seconds.

    `limit` is the client's own, on silence or on headers as far as it has one; `guard` is
    when the measurement gives up. curl has its own of both.
    """

    fault: str
    path: str
    limit: float = _PATIENT
    guard: float = _PATIENT
    curl_limit: float = _PATIENT
    curl_guard: float = _PATIENT


def cases() -> list[Case]:
    """All of them, in the registry's order."""
    return [
        _case(name, ";".join(filter(None, (name, variant))))
        for name in FAULTS
        for variant in ("", *_VARIANTS.get(name, ()))
    ]


def longest_first() -> list[Case]:
    """All of them, those first that take long because they wait."""
    return sorted(cases(), key=lambda case: (_AT_ONCE in case.path, case.limit == _PATIENT))


def _case(name: str, fault: str) -> Case:
    path = f"{SCENARIO}/{_joined(name, fault)}"
    if name not in ("slow-headers", "slow-first-token", "stall"):
        return Case(fault, path)
    guards = (_GUARD, _CURL_GUARD) if fault in _HANG else (_PATIENT, _PATIENT)
    return Case(fault, path, _LIMIT, guards[0], _CURL_LIMIT, guards[1])


def _joined(name: str, fault: str) -> str:
    # What these do to time would be undone by sending everything at once.
    if name in ("pace", "slow", "slow-headers"):
        return fault
    # A reset that comes together with data is read as an end by Node.js.
    if fault == "drop;how=reset":
        return f"slow;factor=4+{fault}"
    return f"{_AT_ONCE}+{fault}"
