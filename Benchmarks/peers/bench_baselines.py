#!/usr/bin/env python3
"""Times published networks, ours and in PyTorch, in one run, and writes the table of results.

Usage: bench_baselines.py SPIDER PUBLISHED OUTPUT.md [--rounds N] [--threads N] [--slices N] [--only x2ct|perx2ct]

SPIDER is the program, PUBLISHED `Benchmarks/.build/release/published`.

The same random weights go to both sides, to ours as a checkpoint under the published names, which `spider
reconstruct` takes for a published one. Both read the same two X-rays of a phantom. The volumes must
agree: on average to 0.5 HU, everywhere to 15 HU (0.6 % of the range), since normalisations over few values amplify
rounding on both sides. PyTorch's side is a re-implementation from a description of the networks
(x2ct_gan.py, perx2ct.py) that leaves out what nobody needs; the published code computes more.
Each side runs in a process of its own, so that peak memory is its own, and makes one volume untimed; then they
take turns, the other one waiting without using the processor. The whole command is timed as well.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import nibabel
import numpy
import torch
from safetensors.torch import load_file, save_file

from perx2ct import PerX2CT
from published_weights import Weights
from results import Report, machine
from x2ct_gan import Generator

DISTANCES = {"x2ct": (541, 949, 319 / 127 * 500 / 320), "perx2ct": (700, 949, 500 / 128)}


def xrays(spider, folder, name):
    """Both X-rays as our command reads them, and as the network is fed them."""
    sad, sid, pixel = DISTANCES[name]
    views = pathlib.Path(folder) / name
    subprocess.run(
        [spider, "drr", f"{folder}/phantom-4001.nii.gz", "--view", "pa", "--view", "right", "--sad", str(sad), "--sid",
         str(sid), "--pixel", f"{pixel:.12g}", "--size", "128", "--isocenter", "0,0,0", "--out", str(views)],
        check=True, capture_output=True)
    images = []
    for view in ("pa", "right"):
        values = nibabel.load(views / f"phantom-4001_{view}.nii.gz").get_fdata()[:, :, 0].T
        values = (values - values.min()) / (values.max() - values.min())
        images.append(torch.tensor(values.astype(numpy.float32)))
    # Rows of both run from superior to inferior; columns of the frontal one to the patient's left, of the lateral
    # one to the back, while ours hangs looking the other way.
    frontal, lateral = images[0], images[1].flip(1)
    return views, frontal, lateral


def network(name, weights):
    return Generator(weights) if name == "x2ct" else PerX2CT(weights)


def serve_torch(name, folder, threads, slices):
    """The rival, in a process of its own: for every line the seconds of a volume."""
    torch.set_num_threads(threads)
    weights = Weights(1)
    weights.tensors = load_file(f"{folder}/{name}.safetensors")
    images = load_file(f"{folder}/{name}-images.safetensors")
    frontal, lateral = images["frontal"][None, None], images["lateral"][None, None]
    net = network(name, weights)
    volume = None
    with torch.inference_mode():
        for _ in sys.stdin:
            start = time.perf_counter()
            if name == "x2ct":
                volume = net([frontal, lateral])[0, 0]
            else:
                # Turned as the published loader turns them.
                volume = net.volume(frontal.flip(3), lateral.transpose(2, 3).flip(2), list(range(0, 128, 128 // slices)))
            seconds = time.perf_counter() - start
            if volume is not None and not pathlib.Path(f"{folder}/{name}-volume.safetensors").exists():
                save_file({"volume": volume.contiguous()}, f"{folder}/{name}-volume.safetensors")
            print(seconds, flush=True)


class Side:
    """A process that makes a volume for every line it is given."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.seconds = []
        self.turn()
        self.seconds = []

    def turn(self):
        self.process.stdin.write("\n")
        self.seconds.append(float(self.process.stdout.readline()))

    def close(self):
        """Median seconds and peak memory in bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
        self.process.stdin.close()
        self.process.wait()
        return statistics.median(self.seconds), peak


def run_command(spider, name, folder, views, threads):
    """Our command as a user gives it; seconds of all it does."""
    start = time.perf_counter()
    subprocess.run(
        [spider, "reconstruct", "--view", views / "phantom-4001_pa.nii.gz", "--view",
         views / "phantom-4001_right.nii.gz", "--model", f"{folder}/{name}.safetensors", "--size", "128", "--refine", "0", "--out",
         f"{folder}/{name}.nii", "--overwrite", "--threads", str(threads)],
        check=True, capture_output=True, text=True)
    return time.perf_counter() - start


def compare(name, folder, slices):
    """Differences in HU over what both have made."""
    image = nibabel.load(f"{folder}/{name}.nii")
    assert nibabel.aff2axcodes(image.affine) == ("R", "A", "S")
    ours = image.get_fdata()[::-1, ::-1, ::-1].transpose(2, 1, 0)  # (D, H, W): down, to the back, to the left
    theirs = load_file(f"{folder}/{name}-volume.safetensors")["volume"].numpy()
    theirs = numpy.clip(theirs, 0, 1) * 2500 - 1024
    if name == "perx2ct":
        ours = ours[::128 // slices]
    spread = theirs.max() - theirs.min()
    if not spread > 100:
        sys.exit(f"{name}: a volume with nothing in it ({spread} HU) proves nothing")
    return numpy.abs(ours - theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spider")
    parser.add_argument("published")
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--slices", type=int, default=8, help="slices of PerX2CT that PyTorch makes; its time is scaled")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        name, folder = arguments.child
        return serve_torch(name, folder, arguments.threads, arguments.slices)

    report = Report("Published networks, measured", "bench-published", machine(arguments.threads), arguments.only)
    table = report.table(
        "A volume of 128^3 from two X-rays, published widths",
        f"Ours: seconds from X-rays in memory to the volume; PyTorch: the forward pass; medians of {arguments.rounds} rounds in "
        f"turns, each side in one process. Of PerX2CT PyTorch makes {arguments.slices} of 128 slices, its time is scaled to all. "
        "Command: `spider reconstruct --refine 0`, files and start included, once.",
        ["network", "ours, s", "PyTorch, s", "ratio", "ours, MB", "PyTorch, MB", "command, s", "mean difference, HU",
         "largest"])
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [arguments.spider, "phantom", "--seed", "4001", "--size", "128", "--out", folder], check=True, capture_output=True)
        for name in ("x2ct", "perx2ct"):
            if not report.wants(name):
                continue
            views, frontal, lateral = xrays(arguments.spider, folder, name)
            save_file(
                {"frontal": frontal.contiguous(), "lateral": lateral.contiguous()}, f"{folder}/{name}-images.safetensors")
            weights = Weights(1)
            net = network(name, weights)
            with torch.inference_mode():
                if name == "x2ct":
                    net([frontal[None, None], lateral[None, None]])
                    net.unused()
                else:
                    net.volume(frontal[None, None], lateral[None, None], [0])
            save_file(weights.tensors, f"{folder}/{name}.safetensors")
            command = run_command(arguments.spider, name, folder, views, arguments.threads)
            threads = ["--threads", str(arguments.threads)]
            us = Side(
                [arguments.published, f"{folder}/{name}.safetensors", str(views / "phantom-4001_pa.nii.gz"),
                 str(views / "phantom-4001_right.nii.gz")] + threads)
            them = Side(
                [sys.executable, __file__, "-", "-", "-", "--child", name, folder, "--slices", str(arguments.slices)] + threads)
            for _ in range(arguments.rounds):
                us.turn()
                them.turn()
            (ours, peak), (seconds, their_peak) = us.close(), them.close()
            seconds *= 128 / arguments.slices if name == "perx2ct" else 1
            difference = compare(name, folder, arguments.slices)
            table.row(
                {"x2ct": "X2CT-GAN", "perx2ct": "PerX2CT"}[name], f"{ours:.2f}", f"{seconds:.2f}",
                f"**{seconds / ours:.2f}x**", f"{peak / 1e6:.0f}",
                f"{their_peak / 1e6:.0f}", f"{command:.1f}",
                f"{difference.mean():.3f}", f"{difference.max():.1f}")
            if not (difference.mean() <= 0.5 and difference.max() <= 15):
                sys.exit(f"{name}: the volumes differ by up to {difference.max()} HU")
    report.write(arguments.output)


if __name__ == "__main__":
    main()
