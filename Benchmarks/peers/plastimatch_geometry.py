#!/usr/bin/env python3
"""Holds our reading of `plastimatch drr` arguments against the program itself (standard library only).

Usage: plastimatch_geometry.py SPIDER        (plastimatch is Debian's package of that name)

For each pose it prints the matrix that plastimatch writes (the numbers in PlastimatchGeometryTests), and lets
plastimatch project a volume with one bright spot: the image's centroid must be where `spider geometry --plastimatch`
says. Exit status 0 when all agree.
"""
import array, glob, itertools, json, os, shlex, struct, subprocess, sys, tempfile

POSES = [
    '-n "0.3 -1 0.2" --vup "0.1 0.2 1" -r "200 160" -z "400 300" -c "90 70" -o "-5 10 -20" --sad 900 --sid 1400',
    '-n "1 0.1 -0.4" --vup "0 1 1" -r "120 90" -z "300 310" -c "10 80.5" -o "33 -12 7" --sad 1000 --sid 1536',
    '-n "0 0 2" --vup "0 -3 0" -r "64 64" -z "128 96" -c "31.5 31.5" -o "0 0 0" --sad 500 --sid 800',
]
COUNTS, SPACING, ORIGIN = (41, 43, 45), 2.0, (-50.0, -30.0, -70.0)


def write_volume(path, voxel):
    """A MetaImage, LPS, of zeros with 3 x 3 x 3 bright voxels, so that no shadow falls between two pixels."""
    values = array.array("f", bytes(4 * COUNTS[0] * COUNTS[1] * COUNTS[2]))
    for i, j, k in itertools.product((-1, 0, 1), repeat=3):
        values[((voxel[2] + k) * COUNTS[1] + voxel[1] + j) * COUNTS[0] + voxel[0] + i] = 1000
    header = ("ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
              "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = %g %g %g\nElementSpacing = %g %g %g\n"
              "DimSize = %d %d %d\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n"
              % (*ORIGIN, SPACING, SPACING, SPACING, *COUNTS))
    with open(path, "wb") as file:
        file.write(header.encode() + values.tobytes())


def centroid(path):
    """The centre of mass (column, row) of a PFM image; plastimatch writes its top row first."""
    with open(path, "rb") as file:
        kind, size, scale, data = file.read().split(b"\n", 3)
    width, height = map(int, size.split())
    values = struct.unpack("<%df" % (width * height), data)
    total = sum(values)
    return (sum(v * (i % width) for i, v in enumerate(values)) / total,
            sum(v * (i // width) for i, v in enumerate(values)) / total)


def matrix_of_plastimatch(pose):
    """Its image centre and its 3x4 matrix, as it writes them."""
    write_volume("volume.mha", (1, 1, 1))
    subprocess.run(["plastimatch", "drr", "-G", "-t", "pfm", "-O", "pose", *shlex.split(pose), "volume.mha"], check=True,
                   capture_output=True)
    return "".join(open(glob.glob("pose*.txt")[0]).readlines()[:4]).rstrip()


def main():
    spider, wrong = os.path.abspath(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for pose in POSES:
            print(pose)
            answer = subprocess.run([spider, "geometry", "--plastimatch", pose, "--json"], capture_output=True, text=True)
            matrix, size = (json.loads(answer.stdout)[key] for key in ("matrix", "geometry"))
            size = size["columns"], size["rows"]
            print(matrix_of_plastimatch(pose))
            for voxel in [(30, 12, 33), (5, 39, 8), (20, 21, 22), (2, 4, 41)]:
                lps = [o + SPACING * v for o, v in zip(ORIGIN, voxel)]
                world = [-lps[0], -lps[1], lps[2], 1]
                h = [sum(a * b for a, b in zip(row, world)) for row in matrix]
                expected = (h[0] / h[2], h[1] / h[2])
                if not all(3 < e < n - 4 for e, n in zip(expected, size)):
                    continue
                write_volume("volume.mha", voxel)
                for old in glob.glob("image*"):
                    os.remove(old)
                subprocess.run(["plastimatch", "drr", "-t", "pfm", "-i", "exact", "-P", "none", "-O", "image",
                                *shlex.split(pose), "volume.mha"], check=True, capture_output=True)
                found = centroid(glob.glob("image*.pfm")[0])
                # The spot's shadow is 3 to 5 pixels wide and sampled once a pixel.
                ok = max(abs(a - b) for a, b in zip(expected, found)) < 0.3
                wrong += not ok
                print("  voxel %s: spider %.2f, %.2f  plastimatch %.2f, %.2f  %s"
                      % (voxel, *expected, *found, "ok" if ok else "WRONG"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
