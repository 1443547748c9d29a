"""A session that changes all the time, and many that end while a server is away."""

import http.client
import time

import ground
from farm import Farm, spread

# What a server may grow by, however often its sessions change.
GROWTH = 8 << 20
BLOCK = b"x" * 200


def ring_churn(options, findings, folder):
    """One session changes 100 000 times, and 20 000 end while a server is away: memory is bounded."""
    changes, sessions = (1000, 100) if options.short else (100_000, 20_000)
    with Farm(options.programs, folder) as farm:
        change(findings, farm, changes)
        end(findings, farm, sessions)


def memories(farm):
    return {server.name: ground.memory(server.pid)[0] for server in farm.apps.values()
            if server.process.poll() is None}


def change(findings, farm, changes):
    """Sets and removes attributes of new names, in turns by way of its owner and of another server."""
    owner, other = farm.apps["app-a"], farm.apps["app-b"]
    id = farm.ask_at(owner, "/counter").json()["session"]
    doors = [http.client.HTTPConnection(ground.HOST, farm.doors[one.name], timeout=20)
             for one in (owner, other)]
    took, failed, before = [], [], {}
    for number in range(changes):
        method, body = ("PUT", BLOCK) if number % 2 == 0 else ("DELETE", None)
        door = doors[number // 2 % 2]
        begun = time.monotonic()
        door.request(method, f"/session/n{number // 2}", body=body,
                     headers={"Cookie": f"JSESSIONID={id}"})
        answer = door.getresponse()
        said = answer.read()
        took.append(time.monotonic() - begun)
        if answer.status != 200:
            failed.append(f"{method} {answer.status} {said[:80]!r}")
        if number == changes // 10:
            before = memories(farm)
    grown = {name: now - before[name] for name, now in memories(farm).items()}
    findings.figure(f"{changes} changes of one session: {spread(took)}")
    findings.must(not failed, f"none failed: {len(failed)} {failed[:3]}")
    findings.must(max(grown.values()) < GROWTH, "nobody grew by 8 MB after the first tenth: "
                  + ", ".join(f"{name} {ground.megabytes(one)}" for name, one in grown.items()))
    attributes = farm.ask_at(other, "/session", id).json()["attributes"]
    findings.must(list(attributes) == ["count"], f"nothing is left of them: {list(attributes)[:5]}")


def end(findings, farm, sessions):
    """Sessions end while the server is away that may have copies of them."""
    owner, away = farm.apps["app-a"], farm.apps["app-c"]
    others = [one for one in farm.apps.values() if one is not away]
    ids = [farm.ask_at(owner, "/counter").json()["session"] for _ in range(sessions)]
    farm.wait_until_whole(sessions)
    farm.kill(away)
    before = memories(farm)
    ended = {farm.ask_at(owner, "/session", id, method="DELETE").status for id in ids}
    findings.must(ended == {200}, f"all log out: {sorted(ended)}")
    grown = {name: now - before[name] for name, now in memories(farm).items()}
    findings.must(max(grown.values()) < GROWTH + sessions * 500,
                  f"{sessions} that ended take less than 500 bytes more than they did: "
                  + ", ".join(f"{name} {ground.megabytes(one)}" for name, one in grown.items()))
    farm.start(away)
    farm.wait_until_ready(away)
    back = [id for id in ids[:200] if farm.ask_at(away, "/session", id).status != 404]
    findings.must(not back, f"{away.name} knows that they have ended: not of {len(back)}")
    left = {one.name: farm.status(one)["sessions"] for one in others}
    findings.figure(f"sessions that are left: {left}")
