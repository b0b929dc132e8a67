"""The cases: every fault with its defaults, and the variants that matter."""

from __future__ import annotations

from dataclasses import dataclass

from streamguide.simulator.faults import FAULTS

SCENARIO = "hello"
# With a tool the request selects the answer: a call of the tool, then a text about its result.
WITH_TOOL = "auto"

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
    "proxy-error": tuple(f"code={code}" for code in ("503", "520", "522", "524")),
    "no-response": ("how=reset",),
    "not-sse": ("how=html",),
    "error-event": ("at=1", "type=invalid_request_error"),
    "end-early": ("how=message_delta",),
    "broken-tool-call": ("how=input", "how=two-inputs"),
    "slow": ("factor=0",),
    # Silence shorter than the limit, then an end; pings for longer than the limit.
    "stall": ("seconds=1;then=close", "seconds=5;how=pings"),
    "other-lines": tuple(f"how={how}" for how in ("ids", "retry", "spacing", "data-lines")),
    "crlf": ("how=cr",),
    "drop": ("at=1", "byte=40", "how=reset"),
    "connection-close": ("at=14",),
    "http10": ("at=14",),
}
# Faults that a later request of a program may be spared.
_PASSING = (
    "status",
    "status;code=429",
    "no-response",
    "error-event",
    "error-event;at=1",
    "drop",
    "drop;at=1",
    "end-early",
    "garble",
    "empty-body",
)
_TIMES = 2

# Where time is not the point.
_AT_ONCE = "slow;factor=0"
_FAST = "slow;factor=2"
# The answer is whole, however it is sent; its first word must be shown before the last arrives.
WATCHED = ("none", _FAST, "unknown", "crlf")

# Where time is the fault, clients have a short time-out. The guard ends clients that wait longer:
# after every time-out, and well before the stream continues.
PATIENT = 60.0
_LIMIT = 3.0
_GUARD = 7.0
_SILENT = ("slow-headers", "slow-first-token", "stall")
_HANG = ("slow-first-token", "stall")
# Longer than the limit that the programs get, so that it is the limit that ends the silence.
_SILENCE = 30


@dataclass(frozen=True, slots=True)
class Case:
    """One fault to meet: as the data names it, and as it stands in a path.

    For clients, `limit` is their own in seconds, on silence or on headers as far as they have one;
    `guard` is when the measurement gives up.
    """

    fault: str
    path: str
    limit: float = PATIENT
    guard: float = PATIENT

    @property
    def name(self) -> str:
        """The fault's name alone."""
        return self.fault.partition(";")[0]

    @property
    def passes(self) -> bool:
        """Whether a later request is spared."""
        return "times=" in self.fault or self.name == "status-then-ok"

    @property
    def scenario(self) -> str:
        """The scenario that clients meet it in."""
        return FAULTS[self.name].scenario

    def base(self, url: str, scenario: str = "") -> str:
        """The client's base URL."""
        return f"{url}/simulator/{scenario or self.scenario}/{self.path}"


def client_cases() -> list[Case]:
    """Those of the SDKs and curl, in the registry's order."""
    return [_client_case(fault) for fault in _faults()]


def program_cases() -> list[Case]:
    """Those of the generator's programs, in the registry's order."""
    faults = [_FAST if fault in ("slow", _AT_ONCE) else fault for fault in _faults()]
    passing = [f"{fault};times={_TIMES}" for fault in _PASSING]
    order = list(FAULTS)
    unique = dict.fromkeys((*faults, *passing))
    return sorted(map(_program_case, unique), key=lambda case: order.index(case.name))


def _faults() -> list[str]:
    return [
        ";".join(filter(None, (name, variant)))
        for name in FAULTS
        for variant in ("", *_VARIANTS.get(name, ()))
    ]


def _client_case(fault: str) -> Case:
    name = fault.partition(";")[0]
    # Sending everything at once would undo their timing.
    path = fault if name in ("pace", "slow", "slow-headers") else f"{_AT_ONCE}+{fault}"
    # Node.js reads a reset that arrives together with data as an end.
    if fault == "drop;how=reset":
        path = f"slow;factor=4+{fault}"
    limit = _LIMIT if name in _SILENT else PATIENT
    return Case(fault, path, limit, _GUARD if fault in _HANG else PATIENT)


def _program_case(fault: str) -> Case:
    name = fault.partition(";")[0]
    path = fault
    if name in _SILENT and "seconds=" not in fault:
        path = f"{fault};seconds={_SILENCE}"
    if fault in WATCHED or name in ("pace", "slow"):
        return Case(fault, path)
    # A reset that arrives together with data hides it.
    before = _FAST if fault == "drop;how=reset" else _AT_ONCE
    return Case(fault, f"{before}+{path}")
