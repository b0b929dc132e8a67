"""The faults: each a small stage, plan in and plan out, chosen in the path by name."""

from streamguide.simulator.faults.parameters import FaultError
from streamguide.simulator.faults.registry import (
    BY_MOMENT,
    FAULTS,
    FaultSpec,
    active_faults,
    apply_all,
    in_order,
    page_address,
    read,
)
from streamguide.simulator.faults.stage import Fault, RecordedAnswer

__all__ = [
    "BY_MOMENT",
    "FAULTS",
    "Fault",
    "FaultError",
    "FaultSpec",
    "RecordedAnswer",
    "active_faults",
    "apply_all",
    "in_order",
    "page_address",
    "read",
]
