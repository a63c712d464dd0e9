"""Reconstructs from films that other processing made than Spider's own, by several models.

    python foreign_films.py SPIDER DATA MODEL MODEL ...

DATA is what `spider prepare` wrote; of every case in split `val` two X-rays of 256 x 256 pixels are made and developed in
three ways, 8 bits: `sigmoid`, a gradation curve alone; `clahe`, half of it local contrast by equalised histograms of 8 x 8
tiles (Zuiderveld, Graphics Gems IV, 1994); `unsharp`, 1.5 times the detail of 6 pixels and a power of 1.6. Prints, for each
way and model, the means of PSNR in the body and of the Dice of 300 HU and more, and what a model gains on the first one.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image
from scipy import ndimage

VIEWS = ("pa", "left")


def clahe(x, tiles=8, bins=256, limit=0.03):
    """Local contrast: each tile's cumulated histogram, cut off at `limit`, interpolated between the tiles' middles."""
    rows, columns = x.shape
    levels = np.clip((x * (bins - 1)).astype(int), 0, bins - 1)
    curves = np.zeros((tiles, tiles, bins))
    for i in range(tiles):
        for j in range(tiles):
            tile = levels[i * rows // tiles:(i + 1) * rows // tiles, j * columns // tiles:(j + 1) * columns // tiles]
            share = np.bincount(tile.ravel(), minlength=bins) / tile.size
            excess = np.maximum(share - limit, 0).sum()
            curves[i, j] = np.cumsum(np.minimum(share, limit) + excess / bins)

    def between(count):
        place = np.clip((np.arange(count) + 0.5) * tiles / count - 0.5, 0, tiles - 1)
        first = np.minimum(place.astype(int), tiles - 2)
        return first, place - first

    (top, down), (left, right) = between(rows), between(columns)
    down, right = down[:, None], right[None]

    def curve(i, j):
        return curves[(top + i)[:, None], (left + j)[None], levels]

    upper = (1 - right) * curve(0, 0) + right * curve(0, 1)
    lower = (1 - right) * curve(1, 0) + right * curve(1, 1)
    return (1 - down) * upper + down * lower


def sigmoid(x):
    curve = lambda value: 1 / (1 + np.exp(-7 * (value - 0.55)))
    return (curve(x) - curve(0)) / (curve(1.2) - curve(0))


WAYS = {
    "sigmoid": sigmoid,
    "clahe": lambda x: 0.5 * x + 0.5 * clahe(np.clip(x, 0, 1)) * (x > 0.02),
    "unsharp": lambda x: np.clip(
        x + 1.5 * (x - ndimage.gaussian_filter(x, 6)) * np.minimum(x / 0.2, 1), 0, None) ** 1.6,
}


def spider(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, capture_output=True)


def develop(folder, view, way):
    """The film of an X-ray, from its linear 16-bit picture, with geometry alone beside it."""
    grey = np.asarray(Image.open(folder / f"ct_{view}.png")).astype(float) / 65535
    x = np.clip(grey / np.percentile(grey[grey > 0.01], 99.5), 0, 1.2)
    film = folder / f"{way}_{view}.png"
    Image.fromarray((np.clip(WAYS[way](x), 0, 1) * 255).round().astype(np.uint8)).save(film)
    geometry = json.loads((folder / f"ct_{view}.json").read_text())
    for key in ("photon_energy_kev", "intensity"):
        geometry.pop(key, None)
    film.with_suffix(".json").write_text(json.dumps(geometry))
    return film


def scores(volume, truth, labels):
    """PSNR, dB, and Dice of bone about the body, where the scan is."""
    x, y = (np.clip(np.asarray(nibabel.load(file).dataobj).astype(float), -1000, 2000) for file in (volume, truth))
    body = ndimage.binary_dilation(ndimage.binary_closing(y > -500, iterations=2))
    body &= np.asarray(nibabel.load(labels).dataobj) != 254
    a, b = (x[body] > 300), (y[body] > 300)
    return 10 * np.log10(9e6 / np.mean((x - y)[body] ** 2)), 2 * (a & b).sum() / (a.sum() + b.sum())


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    program, data, models = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    index = json.loads((data / "dataset.json").read_text())
    found = {(way, model): [] for way in WAYS for model in models}
    for case in (case for case in index["cases"] if case["split"] == "val"):
        truth, labels = (data / case["id"] / f"{name}.nii.gz" for name in ("ct", "labels"))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            spider(program, "drr", truth, "--out", folder, "--size", 256,
                   "--isocenter=" + ",".join(map(str, case["isocenter_mm"])))
            for way in WAYS:
                films = [develop(folder, view, way) for view in VIEWS]
                for model in models:
                    spider(program, "reconstruct", *films, "--model", model, "--size", index["size"], "--out",
                           folder / "ct.nii", "--overwrite", "--accept-faults")
                    found[way, model].append(scores(folder / "ct.nii", truth, labels))
    print("| films | model | heads | body dB | `bone_hu` | gain, mean (least) |\n| --- | --- | --- | --- | --- | --- |")
    for (way, model), values in found.items():
        gains = [value[0] - first[0] for value, first in zip(values, found[way, models[0]])]
        print(f"| {way} | {model} | {len(values)} | {statistics.fmean(v[0] for v in values):.2f} "
              f"| {statistics.fmean(v[1] for v in values):.3f} | {statistics.fmean(gains):+.2f} ({min(gains):+.2f}) dB |")


main()
