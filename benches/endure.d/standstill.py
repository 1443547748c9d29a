"""Whether the machine stood still: time in which nobody ran is nobody's fault."""

import threading
import time

STEP = 0.05
# What a busy machine does to a thread that sleeps; beyond it nothing ran at all.
STALL = 1.0


class Standstill:
    """Notices when this process did not run for a while, by a thread that does nothing else.

    Only a client that stood still itself has an excuse: where it ran on and the servers did not
    answer, they were late.
    """

    def __init__(self):
        # (begun, ended)
        self.times = []
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        last = time.monotonic()
        while True:
            time.sleep(STEP)
            now = time.monotonic()
            if now - last > STALL:
                self.times.append((last, now))
            last = now

    def within(self, begun, ended):
        """For how many seconds it stood still in this time, as far as it is known yet."""
        return sum(max(0.0, min(ended, there) - max(begun, here)) for here, there in self.times)
