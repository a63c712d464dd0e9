"""Pictures as people bring them, cut from those of `inspector_pictures.py`, with all faults made and everything that is
no fault varied: what the inspector of X-rays learns from.

Shape letters: B pictures, S = 64 pixels a side of what the inspector reads.
"""

import json
import math

import numpy
import torch
import torch.nn.functional as F

S = 64
RENDERED, PIXEL = 104, 5.4 / 1.5  # pixels a side, mm at the patient
FRONTAL, FACING_LEFT, FACING_RIGHT, OTHER, UNDECIDED = 0, 1, 2, 3, -1


def relative(values, mask):
    """`Radiograph.relative()` of the package on (B, S, S)."""
    flat = torch.where(mask, values, torch.full((), math.inf)).flatten(1)
    ordered, count = flat.sort(1).values, mask.flatten(1).sum(1)
    usable, count = count >= 16, count.clamp(min=1)

    def at(start, length, share):
        place = start + (share * (length - 1).clamp(min=0)).long()
        return ordered.gather(1, place.clamp(max=S * S - 1)[:, None])[:, 0]

    zero = torch.zeros_like(count)
    low, high, last = (at(zero, count, share) for share in (0.005, 0.995, 1.0))
    band = 0.05 * (torch.where(high > low, high, last) - low)
    dark = (ordered <= (low + band)[:, None]).sum(1)
    level = at(zero, torch.minimum(dark, count), 0.5)
    first = (ordered <= (level + band)[:, None]).sum(1)
    bright = at(first, (count - first).clamp(min=1), 0.995)
    usable &= (band > 0) & (bright > level) & torch.isfinite(bright) & (count > first)
    scaled = (values - level[:, None, None]) / (bright - level).clamp(min=1e-9)[:, None, None]
    return torch.where(usable[:, None, None] & mask, scaled.clamp(0, 1.5), torch.zeros(()))


class Pictures:
    """Draws batches of pictures, and what is true of each."""

    def __init__(self, path, seed):
        data = numpy.load(path)
        self.images = torch.from_numpy(data["images"].astype(numpy.float32))
        points = torch.from_numpy(data["points"].astype(numpy.float32))
        points = (points - (RENDERED - 1) / 2) * PIXEL
        self.points, self.centers = points[:, :-1], points[:, -1:]
        self.others = torch.from_numpy(data["others"].astype(numpy.float32))
        facts = json.loads(str(data["facts"]))
        self.lateral = torch.tensor([view == "left" for _, view, _, _ in facts])
        phantoms = sorted({case for case, _, _, is_real in facts if not is_real})
        held_out = set(phantoms[len(phantoms) * 4 // 5:])
        self.tested = torch.tensor([split != "train" or case in held_out for case, _, split, _ in facts])
        self.random = torch.Generator().manual_seed(seed)

    def draw(self, count, low, high):
        return torch.rand(count, generator=self.random) * (high - low) + low

    def chance(self, count, share):
        return torch.rand(count, generator=self.random) < share

    def batch(self, count, tested=False, clean=False):
        """`count` pictures (B, 2, S, S), the greys about 0.4 and what is known, and their truth by name. Clean ones
        are right, upright, positive, whole heads."""
        n, draw = count, self.draw
        chance = (lambda share: torch.zeros(n, dtype=torch.bool)) if clean else (lambda share: self.chance(n, share))
        pool = (self.tested if tested else ~self.tested).nonzero()[:, 0]
        chosen = pool[torch.randint(len(pool), (n,), generator=self.random)]
        other = chance(0.18)
        foreign = self.others[torch.randint(len(self.others), (n,), generator=self.random)]
        image = torch.where(other[:, None, None], foreign, self.images[chosen])

        # The picture's longer side in mm at the patient, its middle, its turn in small and in quarters.
        width = torch.where(chance(0.35), draw(n, 150, 650), draw(n, 200, 420))
        if clean:
            width = draw(n, 270, 330)
        width = torch.where(other & chance(0.5), draw(n, 60, 200), width)
        piece, far = ~other & chance(0.06), ~other & chance(0.04)
        width = torch.where(piece, draw(n, 30, 90), torch.where(far & ~piece, draw(n, 1200, 6000), width))
        reach = torch.where(piece, 60.0, torch.where(chance(0.5), 60.0, 11.0))
        middle = torch.stack([draw(n, -1, 1), draw(n, -1, 1)], 1) * reach[:, None]
        angle = draw(n, -12, 12) * (0 if clean else math.pi / 180)
        quarters = torch.where(chance(0.45), torch.randint(4, (n,), generator=self.random), 0)
        mirrored = chance(0.4)
        self.place = _Placement(width, middle, angle, quarters, mirrored)
        limit = self._limits(self.points[chosen], piece | far | other, clean)
        picture, covered = self._sampled(image, width)
        points = self.place.to_picture(self.points[chosen])
        center = self.place.to_picture(self.centers[chosen])[:, 0]

        frame = (_pixels().abs() < limit[:, None, None]).all(-1)
        if not clean:
            frame &= covered | ~self.chance(n, 0.5)[:, None, None]
        shown = (points.abs() < limit[:, None]).all(-1)
        collimated, hidden = self._collimated(points, chance(0.25))
        picture = self._filmed(picture, n, clean)
        told = self.chance(n, 0.7)[:, None, None]  # whether a mask says what the collimator hides
        picture = torch.where(collimated & ~told, torch.zeros(()), picture)
        picture = self._lettered(picture, n, 0 if clean else 0.15)
        inverted = chance(0.2)
        picture = torch.where(inverted[:, None, None], 1 - picture, picture)
        known = frame & ~(collimated & told)
        share = (shown & ~hidden).float().mean(1)

        content = torch.where(~self.lateral[chosen], FRONTAL, torch.where(mirrored, FACING_RIGHT, FACING_LEFT))
        content = torch.where(other | piece | far, OTHER, content)
        content = torch.where((share < 0.4) & (content != OTHER), UNDECIDED, content)
        read = relative(picture, known)
        return torch.stack([read - 0.4 * known, known.float()], 1), {
            "content": content, "quarters": quarters, "inverted": inverted, "share": share,
            "scale": torch.log(width / 300), "middle": center, "is_head": (content >= 0) & (content < OTHER)}

    def _sampled(self, image, width):
        """The pictures, and where they lie within the rendering; large ones averaged over a pixel."""
        half = RENDERED * PIXEL / 2
        grid = self.place.to_rendering() / half
        picture = F.grid_sample(image[:, None], grid, align_corners=False)[:, 0]
        coarse = (width / S > 1.5 * PIXEL).nonzero()[:, 0]
        if len(coarse):
            steps = int(min(4, max(2, math.ceil(width[coarse].max() / S / PIXEL))))
            total = 0
            for i in range(steps):
                for j in range(steps):
                    offset = torch.tensor([(i + 0.5) / steps - 0.5, (j + 0.5) / steps - 0.5])
                    moved = grid[coarse] + (offset * (width[coarse] / S / half)[:, None])[:, None, None]
                    total = total + F.grid_sample(image[coarse][:, None], moved, align_corners=False)[:, 0]
            picture[coarse] = total / steps**2
        return picture, (grid.abs() < 1).all(-1)

    def _limits(self, points, never_cut, clean):
        """The places at which pictures end, columns and rows: by their aspect, and by what is cut off the head. A cut
        picture is moved so that its new edge is where a picture's edge is seen: the longer side fills what is read."""
        n, draw = len(points), self.draw
        limit = torch.ones(n, 2)
        if clean:
            return limit
        cut = self.chance(n, 0.3) & ~never_cut
        along = torch.where(cut | self.chance(n, 0.4), torch.randint(2, (n,), generator=self.random), 2)
        short = torch.where(self.chance(n, 0.3) & cut, 1.0, draw(n, 0.5, 1))
        for axis in range(2):
            limit[:, axis] = torch.where(along == axis, short, 1.0)
        sign, keep = 1 - 2 * self.chance(n, 0.5).float(), draw(n, 0.45, 0.97)
        index = along.clamp(max=1)[:, None, None].expand(-1, points.shape[1], 1)
        place = self.place.to_picture(points).gather(2, index)[..., 0] * sign[:, None]
        low, high = place.min(1).values, place.max(1).values
        edge = high - (high - low) * keep  # where the head is cut; it comes to lie at -short
        shift = torch.where(cut, sign * (edge + short), 0.0)
        self.place.move(torch.stack([shift * (along == 0), shift * (along == 1)], 1))
        return limit

    def _collimated(self, points, chosen):
        """What a collimator hides of the pixels and of the points."""
        edges = self.draw(4 * len(points), 0.7, 1).reshape(-1, 2, 2)  # low and high, of columns and rows

        def hides(places, shape):
            low, high = (edges[:, end].reshape(shape) for end in (0, 1))
            return ((places < -low) | (places > high)).any(-1)

        pixels = hides(_pixels()[None], (-1, 1, 1, 2)) & chosen[:, None, None]
        return pixels, hides(points, (-1, 1, 2)) & chosen[:, None]

    def _filmed(self, picture, n, clean):
        """From line integrals to greys of 0 to 1: scatter, gain, gradation, clipping, noise."""
        draw, chance = self.draw, self.chance
        picture = picture * draw(n, 0.9, 1.1)[:, None, None]
        if not clean:
            scatter = torch.where(chance(n, 0.5), draw(n, 0, 0.05), torch.zeros(n))
            picture = -torch.log(torch.exp(-picture) + scatter[:, None, None])
        picture = picture - picture.amin((1, 2), keepdim=True)
        grey = picture / picture.amax((1, 2), keepdim=True).clamp(min=1e-6)
        if clean:
            return grey
        film = chance(n, 0.6)
        grey = grey.clamp(0) ** torch.where(film, torch.exp(draw(n, -0.7, 0.6)), torch.ones(n))[:, None, None]
        slope = draw(n, 2, 6)[:, None, None]
        bent = torch.sigmoid((grey - 0.5) * slope) - torch.sigmoid(-0.5 * slope)
        grey = torch.where((film & chance(n, 0.3))[:, None, None], bent, grey)
        grey = grey / grey.amax((1, 2), keepdim=True).clamp(min=1e-6)
        ceiling = torch.where(film & chance(n, 0.3), draw(n, 0.6, 1), torch.ones(n))[:, None, None]
        grey = torch.minimum(grey, ceiling) / ceiling
        noise = torch.where(chance(n, 0.5), draw(n, 0, 0.04), torch.zeros(n))[:, None, None]
        return grey + noise * torch.randn(n, S, S, generator=self.random)

    def _lettered(self, picture, n, share):
        """Up to three small blocks of lead or of ink on each picture."""
        columns, rows = torch.arange(S)[None, None], torch.arange(S)[None, :, None]
        for _ in range(3):
            x, y = torch.randint(0, S - 6, (2, n, 1, 1), generator=self.random)
            w, h = torch.randint(1, 6, (2, n, 1, 1), generator=self.random)
            block = (columns >= x) & (columns < x + w) & (rows >= y) & (rows < y + h)
            block &= self.chance(n, share)[:, None, None]
            ink = torch.where(self.chance(n, 0.8), self.draw(n, 0.8, 1.3), torch.zeros(n))
            picture = torch.where(block, ink[:, None, None], picture)
        return picture


def _pixels():
    """The places (S, S, 2) of the pixels, -1 to 1."""
    axis = (torch.arange(S) + 0.5) / S * 2 - 1
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)


class _Placement:
    """Where the pixels of a picture lie in the upright rendering, mm at the patient, and back."""

    def __init__(self, width, middle, angle, quarters, mirrored):
        self.half, self.middle, self.mirrored = width / 2, middle, mirrored
        c, s = torch.cos(angle), torch.sin(angle)
        self.small = torch.stack([torch.stack([c, s], 1), torch.stack([-s, c], 1)], 1)
        c, s = torch.tensor([1.0, 0, -1, 0])[quarters], torch.tensor([0.0, 1, 0, -1])[quarters]
        self.large = torch.stack([torch.stack([c, s], 1), torch.stack([-s, c], 1)], 1)

    def _flip(self, places):
        sign = torch.where(self.mirrored, -1.0, 1.0).reshape(-1, *[1] * (places.dim() - 2))
        return torch.stack([places[..., 0] * sign, places[..., 1]], -1)

    def move(self, shift):
        """Moves the pictures so that their places `shift` (B, 2) become their middles."""
        upright = torch.einsum("bij,bj->bi", self.small @ self.large, self._flip(shift))
        self.middle = self.middle + upright * self.half[:, None]

    def to_rendering(self):
        """(B, S, S, 2)."""
        pixels = self._flip(_pixels().expand(len(self.half), S, S, 2))
        upright = torch.einsum("bij,brcj->brci", self.small @ self.large, pixels)
        return upright * self.half[:, None, None, None] + self.middle[:, None, None]

    def to_picture(self, points):
        """(B, M, 2) in mm to places -1 to 1."""
        upright = (points - self.middle[:, None]) / self.half[:, None, None]
        return self._flip(torch.einsum("bji,bmj->bmi", self.small @ self.large, upright))
