"""Holds Spider's reading of DICOM series against dcm2niix (apt install dcm2niix): where the corners of the volume lie, and
what is in it.

Usage: dcm2niix_series.py SPIDER SERIES... > table.md

SERIES are folders of one series or multi-frame files. Corners come from `spider info --json` and the affine that
dcm2niix writes; numbers from `spider evaluate`, which resamples one onto the other's voxels.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import nibabel
import numpy


def corners(shape, affine):
    """The eight outermost voxel centres, in an order that does not depend on how voxels are stored."""
    ends = numpy.array(numpy.meshgrid(*[(0, n - 1) for n in shape[:3]], indexing="ij")).reshape(3, -1).T
    points = ends @ affine[:3, :3].T + affine[:3, 3]
    return points[numpy.lexsort(numpy.round(points, 3).T)]


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def row(spider, series):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        source = series
        if series.is_file():
            (folder / "in").mkdir()
            shutil.copy(series, folder / "in")
            source = folder / "in"
        run("dcm2niix", "-o", folder, "-f", "out", "-z", "n", source)
        written = sorted(folder.glob("*.nii"))
        told = run(spider, "info", "--json", series)
        if told.returncode:
            return f"{len(written)} files | refused: {told.stderr.strip().splitlines()[0].split(': ', 2)[-1][:90]} | "
        if not written:
            return "dcm2niix wrote nothing | | "
        ours, theirs = json.loads(told.stdout), nibabel.load(written[0])
        gap = numpy.inf
        if sorted(ours["shape"]) == sorted(theirs.shape[:3]):
            gap = abs(corners(ours["shape"], numpy.array(ours["affine"])) - corners(theirs.shape, theirs.affine)).max()
        scores = run(spider, "evaluate", "--json", "--reference", series, "--candidate", written[0])
        error = json.loads(scores.stdout)["cases"][0]["mae_hu"] if scores.returncode == 0 else None
        shape = " x ".join(str(n) for n in ours["shape"])
        return f"{shape} | {'other shape: ' + str(theirs.shape) if gap == numpy.inf else f'{gap:.1e} mm'} | {'-' if error is None else f'{error:.1e}'}"


def main():
    print("| series | voxels | corners, largest distance | values, mean difference in HU |\n| --- | --- | --- | --- |")
    for series in map(pathlib.Path, sys.argv[2:]):
        print(f"| {series.name} | {row(sys.argv[1], series)} |", flush=True)


if __name__ == "__main__":
    main()
