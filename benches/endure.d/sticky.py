"""Many requests with a session each: undisturbed, while a server dies, while files are read."""

import time

import ground
import wrk
from cluster import Cluster

ENOUGH = 100_000
ENOUGH_SHORT = 20_000
# Seconds between two reloads, so that they are spread over the requests.
SPACING = 0.05


def enough(options):
    return ENOUGH_SHORT if options.short else ENOUGH


def wait_for_requests(cluster, number):
    ground.wait_until(f"{number} requests", lambda: cluster.status()["requests"] >= number,
                      seconds=600, step=0.2)


def requests(options, findings, folder):
    """All requests reach the right server."""
    with Cluster(options.programs, folder) as cluster:
        number = enough(options)
        with wrk.Wrk(cluster.web.port) as load:
            wait_for_requests(cluster, number + number // 50)
        wrk.judge(findings, load.result, number)


def kills(options, findings, folder):
    """One app server is killed and started again, again and again."""
    times = 3 if options.short else 10
    with Cluster(options.programs, folder) as cluster:
        victim = cluster.apps["app-a"]
        back = []
        with wrk.Wrk(cluster.web.port) as load:
            wait_for_requests(cluster, 1000)
            for _ in range(times):
                cluster.kill(victim)
                time.sleep(options.random.uniform(0.1, 1.5))
                before = cluster.seen(victim.name)["requests"]
                cluster.start(victim)
                cluster.wait_until_it_accepts(victim)
                # The web tier counts tries, so some more than one: they are answers.
                back.append(ground.wait_until(
                    f"{victim.name} is used again",
                    lambda: cluster.seen(victim.name)["requests"] > before + 100))
                time.sleep(options.random.uniform(0.2, 1))
            wait_for_requests(cluster, enough(options))
        findings.figure(f"{victim.name} was killed {times} times; from its first accept until it "
                        f"had 100 requests: {min(back):.2f} to {max(back):.2f} s")
        wrk.judge(findings, load.result, enough(options), shaken=[victim.name])


# --- reloads -------------------------------------------------------------------------------------


class Reloads:
    """Real changes of the file, one after the other, each seen to be in force."""

    KINDS = ("weight", "rule", "limit", "server")

    def __init__(self, options, findings, cluster):
        self.random = options.random
        self.findings = findings
        self.cluster = cluster
        self.without_effect = []
        self.refused = []

    def one(self, number):
        kind = self.KINDS[number % len(self.KINDS)]
        getattr(self, f"change_{kind}")(number)
        self.cluster.write()
        if number // len(self.KINDS) % 2:
            self.cluster.hang_up(self.cluster.web)
        else:
            answer = self.cluster.desk(self.cluster.web, "/reload", method="POST")
            if answer.status != 200 or not answer.json()["changed"]:
                self.refused.append((number, answer.status, answer.body))
        if not getattr(self, f"see_{kind}")():
            self.without_effect.append((number, kind))

    def change_weight(self, _):
        # app-b always changes; with 0 it keeps its sessions and gets no new ones.
        now = self.cluster.shape.weights.get("app-b", 100)
        self.cluster.shape.weights["app-b"] = 0 if now else self.random.randint(1, 300)
        self.cluster.shape.weights["app-c"] = self.random.randint(1, 300)

    def see_weight(self):
        if any(self.cluster.seen(name)["weight"] != weight
               for name, weight in self.cluster.shape.weights.items()):
            return False
        servers = {self.cluster.get("/echo").json()["server"] for _ in range(5)}
        return self.cluster.shape.weights["app-b"] > 0 or "app-b" not in servers

    def change_rule(self, number):
        self.cluster.shape.moved_to = f"/reload-{number}"

    def see_rule(self):
        answer = self.cluster.get("/moved")
        return (answer.status == 302
                and answer.fields["Location"].endswith(self.cluster.shape.moved_to))

    def change_limit(self, _):
        now = self.cluster.shape.limits.get("max-uri")
        self.cluster.shape.limits["max-uri"] = '"2K"' if now != '"2K"' else '"8K"'

    def see_limit(self):
        expected = 414 if self.cluster.shape.limits["max-uri"] == '"2K"' else 200
        return self.cluster.get("/echo?" + "x" * 3000).status == expected

    def change_server(self, _):
        left_out = self.cluster.shape.left_out
        left_out.symmetric_difference_update({"app-d"})

    def see_server(self):
        return (self.cluster.seen("app-d") is None) == ("app-d" in self.cluster.shape.left_out)

    def bad_one(self):
        """A bad file changes nothing."""
        path = self.cluster.file(self.cluster.web)
        good = path.read_text()
        path.write_text(good.replace("weight =", "wight =", 1))
        answer = self.cluster.desk(self.cluster.web, "/reload", method="POST")
        path.write_text(good)
        if answer.status != 422 or not self.see_rule():
            self.refused.append(("bad file", answer.status, answer.body))


def reloads(options, findings, folder):
    """The web tier's file is changed and read again, again and again."""
    times = 24 if options.short else 100
    with Cluster(options.programs, folder, apps="abcd") as cluster:
        # It runs, and is in the file in turns: whoever has a session is on the other three.
        cluster.shape.left_out.add("app-d")
        cluster.write()
        cluster.hang_up(cluster.web)
        changes = Reloads(options, findings, cluster)
        with wrk.Wrk(cluster.web.port, pause=5) as load:
            wait_for_requests(cluster, 1000)
            begun = time.monotonic()
            for number in range(times):
                changes.one(number)
                time.sleep(SPACING)
                if number % 10 == 9:
                    changes.bad_one()
                if number % 25 == 24:
                    for server in cluster.apps.values():
                        cluster.hang_up(server)
            seconds = time.monotonic() - begun
            wait_for_requests(cluster, enough(options))
        findings.figure(f"{times} reloads in {seconds:.1f} s, by SIGHUP and at the control socket")
        findings.must(not changes.refused,
                      f"good files are taken, bad ones refused: {changes.refused[:3]}")
        findings.must(not changes.without_effect,
                      f"each change was in force at once: {changes.without_effect[:5]} were not")
        wrk.judge(findings, load.result, enough(options))
