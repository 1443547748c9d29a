#!/usr/bin/env python3
"""A mixed load at a bounded rate: mix.py PORT SEED REQUESTS-PER-SECOND.

Commands on standard input, each answered by one line of JSON on standard output: `go`, `quiet`
(every connection is closed), `trouble` (from now on what no other server can answer may fail),
`calm` (not any more), `burst` (many clients go away in the middle), `report` (what happened since
the last report).
"""

import asyncio
import collections
import hashlib
import json
import os
import random
import sys
import time

from standstill import Standstill
from talk import Client, Cut, Wrong, expect, frame

PATIENCE = 20
MEGABYTE = 1 << 20
BLOCK = bytes(range(256)) * 4096
SUM = hashlib.sha256(BLOCK).hexdigest()

# (request, status, whether the connection must end with it)
MALFORMED = [
    (b"GET / HTTP/1.1\r\n\r\n", 400, True),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, True),
    (b"GET /\r\n\r\n", 400, True),
    (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505, True),
    (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n", 400, True),
    (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400, True),
    (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, True),
    (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, True),
    (b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, True),
    (b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", 400, True),
    (b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", 400, True),
    (b"GET /%2e%2e/%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, False),
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, True),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431, True),
    (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 405, False),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n", 400, True),
]


class Kind:
    """What is known of one kind of request since the last report."""

    def __init__(self):
        self.done = self.failed = self.excused = 0
        self.longest = 0.0
        self.reasons = []


class Mix:
    def __init__(self, port, seed, rate):
        self.port = port
        self.random = random.Random(seed)
        self.rate = rate
        self.kinds = collections.defaultdict(Kind)
        self.tasks = []
        # (begun, ended) of the times in which servers were troubled; an open one ends never.
        self.troubles = []
        self.standstill = Standstill()
        self.told = 0

    # --- counting ---

    def excusable(self, begun):
        return any(ended > begun for _, ended in self.troubles)

    async def count(self, name, step, may_fail):
        """Does one step of a client. `may_fail`: only this server could have answered.

        An answer that had begun cannot be given by another server, whatever was asked.
        """
        begun, error = time.monotonic(), None
        try:
            await self.patiently(step)
        except (Wrong, OSError, EOFError, ValueError, LookupError) as wrong:
            error = wrong
        # Only now: a report may have come in between.
        kind, took = self.kinds[name], self.running_time(begun)
        if error is None:
            kind.done += 1
            kind.longest = max(kind.longest, took)
        elif (may_fail or isinstance(error, Cut)) and self.excusable(begun):
            kind.excused += 1
        else:
            kind.failed += 1
            kind.reasons.append(f"{type(error).__name__} {error} after {took:.2f} s"[:200])
        return error is None

    async def patiently(self, step):
        """Gives the step its time, and as much more as we stood still meanwhile."""
        begun, task = time.monotonic(), asyncio.ensure_future(step)
        left = PATIENCE
        try:
            while left > 0:
                done, _ = await asyncio.wait([task], timeout=left)
                if done:
                    return await task
                # The thread that watches may be the last one to run again.
                await asyncio.sleep(0.2)
                left = PATIENCE - self.running_time(begun)
            raise Wrong("no answer in time")
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    def running_time(self, begun):
        now = time.monotonic()
        return now - begun - self.standstill.within(begun, now)

    def report(self):
        kinds, self.kinds = self.kinds, collections.defaultdict(Kind)
        self.troubles = [one for one in self.troubles if one[1] > time.monotonic() - PATIENCE]
        stalls = self.standstill.times[self.told:]
        self.told += len(stalls)
        report = {name: {**vars(kind), "reasons": kind.reasons[:5]} for name, kind in kinds.items()}
        return {"kinds": report, "stalls": [ended - begun for begun, ended in stalls]}

    # --- clients ---

    async def visitor(self, pause):
        """Keeps its connection and its session, as a browser does."""
        client, cookie = Client(self.port), ""

        async def visit():
            nonlocal cookie
            status, fields, _ = await client.ask("GET", "/counter", cookie)
            expect(status, 200)
            if "set-cookie" in fields:
                cookie = f"Cookie: {fields['set-cookie'].split(';')[0]}\r\n"

        async def put():
            body = os.urandom(self.random.randint(1, 20_000))
            status, _, answer = await client.ask("PUT", "/echo/a", cookie, body)
            expect(status, 200)
            expect(json.loads(answer)["body_sha256"], hashlib.sha256(body).hexdigest())

        async def post():
            status, _, _ = await client.ask("POST", "/echo/a", cookie, b"a=b")
            expect(status, 200)

        try:
            while True:
                await asyncio.sleep(self.random.expovariate(1 / pause))
                which = self.random.random()
                name, step = (("put", put) if which < 0.1 else
                              ("post", post) if which < 0.15 else ("visit", visit))
                well = await self.count(name, step(), may_fail=name == "post")
                if not well or self.random.random() < 0.02:
                    client.close()
                if self.random.random() < 0.01:
                    cookie = ""
        finally:
            client.close()

    async def repeat(self, name, pause, step, may_fail=False):
        """A client that comes anew each time."""
        while True:
            await asyncio.sleep(self.random.expovariate(1 / pause))
            client = Client(self.port)
            try:
                await self.count(name, step(client), may_fail)
            finally:
                client.close(hard=name == "abort" and self.random.random() < 0.5)

    async def once(self, client):
        status, fields, _ = await client.ask("GET", "/echo/once", "Connection: close\r\n")
        expect((status, fields.get("connection")), (200, "close"))

    async def upload(self, client):
        status, _, answer = await client.ask("PUT", "/echo/upload", body=BLOCK)
        expect(status, 200)
        expect(json.loads(answer)["body_sha256"], SUM)

    async def chunked(self, client):
        await client.open()
        await client.send(b"PUT /echo/chunked HTTP/1.1\r\nHost: localhost\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n")
        left = memoryview(BLOCK)
        while left:
            size = min(len(left), self.random.choice([1, 100, 5000, 70_000]))
            await client.send(b"%x\r\n%s\r\n" % (size, left[:size]))
            left = left[size:]
        await client.send(b"0\r\n\r\n")
        status, _, answer = await client.answer()
        expect(status, 200)
        expect(json.loads(answer)["body_sha256"], SUM)

    async def download(self, client):
        status, fields, _ = await client.ask("GET", f"/bytes/{MEGABYTE}")
        expect((status, fields.get("content-length")), (200, str(MEGABYTE)))

    async def slow_reader(self, client):
        status, _, _ = await client.ask("GET", f"/bytes/{MEGABYTE // 2}", rate=100_000)
        expect(status, 200)

    async def slow_head(self, client):
        await client.open()
        for piece in (b"GET /ech", b"o/slow HTTP/1.1\r\nHo", b"st: localhost\r\nA: ", b"b\r\n\r\n"):
            await client.send(piece)
            await asyncio.sleep(self.random.uniform(0.1, 1))
        status, _, _ = await client.answer()
        expect(status, 200)

    async def slow_body(self, client):
        await client.open()
        await client.send(b"PUT /echo/slow HTTP/1.1\r\nHost: localhost\r\n"
                          b"Content-Length: 5000\r\n\r\n")
        for _ in range(5):
            await client.send(BLOCK[:1000])
            await asyncio.sleep(self.random.uniform(0.1, 0.8))
        status, _, answer = await client.answer()
        expect(status, 200)
        expect(json.loads(answer)["body_bytes"], 5000)

    async def malformed(self, client):
        request, expected, ends = self.random.choice(MALFORMED)
        await client.open()
        await client.send(request)
        status, _, _ = await client.answer()
        expect((request[:60], status), (request[:60], expected))
        if ends and client.writer is not None:
            expect(await client.reader.read(), b"")

    async def websocket(self, client):
        await client.open()
        await client.send(b"GET /websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                          b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        status, _ = await client.head()
        expect(status, 101)
        for _ in range(self.random.randint(1, 20)):
            message = os.urandom(self.random.choice([1, 100, 4000]))
            await client.send(frame(message, masked=True))
            expected = frame(message, masked=False)
            expect(await client.reader.readexactly(len(expected)), expected)
            await asyncio.sleep(self.random.uniform(0.05, 0.7))
        if self.random.random() < 0.7:
            await client.send(frame(b"\x03\xe8", masked=True, opcode=8))
            await client.reader.read()

    async def abort(self, client):
        """Goes away in the middle of something."""
        await client.open()
        which = self.random.randrange(6)
        if which == 0:
            await client.send(b"GET /ec")
        elif which == 1:
            await client.send(b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n")
        elif which == 2:
            await client.send(b"GET /sleep/700 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await asyncio.sleep(self.random.uniform(0, 0.6))
        elif which == 3:
            await client.send(b"PUT /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000"
                              b"\r\n\r\n" + BLOCK[:self.random.randrange(500_000)])
        elif which == 4:
            await client.send(b"GET /bytes/5000000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await client.reader.read(self.random.randrange(1, 100_000))
        else:
            await client.send(b"PUT /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                              b"chunked\r\n\r\nffff\r\n" + BLOCK[:self.random.randrange(60_000)])
            await asyncio.sleep(self.random.uniform(0, 0.2))

    async def one_abort(self):
        client = Client(self.port)
        try:
            await self.count("abort", self.abort(client), may_fail=True)
        finally:
            client.close(hard=self.random.random() < 0.5)

    # --- commands ---

    def go(self):
        visitors = 40
        busy = self.rate * 0.85
        clients = [self.visitor(visitors / busy) for _ in range(visitors)]
        # (name, clients, seconds between two of a client, what it does, whether it may fail)
        for name, number, pause, step, may_fail in (
                ("once", 8, 120 / self.rate, self.once, False),
                ("upload", 2, 2, self.upload, True),
                ("chunked", 2, 3, self.chunked, True),
                ("download", 3, 2, self.download, False),
                ("slow-reader", 4, 2, self.slow_reader, False),
                ("slow-head", 6, 1, self.slow_head, False),
                ("slow-body", 6, 1, self.slow_body, False),
                ("malformed", 4, 0.5, self.malformed, False),
                ("websocket", 8, 1, self.websocket, True),
                ("abort", 4, 0.5, self.abort, True)):
            clients += [self.repeat(name, pause, step, may_fail) for _ in range(number)]
        self.tasks = [asyncio.create_task(client) for client in clients]

    async def quiet(self):
        self.check_that_all_go_on()
        while self.tasks:
            # Again and again: a cancellation that meets the end of a `wait_for` is lost.
            for task in self.tasks:
                task.cancel()
            _, left = await asyncio.wait(self.tasks, timeout=0.5)
            self.tasks = list(left)

    def check_that_all_go_on(self):
        """A client that ended by itself is a mistake of ours, and would count nothing."""
        for task in self.tasks:
            if task.done():
                task.result()
                raise RuntimeError("a client ended")

    async def obey(self, command):
        if command == "go":
            self.go()
        elif command == "quiet":
            await self.quiet()
        elif command == "trouble":
            self.troubles.append((time.monotonic(), float("inf")))
        elif command == "calm":
            now = time.monotonic()
            self.troubles = [(begun, min(ended, now)) for begun, ended in self.troubles]
        elif command == "burst":
            await asyncio.gather(*(self.one_abort() for _ in range(100)))
        elif command == "report":
            self.check_that_all_go_on()
            return self.report()
        else:
            raise ValueError(command)
        return {}


async def main():
    mix = Mix(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while command := await commands.readline():
        print(json.dumps(await mix.obey(command.decode().strip())), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
