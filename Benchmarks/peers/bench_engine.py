#!/usr/bin/env python3
"""Times our engine and PyTorch in turns, in one run, and writes the table of results.

Usage: bench_engine.py ENGINE SPIDER OUTPUT.md [--only PREFIX ...] [--rounds N]

ENGINE is the program `engine` of this package, SPIDER the command. Both sides use as many threads as there are
processors (--threads). Each line is timed in rounds: some runs of ours, some of PyTorch's, again and again, and
the medians are compared, so that a machine that slows down slows both. Before anything is timed, the answers
of both sides to the same network, weights and inputs are compared: they must agree to 1e-3.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

import torch

import end_to_end
from results import Report, machine
from swift_engine import SwiftEngine
from torch_rivals import Reconstruction, TrainingStep, convolution

CHUNKS = (4096, 8192, 16384)
WIDTHS = (64, 128, 256)


def timed(work, repeats):
    """Wall-clock seconds of some runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


class Bench:
    """Both sides and how they are timed."""

    def __init__(self, engine, folder, rounds):
        self.engine, self.folder, self.rounds = engine, folder, rounds

    def ours(self, work, repeats=5):
        return statistics.median(self.engine.seconds(work, repeats))

    def in_turns(self, works, rivals):
        """Medians of our works (names) and of the rivals (functions), one after the other in each round."""
        for rival in rivals:
            rival()  # first runs: caches, memory
        once = max([timed(rival, 1)[0] for rival in rivals] + [self.ours(work, 1) for work in works] + [1e-4])
        repeats = max(1, min(20, round(0.15 / once)))
        rounds = self.rounds if once < 1 else max(3, self.rounds // 2)
        ours, theirs = [[] for _ in works], [[] for _ in rivals]
        for _ in range(rounds):
            for seconds, work in zip(ours, works):
                seconds += self.engine.seconds(work, repeats)
            for seconds, rival in zip(theirs, rivals):
                seconds += timed(rival, repeats)
        return [statistics.median(s) for s in ours], [statistics.median(s) for s in theirs]


def peak(bench, report):
    """The best rate of sgemm at decoder shapes, operations a second."""
    works = [w for w in bench.engine.ask(do="list")["works"] if w["name"].startswith("sgemm")]
    rates = {w["name"]: w["operations"] / bench.ours(w["name"], 9) for w in works}
    best = max(rates, key=rates.get)
    report.say(f"Peak: {rates[best] / 1e9:.0f} GFLOP/s, the best `{best}` of this run (all workers).")
    return rates[best]


def convolutions(bench, report, peak_rate):
    goals = {
        (2, "forward"): (2.2, 2.2, 2.2), (2, "backward-data"): (1.8, 1.8, 1.8),
        (2, "backward-weights"): (1.5, 1.5, 1.3), (3, "forward"): (2.5, 2.5, 2.5),
        (3, "backward-data"): (2.5, 2.5, 2.5),
    }
    shapes = {2: ((64, 128), (128, 64), (256, 32)), 3: ((32, 64), (16, 128), (64, 32))}
    table = report.table(
        "Convolutions against oneDNN",
        "3x3 and 3x3x3, stride 1, padding 1, batch 1. GFLOP/s count the direct method's operations.",
        ["work", "ours, ms", "GFLOP/s", "of sgemm peak", "PyTorch, ms", "ratio", "goal"])
    for (dimensions, direction), limits in goals.items():
        for (channels, size), goal in zip(shapes[dimensions], limits):
            name = f"conv{dimensions}d {channels}x{size} {direction}"
            if not report.wants(name):
                continue
            with torch.no_grad():
                rival = convolution(dimensions, channels, size, direction)
                (ours,), (theirs,) = bench.in_turns([name], [rival])
            operations = 2 * channels**2 * 3**dimensions * size**dimensions
            table.row(
                name, f"{ours * 1e3:.2f}", f"{operations / ours / 1e9:.0f}", f"{operations / ours / peak_rate:.2f}",
                f"{theirs * 1e3:.2f}", f"**{theirs / ours:.2f}x**", f"{goal}x")


def check_answers(bench, report):
    """Both sides must answer alike before they are timed."""
    from safetensors.torch import load_file

    table = report.table(
        "Same network, same weights, same answers",
        "Largest difference in intensity (window units, 1 = 3000 HU) over 128^3 voxels, all of them decoded (the culled "
        "volume is compared where it was decoded), and share of voxels of another class (ties of nearly equal scores).",
        ["network", "culling", "intensity", "class differs"])
    for name in [f"N{w}" for w in WIDTHS] + [f"N{w}-fourier" for w in WIDTHS]:
        if not report.wants(f"answers {name}"):
            continue
        rival = Reconstruction(bench.folder, name)
        intensity, classes = rival.run(8192)
        keep = load_file(f"{bench.folder}/head.safetensors")["keep"].bool()
        for culling, chosen in (("off", slice(None)), ("on", keep)):
            answer = load_file(f"{bench.folder}/{name}-culling-{culling}.safetensors")
            worst = (answer["intensity"] - intensity.clamp(0, 1))[chosen].abs().max().item()
            other = (answer["classes"].long() != classes)[chosen].float().mean().item()
            table.row(name, culling, f"{worst:.1e}", f"{other:.1e}")
            if not worst <= 1e-3:
                sys.exit(f"{name}, culling {culling}: the answers differ by {worst}, more than 1e-3")


def reconstructions(bench, report):
    goals = {64: (14, 7), 128: (8, 4), 256: (5, 2.5)}
    table = report.table(
        "Reconstruction of 128^3 voxels of a phantom head",
        "Two X-rays of 128^2, encode and decode. PyTorch answers for all voxels at its best chunk of points; "
        "points and pixels are given to it ready-made.",
        ["work", "ours, s", "PyTorch eager, s", "ratio", "goal"])
    others = report.table(
        "The same, PyTorch helped", "Our time: culling and hoisting on.",
        ["network", "ours, s", "PyTorch culled and hoisted, s", "ratio", "torch.compile, all voxels, s", "ratio"])
    for variant in ("", "-fourier"):
        for width in WIDTHS:
            name = f"N{width}{variant}"
            if not report.wants(f"reconstruct {name}"):
                continue
            rival, culled = Reconstruction(bench.folder, name), Reconstruction(bench.folder, name, keep="keep")
            chunk = min(CHUNKS, key=lambda c: timed(lambda: rival.run(c), 1)[0])
            works = [f"reconstruct {name} culling {state}" for state in ("on", "off")]
            rivals = [lambda: rival.run(chunk)]
            if not variant:
                rivals += [lambda: culled.run(chunk, hoisted=True), rival.compiled(chunk)]
            ours, theirs = bench.in_turns(works, rivals)
            for seconds, state, goal in zip(ours, ("on", "off"), goals[width]):
                table.row(
                    f"{name}, culling {state}", f"{seconds:.3f}", f"{theirs[0]:.2f} (chunk {chunk})",
                    f"**{theirs[0] / seconds:.1f}x**", f"{goal}x" if not variant else "")
            if not variant:
                others.row(
                    name, f"{ours[0]:.3f}", f"{theirs[1]:.2f}", f"{theirs[1] / ours[0]:.1f}x", f"{theirs[2]:.2f}",
                    f"{theirs[2] / ours[0]:.1f}x")


def decoder_share(bench, report, peak_rate):
    goals = {64: "", 128: "70 %", 256: "85 %"}
    table = report.table(
        "The decoder's share of the sgemm peak",
        "All 128^3 points, decode only; operations are those of products really done (hidden layers, heads, and the "
        "code's part of the first layer where it is multiplied).",
        ["network", "decode, s", "GFLOP/s", "of sgemm peak", "goal"])
    operations = {w["name"]: w["operations"] for w in bench.engine.ask(do="list")["works"]}
    for variant in ("", "-fourier"):
        for width in WIDTHS:
            work = f"decode N{width}{variant} 128"
            if report.wants(work):
                seconds = bench.ours(work, 7)
                rate = operations[work] / seconds
                table.row(
                    f"N{width}{variant}", f"{seconds:.3f}", f"{rate / 1e9:.0f}", f"**{100 * rate / peak_rate:.0f} %**",
                    goals[width])


def training(bench, report):
    table = report.table(
        "Training step",
        "Batch of 2 patients, 2 views of 128^2 each, 8,192 points each: forward, joint loss, backward, clipping, Adam.",
        ["network", "ours, s", "PyTorch eager, s", "ratio", "goal"])
    for width in WIDTHS:
        if report.wants(f"training step N{width}"):
            rival = TrainingStep(bench.folder, f"N{width}")
            (ours,), (theirs,) = bench.in_turns([f"training step N{width}"], [rival.run])
            table.row(
                f"N{width}", f"{ours:.3f}", f"{theirs:.3f}", f"**{theirs / ours:.2f}x**", "1.8x" if width == 128 else "")


def scaling(bench, report):
    table = report.table(
        "Large volumes",
        "Seconds to decode a million points, all points, slab by slab.",
        ["network", "128^3", "256^3", "512^3", "ratio to 128^3", "goal"])
    for width in (64, 128):
        if report.wants(f"scaling N{width}"):
            per_million = [
                bench.ours(f"decode N{width} {size}", 5 if size == 128 else 1 if size == 512 else 2) / (size**3 / 1e6)
                for size in (128, 256, 512)
            ]
            table.row(
                f"N{width}", *(f"{s:.3f}" for s in per_million),
                " and ".join(f"**{s / per_million[0]:.2f}**" for s in per_million[1:]), "1.15")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine")
    parser.add_argument("spider")
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", default=[], help="works whose names begin so")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        report = Report("The compute engine, measured", "bench", machine(arguments.threads), arguments.only)
        engine = SwiftEngine(arguments.engine, folder, arguments.threads)
        report.say(f"OpenBLAS kernels: {engine.ask(do='machine')['blas']}.")
        bench = Bench(engine, folder, arguments.rounds)
        check_answers(bench, report)
        rate = peak(bench, report)
        reconstructions(bench, report)
        decoder_share(bench, report, rate)
        convolutions(bench, report, rate)
        training(bench, report)
        scaling(bench, report)
        engine.close()
        end_to_end.memory(arguments.spider, folder, report)
        report.write(arguments.output)


if __name__ == "__main__":
    main()
