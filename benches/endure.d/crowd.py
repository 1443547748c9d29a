#!/usr/bin/env python3
"""Users who count their visits, and notice when one is forgotten: crowd.py SETTINGS.

Half of them come through the web tier. The others go straight to any app server, and when that one
refuses or cuts the connection, to the next, as they would behind a balancer that knows nothing.

SETTINGS is JSON: `web` (port), `doors` (server: port), `sessions`, `pause` (seconds between two
visits of a user), `patience` (of one try straight to a server), `seed`. Commands are lines of JSON
with a `do`, each answered by a line of JSON: see `Crowd.COMMANDS`.
"""

import asyncio
import collections
import json
import os
import random
import sys
import time

from standstill import Standstill
from talk import Client, Wrong

PATIENCE = 40
AT_ONCE = 32
# What a client hears when a server is gone, or hangs.
UNREACHED = (Wrong, OSError, EOFError, asyncio.TimeoutError)


class User:
    def __init__(self, way):
        self.way = way
        self.id = ""
        # The highest that was acknowledged, and how many requests may have counted.
        self.count = self.tries = 0
        # When the visit began that is under way.
        self.asking = None
        # When its server was killed, and when it first asked after that.
        self.hit = self.waits = None

    @property
    def cookie(self):
        return f"Cookie: JSESSIONID={self.id}\r\n" if self.id else ""

    @property
    def key(self):
        return self.id[3:14]


class Tally:
    """What happened since the last report."""

    def __init__(self):
        self.done = self.again = 0
        self.took = []
        self.longest = {"web": 0.0, "straight": 0.0}
        # (moment, way, words)
        self.failed, self.wrong, self.lost = [], [], []
        # (way, seconds, when the first visit began)
        self.waits = []


class Crowd:
    COMMANDS = ("make", "go", "rest", "avoid", "signal", "report", "check", "serve")

    def __init__(self, settings):
        self.web = settings["web"]
        self.doors = settings["doors"]
        self.pause = settings["pause"]
        self.patience = settings["patience"]
        self.random = random.Random(settings["seed"])
        half = settings["sessions"] // 2
        self.users = [User("web" if number < half else "straight")
                      for number in range(settings["sessions"])]
        self.avoided = set()
        self.idle = collections.defaultdict(list)
        self.tally = Tally()
        self.standstill = Standstill()
        self.going = asyncio.Event()
        self.visiting = 0
        self.tasks = []

    # --- asking ---

    def kept(self, port):
        """A connection that nobody uses, and that the server has not closed meanwhile."""
        while self.idle[port]:
            client = self.idle[port].pop()
            if not client.reader.at_eof():
                return client
            client.close()
        return None

    async def at(self, port, target, user, patience):
        """One request on a kept connection."""
        client = self.kept(port) or Client(port)
        well = False
        try:
            answer = await asyncio.wait_for(client.ask("GET", target, user.cookie), patience)
            well = True
            return answer
        finally:
            if well and client.writer is not None:
                self.idle[port].append(client)
            else:
                client.close(hard=True)

    async def ask(self, target, user):
        """Returns the answer, and when the try began that brought it."""
        if user.way == "web":
            user.tries += 1
            begun = time.monotonic()
            return await self.at(self.web, target, user, PATIENCE), begun
        reasons = []
        # Whoever was not answered in time by anybody asks once more, and waits.
        for patience in (self.patience, PATIENCE):
            doors = [name for name in self.doors if name not in self.avoided]
            self.random.shuffle(doors)
            for name in doors:
                if name in self.avoided:
                    continue
                begun = time.monotonic()
                user.tries += 1
                try:
                    return await self.at(self.doors[name], target, user, patience), begun
                except UNREACHED as error:
                    reasons.append(f"{name}: {type(error).__name__} {error}")
                    self.tally.again += 1
        raise Wrong("; ".join(reasons))

    async def visit(self, user):
        """One more visit. An answer that was lost may have counted: a number may be left out."""
        came = user.asking = time.monotonic()
        self.visiting += 1
        try:
            if user.hit is not None and user.waits is None:
                user.waits = came
            (status, fields, body), begun = await self.ask("/counter", user)
            self.judge(user, status, fields, body, begun)
        except UNREACHED as error:
            self.note(self.tally.failed, user, f"{type(error).__name__} {error} after "
                                               f"{time.monotonic() - came:.2f} s")
        finally:
            user.asking = None
            self.visiting -= 1

    def judge(self, user, status, fields, body, begun):
        now = time.monotonic()
        took = now - begun - self.standstill.within(begun, now)
        self.tally.longest[user.way] = max(self.tally.longest[user.way], took)
        if status != 200:
            self.note(self.tally.failed, user, f"{status} {body[:120].decode()}")
            return
        seen = json.loads(body)
        self.tally.done += 1
        self.tally.took.append(took)
        words = f"{seen['count']} from {seen['server']} after {user.count}"
        if user.id and seen["session"][3:14] != user.key:
            self.note(self.tally.lost, user, words)
            user.tries = user.count = seen["count"]
        elif seen["count"] <= user.count:
            self.note(self.tally.wrong, user, words)
        user.count = seen["count"]
        if "set-cookie" in fields:
            user.id = fields["set-cookie"].split(";")[0].partition("=")[2]
        if user.hit is not None:
            asked = max(user.waits, user.hit)
            self.tally.waits.append((user.way, now - asked, asked))
            user.hit = user.waits = None

    def note(self, where, user, words):
        where.append((time.monotonic(), user.way, f"{user.id[:14]} {words}"))

    async def keep_visiting(self, user):
        await asyncio.sleep(self.random.uniform(0, self.pause))
        while True:
            await self.going.wait()
            await self.visit(user)
            await asyncio.sleep(self.random.uniform(0.5, 1.5) * self.pause)

    async def all_at_once(self, step):
        """Does something for every user, a few at a time."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(user):
            async with turn:
                return await step(user)

        return await asyncio.gather(*(one(user) for user in self.users))

    # --- commands ---

    async def make(self, _):
        """Everybody comes in for the first time. How many sessions each server has."""
        await self.all_at_once(self.visit)
        return dict(collections.Counter(user.id[:1] for user in self.users))

    async def go(self, _):
        self.going.set()
        if not self.tasks:
            self.tasks = [asyncio.create_task(self.keep_visiting(user)) for user in self.users]
        return {}

    async def rest(self, _):
        """Nobody visits any more, and nobody waits for an answer."""
        self.going.clear()
        while self.visiting:
            await asyncio.sleep(0.02)
        return {}

    async def avoid(self, order):
        """Nobody goes straight to these servers from now on."""
        self.avoided = set(order["servers"])
        return {}

    async def signal(self, order):
        """Sends a signal to a server. Who has its session there, by the first letter of its id,
        waits from now on; how long until he is answered is in the reports. Whoever has not asked
        since the last signal is not waited for any more."""
        self.avoided |= set(order.get("avoid", ()))
        for user in self.users:
            if user.waits is None:
                user.hit = None
        now = time.monotonic()
        os.kill(order["pid"], order["number"])
        concerned = [user for user in self.users if user.id[:1] == order["letter"]]
        for user in concerned:
            user.hit, user.waits = now, user.asking
        return {"at": now, "sessions": len(concerned)}

    async def report(self, _):
        tally, self.tally = self.tally, Tally()
        return vars(tally)

    async def serve(self, _):
        """Everybody visits once more."""
        await self.all_at_once(self.visit)
        return {}

    async def check(self, _):
        """What is left of each session: none, less than was acknowledged, more than was asked."""
        missing, less, more, unread = [], [], [], []

        async def look(user):
            count, tries = user.count, user.tries
            try:
                (status, _, body), _ = await self.ask("/session", user)
            except UNREACHED as error:
                unread.append(f"{user.id[:14]} {error}")
                return
            seen = json.loads(body)["attributes"]["count"] if status == 200 else None
            words = f"{user.id[:14]} {user.way} {seen} {count} {tries}"
            if seen is None:
                (missing if status == 404 else unread).append(f"{words} {status}")
            elif seen < count:
                less.append(words)
            elif user.way == "straight" and seen > tries:
                more.append(words)

        await self.all_at_once(look)
        return {"missing": missing, "less": less, "more": more, "unread": unread,
                "counted": sum(user.count for user in self.users)}


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowd = Crowd(json.loads(sys.argv[1]))
    while line := await reader.readline():
        order = json.loads(line)
        if order["do"] not in Crowd.COMMANDS:
            sys.exit(f"crowd: {order}?")
        print(json.dumps(await getattr(crowd, order["do"])(order)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
