"""What every trial stands on: words, conditions, the machine, a small HTTP client."""

import collections
import ctypes
import fcntl
import http.client
import json
import os
import re
import resource
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
HOST = "127.0.0.1"


class Broken(Exception):
    """The trial cannot go on."""


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Findings:
    """The figures of a trial, and what must hold of them."""

    def __init__(self, name):
        self.name = name
        self.broken = []

    def figure(self, words):
        print(f"{self.name}: {words}", flush=True)

    def must(self, holds, words):
        """A condition, in words that are true when it holds."""
        self.figure(f"{'ok  ' if holds else 'FAIL'}  {words}")
        if not holds:
            self.broken.append(words)
        return holds


# --- the machine ---------------------------------------------------------------------------------


def own_network():
    """Enters a network of our own when the system's congestion control paces (bbr).

    Pacing delays loopback traffic, and longest times would be those of its timers.
    """
    setting = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    if not setting.exists() or setting.read_text().strip() in ("reno", "cubic"):
        return
    clone_newnet = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) != 0:
        say(f"endure: warning: congestion control {setting.read_text().strip()} paces, and this "
            "user may not enter a network of its own")
        return
    siocsifflags, up_and_running = 0x8914, 0x41
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sH14s", b"lo", up_and_running, b""))
    setting.write_text("reno")


def raise_file_limit(wanted=1 << 16):
    """Lets this process and those that it starts open `wanted` files, or as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = hard == resource.RLIM_INFINITY
    try:
        if not unlimited and hard < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
    except (ValueError, OSError):
        pass
    limit = wanted if unlimited else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def find_wrk():
    found = shutil.which("wrk")
    if found:
        return found
    command = ["apt-get", "install", "-y", "--no-install-recommends", "wrk"]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Broken(f"wrk is missing; install it: {' '.join(command)}")
    say("endure:", " ".join(command))
    subprocess.run(command, check=True, stdout=sys.stderr)
    return shutil.which("wrk")


def free_ports(number):
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind((HOST, 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


# --- what the system says of a process -----------------------------------------------------------


def memory(pid):
    """(resident now, resident at most so far) of a process, in bytes."""
    figures = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(("VmRSS:", "VmHWM:")):
            name, kilobytes = line.split()[:2]
            figures[name] = int(kilobytes) << 10
    return figures.get("VmRSS:", 0), figures.get("VmHWM:", 0)


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def open_kinds(pid):
    """How many open files a process has of each kind."""
    kinds = collections.Counter()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            kinds[os.readlink(f"/proc/{pid}/fd/{name}").split(":")[0]] += 1
        except OSError:
            pass
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))


def cpu_seconds(pid):
    """User and system time of a process so far."""
    # The second field is a name in brackets and may have spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    utime, stime = int(fields[11]), int(fields[12])
    return (utime + stime) / TICKS


def starved_seconds():
    """For how long somebody on this machine waited for the processor, since it was started."""
    path = Path("/proc/pressure/cpu")
    if not path.exists():
        return 0.0
    found = re.search(r"some .*total=(\d+)", path.read_text())
    return int(found[1]) / 1e6 if found else 0.0


def megabytes(count):
    return f"{count / (1 << 20):.1f} MB"


# --- asking --------------------------------------------------------------------------------------


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.fields = answer.headers
        self.body = answer.read()

    def json(self):
        return json.loads(self.body)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.socket_path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.socket_path))


def ask(where, target, method="GET", fields=None, body=None, timeout=20):
    """One request on a connection of its own. `where`: a port, or the path of a control socket."""
    if isinstance(where, int):
        connection = http.client.HTTPConnection(HOST, where, timeout=timeout)
    else:
        connection = UnixConnection(where, timeout)
    try:
        connection.request(method, target, body=body, headers=fields or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def wait_until(what, true, seconds=20, step=0.02):
    """Waits until `true()`; returns how long that took."""
    begun = time.monotonic()
    while True:
        try:
            if true():
                return time.monotonic() - begun
        except (OSError, http.client.HTTPException):
            pass
        if time.monotonic() - begun > seconds:
            raise Broken(f"{what}: not within {seconds} s")
        time.sleep(step)


def accepts(port):
    try:
        socket.create_connection((HOST, port), timeout=1).close()
        return True
    except OSError:
        return False
