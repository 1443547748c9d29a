"""wrk with a session per thread, for as long as a trial needs it."""

import json
import signal
import subprocess
from pathlib import Path

import cluster
import ground

SCRIPT = Path(__file__).resolve().parent / "counters.lua"


class Wrk:
    """64 threads with a connection and a session each, from `with` until its end.

    `pause`: milliseconds that each thread waits between an answer and its next request; or what else
    the script takes.
    """

    def __init__(self, port, pause=0, seconds=600, script=SCRIPT, threads=64):
        command = [ground.find_wrk(), f"-t{threads}", "-c64", f"-d{seconds}s", "--timeout", "30s",
                   "-s", str(script), f"http://{ground.HOST}:{port}", "--", str(pause)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        preexec_fn=cluster.end_with_parent)
        self.result = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.process.kill()
            self.process.wait()
            return
        # It has been told when to end; an interrupt is the earlier end that it knows.
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        for line in out.splitlines():
            if line.startswith("RESULT "):
                self.result = json.loads(line.removeprefix("RESULT "))
                return
        raise ground.Broken(f"wrk said: {out}{err}")


def judge(findings, result, at_least, shaken=()):
    """What holds of every run: no request failed, and each session stayed where it was.

    `shaken`: servers that were out of service meanwhile; their sessions had to move.
    """
    threads = result["threads"]
    homes = sorted({one["home"] for one in threads})
    spread = ", ".join(f"{sum(one['home'] == home for one in threads)} on {home or 'none'}"
                       for home in homes)
    seconds = result["microseconds"] / 1e6
    findings.figure(f"{result['requests']} requests in {seconds:.1f} s "
                    f"({result['requests'] / seconds:.0f}/s), p50 {result['p50'] / 1000:.1f} ms, "
                    f"p99 {result['p99'] / 1000:.1f} ms, longest {result['longest'] / 1000:.0f} ms")
    findings.figure(f"sessions of the 64 threads: {spread}")
    answers = sum(one["answers"] for one in threads)
    findings.must(answers >= at_least, f"at least {at_least} answers: {answers}")
    bad = sum(one["bad"] for one in threads)
    first = next((one["first_bad"] for one in threads if one["bad"]), "")
    findings.must(bad == 0, f"every answer is 200: {bad} were not {first}".rstrip())
    errors = {name: result[name] for name in ("connect", "read", "write", "timeout")}
    findings.must(not any(errors.values()), f"no socket error: {errors}")
    quiet = [one for one in threads if one["home"] not in shaken]
    elsewhere = sum(one["elsewhere"] for one in quiet)
    jumps = sum(one["jumps"] for one in quiet)
    findings.must(len(quiet) > 0 and elsewhere == 0,
                  f"the sessions of {len(quiet)} threads stayed on their server: "
                  f"{elsewhere} answers from another")
    findings.must(jumps == 0, f"their counters grew by one each time: {jumps} did not")
    if shaken:
        moved = sum(one["elsewhere"] for one in threads if one["home"] in shaken)
        findings.figure(f"answers to sessions of {', '.join(shaken)} from another server: {moved}")
