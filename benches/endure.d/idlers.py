#!/usr/bin/env python3
"""Clients that ask once and then keep their connections: idlers.py PORT NUMBER.

Says `ready` when all have been answered. With each line on standard input, each asks once more,
and it says how many were answered; at the end of the input it goes.
"""

import socket
import sys

REQUEST = b"GET /status/204 HTTP/1.1\r\nHost: localhost\r\n\r\n"


def answered(connection):
    connection.sendall(REQUEST)
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = connection.recv(4096)
        if not more:
            return False
        answer += more
    return answer.startswith(b"HTTP/1.1 204 ")


def main():
    port, number = int(sys.argv[1]), int(sys.argv[2])
    connections = []
    for _ in range(number):
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        if not answered(connection):
            sys.exit("not answered")
        connections.append(connection)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(sum(answered(connection) for connection in connections), flush=True)


if __name__ == "__main__":
    main()
