"""A server that hangs; no server at all, and then one again."""

import asyncio
import signal
import time

import ground
import wrk
from cluster import Cluster

HANG = 3.0
COMEBACK = 1.5
AT_ONCE = 0.5
# Between a first accept and our noticing it.
NOTICED = 0.05


def stopped(options, findings, folder):
    """A server hangs under load: others answer its idempotent requests in time."""
    rounds = 1 if options.short else 5
    with Cluster(options.programs, folder) as cluster:
        victim = cluster.apps["app-a"]
        cookie = cluster.session_on(victim.name)
        found, back = [], []
        with wrk.Wrk(cluster.web.port, pause=10) as load:
            time.sleep(2)
            for _ in range(rounds):
                victim.send(signal.SIGSTOP)
                found.append(ground.wait_until("the web tier finds out", lambda: (
                    cluster.seen(victim.name)["state"] == "down")))
                time.sleep(5)
                victim.send(signal.SIGCONT)
                back.append(ground.wait_until("it is used again", lambda: cluster.answers(
                    victim.name, cookie)))
                time.sleep(options.random.uniform(1, 2))
        findings.figure(f"{rounds} times stopped; found out within {max(found):.2f} s; bound "
                        f"requests are answered by it again {max(back):.2f} s after SIGCONT")
        wrk.judge(findings, load.result, 0, shaken=[victim.name])
        longest = load.result["longest"] / 1e6
        findings.must(longest < HANG, f"each request was answered within 3 s: {longest:.2f} s")


# --- comeback ------------------------------------------------------------------------------------


class Probe:
    """A new request every 25 ms, however long the others take."""

    STEP = 0.025
    PATIENCE = 8

    def __init__(self, port):
        self.port = port
        # (begun, ended, status); 0 is no answer.
        self.seen = []
        self.running = set()

    async def one(self):
        begun = time.monotonic()
        status = 0
        try:
            reader, writer = await asyncio.open_connection(ground.HOST, self.port)
            writer.write(b"GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), self.PATIENCE)
            status = int(answer[9:12] or b"0")
            writer.close()
        except (OSError, asyncio.TimeoutError, ValueError):
            pass
        self.seen.append((begun, time.monotonic(), status))

    async def until(self, true, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not true():
            task = asyncio.create_task(self.one())
            self.running.add(task)
            task.add_done_callback(self.running.discard)
            await asyncio.sleep(self.STEP)

    async def rest(self):
        if self.running:
            await asyncio.wait(self.running)


async def accepts_at(port):
    """The moment at which this port accepts."""
    while True:
        try:
            _, writer = await asyncio.open_connection(ground.HOST, port)
            writer.close()
            return time.monotonic()
        except OSError:
            await asyncio.sleep(0.003)


async def one_comeback(cluster, first, down_for):
    """All servers are gone already. Starts `first` after a while; returns what was seen."""
    probe = Probe(cluster.web.port)
    await probe.until(lambda: False, down_for)
    accepting = asyncio.create_task(accepts_at(first.port))
    cluster.start(first)
    good = lambda: any(status == 200 for _, _, status in probe.seen)
    await probe.until(good, 20)
    accepted = await accepting
    await probe.rest()
    return probe.seen, accepted


def comeback(options, findings, folder):
    """All servers are down, and one comes back."""
    times = [0.5, 3] if options.short else [0.2, 1, 2.5, 5, 10, 20]
    for others in ("dead", "hanging"):
        took, waits, wrong, stuck = [], [], [], []
        with Cluster(options.programs, folder) as cluster:
            first, *rest = cluster.apps.values()
            for down_for in times:
                for server in rest:
                    if others == "dead":
                        cluster.kill(server)
                    else:
                        server.send(signal.SIGSTOP)
                cluster.kill(first)
                killed = time.monotonic()
                seen, accepted = asyncio.run(one_comeback(cluster, first, down_for))
                good = [ended for _, ended, status in seen if status == 200]
                took.append(min(good, default=accepted + 99) - accepted)
                # The first moments, in which nobody knows yet, are judged by `stopped`.
                settled = killed + (0 if others == "dead" else 2.5)
                before = [one for one in seen if settled < one[0] and one[1] < accepted - NOTICED]
                waits += [ended - begun for begun, ended, _ in before]
                wrong += [one for one in before if one[2] != 503]
                for server in rest:
                    if others == "dead":
                        cluster.start(server)
                    else:
                        server.send(signal.SIGCONT)
                cluster.wait_until_all_are_ready()
                stuck.append(sum(ended > accepted + HANG for _, ended, _ in seen))
        outages = ", ".join(f"{one:.2f}" for one in took)
        findings.figure(f"others {others}: after outages of {times} s the first good answer came "
                        f"{outages} s after the first accept")
        findings.must(max(took) < COMEBACK,
                      f"others {others}: first good answer within 1.5 s: {max(took):.2f} s")
        if others == "dead":
            findings.must(not wrong, f"503 until then: {len(waits)} answers, others {wrong[:3]}")
            longest = max(waits, default=0)
            findings.must(longest < AT_ONCE, f"each at once: within {longest * 1000:.0f} ms")
        findings.figure(f"others {others}: requests without an answer 3 s after the first accept, "
                        f"of each outage: {stuck}")
