"""Runs the programs, in rounds."""
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

from . import build

HZ = os.sysconf("SC_CLK_TCK")
TIMEOUT = 180
# How many messages a first run has, and how many a run may have.
FIRST = {"publish": 2000, "publish-confirm": 2000, "consume": 20000, "consume-ack": 3000, "get": 500, "rpc-latency": 500}
MOST = {0: 40_000_000, 100: 30_000_000, 1000: 8_000_000, 65536: 100_000, 1000000: 10_000}
# Against a broker the number is fixed, for its queue has to be filled first.
BROKER_MESSAGES = {"publish": 100_000, "publish-confirm": 60_000, "consume": 150_000, "consume-ack": 80_000, "rpc-latency": 4_000, "get": 6_000}
BROKER_SLOW = 20_000
QUEUE = "pika.bench"


@dataclass
class Result:
    runs: list = field(default_factory=list)
    foreign: float = 0
    allocs: float = None


def run(configs, server, args):
    results = {c.name: Result() for c in configs}
    counts = {}
    for c in configs:
        counts[c.name] = server.count(c, args.secs)
    note("counts chosen")
    if not args.no_allocs and not args.broker:
        for c in configs:
            if c.is_rust and counts[c.name]:
                got = client(c, server, min(counts[c.name], 100_000), ["--count-allocs"])
                results[c.name].allocs = got and got["allocs_per_msg"]
        note("allocations counted")
    for number in range(args.rounds):
        for c in configs:
            if counts[c.name]:
                got, foreign = calm(c, server, counts[c.name], args.max_foreign)
                if got:
                    results[c.name].runs.append(got)
                    results[c.name].foreign = max(results[c.name].foreign, foreign)
        note(f"round {number + 1} of {args.rounds} done")
    return results


def note(text):
    print("run:", time.strftime("%H:%M:%S"), text, file=sys.stderr)


def calm(config, server, count, most):
    """A run that little else disturbed; of three that were disturbed, the one that was least."""
    best = (None, 1e9)
    for _ in range(3):
        cpu, began = server.others(), time.time()
        before = os.times()
        got = client(config, server, count)
        after = os.times()
        own = after.children_user - before.children_user + after.children_system - before.children_system
        foreign = max(0, server.others() - cpu - own) / max(time.time() - began, .05)
        if got is None:
            return None, 0
        if foreign < best[1]:
            best = (got, foreign)
        if foreign <= most:
            break
    return best


def client(config, server, count, more=()):
    """Runs a client once; gives what it printed, none if it failed."""
    server.prepare(config, count)
    cmd = [*build.command(config.program), *config.options, "--url", server.url, "--count", str(count), *server.options, *more]
    try:
        done = subprocess.run(cmd, capture_output=True, timeout=TIMEOUT, check=False, preexec_fn=server.place_client)
        return json.loads(done.stdout.decode().strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        why = f"not done after {TIMEOUT} s"
    except (ValueError, IndexError):
        why = f"ended with {done.returncode}: {done.stderr.decode()[-300:]}"
    print("run: FAILED", config.name, why, file=sys.stderr)
    return None


def machine_cpu():
    """CPU seconds of the machine so far, without those idle."""
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:]]
    return (sum(v[:3]) + sum(v[5:8])) / HZ


def process_cpu(pid):
    with open(f"/proc/{pid}/stat") as f:
        v = f.read().rsplit(")", 1)[1].split()
    return (int(v[11]) + int(v[12])) / HZ


class Sink:
    """The server that only counts, on a port that is free."""
    options = ()

    def __init__(self, pin):
        self.pin = pin
        self.log = tempfile.TemporaryFile("w+")
        place = (lambda: os.sched_setaffinity(0, {1})) if pin else None
        self.process = subprocess.Popen([build.RELEASE + "/wiresink", "0"], stdout=self.log, preexec_fn=place)
        port = ""
        while not port.endswith("\n"):
            if self.process.poll() is not None:
                sys.exit("run: the sink ended")
            time.sleep(0.02)
            self.log.seek(0)
            port = self.log.readline()
        self.url = f"amqp://guest:guest@127.0.0.1:{port.split()[1]}/%2f"

    def place_client(self):
        if self.pin:
            os.sched_setaffinity(0, {0})

    def prepare(self, config, count):
        pass

    def others(self):
        return machine_cpu() - process_cpu(self.process.pid)

    def count(self, config, seconds):
        """How many messages a run of so many seconds has; 0 if the client fails."""
        n = FIRST[config.mode]
        if config.size >= 60_000:
            n = 40 if config.size >= 900_000 else 200
        for _ in range(4):
            got = client(config, self, n)
            if got is None:
                return 0
            want = int(got["messages"] / max(got["seconds"], 1e-4) * seconds)
            want = max(20, min(MOST[config.size], want))
            if got["seconds"] > seconds / 4 or want <= n * 1.3:
                return want
            n = want
        return n

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Broker:
    """A RabbitMQ; one queue of it is used and deleted."""
    options = ("--queue", QUEUE)

    def __init__(self, url):
        # Debian's interpreter has Debian's modules, this one may be another.
        self.url = url
        self.keeper = subprocess.Popen([build.PYTHON, build.HERE + "/runner/queue_keeper.py", url, QUEUE],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("fresh")

    def ask(self, what):
        self.keeper.stdin.write(what + "\n")
        self.keeper.stdin.flush()
        answer = self.keeper.stdout.readline()
        if not answer:
            sys.exit("run: the broker's queue could not be prepared")
        return int(answer)

    def place_client(self):
        pass

    def prepare(self, config, count):
        self.ask("fresh")
        if config.mode in ("consume", "consume-ack", "get"):
            subprocess.run([build.RELEASE + "/rawlimit", "--mode", "publish", "--count", str(count), "--size", str(config.size),
                            "--queue", QUEUE, "--url", self.url], capture_output=True, check=True)
            until = time.time() + 60
            while self.ask("ready") < count and time.time() < until:
                time.sleep(0.02)
            time.sleep(0.3)

    def others(self):
        return 0

    def count(self, config, seconds):
        n = BROKER_MESSAGES[config.mode]
        return min(n, BROKER_SLOW) if config.waits_for_each else n

    def stop(self):
        self.ask("gone")
        self.keeper.stdin.close()
        self.keeper.wait()
