"""What can be measured: clients with their variants, rows, sizes."""
from dataclasses import dataclass

BULK = ["publish", "publish-confirm", "consume", "consume-ack", "consume-ack-100"]
SMALL = ["get", "rpc-latency"]
ALL = BULK + SMALL
SIZES = [0, 100, 1000, 65536, 1000000]
BROKER_SIZES = [100, 1000]

# A row is a mode of the programs with options.
MODES = {
    "consume-ack": ("consume-ack", ["--prefetch", "500"]),
    "consume-ack-100": ("consume-ack", ["--prefetch", "500", "--ack-every", "100"]),
}

# client, program, {variant: rows}
CLIENTS = [
    ("rawlimit", "rawlimit", {"raw": ALL, "model": BULK, "chan": ["publish", "consume"]}),
    ("asyncmodel", "asyncmodel", {"mt": BULK + ["rpc-latency"], "ct": BULK + ["rpc-latency"]}),
    ("pika", "bench-ours", {
        "tokio-ct": ALL, "tokio-mt": ALL, "tokio-mt-task": ALL, "blocking": ALL, "blocking-held": BULK, "background": ALL,
    }),
    ("lapin", "bench-lapin", {
        "mt-seq": ALL, "ct-seq": ALL,
        "mt-pipe": ["publish", "publish-confirm"], "ct-pipe": ["publish", "publish-confirm"],
        "mt-tasks": ["publish"], "mt-chan": ["consume-ack"],
    }),
    ("amqprs", "bench-amqprs", {"mt": ALL, "ct": ALL, "mt-trait": ["consume", "consume-ack"]}),
    ("amiquip", "bench-amiquip", {"seq": ALL, "tuned": ALL}),
    ("rabbitmq-c", "bench-rabbitmqc", {"seq": ALL}),
    ("amqp091-go", "bench-amqp091", {"seq": ALL}),
    ("python-pika", "bench.py", {"blocking": ALL, "select": BULK}),
]
RUST = ["rawlimit", "asyncmodel", "bench-ours", "bench-lapin", "bench-amqprs", "bench-amiquip"]


@dataclass(frozen=True)
class Config:
    client: str
    variant: str
    program: str
    row: str
    size: int

    @property
    def name(self):
        return f"{self.client}/{self.variant}/{self.row}/{self.size}"

    @property
    def mode(self):
        return MODES.get(self.row, (self.row, []))[0]

    @property
    def options(self):
        more = MODES.get(self.row, (self.row, []))[1]
        return ["--variant", self.variant, "--mode", self.mode, "--size", str(self.size), *more]

    @property
    def is_rust(self):
        return self.program in RUST

    @property
    def waits_for_each(self):
        """Whether it does a round trip for each message, or is slow for other reasons."""
        lapin = self.client == "lapin" and "seq" in self.variant and self.row != "consume"
        return self.row in SMALL or self.client == "python-pika" or lapin


def configs(broker):
    for client, program, variants in CLIENTS:
        for variant, rows in variants.items():
            for row in rows:
                sizes = [100] if row in SMALL else BROKER_SIZES if broker else SIZES
                for size in sizes:
                    yield Config(client, variant, program, row, size)


def with_raw(chosen, broker):
    """Adds the raw limit of each row, which the others are compared with."""
    rows = {(c.row, c.size) for c in chosen}
    raw = [c for c in configs(broker) if is_raw(c) and (c.row, c.size) in rows]
    return raw + [c for c in chosen if not is_raw(c)]


def is_raw(config):
    return (config.client, config.variant) == ("rawlimit", "raw")
