"""Streams come in with their length before them; every reading goes out as a line of JSON."""

import json
import struct
import sys


def serve(read):
    """Answers every stream on stdin with `read(bytes) -> (messages, refused)`."""
    while prefix := sys.stdin.buffer.read(4):
        (length,) = struct.unpack(">I", prefix)
        messages, refused = read(sys.stdin.buffer.read(length))
        print(json.dumps({"messages": messages, "refused": refused}), flush=True)


def message(method, target, version, fields, body):
    """A message, with bytes as Latin-1 and the body as hexadecimal digits."""
    return {
        "method": method.decode("latin-1"),
        "target": target.decode("latin-1"),
        "version": version.decode("latin-1"),
        "fields": [
            [name.decode("latin-1").lower(), value.decode("latin-1")] for name, value in fields
        ],
        "body": body.hex(),
    }
