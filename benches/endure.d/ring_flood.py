"""Ids of sessions that nobody knows."""

import asyncio
import random
import string
import time
from pathlib import Path

import ground
import wrk
from farm import Events, Farm, spread
from talk import Client, Wrong

RATE = 200
GROWTH = 16 << 20
# An id is unknown for sure when all have said so; when one is away it is waited for.
LONGEST = 3.0
SCRIPT = Path(__file__).resolve().parent / "strangers.lua"
# A server asks the others about so many unknown ids at once, and then about so many in a second.
AT_ONCE, IN_A_SECOND = 4096, 2048
LETTERS = string.ascii_letters + string.digits + "_-"


class Flood:
    """Clients with ids of chance, at a rate that does not depend on the answers."""

    def __init__(self, ports, seed):
        self.ports = ports
        self.random = random.Random(seed)
        self.statuses, self.took, self.failed = {}, [], []

    def id(self):
        front = "".join(self.random.sample("abc", 3))
        return front + "".join(self.random.choices(LETTERS, k=23))

    async def one(self):
        begun = time.monotonic()
        client = Client(self.random.choice(self.ports))
        try:
            status, _, _ = await asyncio.wait_for(client.ask(
                "GET", "/session", f"Cookie: JSESSIONID={self.id()}\r\n"), 30)
            self.statuses[status] = self.statuses.get(status, 0) + 1
        except (Wrong, OSError, asyncio.TimeoutError) as error:
            self.failed.append(repr(error))
        finally:
            client.close()
        self.took.append(time.monotonic() - begun)

    async def run(self, seconds):
        begun, tasks = time.monotonic(), []
        for number in range(seconds * RATE):
            await asyncio.sleep(max(0, begun + number / RATE - time.monotonic()))
            tasks.append(asyncio.create_task(self.one()))
        await asyncio.gather(*tasks)


def ring_flood(options, findings, folder):
    """Ids of chance that nobody knows, with all servers and without one: it costs little."""
    seconds = 10 if options.short else 120
    with Farm(options.programs, folder) as farm:
        warm_up = Flood([farm.web.port, *farm.doors.values()], 0)
        asyncio.run(warm_up.run(2))
        flood(options, findings, farm, "all are there", seconds)
        again(findings, farm)
        storm(options, findings, farm, 5 if options.short else 30)
        gone = farm.apps["app-c"]
        farm.kill(gone)
        ground.wait_until("the web tier finds out", lambda: (
            farm.seen(gone.name)["state"] == "down"))
        flood(options, findings, farm, f"without {gone.name}", seconds)


def flood(options, findings, farm, word, seconds):
    alive = [server for server in farm.alive() if server is not farm.web]
    events = Events(farm)
    events.look()
    names = ("inquiries", "unknown", "forwarded", "relayed", "failed", "frames", "bytes", "writes")
    before = {name: events.sum(name) for name in names}
    memory = {server.name: ground.memory(server.pid)[0] for server in farm.alive()}
    cpu = {server.name: ground.cpu_seconds(server.pid) for server in alive}
    ports = [farm.web.port, *(farm.doors[server.name] for server in alive)]
    load = Flood(ports, options.random.random())
    asyncio.run(load.run(seconds))
    events.look()
    asked = len(load.took)
    each = ", ".join(f"{(events.sum(name) - before[name]) / asked:.2f} {name}" for name in names)
    grown = {server.name: ground.memory(server.pid)[0] - memory[server.name]
             for server in farm.alive()}
    busy = ", ".join(f"{server.name} {ground.cpu_seconds(server.pid) - cpu[server.name]:.1f} s"
                     for server in alive)
    findings.figure(f"{word}: {asked} requests, answers {load.statuses}, {spread(load.took)}")
    findings.figure(f"{word}: to a request come {each}; CPU {busy}")
    findings.must(not load.failed, f"{word}: every one was answered: {load.failed[:3]}")
    findings.must(set(load.statuses) <= {404, 503}, f"{word}: nobody has a session")
    findings.must(max(load.took) < LONGEST, f"{word}: each within 3 s: {max(load.took):.2f} s")
    findings.must(max(grown.values()) < GROWTH, f"{word}: nobody grew by 16 MB: " + ", ".join(
        f"{name} {ground.megabytes(count)}" for name, count in grown.items()))
    findings.figure(f"{word}: {farm.holdings()}")


def again(findings, farm):
    """A browser whose session is gone loads a page with all its pictures."""
    server = farm.apps["app-a"]
    id = "abc" + "".join(random.choices(LETTERS, k=23))
    events = Events(farm)
    events.look()
    before = {name: events.sum(name) for name in ("inquiries", "spared", "bytes")}
    begun = time.monotonic()
    answers = {farm.ask_at(server, "/session", id=id).status for _ in range(40)}
    took = time.monotonic() - begun
    events.look()
    asked, spared, said = (events.sum(name) - before[name] for name in before)
    findings.figure(f"40 times the same id in {took:.2f} s: {asked} questions, {spared} answers "
                    f"without one, {said} bytes on the ring")
    findings.must(answers == {404}, f"nobody has a session: {answers}")
    findings.must(asked <= 2 + took and spared >= 38 - took, "one question in a second")


def storm(options, findings, farm, seconds):
    """Far more ids than the servers ask each other about; who has a session does not notice."""
    doors = farm.doors["app-a"]
    ids = [farm.ask_at(server, "/counter").json()["session"] for server in farm.apps.values()
           for _ in range(5)]
    events = Events(farm)
    events.look()
    names = ("inquiries", "curbed", "unknown", "frames", "bytes")
    before = {name: events.sum(name) for name in names}
    memory = {server.name: ground.memory(server.pid)[0] for server in farm.alive()}
    known, begun = [], time.monotonic()
    with wrk.Wrk(doors, pause=options.random.randrange(1 << 20), script=SCRIPT, threads=2) as load:
        while time.monotonic() < begun + seconds:
            for id in ids:
                # Its first letter says who acts; any server may be asked.
                known.append(ground.ask(options.random.choice(list(farm.doors.values())),
                                        "/counter", fields={"Cookie": f"JSESSIONID={id}"}).status)
    took = time.monotonic() - begun
    events.look()
    seen = {name: events.sum(name) - before[name] for name in names}
    result, rate = load.result, load.result["requests"] / took
    grown = {server.name: ground.memory(server.pid)[0] - memory[server.name]
             for server in farm.alive()}
    findings.figure(f"a storm: {result['requests']} requests at one server in {took:.0f} s "
                    f"({rate:.0f}/s): {result}")
    findings.figure("a storm: " + ", ".join(f"{name} {count} ({count / took:.0f}/s)"
                                            for name, count in seen.items()))
    findings.must(not result["failed"] and not result["other"] and not result["200"],
                  "a storm: every one is answered, and nobody has a session")
    findings.must(set(known) == {200}, f"a storm: {len(known)} visits with a session, all served: "
                                       f"{sorted(set(known))}")
    most = (AT_ONCE + IN_A_SECOND * (took + 1)) * len(farm.apps)
    findings.must(seen["inquiries"] - len(known) <= most,
                  f"a storm: not more questions than there may be: {seen['inquiries']}")
    findings.must(max(grown.values()) < 2 * GROWTH, "a storm: nobody grew by 32 MB: " + ", ".join(
        f"{name} {ground.megabytes(count)}" for name, count in grown.items()))
