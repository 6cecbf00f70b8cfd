"""Builds the programs, and installs on Debian what they need."""
import os
import shutil
import subprocess
import sys

from . import matrix

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = HERE + "/target"
RELEASE = TARGET + "/release"
PYTHON = os.environ.get("PIKA_TEST_PYTHON", "/usr/bin/python3")
GO_PATH = "/usr/share/gocode"
GO_CLIENT = GO_PATH + "/src/github.com/rabbitmq/amqp091-go"


def command(program):
    """How a program is started."""
    if program == "bench.py":
        return [PYTHON, HERE + "/python-pika/bench.py"]
    return [f"{RELEASE}/{program}"]


def needed(configs, broker):
    programs = {c.program for c in configs}
    install(programs, broker)
    packages = sorted({"wiresink", "rawlimit"} | (programs & set(matrix.RUST)))
    for package in packages:
        # One by one: together they would share features, and be built anew for each selection.
        build(["cargo", "build", "--release", "--locked", "--package", package])
    if "bench-rabbitmqc" in programs:
        out = RELEASE + "/bench-rabbitmqc"
        build(["cc", "-O2", "-g", "-Wall", "-o", out, "rabbitmq-c/bench.c", "-lrabbitmq"])
    if "bench-amqp091" in programs:
        env = dict(os.environ, GO111MODULE="off", GOPATH=GO_PATH)
        build(["go", "build", "-o", RELEASE + "/bench-amqp091", "amqp091-go/main.go"], env)


def build(cmd, env=None):
    print("run:", *cmd, file=sys.stderr)
    # What compilers say goes to where progress goes: the output is the results.
    if subprocess.run(cmd, cwd=HERE, env=env, stdout=sys.stderr, check=False).returncode:
        sys.exit("run: building failed")


def install(programs, broker):
    """Installs what is missing, or says what is."""
    packages = []
    if not shutil.which("cargo"):
        sys.exit("run: cargo is missing: install Rust")
    if "bench-rabbitmqc" in programs:
        if not shutil.which("cc"):
            packages += ["gcc", "libc6-dev"]
        if not header("amqp.h"):
            packages.append("librabbitmq-dev")
    if "bench-amqp091" in programs:
        if not shutil.which("go"):
            packages.append("golang-go")
        if not os.path.isdir(GO_CLIENT):
            packages.append("golang-github-rabbitmq-amqp091-go-dev")
    if ("bench.py" in programs or broker) and not finds("pika"):
        packages.append("python3-pika")
    if not packages:
        return
    wanted = " ".join(packages)
    if not os.path.exists("/etc/debian_version") or not shutil.which("apt-get"):
        sys.exit(f"run: missing here: {wanted} (names of Debian's packages); "
                 "install them, or leave their clients out with --only")
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        sys.exit(f"run: run as root, or with sudo, once: apt-get install {wanted}")
    build([*root, "bash", ROOT + "/tests/broker/apt-install", *packages])


def header(name):
    test = subprocess.run(["cc", "-E", "-x", "c", "-"], input=f"#include <{name}>\n".encode(),
                          capture_output=True, check=False)
    return test.returncode == 0


def finds(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0
