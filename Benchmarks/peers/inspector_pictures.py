"""Renders what the inspector of X-rays learns from: line integrals of heads and of what is no head.

Usage: inspector_pictures.py DATA... --scans FOLDER... [--held-out openkbp_] [--chest FILE] [--poses 6] --out pictures.npz

DATA are data sets of `spider prepare` (where the heads are, and their splits); the scans themselves, which show
neck and shoulders too, lie in FOLDER as <case>.nii.gz. Nothing is learned from cases whose name begins as --held-out
says: their licence may not allow it. Few scans show more than a head, so shoulders and head-rests of ellipsoids are
laid behind some. Pictures are 104 x 104 pixels of 5.4 mm on a detector 500 mm
behind the isocentre: more than any X-ray shows, for `inspector_faults.py` to cut from. Kept with each head: where 800
points of it fall, from 70 mm below the isocentre upwards, and the isocentre itself.
"""

import argparse
import json
import pathlib

import nibabel
import numpy
import torch
import torch.nn.functional as F

SIDE, PIXEL, BEHIND = 104, 5.4, 500.0
WATER = 0.0193  # per mm, at 70 keV
VIEWS = {"pa": ((0, -1, 0), (-1, 0, 0)), "left": ((1, 0, 0), (0, -1, 0))}


def rotation(random, degrees):
    """A turn about x, then y, then z, each up to so many degrees."""
    result = numpy.eye(3)
    for axis in range(3):
        angle = numpy.radians(random.uniform(-degrees, degrees))
        turn, (a, b) = numpy.eye(3), [(1, 2), (2, 0), (0, 1)][axis]
        turn[a, a] = turn[b, b] = numpy.cos(angle)
        turn[a, b], turn[b, a] = -numpy.sin(angle), numpy.sin(angle)
        result = result @ turn
    return result


class Scan:
    """Attenuation on the scan's own grid, and the way from world mm to its voxels."""

    def __init__(self, values, affine):
        hu = numpy.nan_to_num(numpy.asarray(values, numpy.float32), nan=-1000.0)
        attenuation = WATER * numpy.clip(1 + numpy.clip(hu, -1000, 3000) / 1000, 0, None)
        attenuation[hu < -900] = 0
        self.volume = torch.from_numpy(numpy.ascontiguousarray(attenuation.transpose(2, 1, 0)))[None, None]
        self.affine, self.inverse = affine, numpy.linalg.inv(affine)

    @classmethod
    def read(cls, path):
        image = nibabel.load(path)
        return cls(image.dataobj, image.affine)

    def radiograph(self, isocenter, turn, shift, view, distance=1000.0, angle=0.0, beside=()):
        """Line integrals of the patient, turned about the isocentre and shifted, from a view that is off by an
        angle, and of ellipsoids beside him; and the function that tells where world points fall, column and row."""
        c, s = numpy.cos(angle), numpy.sin(angle)
        off = numpy.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        toward, column = (off @ numpy.array(v, float) for v in VIEWS[view])
        row = numpy.array([0, 0, -1.0])
        source, detector = toward * distance, -toward * BEHIND
        pixel = PIXEL * (distance + BEHIND) / distance / 1.5
        place = (numpy.arange(SIDE) - (SIDE - 1) / 2) * pixel
        ends = detector + place[None, :, None] * column + place[:, None, None] * row
        rays = (ends - source) / numpy.linalg.norm(ends - source, axis=-1, keepdims=True)
        step = 4.0
        depths = numpy.arange(distance - 240, distance + 240, step)
        points = source + rays[:, :, None, :] * depths[:, None]
        world = (points - shift) @ turn + isocenter
        voxels = torch.from_numpy(world @ self.inverse[:3, :3].T + self.inverse[:3, 3]).float()
        sizes = torch.tensor(self.volume.shape[:1:-1])  # x, y, z
        image = F.grid_sample(self.volume, (2 * voxels / (sizes - 1) - 1)[None], align_corners=True)

        def project(world):
            relative = (world - isocenter) @ turn.T + shift - source
            ends = relative * ((distance + BEHIND) / (relative @ -toward))[:, None] + source - detector
            return numpy.stack([ends @ column, ends @ row], 1) / pixel + (SIDE - 1) / 2

        total = image[0, 0].sum(-1).numpy() * step
        for middle, axes, density in beside:
            total = total + WATER * density * chords((source - shift) @ turn - middle, rays @ turn, axes)
        return total, project


def chords(start, rays, axes):
    """Lengths of rays (R, C, 3) of length 1 from a point within the ellipsoid of these half axes about the origin, mm."""
    a, b = ((rays / axes) ** 2).sum(-1), ((rays / axes) * (start / axes)).sum(-1)
    return 2 * numpy.sqrt(numpy.clip(b**2 - a * (((start / axes) ** 2).sum() - 1), 0, None)) / a


def bystanders(random):
    """Shoulders, and what the head lies on: middles and half axes in mm from the isocentre, densities of water."""
    found = []
    if random.random() < 0.6:
        place = [random.uniform(-10, 10), random.uniform(-40, 30), random.uniform(-240, -180)]
        found.append((place, random.uniform((150, 70, 45), (230, 120, 90)), random.uniform(0.8, 1.1)))
    if random.random() < 0.5:
        place = [random.uniform(-15, 15), random.uniform(-150, -105), random.uniform(-60, 40)]
        found.append((place, random.uniform((70, 3, 60), (220, 12, 200)), random.uniform(0.1, 1)))
    return [tuple(map(numpy.array, part)) for part in found]


def head_points(case, isocenter, random, count=800):
    """World points of the body from 70 mm below the isocentre upwards."""
    ct, labels = (nibabel.load(case / name) for name in ("ct.nii.gz", "labels.nii.gz"))
    body = (numpy.asarray(ct.dataobj) > -300) & (numpy.asarray(labels.dataobj) != 254)
    heights = numpy.arange(body.shape[2]) * ct.affine[2, 2] + ct.affine[2, 3] - isocenter[2]
    voxels = numpy.argwhere(body & (heights > -70))
    chosen = voxels[random.choice(len(voxels), count)]
    return chosen @ ct.affine[:3, :3].T + ct.affine[:3, 3]


def heads(data, folders, poses, held_out):
    """Pictures, points and facts of all heads of some data sets; the first pose of each is the nominal one. The few
    real heads that are learned from are posed five times as often."""
    cases = [(d, case) for d in data for case in json.loads((d / "dataset.json").read_text())["cases"]]
    for number, (folder, case) in enumerate(cases):
        learned = not (held_out and case["id"].startswith(held_out))
        split = "train" if learned and case["is_real"] else case["split"] if learned else "held out"
        path = next(p for f in folders if (p := f / f"{case['id']}.nii.gz").exists())
        random = numpy.random.default_rng(number * 1000 + 7)
        scan, isocenter = Scan.read(path), numpy.array(case["isocenter_mm"], float)
        world = numpy.vstack([head_points(folder / case["id"], isocenter, random), isocenter])
        for pose in range(5 * poses if learned and case["is_real"] else max(2, poses * 2 // 3)):
            free = pose > 0
            turn = rotation(random, 10 * free)
            shift = free * random.uniform(-20, 20, 3) * [1, 1, 0.7]
            for view in VIEWS:
                distance = random.uniform(850, 1300) if free else 1000.0
                angle = free * numpy.radians(random.uniform(-6, 6))
                beside = bystanders(random) if free and learned else ()
                image, project = scan.radiograph(isocenter, turn, shift, view, distance, angle, beside)
                yield image, project(world), (case["id"], view, split, case["is_real"])


def others(chest, shoulders, shapes=80):
    """Pictures of what is no head: pieces of a chest, shoulders, and balls and boxes of water and bone."""
    random = numpy.random.default_rng(5)

    def picture(scan, middle):
        isocenter = (scan.affine @ numpy.append(middle * numpy.array(scan.volume.shape[:1:-1]), 1))[:3]
        angle = random.uniform(0, 2 * numpy.pi)
        return scan.radiograph(isocenter, rotation(random, 15), numpy.zeros(3), "pa", angle=angle)[0]

    if chest:
        scan = Scan.read(chest)
        yield from (picture(scan, random.uniform(0.3, 0.7, 3)) for _ in range(60))
    for path in shoulders:
        scan = Scan.read(path)
        yield from (picture(scan, random.uniform((0.35, 0.35, -0.15), (0.65, 0.65, 0.08))) for _ in range(10))
    lattice = numpy.stack(numpy.meshgrid(*[numpy.linspace(-1, 1, 96)] * 3, indexing="ij"), -1)
    for _ in range(shapes):
        hu = numpy.full((96, 96, 96), -1000.0)
        for _ in range(random.integers(1, 6)):
            place = (lattice - random.uniform(-0.4, 0.4, 3)) / random.uniform(0.08, 0.7, 3)
            inside = (place**2).sum(-1) < 1 if random.random() < 0.5 else (abs(place) < 1).all(-1)
            hu[inside] = random.uniform(-700, 1000)
        affine = numpy.diag([3.0, 3, 3, 1])
        affine[:3, 3] = -144
        yield picture(Scan(hu, affine), numpy.array([0.5, 0.5, 0.5]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, nargs="+")
    parser.add_argument("--held-out", default="")
    parser.add_argument("--scans", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--chest", type=pathlib.Path)
    parser.add_argument("--poses", type=int, default=6)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    images, points, facts = zip(*heads(arguments.data, arguments.scans, arguments.poses, arguments.held_out))
    real = sorted({fact[0] for fact in facts if fact[3] and fact[2] != "held out"})[:50]
    shoulders = [next(p for f in arguments.scans if (p := f / f"{case}.nii.gz").exists()) for case in real]
    numpy.savez(
        arguments.out, images=numpy.array(images, numpy.float16), points=numpy.array(points, numpy.float16),
        facts=numpy.array(json.dumps(facts)),
        others=numpy.array(list(others(arguments.chest, shoulders)), numpy.float16))


if __name__ == "__main__":
    main()
