"""Mixed load with faults for a long time: what was used goes back to what it was."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import cluster as processes
import ground
from cluster import Cluster

QUIET = 30
ROOM = 4 << 20
MORE_FILES = 5
LONGEST = 3.0
# Beyond this share of the time, in which the machine stood still, nothing was shown.
STOOD_STILL = 0.05
# Of these kinds not one may fail, whatever happens to one server.
HELD = ("visit", "put", "once", "slow-head", "slow-body")


class Load:
    """The process that makes the load."""

    def __init__(self, port, seed, rate):
        self.process = subprocess.Popen(
            [sys.executable, "-B", Path(__file__).with_name("mix.py"), str(port), str(seed),
             str(rate)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=processes.end_with_parent)

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise ground.Broken("the load ended by itself")
        return json.loads(answer)

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Faults:
    """One fault at a time, each until all is well again."""

    KINDS = ("kill", "term", "stop", "restart", "reload", "drain", "evict", "maintenance", "burst")

    def __init__(self, options, cluster, load):
        self.random = options.random
        self.cluster = cluster
        self.load = load
        self.due = []
        self.done = {}

    def next(self):
        """Each kind as often as the next, in an order of chance."""
        if not self.due:
            self.due = list(self.KINDS)
            self.random.shuffle(self.due)
        kind = self.due.pop()
        server = self.random.choice(list(self.cluster.apps.values()))
        self.done[kind] = self.done.get(kind, 0) + 1
        getattr(self, kind)(server)
        return f"{kind} {server.name}"

    def troubled(self, server, seconds, restarted=True):
        time.sleep(seconds)
        if restarted:
            self.cluster.start(server)
            self.cluster.wait_until_it_accepts(server)
        self.cluster.wait_until_all_are_ready()
        self.load.tell("calm")

    def kill(self, server):
        self.load.tell("trouble")
        self.cluster.kill(server)
        self.troubled(server, self.random.uniform(0.2, 8))

    def term(self, server):
        self.load.tell("trouble")
        self.cluster.terminate(server)
        self.troubled(server, self.random.uniform(0.2, 3))

    def restart(self, server):
        self.load.tell("trouble")
        self.cluster.terminate(server)
        self.troubled(server, 0)

    def stop(self, server):
        self.load.tell("trouble")
        server.send(signal.SIGSTOP)
        time.sleep(5)
        server.send(signal.SIGCONT)
        self.troubled(server, 0, restarted=False)

    def reload(self, server):
        self.cluster.shape.weights[server.name] = self.random.randint(1, 300)
        self.cluster.shape.moved_to = f"/moved-{self.random.randrange(1000)}"
        self.cluster.write(everybody=True)
        self.cluster.hang_up(self.cluster.web)
        self.cluster.hang_up(server)

    def wished(self, server, word):
        self.cluster.wish(server, word)
        time.sleep(self.random.uniform(1, 8))
        self.cluster.wish(server, "enable")
        self.cluster.wait_until_all_are_ready()

    def drain(self, server):
        self.wished(server, "drain")

    def evict(self, server):
        self.wished(server, "evict")

    def maintenance(self, server):
        self.wished(server, "maintenance")

    def burst(self, _):
        self.load.tell("burst")


class Ledger:
    """What happened in all, by kind of request."""

    def __init__(self, findings):
        self.findings = findings
        self.kinds = {}
        self.stalls = []

    def add(self, report):
        for stall in report["stalls"]:
            self.stalls.append(stall)
            self.findings.figure(f"  the machine stood still for {stall:.2f} s")
        for name, seen in report["kinds"].items():
            total = self.kinds.setdefault(
                name, {"done": 0, "failed": 0, "excused": 0, "longest": 0.0,
                       "reasons": []})
            for figure in ("done", "failed", "excused"):
                total[figure] += seen[figure]
            total["longest"] = max(total["longest"], seen["longest"])
            total["reasons"] += seen["reasons"]
            for reason in seen["reasons"]:
                self.findings.figure(f"  {name} failed: {reason}")

    def line(self, report):
        return ", ".join(f"{name} {seen['done']}"
                         + (f" -{seen['failed']}" if seen["failed"] else "")
                         + (f" ({seen['excused']} excused)" if seen["excused"] else "")
                         for name, seen in sorted(report["kinds"].items()))


def used(cluster):
    words = []
    for server in cluster.alive():
        words.append(f"{server.name} {ground.megabytes(ground.memory(server.pid)[0])} "
                     f"{ground.open_files(server.pid)} files")
    return ", ".join(words)


def quiet_level(cluster, load, seconds):
    load.tell("quiet")
    time.sleep(seconds)
    return ground.memory(cluster.web.pid)[0], ground.open_files(cluster.web.pid)


def soak(options, findings, folder):
    """Mixed load with faults; memory and file descriptors return to their level."""
    warm_up, quiet, every = (15, 12, 5) if options.short else (60, QUIET, 30)
    begun = time.monotonic()
    with Cluster(options.programs, folder) as cluster:
        web = cluster.web.pid
        load = Load(cluster.web.port, options.seed, options.rate)
        ledger = Ledger(findings)
        try:
            load.tell("go")
            faults = Faults(options, cluster, load)
            time.sleep(warm_up / 2)
            # The two that ask for most memory: many clients at a time, many that wait.
            faults.burst(None)
            faults.stop(cluster.apps["app-a"])
            time.sleep(max(0, warm_up / 2 - 8))
            ledger.add(load.tell("report"))
            memory_before, files_before = quiet_level(cluster, load, quiet)
            findings.figure(f"after a warm-up of {warm_up} s and {quiet} s of quiet: "
                            f"{used(cluster)}")
            findings.figure(f"open files of the web tier: {ground.open_kinds(web)}")
            load.tell("go")
            under_load(options, cluster, load, faults, ledger, every)
            memory_after, files_after = quiet_level(cluster, load, quiet)
            ledger.add(load.tell("report"))
            findings.figure(f"after {quiet} s of quiet: {used(cluster)}")
            findings.figure(f"open files of the web tier: {ground.open_kinds(web)}")
        finally:
            load.end()
        findings.figure("faults: " + ", ".join(f"{n} {kind}" for kind, n in faults.done.items()))
        for name, seen in sorted(ledger.kinds.items()):
            findings.figure(f"{name}: {seen['done']} done, {seen['failed']} failed, "
                            f"{seen['excused']} excused, longest {seen['longest']:.2f} s")
        findings.must(cluster.web.process.poll() is None and cluster.web.pid == web,
                      "the web tier is the same process all along")
        bound = memory_before * 1.1 + ROOM
        findings.must(memory_after <= bound, f"its memory is back within 10 % and 4 MB: "
                                             f"{ground.megabytes(memory_before)} before, "
                                             f"{ground.megabytes(memory_after)} after")
        findings.must(files_after <= files_before + MORE_FILES,
                      f"its files are back: {files_before} before, {files_after} after")
        judge(findings, ledger)
        stood, lasted = sum(ledger.stalls), time.monotonic() - begun
        findings.must(stood < STOOD_STILL * lasted, f"the machine stood still for less than 5 % of "
                                                    f"the time: {stood:.0f} of {lasted:.0f} s")


def judge(findings, ledger):
    failed = {name: seen["failed"] for name, seen in ledger.kinds.items() if seen["failed"]}
    findings.must(not any(name in failed for name in HELD),
                  f"no idempotent request failed that another server could answer: {failed}")
    findings.must(not failed, f"nothing failed without a fault: {failed}")
    longest = max((ledger.kinds[name]["longest"] for name in ("visit", "put", "once")
                   if name in ledger.kinds), default=0)
    findings.must(longest < LONGEST, f"each was answered within 3 s: {longest:.2f} s")


def under_load(options, cluster, load, faults, ledger, every):
    """The load itself, with a fault now and then and a line each minute."""
    begun = time.monotonic()
    end = begun + options.minutes * 60
    next_fault, next_line, happened = begun + every / 2, begun + 60, []
    while (now := time.monotonic()) < end:
        if now >= next_fault:
            happened.append(faults.next())
            next_fault = time.monotonic() + options.random.uniform(0.5, 1.5) * every
        if time.monotonic() >= next_line:
            report = load.tell("report")
            ledger.add(report)
            minutes = (time.monotonic() - begun) / 60
            ledger.findings.figure(f"minute {minutes:.0f}: {ledger.line(report)}")
            ledger.findings.figure(f"  {used(cluster)}; faults: {', '.join(happened) or 'none'}")
            next_line += 60
            happened = []
        time.sleep(0.2)
