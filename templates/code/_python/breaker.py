¶ The circuit breaker | After failures in a row nothing is sent for a while: the fallback answers at once, and the service can recover.{{ breaker_note }}
@dataclass
class Breaker:
    """Open after `limit` failures in a row; every `pause` seconds one more try."""

    limit: int = {{ breaker_limit }}
    pause: float = 30
    failures: int = 0
    next_try: float = 0

    def lets_through(self) -> bool:
        """Whether a request may be sent now."""
        if self.failures >= self.limit:
            if time.monotonic() < self.next_try:
                return False
            self.next_try = time.monotonic() + self.pause
        return True

    def failed(self) -> None:
        """Count a failure of the service."""
        self.failures += 1
        self.next_try = time.monotonic() + self.pause


BREAKER = Breaker()
