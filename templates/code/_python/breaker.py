¶ The circuit breaker | After failures in a row nothing is sent for a while: the fallback answers at once, and the service can recover.
@dataclass
class Breaker:
    """Open after `limit` failures in a row; after `pause` seconds one try is let through."""

    limit: int = 2
    pause: float = 30
    failures: int = 0
    next_try: float = 0

    def check(self) -> None:
        """Raise ConnectionRefusedError if nothing may be sent now."""
        if self.failures >= self.limit:
            if time.monotonic() < self.next_try:
                raise ConnectionRefusedError("circuit open, nothing was sent")
            self.next_try = time.monotonic() + self.pause

    def failed(self) -> None:
        """Count a failure of the service."""
        self.failures += 1
        self.next_try = time.monotonic() + self.pause


BREAKER = Breaker()
