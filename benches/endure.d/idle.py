"""Connections that are kept and not used."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import cluster as processes
import ground
from cluster import Cluster

WANTED = 10_000
ROOM = 25 << 20
# The web tier reckons with this many files for four clients, beside some for itself.
FILES_FOR_FOUR = 7
SPARE_FILES = 200


def idle(options, findings, folder):
    """Ten thousand idle keep-alive connections in 25 MB."""
    wanted = 4_000 if options.short else WANTED
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    number = wanted
    if files != resource.RLIM_INFINITY:
        number = min(wanted, (files - SPARE_FILES) * 4 // FILES_FOR_FOUR)
    if number < wanted:
        findings.figure(f"the hard limit of {files} open files lets the web tier take {number} "
                        f"connections and not {wanted}: the bound is smaller in proportion")
    with Cluster(options.programs, folder) as cluster:
        pid = cluster.web.pid
        # Once with many at a time, so that what is needed anyway is there.
        warm_up(cluster.web.port)
        time.sleep(7)
        before, files_before = ground.memory(pid)[0], ground.open_files(pid)
        clients = start_clients(cluster.web.port, number)
        try:
            # Until the connections to the servers are closed again, too.
            time.sleep(7)
            open_now = cluster.status()["connections"]
            findings.must(open_now >= number, f"{number} connections are open: {open_now}")
            after = ground.memory(pid)[0]
            more = after - before
            bound = ROOM * number // WANTED
            findings.figure(f"the web tier had {ground.megabytes(before)} and "
                            f"{files_before} files, has {ground.megabytes(after)} and "
                            f"{ground.open_files(pid)} files")
            findings.must(more <= bound, f"at most {ground.megabytes(bound)} more: "
                                         f"{ground.megabytes(more)}, "
                                         f"{more / number / 1024:.2f} KB for each connection")
            spent = ground.cpu_seconds(pid)
            time.sleep(10)
            spent = ground.cpu_seconds(pid) - spent
            findings.figure(f"CPU of the web tier in 10 s with all of them idle: "
                            f"{spent * 1000:.0f} ms ({spent * 10:.1f} % of a core)")
            for client in clients:
                client.stdin.write("again\n")
                client.stdin.flush()
            again = sum(int(client.stdout.readline()) for client in clients)
            findings.must(again == number, f"all are answered once more: {again}")
        finally:
            for client in clients:
                client.stdin.close()
                client.wait()
        time.sleep(7)
        findings.figure(f"when all have gone: {ground.megabytes(ground.memory(pid)[0])} and "
                        f"{ground.open_files(pid)} files")
        findings.must(ground.open_files(pid) <= files_before + 5, "no file is left open")


def warm_up(port):
    clients = start_clients(port, 100)
    for client in clients:
        client.stdin.close()
        client.wait()


def start_clients(port, number):
    """Processes of their own, as many as their file limit asks for."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    each = max(1, min(number, limit - 100))
    clients = []
    while number > 0:
        part = min(each, number)
        clients.append(subprocess.Popen(
            [sys.executable, Path(__file__).with_name("idlers.py"), str(port), str(part)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=processes.end_with_parent))
        number -= part
    for client in clients:
        if client.stdout.readline().strip() != "ready":
            raise ground.Broken("not every connection was answered")
    return clients
