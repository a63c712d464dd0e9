"""A volume whose marks tell left, front and top, and the pages that `spider view` makes of it."""

import struct
import subprocess

# Voxels along x, y, z of the patient and their size in mm; none is like another.
COUNTS = (40, 32, 24)
SIZE = (4.0, 5.0, 6.0)
# What lies where, world mm (RAS+): value, corner, corner.
HEAD = (40, (-60, -60, -54), (60, 60, 54))
MARKS = {
    "left": (1200, (-50, -10, -6), (-30, 10, 6)),
    "front": (900, (-10, 30, -6), (10, 50, 6)),
    "top": (1500, (-10, -10, 30), (10, 10, 48)),
}
# A value and a label for each mark.
LABELS = {"left": 3, "front": 4, "top": 5}


def world(i, j, k):
    """The world point of a voxel counted in RAS order."""
    return tuple((n - (count - 1) / 2) * size for n, count, size in zip((i, j, k), COUNTS, SIZE))


def inside(point, low, high):
    return all(a <= p <= b for p, a, b in zip(point, low, high))


def value(point, error=0):
    """The CT number at a world point: air, head, marks. `error` is added in the left mark."""
    for name, (number, low, high) in MARKS.items():
        if inside(point, low, high):
            return number + (error if name == "left" else 0)
    return HEAD[0] if inside(point, HEAD[1], HEAD[2]) else -1000


def label(point):
    for name, (_, low, high) in MARKS.items():
        if inside(point, low, high):
            return LABELS[name]
    return 1 if inside(point, HEAD[1], HEAD[2]) else 0


def write(path, kind, number):
    """Writes NIfTI in an order that is not the page's: x to the left, y to the back, z up."""
    nx, ny, nz = COUNTS
    code, bits, form = {"int16": (4, 16, "h"), "uint8": (2, 8, "B")}[kind]
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, nx, ny, nz, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1, *SIZE, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    header[123] = 2  # mm
    struct.pack_into("<2h", header, 252, 0, 1)
    x, y, z = world(nx - 1, ny - 1, 0)
    struct.pack_into("<12f", header, 280, -SIZE[0], 0, 0, x, 0, -SIZE[1], 0, y, 0, 0, SIZE[2], z)
    header[344:348] = b"n+1\0"
    numbers = [
        number(world(nx - 1 - i, ny - 1 - j, k))
        for k in range(nz) for j in range(ny) for i in range(nx)]
    path.write_bytes(bytes(header) + struct.pack(f"<{len(numbers)}{form}", *numbers))


def make_pages(program, folder):
    """The pages by name: `head` with truth, labels and X-rays; `methods` with two answers and an uncertainty;
    `broken`, whose first block is cut short; `cases`, the evaluation of a small data set; `warned`, with long warnings."""
    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{arguments}: {done.stderr}")

    write(folder / "head.nii", "int16", value)
    write(folder / "truth.nii", "int16", lambda point: value(point, error=-300))
    write(folder / "labels.nii", "uint8", label)
    run("drr", folder / "head.nii", "--view", "pa", "--view", "left", "--size", "48", "--pixel", "9.6",
        "--isocenter", "0,0,0", "--out", folder)
    head = folder / "page <&> ' name.html"
    run("view", folder / "head.nii", folder / "labels.nii", folder / "head_pa.nii.gz",
        folder / "head_left.nii.gz", "--reference", folder / "truth.nii", "--out", head)
    write(folder / "sigma.nii", "int16", lambda point: 400 if label(point) == LABELS["left"] else 0)
    methods = folder / "methods.html"
    run("view", folder / "head.nii", folder / "truth.nii", "--reference", folder / "truth.nii",
        "--uncertainty", folder / "sigma.nii", "--out", methods)
    broken = folder / "broken.html"
    text = head.read_text()
    start = text.index('id="block-0">') + len('id="block-0">')
    end = text.index("<", start)
    broken.write_text(text[:start] + text[start:end][:(end - start) // 8 * 4] + text[end:])
    heads = folder / "heads"
    run("phantom", "--seed", 1, "--count", 5, "--size", 32, "--intact", "--out", heads)
    names = [f"phantom-{seed}" for seed in range(1, 6)]
    run("prepare", *(heads / f"{name}.nii.gz" for name in names), "--labels", heads, "--isocenter", "0,0,0",
        "--size", 24, *(word for name in names[1:] for word in ("--split", f"test={name}")), "--out", folder / "data")
    cases = folder / "cases.html"
    run("evaluate", "--model", "mean-volume", "--data", folder / "data", "--size", 24, "--report", cases)
    warned = folder / "warned.html"
    item = "<li>" + "Something that a reader should know of this picture, at length. " * 4 + "</li>"
    text = head.read_text()
    place = text.index('<div id="viewer">')
    warned.write_text(
        text[:place] + f'<section class="warnings"><h2>Warnings</h2><ul>{item * 6}</ul></section>' + text[place:])
    return {"cases": cases.as_uri(), "warned": warned.as_uri(), "head": head.as_uri(), "methods": methods.as_uri(), "broken": broken.as_uri()}
