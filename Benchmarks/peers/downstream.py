"""What do fixed segmenters, which know no reconstruction, find in what each method reconstructed?

    python Benchmarks/peers/downstream.py --spider PROGRAM --data DATA --model NAME=FILE ... \\
        --segmenter segmenter.pt --out FOLDER [--masks FOLDER] [--table FILE]

Every head of split `test` of DATA (`spider prepare`, 64^3): clean X-rays of the scan, `spider reconstruct --refine 0`
by every model, and the truth itself. Two segmenters name the tissues in each volume: the automatic labeller, and the
U-Net that `segmenter.py` taught on true CTs. Both are told where the scan is. `spider evaluate` holds what they find
against the truth's labels: Dice, and HD95 in mm. Where a structure is in the truth and not in the answer, Dice is 0 and
there is no HD95: the table counts these. --masks holds clinicians' mandibles as NAME_mandible.nii.gz, on the grids of
the original scans: the mandible alone is scored against them besides.

Means over the heads with 95 % intervals by bootstrap; differences to the first model are paired by head. What is
measured stays in FOLDER/results.json, so the script goes on where it stopped.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy
import torch
from scipy.ndimage import map_coordinates

import segmenter

NAMES = ("skull", "mandible", "cervical_spine", "intracranial", "air_cavities")
SEGMENTERS = {"labeller": "labeller", "unet": "U-Net", "masks": "U-Net, clinicians' masks",
              "labeller_masks": "labeller, clinicians' masks"}
MANDIBLE, SOFT_TISSUE = segmenter.CLASSES.index("mandible"), segmenter.CLASSES.index("soft_tissue")


def spider(program, *arguments):
    run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"spider {' '.join(map(str, arguments))}:\n{run.stderr}")
    return json.loads(run.stdout) if "--json" in arguments else None


def score(program, truth, reference, volume, found=None):
    """Dice and HD95 by structure, of given labels or those of the labeller."""
    given = ["--candidate-labels", found] if found else []
    case = spider(program, "evaluate", "--reference", truth, "--reference-labels", reference, "--candidate", volume,
                  *given, "--json")["cases"][0]
    if case["labels_from"] != ("network" if found else "labeller"):
        sys.exit(f"{volume}: its labels are from {case['labels_from']}")
    return {name: {"dice": case["dice"][name], "hd95": case["hd95_mm"][name]} for name in NAMES}


def with_mask(labels, mask, target):
    """A label map in which the mandible is what clinicians drew, and the rest soft tissue."""
    grid, drawn = nibabel.load(labels), nibabel.load(mask)
    values = numpy.asanyarray(grid.dataobj)
    index = numpy.indices(values.shape).reshape(3, -1)
    to_mask = numpy.linalg.inv(drawn.affine) @ grid.affine
    there = to_mask[:3, :3] @ index + to_mask[:3, 3:]
    inside = map_coordinates(drawn.get_fdata() > 0, there, output=float, order=1).reshape(values.shape) >= 0.5
    found = numpy.where(values == segmenter.OUTSIDE, segmenter.OUTSIDE, numpy.where(inside, MANDIBLE, SOFT_TISSUE))
    nibabel.save(nibabel.Nifti1Image(found.astype(numpy.uint8), grid.affine), target)


def measure(options, network, case, volume, folder):
    """Figures of one volume by segmenter."""
    data = options.data / case
    truth, labels = data / "ct.nii.gz", data / "labels.nii.gz"
    loaded = nibabel.load(volume)
    hu = loaded.get_fdata(dtype=numpy.float32)
    if hu.shape != nibabel.load(truth).shape or not numpy.allclose(loaded.affine, nibabel.load(truth).affine, atol=1e-2):
        sys.exit(f"{volume}: not on the grid of {truth}")
    known, found = segmenter.read(labels), folder / "found.nii.gz"
    nibabel.save(nibabel.Nifti1Image(network.labels(hu, known), loaded.affine), found)
    results = {"labeller": score(options.spider, truth, labels, volume),
               "unet": score(options.spider, truth, labels, volume, found)}
    mask = options.masks and options.masks / f"{case}_mandible.nii.gz"
    if mask and mask.exists():
        with_mask(labels, mask, folder / "drawn.nii.gz")
        for key, given in (("masks", found), ("labeller_masks", None)):
            whole = score(options.spider, truth, folder / "drawn.nii.gz", volume, given)
            results[key] = {"mandible": whole["mandible"]}
    return results


def reconstructed(options, case, model, folder):
    """What a model makes of clean X-rays of a head."""
    volume, views = folder / "ct.nii.gz", options.out / "views" / case
    if not views.exists():
        isocenter = ",".join(map(str, json.loads((options.data / case / "case.json").read_text())["isocenter_mm"]))
        spider(options.spider, "drr", options.data / case / "ct.nii.gz", "--view", "pa", "--view", "left",
               f"--isocenter={isocenter}", "--out", views)
    spider(options.spider, "reconstruct", *sorted(views.glob("*.nii.gz")), "--model", model, "--size", 64, "--refine",
           0, "--accept-faults", "--out", volume, "--overwrite", "--threads", 1)
    return volume


def interval(values, rounds=4000):
    draw = random.Random(1)
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]


def cell(values, first=None):
    """A mean with its interval; beside it the difference to the first model's."""
    low, high = interval(values)
    text = f"{statistics.fmean(values):.3f} ({low:.3f} to {high:.3f})"
    if first and first != values:
        gains = [a - b for a, b in zip(values, first)]
        low, high = interval(gains)
        text += f"; {statistics.fmean(gains):+.3f} ({low:+.3f} to {high:+.3f})"
    return text


def table(results, methods, cases):
    """Dice and HD95 by segmenter and structure, a row for each method."""
    lines = []
    for key, title in SEGMENTERS.items():
        for name in NAMES:
            rows = {m: [results[m][c][key][name] for c in cases if results[m][c].get(key, {}).get(name)] for m in methods}
            there = [i for i, figure in enumerate(rows["truth"]) if figure["dice"] is not None]
            if not there:
                continue
            first = [rows[methods[1]][i]["dice"] or 0 for i in there]
            for method in methods:
                found = [rows[method][i] for i in there]
                near = [f["hd95"] for f in found if f["hd95"] is not None]
                score = cell([f["dice"] or 0 for f in found], first if method != "truth" else None)
                distance = f"{statistics.median(near):.1f}" if near else "-"
                lines.append(f"| {title} | {name} | {method} | {len(there)} | {score} | {distance} | "
                             f"{len(found) - len(near)} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--spider", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", action="append", required=True, metavar="NAME=FILE")
    parser.add_argument("--segmenter", type=Path, required=True)
    parser.add_argument("--masks", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--phantoms", type=int, default=1000, help="the most phantoms (default: all)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    network, kept = segmenter.load(options.segmenter), options.out / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    index = json.loads((options.data / "dataset.json").read_text())["cases"]
    cases = {c["id"]: c["is_real"] for c in index if c["split"] == options.split}
    extra = [case for case, is_real in cases.items() if not is_real][options.phantoms:]
    cases = {case: is_real for case, is_real in cases.items() if case not in extra}
    models = dict(model.split("=", 1) for model in options.model)
    for method in ["truth", *models]:
        known = results.setdefault(method, {})
        for case in cases:
            if case in known:
                continue
            volume = options.data / case / "ct.nii.gz"
            if method != "truth":
                volume = reconstructed(options, case, models[method], options.out)
            known[case] = measure(options, network, case, volume, options.out)
            kept.write_text(json.dumps(results))
        print(method, "measured", flush=True)
    text = ""
    for title, real in (("real heads", True), ("phantoms", False)):
        chosen = [case for case, is_real in cases.items() if is_real == real]
        if chosen:
            text += (f"## {len(chosen)} {title}\n\n| segmenter | structure | CT | heads | Dice; difference to {[*models][0]}"
                     " | HD95, mm, median | not found |\n" + "| --- " * 7 + "|\n"
                     + "\n".join(table(results, ["truth", *models], chosen)) + "\n\n")
    print(text)
    if options.table:
        options.table.write_text(text)


if __name__ == "__main__":
    main()
