"""The faults: each a small stage, plan in and plan out, chosen in the path by name."""

from streamguide.simulator.faults.parameters import FaultError
from streamguide.simulator.faults.registry import FAULTS, Chosen, apply_all, meets, read
from streamguide.simulator.faults.stage import Fault, Setting

__all__ = ["FAULTS", "Chosen", "Fault", "FaultError", "Setting", "apply_all", "meets", "read"]
