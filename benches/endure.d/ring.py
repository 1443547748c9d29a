"""App servers are killed, while users count their visits."""

import signal
import time

import ground
from farm import Events, Farm, Users, percentile, spread

MEDIAN = 0.1
LONGEST = 1.0
# Who could have a session that is asked for is waited for so long before it counts as gone.
RECOVERY = 30


def crowd_of(options):
    """(sessions, seconds between two visits of one, seconds in all)"""
    return (200, 1.0, 20) if options.short else (2000, 10.0, 300)


def is_debug(options):
    """Whether these programs were built to be looked into, and not to be fast."""
    return options.programs.name == "debug"


class Busy:
    """Whether others had the processors, so that times of answers are theirs and not ours."""

    MOST = 0.5

    def __init__(self):
        self.begun, self.starved = time.monotonic(), ground.starved_seconds()

    def share(self):
        """Of the time since then, that in which somebody waited for a processor."""
        return (ground.starved_seconds() - self.starved) / (time.monotonic() - self.begun)


# --- one at a time, each after the copies of the last one are restored ----------------------------


def ring_kills(options, findings, folder):
    """App servers are killed one after the other, and nobody notices."""
    sessions, pause, seconds = crowd_of(options)
    restored, outages, number = [], {"web": [], "straight": []}, 0
    with Farm(options.programs, folder) as farm, Users(farm, options, sessions, pause) as users:
        users.begin(findings)
        time.sleep(2)
        busy, end = Busy(), time.monotonic() + seconds
        while time.monotonic() < end:
            victim = list(farm.apps.values())[number % len(farm.apps)]
            number += 1
            users.add(users.tell("report"))
            killed = users.send(victim, signal.SIGKILL)
            time.sleep(options.random.uniform(0.2, 1.5))
            farm.start(victim)
            restored.append(farm.wait_until_whole(sessions, settle=options.settle))
            report = users.tell("report")
            users.add(report)
            waits = [wait for _, wait, _ in report["waits"]]
            for way, wait, _ in report["waits"]:
                outages[way].append(wait)
            findings.figure(f"kill {number}, {victim.name} at {killed['at']:.2f}: "
                            f"{killed['sessions']} sessions, {len(waits)} asked for: "
                            f"{spread(waits)}; all copies are there {restored[-1]:.2f} s after it "
                            f"was started again: {farm.holdings()}")
        time.sleep(1)
        tell_outages(options, findings, restored, outages, busy.share())
        users.judge(findings)


def tell_outages(options, findings, restored, outages, busy):
    findings.figure(f"{len(restored)} kills; until all copies are there: median "
                    f"{sorted(restored)[len(restored) // 2]:.2f} s, max {max(restored):.2f} s")
    for way, waits in outages.items():
        findings.figure(f"first answers of {len(waits)} sessions of a killed server, {way}: "
                        f"{spread(waits)}")
    waits = outages["web"] + outages["straight"]
    if not findings.must(waits, f"somebody was answered by another server: {len(waits)}"):
        return
    if busy > Busy.MOST:
        findings.figure(f"the machine was too busy to judge times: somebody waited for the "
                        f"processor in {busy:.0%} of the time; all: {spread(waits)}")
        return
    findings.must(percentile(waits, 50) < MEDIAN, f"median below 100 ms: {spread(waits)}")
    if is_debug(options):
        findings.figure("programs with debug information: the longest is not judged")
    else:
        findings.must(max(waits) < LONGEST, f"all within 1 s: {spread(waits)}")


# --- without waiting for copies -------------------------------------------------------------------


def ring_careless(options, findings, folder):
    """The same without waiting for copies: service goes on, and losses are counted."""
    sessions, pause, seconds = crowd_of(options)
    number, newcomers = 0, []
    with Farm(options.programs, folder) as farm, Users(farm, options, sessions, pause) as users:
        users.begin(findings)
        events = Events(farm)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            victim = options.random.choice(list(farm.apps.values()))
            number += 1
            events.look()
            users.send(victim, signal.SIGKILL)
            newcomers.append(come_in(farm))
            time.sleep(options.random.uniform(0.1, 1))
            farm.start(victim)
            farm.wait_until_ready(victim)
        for server in farm.apps.values():
            farm.wait_until_ready(server)
        users.tell("rest")
        users.add(users.tell("report"))
        events.look()
        judge_losses(findings, users, events, number)
        findings.must(all(status == 200 for status, _ in newcomers),
                      f"who came in new right after a kill got a session: {newcomers[:5]}")
        findings.figure(f"newcomers: {spread([took for _, took in newcomers])}")
        # Whoever was told "perhaps" hears more when all are there.
        users.tell("serve")
        last = users.tell("report")
        findings.must(not last["failed"], f"at the end everybody is served: {last['failed'][:4]}")
        findings.figure(f"lost by then: {len(users.total['lost']) + len(last['lost'])}")
        took = farm.wait_until_whole(sessions)
        findings.figure(f"all copies are there after {took:.2f} s: {farm.holdings()}")


def come_in(farm):
    """(status, seconds) of somebody without a session."""
    begun = time.monotonic()
    try:
        return farm.get("/counter").status, time.monotonic() - begun
    except OSError as error:
        return str(error), time.monotonic() - begun


def judge_losses(findings, users, events, number):
    total = users.total
    unknown = [one for one in total["failed"] if " 503 " in one[2]]
    # The web tier sends a request once more, and not a third time when that server dies, too.
    twice = [one for one in total["failed"] if one[1] == "web" and " 502 " in one[2]]
    other = [one for one in total["failed"] if one not in unknown and one not in twice]
    findings.figure(f"{number} kills; {users.words()}")
    findings.figure(f"{len(total['lost'])} sessions were lost, {len(total['wrong'])} set back, "
                    f"{len(unknown)} requests were answered with 503: {unknown[:2]}; {len(twice)} "
                    "met two servers that died (502)")
    findings.figure(f"the ring: {events.words()}")
    findings.must(not other, f"every request was answered: {len(other)} were not {other[:4]}")
    counted = sum(events.sum(name) for name in ("degraded", "degraded_takeovers", "unknown"))
    lost = len(total["lost"]) + len(total["wrong"])
    findings.must(not lost or counted, f"no loss without being counted: {lost} losses, degraded "
                                       f"{events.sum('degraded')}, degraded takeovers "
                                       f"{events.sum('degraded_takeovers')}, unknown "
                                       f"{events.sum('unknown')}")


# --- all at once ----------------------------------------------------------------------------------


def ring_all_down(options, findings, folder):
    """All app servers are killed at once and started again: service is back."""
    rounds = 1 if options.short else 5
    most = 10.0
    with Farm(options.programs, folder) as farm:
        ids = [farm.ask_at(server, "/counter").json()["session"] for server in farm.apps.values()
               for _ in range(5)]
        for number in range(rounds):
            for word, one_first in (("together", False), ("one before the others", True)):
                for server in farm.apps.values():
                    server.send(signal.SIGKILL)
                for server in farm.apps.values():
                    server.process.wait()
                time.sleep(options.random.uniform(0.2, 2))
                first, *rest = options.random.sample(list(farm.apps.values()), len(farm.apps))
                begun = time.monotonic()
                farm.start(first)
                if one_first:
                    alone = until_new(farm, lambda: farm.ask_at(first, "/counter"), begun)
                    by_web = until_new(farm, lambda: farm.get("/counter"), begun)
                    findings.figure(f"{first.name} alone makes sessions {alone:.2f} s after its "
                                    f"start, through the web tier {by_web:.2f} s")
                    findings.must(max(alone, by_web) < most, "a server that is alone serves")
                    asked = [farm.ask_at(first, "/session", id=id).status for id in ids]
                    findings.figure("of the sessions of old it says "
                                    f"{sorted(set(asked))} meanwhile")
                    begun = time.monotonic()
                for server in rest:
                    farm.start(server)
                by_web = until_new(farm, lambda: farm.get("/counter"), begun)
                doors = [until_new(farm, lambda one=server: farm.ask_at(one, "/counter"), begun)
                         for server in farm.apps.values()]
                for server in farm.apps.values():
                    farm.wait_until_ready(server)
                ready = time.monotonic() - begun
                old = [until_new(farm, lambda id=id: ground.ask(farm.web.port, "/counter", fields={
                    "Cookie": f"JSESSIONID={id}"}), begun) for id in ids]
                findings.figure(f"round {number + 1}, {word}: new sessions through the web tier "
                                f"{by_web:.2f} s after the start, at the doors "
                                f"{', '.join(f'{one:.2f}' for one in doors)} s; all ready after "
                                f"{ready:.2f} s, all {len(ids)} clients with old ids have new "
                                f"sessions after {max(old):.2f} s")
                findings.must(max(by_web, *doors, ready, *old) < most,
                              f"service is back within {most:.0f} s")
                ids = [farm.ask_at(server, "/counter").json()["session"]
                       for server in farm.apps.values() for _ in range(5)]
        findings.figure(farm.holdings())


def until_new(farm, ask, begun):
    """Seconds from `begun` until somebody gets a session who asks again and again."""
    def good():
        answer = ask()
        return answer.status == 200 and answer.json()["count"] == 1

    ground.wait_until(f"a new session ({farm.holdings()})", good, seconds=RECOVERY + 30)
    return time.monotonic() - begun
