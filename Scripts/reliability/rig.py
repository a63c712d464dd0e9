"""What the checks of reliability share: the program as a process, its words, its files, a small data set."""

import argparse
import hashlib
import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIGURATIONS = ROOT / "Benchmarks" / "compare"


class Failure(Exception):
    """Something is not as it must be."""


def true(condition, what):
    if not condition:
        raise Failure(what)


class Program:
    """The program spider, run as a process of its own."""

    def __init__(self, path, threads=1):
        self.path = str(Path(path).resolve())
        self.threads = threads

    def line(self, *arguments, threads=None):
        return [self.path, *map(str, arguments), "--threads", str(threads or self.threads)]

    def start(self, *arguments, **more):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.Popen(
            self.line(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment, **more)

    def run(self, *arguments, threads=None, patience=600, **more):
        """A process that has ended: status (negative: the signal that ended it), words, answer."""
        return subprocess.run(
            self.line(*arguments, threads=threads), capture_output=True, text=True, timeout=patience,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, **more)

    def must(self, *arguments, **more):
        done = self.run(*arguments, **more)
        true(done.returncode == 0, f"spider {' '.join(map(str, arguments))}: {done.returncode}: {done.stderr}")
        return done

    def killed(self, seconds, *arguments):
        """Starts, and kills with -9 after so many seconds. Status and words; -9 where it was met at work."""
        process = self.start(*arguments)
        try:
            _, words = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            _, words = process.communicate()
        return process.returncode, words


def hidden(folder):
    """Unfinished files and folders below a folder."""
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob(".spider-*"))


def listing(folder):
    """Every file below a folder with the digest of its content."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def safetensors(path):
    """Metadata and tensors (type, shape, bytes) of a safetensors file."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    head = json.loads(data[8:8 + length])
    metadata = head.pop("__metadata__", {})
    body = data[8 + length:]
    return metadata, {
        name: (entry["dtype"], entry["shape"], body[slice(*entry["data_offsets"])])
        for name, entry in head.items()}


# What a clock decides: it differs between any two runs.
CLOCKED = {"seconds", "minutes"}


def without_clock(value):
    """A record without seconds and minutes, and without the checksum that covers them; records lie in texts too."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict):
        return {k: without_clock(v) for k, v in value.items() if k not in CLOCKED and "checksum" not in k}
    return value


def training_state(run):
    """All that a training run has come to, but for what a clock decides."""
    run = Path(run)
    state = {}
    for name in ("checkpoint/state.safetensors", "best.safetensors", "last.safetensors"):
        metadata, tensors = safetensors(run / name)
        state[name] = (without_clock(metadata), tensors)
    state["config.yaml"] = (run / "config.yaml").read_bytes()
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    state["log.jsonl"] = [{k: v for k, v in line.items() if k not in CLOCKED} for line in lines]
    return state


def differences(one, other):
    return [name for name in one if one[name] != other.get(name)] + [n for n in other if n not in one]


def small_heads(program, folder, count=4, size=24):
    program.must("phantom", "--count", count, "--size", size, "--out", folder)
    return [Path(folder) / f"phantom-{seed}.nii.gz" for seed in range(1, count + 1)]


def preparation(heads, out):
    """The arguments that make a data set of heads: the last but one for validation, the last for tests."""
    return [
        "prepare", *heads, "--labels", Path(heads[0]).parent, "--phantom", "--isocenter", "0,0,0",
        "--size", 24, "--split", f"val=phantom-{len(heads) - 1}", "--split", f"test=phantom-{len(heads)}",
        "--out", out]


def configuration(network, folder, **settings):
    """A tiny network's configuration (those of Benchmarks/compare), with other lengths and intervals."""
    lines = (CONFIGURATIONS / f"smoke-{network}.yaml").read_text().splitlines()
    kept = [line for line in lines if line.split(":")[0] not in settings]
    path = Path(folder) / f"{network}.yaml"
    path.write_text("\n".join(kept + [f"{key}: {value}" for key, value in settings.items()]) + "\n")
    return path


class Tally:
    """Prints each check as it ends, and counts."""

    def __init__(self, title, only=""):
        self.title, self.only = title, only
        self.passed, self.failed, self.begun = 0, 0, time.monotonic()

    def check(self, name, body):
        if self.only not in name:
            return
        started = time.monotonic()
        try:
            said = body() or ""
            self.passed += 1
            result = f"ok {said}"
        except (Failure, subprocess.TimeoutExpired, OSError) as error:
            self.failed += 1
            result = f"FAILED: {error}"
        print(f"{name}: {result} ({time.monotonic() - started:.1f} s)", flush=True)

    def end(self):
        print(
            f"{self.title}: {self.passed} of {self.passed + self.failed} checks passed in "
            f"{time.monotonic() - self.begun:.0f} s.")
        return 1 if self.failed or not self.passed else 0


def arguments(text, *options):
    """The command line of a check: the program, and numbers with their defaults."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "program", nargs="?", default=str(ROOT / ".build" / "release" / "spider"),
        help="the program spider (default: .build/release/spider)")
    for name, default, words in options:
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"{words} (default: {default})")
    given = parser.parse_args()
    if not os.access(given.program, os.X_OK):
        sys.exit(f"{given.program}: there is no such program; build it with `make build`")
    return given
