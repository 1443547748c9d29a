"""Bodies much larger than any memory that is used for them."""

import hashlib
import http.client
import time

import ground
from cluster import Cluster

PIECE = bytes(range(256)) * (4 << 10)  # 1 MB
MOST = 64 << 20


def big(options, findings, folder):
    """A large upload and a large download, with flat memory."""
    size = (256 << 20) if options.short else (2 << 30)
    with Cluster(options.programs, folder) as cluster:
        expected = digest(size)
        for framing in ("Content-Length", "chunked"):
            begun = time.monotonic()
            answer = upload(cluster.web.port, size, framing)
            tell(findings, f"upload, {framing}", size, begun)
            findings.must(answer["body_bytes"] == size and answer["body_sha256"] == expected,
                          f"{answer['server']} got what was sent: {answer['body_bytes']} bytes")
        begun = time.monotonic()
        status, length = download(cluster.web.port, size)
        tell(findings, "download", size, begun)
        findings.must(status == 200 and length == size, f"{status}, all of it came: {length} bytes")
        for server in cluster.alive():
            now, most = ground.memory(server.pid)
            findings.must(most < MOST, f"{server.name} stayed below 64 MB: "
                                       f"{ground.megabytes(most)} at most, "
                                       f"{ground.megabytes(now)} now")


def tell(findings, what, size, begun):
    seconds = time.monotonic() - begun
    findings.figure(f"{what}: {size >> 20} MB in {seconds:.1f} s ({(size >> 20) / seconds:.0f} "
                    "MB/s)")


def digest(size):
    sum_of = hashlib.sha256()
    for _ in range(size // len(PIECE)):
        sum_of.update(PIECE)
    return sum_of.hexdigest()


def upload(port, size, framing):
    connection = http.client.HTTPConnection(ground.HOST, port, timeout=300)
    pieces = (PIECE for _ in range(size // len(PIECE)))
    chunked = framing == "chunked"
    fields = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}
    try:
        connection.request("PUT", "/echo/big", body=pieces, headers=fields, encode_chunked=chunked)
        return ground.Answer(connection.getresponse()).json()
    finally:
        connection.close()


def download(port, size):
    connection = http.client.HTTPConnection(ground.HOST, port, timeout=300)
    try:
        connection.request("GET", f"/bytes/{size}")
        answer = connection.getresponse()
        buffer, length = bytearray(1 << 20), 0
        while count := answer.readinto(buffer):
            length += count
        return answer.status, length
    finally:
        connection.close()
