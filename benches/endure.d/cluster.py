"""A cluster of real processes: one web-tier server, some app-tier servers with the demo."""

import ctypes
import http.client
import os
import signal
import subprocess
from pathlib import Path

import ground


class Shape:
    """What the configuration says at the moment; a trial changes it and writes it again."""

    def __init__(self, **limits):
        self.limits = {"max-connections": 20000, "drain-time": '"5s"', **limits}
        self.weights = {}
        self.left_out = set()
        self.moved_to = "/"


class Server:
    """One process of the cluster, and those that were started in its place."""

    def __init__(self, name, port):
        self.name = name
        self.port = port
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def send(self, number):
        if self.process.poll() is not None:
            raise ground.Broken(f"{self.name} ended with {self.process.returncode} by itself")
        self.process.send_signal(number)


class Cluster:
    """One web-tier server `web-a` and app-tier servers `app-a` and so on, on free ports.

    What was started here ends with it, and nothing else does. The web tier has its own file, so
    that it can be read again without the others. With `doors` the app servers hold copies of each
    other's sessions, and each has a listener for clients.
    """

    # The least important line in the logs of servers.
    log_level = "info"

    def __init__(self, programs, folder, apps="abc", doors=False, **limits):
        self.programs = programs
        self.folder = Path(folder)
        self.shape = Shape(**limits)
        web, *ports = ground.free_ports(1 + 2 * len(apps))
        self.web = Server("web-a", web)
        self.apps = {f"app-{letter}": Server(f"app-{letter}", port)
                     for letter, port in zip(apps, ports)}
        self.doors = dict(zip(self.apps, ports[len(apps):])) if doors else {}
        self.started = []

    def __enter__(self):
        try:
            self.write(everybody=True)
            for server in self.apps.values():
                self.start(server)
            self.start(self.web)
            self.wait_until_all_are_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None and kind is not KeyboardInterrupt:
            self.show_logs()
        self.stop()

    # --- the configuration ---

    def text(self, everybody):
        shape = self.shape
        lines = ["workers = 2", 'run-dir = "run"']
        if self.doors:
            lines += ['secret = "a secret of thirty-two characters"']
        lines += ["", "[log]", f'level = "{self.log_level}"', "", "[limits]"]
        lines += [f"{key} = {value}" for key, value in shape.limits.items()]
        lines += ["", "[[cluster.web-tier.server]]", 'id = "web-a"',
                  f'http = [{{ address = "{ground.HOST}", port = {self.web.port}, '
                  'keepalive-timeout = "10m" }]',
                  "", "[[cluster.web-tier.rewrite-dispatch]]", "regexp = '^/moved$'",
                  f'redirect = "{shape.moved_to}"',
                  "", "[[cluster.web-tier.rewrite-dispatch]]", 'load-balance = "app-tier"', ""]
        if self.doors:
            lines += ["[cluster.app-tier]", 'persistent-store = { type = "cluster" }', ""]
        for index, (name, server) in enumerate(self.apps.items()):
            if everybody or name not in shape.left_out:
                lines += ["[[cluster.app-tier.server]]", f'id = "{name}"', f"index = {index}",
                          f"port = {server.port}", f"weight = {shape.weights.get(name, 100)}"]
                if self.doors:
                    lines += [f'http = [{{ address = "{ground.HOST}", port = {self.doors[name]} '
                              "}]"]
                lines += [""]
        lines += ["[[cluster.app-tier.web-app]]", 'app = "demo"', ""]
        return "\n".join(lines)

    def file(self, server):
        return self.folder / ("web.toml" if server is self.web else "app.toml")

    def write(self, everybody=False):
        """Writes the web tier's file; with `everybody` that of the app tier, too."""
        self.file(self.web).write_text(self.text(everybody=False))
        if everybody:
            (self.folder / "app.toml").write_text(self.text(everybody=True))

    # --- processes ---

    def start(self, server):
        """Starts the process of a server, without waiting for it."""
        program = "web-tier" if server is self.web else "app-tier"
        with open(self.folder / f"{server.name}.log", "ab") as log:
            server.process = subprocess.Popen(
                [self.programs / program, "--config", self.file(server), "--server", server.name],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)
        self.started.append(server.process)

    def kill(self, server):
        server.send(signal.SIGKILL)
        server.process.wait()

    def terminate(self, server, seconds=20):
        server.send(signal.SIGTERM)
        try:
            server.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as late:
            raise ground.Broken(f"{server.name} did not stop within {seconds} s") from late

    def wait_until_it_accepts(self, server):
        ground.wait_until(f"{server.name} listens", lambda: ground.accepts(server.port))

    def wait_until_all_are_ready(self):
        for server in [*self.apps.values(), self.web]:
            self.wait_until_it_accepts(server)
        ground.wait_until("the web tier finds all servers well", lambda: all(
            one["state"] in ("ready", "warming") for one in self.status()["servers"]))

    def stop(self):
        running = [process for process in self.started if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def alive(self):
        """All servers with a process, the web tier first."""
        servers = [self.web, *self.apps.values()]
        return [server for server in servers if server.process.poll() is None]

    def show_logs(self):
        for path in sorted(self.folder.glob("*.log")):
            for line in path.read_text(errors="replace").splitlines()[-20:]:
                ground.say(f"  {path.stem} | {line}")

    # --- asking ---

    def get(self, target, **more):
        return ground.ask(self.web.port, target, **more)

    def desk(self, server, target, method="GET"):
        """Asks at a server's control socket."""
        path = self.folder / "run" / f"{server.name}.sock"
        return ground.ask(path, target, method=method, timeout=5)

    def status(self, server=None):
        return self.desk(server or self.web, "/status").json()

    def seen(self, name):
        """A server as the web tier sees it; `None` when its file does not name it."""
        found = [one for one in self.status()["servers"] if one["id"] == name]
        return found[0] if found else None

    def wish(self, server, word):
        answer = self.desk(server, f"/servers/{server.name}/{word}", method="POST")
        if answer.status != 200:
            raise ground.Broken(f"{word} {server.name}: {answer.status} {answer.body!r}")

    def hang_up(self, server):
        """Reads the file again by SIGHUP, and waits until that is done."""
        before = self.status(server)["reloads"]
        server.send(signal.SIGHUP)
        ground.wait_until(f"{server.name} reads its file again",
                          lambda: self.status(server)["reloads"] > before, step=0.01)

    def session_on(self, name):
        """The cookie of a new session on this server."""
        for _ in range(1000):
            answer = self.get("/counter")
            if answer.status == 200 and answer.json()["server"] == name:
                return answer.fields["Set-Cookie"].split(";")[0]
        raise ground.Broken(f"{name} gets no new session")

    def answers(self, name, cookie):
        """Whether a request of this session is answered by this server."""
        try:
            answer = self.get("/counter", fields={"Cookie": cookie})
            return answer.status == 200 and answer.json()["server"] == name
        except (OSError, http.client.HTTPException):
            return False


def end_with_parent():
    """Runs in the new process. It does not outlive this program."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    os.setpgid(0, 0)
