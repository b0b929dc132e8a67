¶ The circuit breaker | After failures in a row nothing is sent for a while: the fallback answers at once, and the service can recover.
/** Open after some failures in a row; after a pause one try is let through. */
class Breaker {
  limit = 2;
  pause = 30_000;
  failures = 0;
  nextTry = 0;

  /** Throws if nothing may be sent now. */
  check(){{ ": void" if typed else "" }} {
    if (this.failures < this.limit) return;
    if (performance.now() < this.nextTry) {
      throw new Error("circuit open, nothing was sent");
    }
    this.nextTry = performance.now() + this.pause;
  }

  /** Counts a failure of the service. */
  failed(){{ ": void" if typed else "" }} {
    this.failures += 1;
    this.nextTry = performance.now() + this.pause;
  }
}

const breaker = new Breaker();
