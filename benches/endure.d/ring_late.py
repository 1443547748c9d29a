"""Servers that answer late, but are there: they stand still for a moment while they are asked."""

import http.client
import signal
import threading
import time

from farm import Farm

NUMBER = 6


def ring_late(options, findings, folder):
    """Who is asked answers a second late: nothing old is said, and nobody loses his session."""
    lates = [0.4, 1.0, 2.0] if options.short else [0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0]
    with Farm(options.programs, folder) as farm:
        for late in lates:
            goes_on(findings, farm, late)
            time.sleep(2)
        for late in lates:
            is_asked(findings, farm, late)
            time.sleep(2)


def make(farm, owner):
    """Sessions of one server, with all their copies."""
    ids = [farm.ask_at(owner, "/counter").json()["session"] for _ in range(NUMBER)]
    farm.wait_until_whole(sum(farm.status(one)["sessions"] for one in farm.apps.values()), settle=2)
    return ids


def ask_all(farm, server, target, ids, meanwhile=None):
    """What a server says to all these at once, with `meanwhile` beginning a moment later."""
    said = {}

    def ask(id):
        try:
            answer = farm.ask_at(server, target, id, timeout=30)
            seen = answer.json()
            count = seen.get("count", seen.get("attributes", {}).get("count"))
            said[id] = (answer.status, count, answer.fields["Set-Cookie"] is not None)
        except (OSError, http.client.HTTPException) as error:
            said[id] = (str(error), None, False)

    askers = [threading.Thread(target=ask, args=(id,)) for id in ids]
    for asker in askers:
        asker.start()
    if meanwhile:
        time.sleep(0.3)
        meanwhile()
    for asker in askers:
        asker.join()
    return [said[id] for id in ids]


def stand_still(servers, seconds):
    for server in servers:
        server.send(signal.SIGSTOP)
    time.sleep(seconds)
    for server in servers:
        server.send(signal.SIGCONT)


def goes_on(findings, farm, late):
    """An owner stood still and goes on; those who act in its place do not answer at once."""
    owner, *others = farm.apps.values()
    ids = make(farm, owner)
    owner.send(signal.SIGSTOP)
    counts = [farm.ask_at(others[0], "/counter", id).json()["count"] for id in ids]
    left = ids[NUMBER // 2:]
    ended = [farm.ask_at(others[0], "/session", id, method="DELETE").status for id in left]
    findings.must(counts == [2] * NUMBER and ended == [200] * len(left),
                  f"{others[0].name} acts for {owner.name}: {counts} {ended}")
    time.sleep(4)

    def meanwhile():
        for server in others:
            server.send(signal.SIGSTOP)
        owner.send(signal.SIGCONT)
        stand_still(others, late)

    said = ask_all(farm, owner, "/session", ids, meanwhile)
    words = f"others {late:.1f} s late, {owner.name} goes on:"
    # Not to know is no mistake.
    old = [one[:2] for one in said[:NUMBER // 2] if one[0] == 200 and one[1] != 2]
    back = [one[:2] for one in said[NUMBER // 2:] if one[0] == 200]
    findings.must(not old, f"{words} says nothing old: {old}")
    findings.must(not back, f"{words} who has logged out stays so: {back}")


def is_asked(findings, farm, late):
    """Both that have a session stand still for a moment, while the third server is asked for it."""
    owner, backup, third = farm.apps.values()
    front = farm.letter(owner) + farm.letter(backup)
    ids = [id for id in make(farm, owner) + make(farm, owner) if id.startswith(front)]

    pause = threading.Thread(target=stand_still, args=((owner, backup), late + 0.3))
    pause.start()
    time.sleep(0.05)
    said = ask_all(farm, third, "/counter", ids)
    pause.join()
    other = [one for one in said if one[0] == 200 and (one[1] != 2 or one[2])]
    findings.must(not other, f"owner and backup {late + 0.3:.1f} s late: {third.name} puts no new "
                             f"session in the place of one that it cannot see: {len(other)} of "
                             f"{len(ids)} {other[:2]}")
    findings.figure(f"it says {sorted({one[0] for one in said}, key=str)}")
