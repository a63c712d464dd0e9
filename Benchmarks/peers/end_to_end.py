"""Whole runs of the command: time and peak memory."""

import json
import pathlib
import subprocess


def memory(spider, folder, report):
    """Reconstructs volumes of several sizes to both kinds of file, with the largest network."""
    goals = {128: 400, 256: 700, 512: 1000}
    table = report.table(
        "Whole volumes by the command", "`spider reconstruct --model N256 --size N --out FILE`, culling and hoisting on.",
        ["volume", "file", "total, s", "of it written, s", "peak memory, MB", "goal, MB"])
    for size, goal in goals.items():
        for ending in ("nii", "nii.gz"):
            name = f"memory {size} {ending}"
            if not report.wants(name):
                continue
            out = pathlib.Path(folder) / f"ct.{ending}"
            run = subprocess.run(
                [spider, "reconstruct", "--view", f"{folder}/pa.nii.gz", "--view", f"{folder}/left.nii.gz",
                 "--model", f"{folder}/N256.safetensors", "--size", str(size), "--out", out,
                 "--labels", f"{folder}/labels.{ending}", "--json", "--overwrite"],
                capture_output=True, text=True, check=True)
            answer = json.loads(run.stdout)
            seconds = answer["seconds"]
            table.row(
                f"{size}^3", f".{ending}", f"{seconds['total']:.2f}", f"{seconds['write']:.2f}",
                f"**{answer['peak_memory_bytes'] / 1e6:.0f}**", goal)
            out.unlink()
