"""A cluster whose app servers hold copies of each other's sessions, and its users."""

import http.client
import json
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import cluster as processes
import ground
from cluster import Cluster

EVENT = re.compile(r'copal_app_ring_events_total\{event="(\w+)"\} (\d+)')
SAID = re.compile(r'copal_app_ring_(frames|bytes|writes)_total (\d+)')


class Farm(Cluster):
    """Each app server has a door of its own, too: a listener beside that for the web tier."""

    def __init__(self, programs, folder, **limits):
        super().__init__(programs, folder, doors=True, **limits)

    def letter(self, server):
        """The one that names it in the ids of sessions."""
        return server.name[-1]

    def ask_at(self, server, target, id=None, **more):
        """Asks a server without the web tier."""
        fields = {"Cookie": f"JSESSIONID={id}"} if id else {}
        return ground.ask(self.doors[server.name], target, fields=fields, **more)

    def is_ready(self, server):
        return self.status(server)["state"] == "ready"

    def wait_until_ready(self, server, seconds=60):
        return ground.wait_until(f"{server.name} has joined", lambda: self.is_ready(server),
                                 seconds=seconds)

    def is_whole(self, sessions):
        """Whether all servers are ready and every session has an owner and a copy.

        Owners know what is short of copies; of a session that nobody owns since its server was
        killed nobody says that, so all are counted.
        """
        all_of = [self.status(server) for server in self.apps.values()]
        return (all(one["state"] == "ready" and one["short_of_copies"] == 0 for one in all_of)
                and sum(one["sessions"] for one in all_of) >= sessions
                and sum(one["copies"] for one in all_of) >= sessions)

    def wait_until_whole(self, sessions, seconds=60, settle=0):
        """Returns how long it took. `settle`: seconds for which it must then have been so."""
        begun, since = time.monotonic(), None

        def settled():
            nonlocal since
            if not self.is_whole(sessions):
                since = None
                return False
            since = since or time.monotonic()
            return time.monotonic() >= since + settle

        try:
            ground.wait_until("copies of all sessions", settled, seconds=seconds, step=0.05)
            return since - begun
        except ground.Broken as broken:
            raise ground.Broken(f"{broken}: {self.holdings()}") from broken

    def holdings(self):
        """What each server has, in words."""
        words = []
        for server in self.apps.values():
            try:
                one = self.status(server)
                words.append(f"{server.name} {one['state']}: {one['sessions']} sessions, "
                             f"{one['short_of_copies']} short, {one['copies']} copies")
            except (OSError, http.client.HTTPException):
                words.append(f"{server.name} does not answer")
        return "; ".join(words)

    def events(self, server):
        """How often what happened in the ring of a server, and how much it said to the others, since
        it was started."""
        text = self.desk(server, "/metrics").body.decode()
        found = EVENT.findall(text) + SAID.findall(text)
        return {name: int(count) for name, count in found}


class Events:
    """What happened in the ring on all servers, those that are gone too, as it was last seen."""

    def __init__(self, farm):
        self.farm = farm
        self.seen = {}

    def look(self):
        for server in self.farm.apps.values():
            try:
                self.seen[server.pid] = self.farm.events(server)
            except (OSError, http.client.HTTPException):
                pass

    def sum(self, name):
        return sum(one.get(name, 0) for one in self.seen.values())

    def words(self):
        names = sorted({name for one in self.seen.values() for name in one})
        counts = [(name, self.sum(name)) for name in names]
        return ", ".join(f"{name} {count}" for name, count in counts if count)


class Users:
    """The process in which the users are; see crowd.py. From `with` until its end."""

    def __init__(self, farm, options, sessions, pause, patience=40):
        self.farm = farm
        settings = {"web": farm.web.port, "doors": farm.doors, "sessions": sessions,
                    "pause": pause, "patience": patience, "seed": options.random.random()}
        self.process = subprocess.Popen(
            [sys.executable, "-B", Path(__file__).with_name("crowd.py"), json.dumps(settings)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=processes.end_with_parent)
        self.sessions = sessions
        self.total = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is ground.Broken and self.process.poll() is None:
            self.add(self.tell("report"))
            for words in (self.words(), *(f"{name}: {self.some(name)}"
                                          for name in ("failed", "wrong", "lost"))):
                ground.say(f"  users | {words}")
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def tell(self, do, **more):
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise ground.Broken("the users ended by themselves")
        return json.loads(answer)

    def begin(self, findings):
        """Everybody gets a session, and visits from then on."""
        begun = time.monotonic()
        made = self.tell("make")
        findings.figure(f"{self.sessions} sessions in {time.monotonic() - begun:.1f} s, by first "
                        f"letter: {made}")
        self.add(self.tell("report"))
        findings.must(not self.total["failed"], f"all were made: {self.some('failed')}")
        self.farm.wait_until_whole(self.sessions)
        self.tell("go")

    def send(self, server, number, **more):
        """Sends a signal, and notes who has to wait because of it."""
        if server.process.poll() is not None:
            raise ground.Broken(f"{server.name} ended with {server.process.returncode} by itself")
        seen = self.tell("signal", pid=server.pid, number=number,
                         letter=self.farm.letter(server), **more)
        if number == signal.SIGKILL:
            server.process.wait()
        return seen

    def add(self, report):
        """Adds a report to what is known in all."""
        if self.total is None:
            self.total = report
            return
        for name, seen in report.items():
            if name == "longest":
                self.total[name] = {way: max(seen[way], self.total[name][way]) for way in seen}
            else:
                self.total[name] += seen

    def some(self, name):
        """How many of a kind, and the first ones."""
        seen = self.total[name]
        return f"{len(seen)} {[f'{at:.2f} {way} {words}' for at, way, words in seen[:4]]}"

    def words(self):
        took = self.total["took"]
        return (f"{self.total['done']} visits, p50 {percentile(took, 50) * 1000:.1f} ms, p99 "
                f"{percentile(took, 99) * 1000:.0f} ms, longest "
                + ", ".join(f"{way} {seconds:.2f} s"
                            for way, seconds in self.total["longest"].items())
                + f"; {self.total['again']} times another server was tried")

    def judge(self, findings):
        """Nobody noticed anything, and nothing is lost."""
        self.tell("rest")
        self.add(self.tell("report"))
        findings.figure(self.words())
        findings.must(not self.total["failed"], f"no request failed: {self.some('failed')}")
        findings.must(not self.total["wrong"],
                      f"no count went back or came again: {self.some('wrong')}")
        findings.must(not self.total["lost"], f"no session was lost: {self.some('lost')}")
        self.farm.wait_until_whole(self.sessions)
        left = self.tell("check")
        for name, words in (("missing", "every session is there"),
                            ("less", "each has counted all that was acknowledged"),
                            ("more", "and nothing twice"),
                            ("unread", "each could be read")):
            findings.must(not left[name], f"{words}: not {len(left[name])} of {self.sessions} "
                                          f"{left[name][:4]}")


def percentile(values, share):
    """0 when there are none."""
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def spread(seconds):
    """Median, 99th percentile and maximum of times, in words."""
    if not seconds:
        return "none"
    return (f"median {statistics.median(seconds) * 1000:.0f} ms, p99 "
            f"{percentile(seconds, 99) * 1000:.0f} ms, max {max(seconds) * 1000:.0f} ms")
