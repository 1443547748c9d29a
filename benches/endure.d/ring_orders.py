"""App servers stand still or are stopped in order, while users count their visits."""

import http.client
import signal
import threading
import time

import ground
from farm import Events, Farm, Users, spread

LONGEST = 3.0
# What a server may grow by while a backup of its sessions stands still.
GROWTH = 32 << 20
# What a user who goes straight to a server that hangs has for it, before he tries another one.
PATIENCE = 2.0
WRITERS = 8
BLOCK = b"x" * 2048


# --- an owner stands still ------------------------------------------------------------------------


def ring_pauses(options, findings, folder):
    """An owner stands still, then a backup: others answer, and nothing old is said."""
    sessions, pause, hang, rounds = (200, 2.0, 6, 1) if options.short else (1000, 10.0, 30, 5)
    with Farm(options.programs, folder) as farm:
        with Users(farm, options, sessions, pause, PATIENCE) as users:
            users.begin(findings)
            events = Events(farm)
            servers = list(farm.apps.values())
            for number in range(rounds):
                stand_still(findings, farm, users, servers[number % len(servers)], hang)
            events.look()
            findings.figure(f"the ring: {events.words()}")
            longest = users.total["longest"]
            findings.must(max(longest.values()) < LONGEST,
                          f"each request was answered within 3 s: {longest}")
            users.judge(findings)
        backup_stands_still(findings, farm, hang)


def stand_still(findings, farm, users, owner, hang):
    """One server stands still, and is asked for what is old in the moment in which it goes on."""
    helper = next(one for one in farm.apps.values() if one is not owner)
    stale, left = [[farm.ask_at(owner, "/counter").json()["session"] for _ in range(10)]
                   for _ in range(2)]
    farm.wait_until_whole(users.sessions + len(stale) + len(left))
    users.add(users.tell("report"))
    users.send(owner, signal.SIGSTOP, avoid=[owner.name])
    begun = time.monotonic()
    first, wrong = [], []
    for id in stale:
        asked = time.monotonic()
        answer = farm.ask_at(helper, "/counter", id)
        first.append(time.monotonic() - asked)
        if answer.status != 200 or answer.json()["count"] != 2:
            wrong.append((answer.status, answer.body))
    findings.must(not wrong, f"{helper.name} answers for {owner.name}: {wrong[:3]}")
    ended = [farm.ask_at(helper, "/session", id, method="DELETE").status for id in left]
    findings.must(ended == [200] * len(left), f"log-outs at {helper.name}: {sorted(set(ended))}")
    time.sleep(max(0, hang - (time.monotonic() - begun)))
    said = {}
    askers = [threading.Thread(target=ask_for, args=(farm, owner, id, said))
              for id in [*stale, *left]]
    for asker in askers:
        asker.start()
    time.sleep(0.3)
    went_on = time.monotonic()
    owner.send(signal.SIGCONT)
    for asker in askers:
        asker.join()
    took = max(at for _, _, at in said.values()) - went_on
    old = [said[id] for id in stale if said[id][:2] != (200, 2)]
    back = [said[id] for id in left if said[id][0] != 404]
    findings.must(not old, f"{owner.name} says nothing old when it goes on: {old[:3]}")
    findings.must(not back, f"who has logged out meanwhile stays so: {back[:3]}")
    users.tell("avoid", servers=[])
    time.sleep(2)
    report = users.tell("report")
    users.add(report)
    findings.figure(f"{owner.name} stood still for {hang} s: first answers elsewhere "
                    f"{spread(first)}; of those who visit all the time "
                    f"{spread([wait for _, wait, _ in report['waits']])}; it answered "
                    f"{took * 1000:.0f} ms after SIGCONT")
    restored = farm.wait_until_whole(users.sessions + len(stale))
    findings.figure(f"all copies are there {restored + 2:.1f} s after SIGCONT")
    for id in stale:
        farm.ask_at(helper, "/session", id, method="DELETE")


def ask_for(farm, server, id, said):
    """What a server knows of a session: (status, count, when it said so)."""
    try:
        answer = farm.ask_at(server, "/session", id, timeout=30)
        count = answer.json()["attributes"]["count"] if answer.status == 200 else None
        said[id] = (answer.status, count, time.monotonic())
    except (OSError, http.client.HTTPException) as error:
        said[id] = (str(error), None, time.monotonic())


# --- a backup stands still ------------------------------------------------------------------------


class Writer(threading.Thread):
    """Writes into one session, forty times a second at most."""

    STEP = 0.025

    def __init__(self, port, id):
        super().__init__(daemon=True)
        self.port, self.id = port, id
        # (begun, seconds)
        self.took, self.failed = [], []
        self.over = False

    def run(self):
        connection = http.client.HTTPConnection(ground.HOST, self.port, timeout=20)
        number = 0
        while not self.over:
            begun, number = time.monotonic(), number + 1
            try:
                connection.request("PUT", f"/session/n{number % 4}", body=BLOCK,
                                   headers={"Cookie": f"JSESSIONID={self.id}"})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    self.failed.append(f"{answer.status} {body[:80]!r}")
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                connection.close()
            took = time.monotonic() - begun
            self.took.append((begun, took))
            time.sleep(max(0, self.STEP - took))
        connection.close()


def backup_stands_still(findings, farm, hang):
    """The backup of sessions that are written to all the time stands still."""
    owner, backup = farm.apps["app-a"], farm.apps["app-b"]
    front = farm.letter(owner) + farm.letter(backup)
    ids = []
    while len(ids) < WRITERS:
        id = farm.ask_at(owner, "/counter").json()["session"]
        ids += [id] if id.startswith(front) else []
    writers = [Writer(farm.doors[owner.name], id) for id in ids]
    for writer in writers:
        writer.start()
    edges, memories = [time.monotonic()], []
    for step, seconds in ((None, 4), (signal.SIGSTOP, hang), (signal.SIGCONT, 4)):
        if step:
            backup.send(step)
        time.sleep(seconds)
        edges.append(time.monotonic())
        memories.append(ground.memory(owner.pid)[0])
    for writer in writers:
        writer.over = True
    for writer in writers:
        writer.join()
    took = [one for writer in writers for one in writer.took]
    for name, (begun, ended) in zip(("before", "while", "after"), zip(edges, edges[1:])):
        these = [seconds for at, seconds in took if begun <= at < ended]
        findings.figure(f"writes {name} {backup.name} stood still: {len(these)}, {spread(these)}")
    failed = [one for writer in writers for one in writer.failed]
    findings.must(not failed, f"no write failed: {len(failed)} {failed[:3]}")
    longest = max(seconds for _, seconds in took)
    findings.must(longest < LONGEST, f"each within 3 s: {longest:.2f} s")
    growth = memories[1] - memories[0]
    findings.must(growth < GROWTH, f"{owner.name} grew by less than 32 MB meanwhile: "
                                   f"{ground.megabytes(growth)}, to {ground.megabytes(memories[1])}"
                                   f"; {ground.megabytes(memories[2])} afterwards")


# --- in order -------------------------------------------------------------------------------------


class Sleeper(threading.Thread):
    """A request that takes long, on a server that is about to be stopped."""

    def __init__(self, port, milliseconds, id):
        super().__init__(daemon=True)
        self.port, self.milliseconds, self.id = port, milliseconds, id
        self.said = None

    def run(self):
        try:
            answer = ground.ask(self.port, f"/sleep/{self.milliseconds}", timeout=60,
                                fields={"Cookie": f"JSESSIONID={self.id}"})
            self.said = (answer.status, answer.json().get("server"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.said = (repr(error), None)


def ring_rolling(options, findings, folder):
    """All app servers are stopped and started again in turn, and nobody notices."""
    sessions, pause, nap, rounds = ((200, 2.0, 3000, 1) if options.short else
                                    (1000, 10.0, 20000, 3))
    limits = {"drain-time": '"60s"'}
    with Farm(options.programs, folder, **limits) as farm:
        with Users(farm, options, sessions, pause) as users:
            users.begin(findings)
            ended, joined = [], []
            for _ in range(rounds):
                for server in farm.apps.values():
                    roll(findings, farm, server, nap, ended, joined)
            findings.figure(f"{len(ended)} stops; from SIGTERM to the end of the process "
                            f"{min(ended):.2f} to {max(ended):.2f} s, of which requests took "
                            f"{nap / 1000:.0f} s; from its start until it has joined "
                            f"{min(joined):.2f} to {max(joined):.2f} s")
            users.add(users.tell("report"))
            longest = users.total["longest"]
            findings.must(max(longest.values()) < LONGEST,
                          f"each request was answered within 3 s: {longest}")
            users.judge(findings)


def roll(findings, farm, server, nap, ended, joined):
    """Stops a server on which requests are running, and starts it again."""
    id = farm.ask_at(server, "/counter").json()["session"]
    sleepers = [Sleeper(port, nap, id) for port in (farm.doors[server.name], farm.web.port)]
    for sleeper in sleepers:
        sleeper.start()
    time.sleep(0.5)
    begun = time.monotonic()
    farm.terminate(server, seconds=nap / 1000 + 30)
    ended.append(time.monotonic() - begun)
    for sleeper, way in zip(sleepers, ("straight", "through the web tier")):
        sleeper.join()
        findings.must(sleeper.said == (200, server.name),
                      f"{server.name} finished what ran, {way}: {sleeper.said}")
    code = server.process.returncode
    findings.must(code == 0, f"{server.name} ended with {code}")
    farm.start(server)
    farm.wait_until_it_accepts(server)
    joined.append(farm.wait_until_ready(server))
    # Whoever is looked for by the web tier is used at its next check.
    ground.wait_until(f"the web tier uses {server.name}", lambda: farm.seen(server.name)[
        "state"] in ("ready", "warming"))
    farm.ask_at(server, "/session", id, method="DELETE")
