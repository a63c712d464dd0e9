#!/usr/bin/env python3
"""Compares Spider's projectors with plastimatch's `drr`: images, then speed.

    swift build -c release --package-path Benchmarks --product projection
    python Benchmarks/peers/plastimatch_drr.py CT_FOLDER --hardware "AMD EPYC Zen 4, 2 cores"

Needs plastimatch (Debian package), numpy and nibabel. Both programs get the same attenuation (1/mm) on the
same upright grid, so plastimatch runs without its own HU conversion (`-P none`). Poses are taken from the
geometry files that plastimatch writes, not from what we believe its arguments to mean. Writes a Markdown
table; exits with 1 when an image differs by more than 0.5 % of its maximum away from silhouettes.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy

HERE = Path(__file__).resolve().parent
SIZE, DETECTOR, SAD, SID = 256, 400.0, 1000.0, 1500.0
TOLERANCE = 0.005

# Views of the comparison: gantry-like and tilted normals (towards the source, LPS), and an isocentre beside
# the volume's middle (mm).
VIEWS = [
    ("front", (0, -1, 0), (0, 0, 0)),
    ("side", (1, 0, 0), (0, 0, 0)),
    ("33 degrees", (0.544639, -0.838671, 0), (5, -8, 3)),
    ("tilted", (0.3, -0.9, 0.25), (0, 0, 0)),
    ("steep", (-0.5, 0.6, 0.6), (12, 7, -20)),
]


def run(*arguments):
    """Runs a program quietly; returns its wall and processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([str(a) for a in arguments], check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_mha(path, values, spacing):
    """Writes values [z][y][x] (LPS) as a MetaImage centred on the origin."""
    shape = values.shape[::-1]
    offset = [-(n - 1) / 2 * s for n, s in zip(shape, spacing)]
    header = "\n".join([
        "ObjectType = Image", "NDims = 3", "BinaryData = True", "BinaryDataByteOrderMSB = False",
        "TransformMatrix = 1 0 0 0 1 0 0 0 1", "Offset = " + " ".join(map(str, offset)),
        "ElementSpacing = " + " ".join(map(str, spacing)), "DimSize = " + " ".join(map(str, shape)),
        "ElementType = MET_FLOAT", "ElementDataFile = LOCAL", ""])
    with open(path, "wb") as file:
        file.write(header.encode())
        file.write(values.astype("<f4").tobytes())


def write_nifti(path, values, spacing):
    """Writes the same values as a NIfTI file, whose world is RAS: x and y change sign."""
    data = values.transpose(2, 1, 0)
    spacing = numpy.array(spacing)
    middle = (numpy.array(data.shape) - 1) / 2
    signs = numpy.array([-1, -1, 1])
    affine = numpy.eye(4)
    affine[:3, :3] = numpy.diag(signs * spacing)
    affine[:3, 3] = -signs * spacing * middle
    nibabel.save(nibabel.Nifti1Image(data.astype(numpy.float32), affine), path)


def attenuation(path):
    """A CT as attenuation at 70 keV on an upright LPS grid: values [z][y][x] and spacing.

    Two voxels of air are put around it: where a ray enters or leaves the volume, plastimatch leaves out about
    half a voxel, which shows (0.5 % of the maximum in a head of 2 mm voxels) where tissue is cut off.
    """
    image = nibabel.load(path)
    target = nibabel.orientations.axcodes2ornt("LPS")
    turn = nibabel.orientations.ornt_transform(nibabel.io_orientation(image.affine), target)
    image = image.as_reoriented(turn)
    hu = numpy.nan_to_num(image.get_fdata(dtype=numpy.float32), nan=-1000.0)
    values = 0.0193 * (1 + numpy.clip(hu, -1000, 4000) / 1000)
    values = numpy.pad(values.transpose(2, 1, 0), 2)
    return numpy.ascontiguousarray(values, dtype=numpy.float32), [
        float(s) for s in image.header.get_zooms()[:3]]


def plastimatch(volume, prefix, normal, isocenter, size=SIZE):
    vup = "0 0 1"
    return run(
        "plastimatch", "drr", "-t", "pfm", "-P", "none", "-i", "exact", "-z",
        f"{DETECTOR} {DETECTOR}", "-r", f"{size} {size}", "--sad", SAD, "--sid", SID, "-o",
        " ".join(map(str, isocenter)), "-n", " ".join(map(str, normal)), "--vup", vup, "-O", prefix,
        volume)


def geometry(text, isocenter):
    """Spider's sidecar for a geometry file of plastimatch: image centre, 3x4 matrix, SAD, SID, a normal and,
    as the extrinsic matrix, the directions of columns, rows and depth (away from the source)."""
    numbers = [[float(x) for x in line.split()] for line in text.splitlines() if line[:1] == " "]
    center, sad, sid = numbers[0], numbers[4][0], numbers[5][0]
    across, down, depth = (numpy.array(row[:3]) for row in numbers[7:10])
    flip = numpy.array([-1, -1, 1])
    isocenter, pixel = numpy.array(isocenter), DETECTOR / SIZE
    origin = isocenter + depth * (sid - sad) - (across * center[0] + down * center[1]) * pixel
    return {
        "schema": "spider.geometry/1", "beam": "cone",
        "source_mm": list(flip * (isocenter - depth * sad)), "pixel_origin_mm": list(flip * origin),
        "column_step_mm": list(flip * across * pixel), "row_step_mm": list(flip * down * pixel),
        "columns": SIZE, "rows": SIZE}


def read_pfm(path):
    with open(path, "rb") as file:
        assert file.readline().strip() == b"Pf"
        columns, rows = map(int, file.readline().split())
        scale = float(file.readline())
        return numpy.frombuffer(file.read(), "<f4" if scale < 0 else ">f4").reshape(rows, columns)


def silhouette(sidecar, shape, spacing):
    """Pixels beside which one ray meets the volume's box and another does not."""
    half = numpy.array(shape) * numpy.array(spacing) / 2
    source = numpy.array(sidecar["source_mm"])
    column, row = numpy.meshgrid(numpy.arange(SIZE), numpy.arange(SIZE))
    pixels = (numpy.array(sidecar["pixel_origin_mm"])
              + column[..., None] * numpy.array(sidecar["column_step_mm"])
              + row[..., None] * numpy.array(sidecar["row_step_mm"]))
    with numpy.errstate(divide="ignore"):
        a, b = (-half - source) / (pixels - source), (half - source) / (pixels - source)
    near, far = numpy.minimum(a, b).max(-1), numpy.maximum(a, b).min(-1)
    hit = numpy.pad(near < far, 1, mode="edge")
    window = numpy.lib.stride_tricks.sliding_window_view(hit, (3, 3))
    return window.any((2, 3)) & ~window.all((2, 3))


def compare_images(folder, projection, work):
    rows, good = [], True
    for path in sorted(Path(folder).glob("*.nii*")):
        values, spacing = attenuation(path)
        write_mha(work / "ct.mha", values, spacing)
        write_nifti(work / "ct.nii", values, spacing)
        sidecars, theirs = [], []
        for number, (_, normal, isocenter) in enumerate(VIEWS):
            plastimatch(work / "ct.mha", work / f"view{number}_", normal, isocenter)
            theirs.append(read_pfm(work / f"view{number}_0000.pfm"))
            sidecars.append(geometry((work / f"view{number}_0000.txt").read_text(), isocenter))
            (work / f"view{number}.json").write_text(json.dumps(sidecars[-1]))
        run(projection, "render", work, work / "ct.nii",
            *[work / f"view{number}.json" for number in range(len(VIEWS))])
        worst, edge, edges = [], 0.0, 0
        for number, sidecar in enumerate(sidecars):
            ours = numpy.fromfile(work / f"view{number}.f32", "<f4").reshape(SIZE, SIZE)
            # Plastimatch counts lengths in cm.
            apart = abs(ours - 10 * theirs[number]) / ours.max()
            rim = silhouette(sidecar, values.shape[::-1], spacing)
            worst.append(float(apart[~rim].max()))
            edge, edges = max(edge, float(apart[rim].max(initial=0))), edges + int(rim.sum())
        good = good and max(worst) <= TOLERANCE
        name = path.name.split(".")[0]
        size = " x ".join(map(str, values.shape[::-1]))
        rows.append(f"| {name} | {size} | " + " | ".join(f"{100 * w:.3f}" for w in worst)
                    + f" | {100 * edge:.3f} ({edges}) |")
        print(rows[-1], flush=True)
    return rows, good


def timing_volume():
    """The volume that `projection time` makes, near enough: 512 x 512 x 200, 0.5 x 0.5 x 1 mm."""
    z, y, x = numpy.meshgrid(*[(numpy.arange(n) - (n - 1) / 2) * s for n, s in
                               ((200, 1), (512, 0.5), (512, 0.5))], indexing="ij", sparse=True)
    inside = (x / 90) ** 2 + (y / 110) ** 2 + (z / 120) ** 2 < 1
    noise = numpy.random.default_rng(1).random(inside.shape, dtype=numpy.float32) * 0.001
    return inside * numpy.float32(0.02) + noise


def times_of_plastimatch(work):
    """Milliseconds a view (wall, processor), reading and starting left out: level, nine views less one;
    tilted, where it makes one view a run, an image of full size less one of 2 x 2 pixels."""
    def level(count):
        return run("plastimatch", "drr", "-t", "pfm", "-P", "none", "-i", "exact", "-a", count, "-N", 11, "-z",
                   f"{DETECTOR} {DETECTOR}", "-r", f"{SIZE} {SIZE}", "--sad", SAD, "--sid", SID, "-o", "0 0 0",
                   "-O", work / "time_", work / "ct.mha")

    def tilted(size):
        return plastimatch(work / "ct.mha", work / "time_", (0.3, -0.9, 0.17), (0, 0, 0), size)

    def gained(more, less, views):
        return [1000 * (b - a) / views for a, b in zip(less, more)]

    return {"level": gained(level(9), level(1), 8), "tilted": gained(tilted(SIZE), tilted(2), 1)}


def compare_speed(projection, work, rounds):
    """Alternates the two programs."""
    write_mha(work / "ct.mha", timing_volume(), (0.5, 0.5, 1))
    theirs = {"level": [], "tilted": []}
    ours = []
    for _ in range(rounds):
        for name, seconds in times_of_plastimatch(work).items():
            theirs[name].append(seconds)
        text = subprocess.run([str(projection), "time", "--repeats", "3"], check=True,
                              stdout=subprocess.PIPE).stdout
        ours.append(json.loads(text))
    rows = []

    def middle(key, unit):
        return statistics.median(report[key][unit] for report in ours)

    def row(what, key, peer, goal):
        numbers = numpy.array(theirs[peer])
        wall, cpu = numpy.median(numbers, axis=0)
        our_wall, our_cpu = middle(key, "wall_ms"), middle(key, "cpu_ms")
        rows.append(f"| {what} | {wall:.0f} | {our_wall:.1f} | {wall / our_wall:.1f}x | {cpu:.0f} | "
                    f"{our_cpu:.1f} | {cpu / our_cpu:.1f}x | {goal} |")

    row("exact, level", "exact", "level", ">= 6x")
    row("Joseph, level", "joseph", "level", ">= 10x")
    row("exact, tilted", "exact_tilted", "tilted", ">= 3x")
    row("Joseph, tilted", "joseph_tilted", "tilted", ">= 3x")
    row("exact, tilted, volume as stored", "exact_tilted_stored", "tilted", "")
    row("Joseph, tilted, volume as stored", "joseph_tilted_stored", "tilted", "")
    more = ["| exact | " + ratio("exact", middle), "| Joseph | " + ratio("joseph", middle)]
    small = [f"| {name} | " + " | ".join(
        f"{middle(f'{key}_{size}{tilt}', 'wall_ms'):.2f}" for size in (64, 128)
        for tilt in ("", "_tilted")) + " |" for name, key in (("exact", "exact"), ("Joseph", "joseph"))]
    reorder = middle("reorder", "wall_ms")
    two = [middle(f"{key}_two_views_stored", "wall_ms") for key in ("exact", "joseph")]
    note = (f"Bringing the volume into the order of the level views takes {reorder:.0f} ms, once a volume; "
            f"two views of a volume as it is stored, that included, take {two[0]:.0f} (exact) and "
            f"{two[1]:.0f} ms (Joseph).")
    return rows, more, small, note, ours[0]["threads"]


def ratio(key, middle):
    parts = []
    for tilt in ("", "_tilted"):
        forward = middle(key + tilt, "cpu_ms")
        back = middle(f"{key}_adjoint{tilt}", "cpu_ms")
        parts.append(f"{back:.1f} | {back / forward:.2f}x")
    return " | ".join(parts) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder of CT volumes (.nii, .nii.gz)")
    parser.add_argument("--projection", default=HERE.parent / ".build/release/projection")
    parser.add_argument("--hardware", default="hardware not named")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", default=HERE.parent / "results/drr.md")
    options = parser.parse_args()
    version = subprocess.run(["plastimatch", "--version"], stdout=subprocess.PIPE, text=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        images, good = compare_images(options.folder, options.projection, work)
        rows, adjoints, small, note, threads = compare_speed(options.projection, work, options.rounds)
    lines = [
        "# Projectors against plastimatch", "",
        f"{version.strip()}; {options.hardware}, {threads} threads.", "",
        "`python Benchmarks/peers/plastimatch_drr.py CT_FOLDER`", "",
        "## Images", "",
        "Exact projectors, the same attenuation on the same grid: largest difference in % of the image's "
        "maximum. Two voxels of air around every volume (see the script); silhouette pixels (those beside which one ray meets the volume's box and another "
        "misses it) apart, with their number.", "",
        "| volume | voxels | " + " | ".join(name for name, _, _ in VIEWS) + " | silhouettes |",
        "| --- |" + " --- |" * (len(VIEWS) + 2), *images, "",
        "## Speed", "",
        "512 x 512 x 200 voxels of 0.5 x 0.5 x 1 mm, centred on the isocentre, to 256 x 256 pixels of a "
        "400 mm detector, SAD 1000, SID 1500 mm. Milliseconds a view, wall clock and processor time of "
        "all threads, reading excluded on both sides, medians of runs in turns (plastimatch: differences of two runs, nine "
        "views less one; tilted, one view less one of 2 x 2 pixels). Level: nine "
        "gantry angles 0 to 88 degrees; tilted: the source raised by 10 degrees. Plastimatch always runs its "
        "exact mode.", "",
        "| ours | plastimatch, wall | ours, wall | gain | plastimatch, CPU | ours, CPU | gain | goal |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |", *rows, "", note, "",
        "Adjoints, CPU milliseconds a view and against forward (goal: within 2x):", "",
        "| | level | ratio | tilted | ratio |", "| --- | --- | --- | --- | --- |", *adjoints, "",
        "Views of training, 128 x 128 pixels, wall milliseconds:", "",
        "| | 64^3 upright | 64^3 turned | 128^3 upright | 128^3 turned |",
        "| --- | --- | --- | --- | --- |", *small, ""]
    Path(options.out).write_text("\n".join(lines))
    print("\n".join(lines))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
