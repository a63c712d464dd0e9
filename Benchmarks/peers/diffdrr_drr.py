#!/usr/bin/env python3
"""Times DiffDRR on the CPU against Spider's projectors.

    swift build -c release --package-path Benchmarks --product projection
    python Benchmarks/peers/diffdrr_drr.py --hardware "AMD EPYC Zen 4, 2 cores"

Needs diffdrr (PyPI; it brings torch), numpy and nibabel. Forward only, without gradients: 512 x 512 x 200
voxels of 0.5 x 0.5 x 1 mm to 256 x 256 pixels of a 400 mm detector, source to detector 1500 mm, the volume
1000 mm from the source. DiffDRR follows all rays of a patch of pixels at once; the patch is chosen so that its
tables fit in memory. Writes a Markdown table.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import nibabel
import numpy
import torch
from diffdrr.data import read
from diffdrr.drr import DRR

HERE = Path(__file__).resolve().parent


def volume(path):
    """An ellipsoid of water in air with noise, in HU."""
    x, y, z = numpy.meshgrid(*[(numpy.arange(n) - (n - 1) / 2) * s for n, s in
                               ((512, 0.5), (512, 0.5), (200, 1))], indexing="ij", sparse=True)
    inside = (x / 90) ** 2 + (y / 110) ** 2 + (z / 120) ** 2 < 1
    noise = numpy.random.default_rng(1).random(inside.shape, dtype=numpy.float32) * 50
    hu = numpy.where(inside, numpy.float32(0), numpy.float32(-1000)) + noise
    affine = numpy.diag([0.5, 0.5, 1, 1])
    affine[:3, 3] = -255.5 * 0.5, -255.5 * 0.5, -99.5
    nibabel.save(nibabel.Nifti1Image(hu.astype(numpy.float32), affine), path)


def time_diffdrr(path, renderer, patch, repeats):
    drr = DRR(read(str(path)), sdd=1500.0, height=256, delx=400 / 256, renderer=renderer,
              patch_size=patch)
    best = float("inf")
    with torch.no_grad():
        for repeat in range(repeats):
            rotation = torch.tensor([[0.1 * repeat, 0.0, 0.0]])
            start = time.perf_counter()
            image = drr(rotation, torch.tensor([[0.0, 1000.0, 0.0]]),
                        parameterization="euler_angles", convention="ZXY")
            best = min(best, time.perf_counter() - start)
            assert float(image.max()) > 0
    return 1000 * best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--projection", default=HERE.parent / ".build/release/projection")
    parser.add_argument("--hardware", default="hardware not named")
    parser.add_argument("--patch", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", default=HERE.parent / "results/drr_diffdrr.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ct.nii"
        volume(path)
        theirs = {name: time_diffdrr(path, name, options.patch, options.repeats)
                  for name in ("siddon", "trilinear")}
    ours = json.loads(subprocess.run(
        [str(options.projection), "time", "--repeats", "3"], check=True,
        stdout=subprocess.PIPE).stdout)
    rows = []
    for name, key in (("siddon", "exact"), ("trilinear", "joseph")):
        for pose in ("", "_tilted"):
            time_ours = ours[key + pose]["wall_ms"]
            rows.append(f"| {name} | {key}{pose.replace('_', ', ')} | {theirs[name]:.0f} | "
                        f"{time_ours:.1f} | {theirs[name] / time_ours:.0f}x |")
    from importlib.metadata import version
    lines = [
        "# Projectors against DiffDRR on the CPU", "",
        f"DiffDRR {version('diffdrr')}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads; "
        f"{options.hardware}.", "", "`python Benchmarks/peers/diffdrr_drr.py`", "",
        "Milliseconds a view, wall clock, the least of some runs, forward only. Goal: 100x.", "",
        "| DiffDRR | ours | DiffDRR, ms | ours, ms | gain |", "| --- | --- | --- | --- | --- |", *rows,
        ""]
    Path(options.out).write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
