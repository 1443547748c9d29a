"""What a client of the mixed load says and hears, byte by byte."""

import asyncio
import os
import socket
import struct

HOST = "127.0.0.1"


class Wrong(Exception):
    """Not what should have come."""


class Cut(Wrong):
    """The answer had begun, so nobody else could give the rest."""


class Client:
    """A connection to the web tier."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection(HOST, self.port)

    def close(self, hard=False):
        if self.writer is None:
            return
        if hard:
            linger = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.writer.transport.abort()
        else:
            self.writer.close()
        self.reader = self.writer = None

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def head(self):
        """Status and fields of the next answer."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as end:
            raise Wrong(f"closed after {len(end.partial)} bytes of a head") from end
        lines = head.decode("latin-1").split("\r\n")
        fields = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(lines[0].split()[1]), fields

    async def body(self, fields, rate=None):
        """The body, thrown away beyond 64 KB; its length. `rate`: bytes a second at most."""
        left, kept = int(fields.get("content-length", 0)), bytearray()
        try:
            while left:
                piece = await self.reader.read(min(left, 16384 if rate else 65536))
                if not piece:
                    raise Cut(f"cut off with {left} bytes to come")
                left -= len(piece)
                if len(kept) < 65536:
                    kept += piece
                if rate:
                    await asyncio.sleep(len(piece) / rate)
        except ConnectionError as error:
            raise Cut(f"cut off with {left} bytes to come: {error}") from error
        return bytes(kept)

    async def ask(self, method, target, fields="", body=b"", rate=None):
        """One request and its answer; opens a connection when there is none."""
        if self.writer is None:
            await self.open()
        length = f"Content-Length: {len(body)}\r\n" if body or method in ("PUT", "POST") else ""
        head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}{length}\r\n"
        await self.send(head.encode() + body)
        return await self.answer(rate)

    async def answer(self, rate=None):
        status, fields = await self.head()
        body = await self.body(fields, rate)
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status, fields, body


def expect(seen, wanted):
    if seen != wanted:
        raise Wrong(f"{str(seen)[:80]} and not {str(wanted)[:80]}")


def frame(message, masked, opcode=2):
    length = (bytes([len(message)]) if len(message) < 126 else
              struct.pack(">BH", 126, len(message)))
    if not masked:
        return bytes([0x80 | opcode]) + length + message
    key = os.urandom(4)
    pads = (key * (len(message) // 4 + 1))[:len(message)]
    hidden = (int.from_bytes(message, "big") ^ int.from_bytes(pads, "big"))
    return (bytes([0x80 | opcode, 0x80 | length[0]]) + length[1:] + key
            + hidden.to_bytes(len(message), "big"))
