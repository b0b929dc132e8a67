¶ The circuit breaker | After failures in a row nothing is sent for a while: the fallback answers at once, and the service can recover.{{ " A visitor who leaves is no failure." if relay }}{{ " A failure counts once the SDK's own retries are used up." if sdk and not retry }}
/** Open after some failures in a row; after a pause one try is let through. */
class Breaker {
  limit = {{ 3 if relay else 2 }};
  pause = 30_000;
  failures = 0;
  nextTry = 0;

  /** Whether a request may be sent now. */
  letsThrough() {
    if (this.failures < this.limit) return true;
    if (performance.now() < this.nextTry) return false;
    this.nextTry = performance.now() + this.pause;
    return true;
  }

  /** Counts a failure of the service. */
  failed() {
    this.failures += 1;
    this.nextTry = performance.now() + this.pause;
  }
}

const breaker = new Breaker();
