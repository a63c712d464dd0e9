"""X-rays of varied patients for `train_torch.py`: a cheap imitation of SpiderDRR's chain.

Shape letters: B patients, V views, H rows, W columns, M places, n voxels along a side.
"""

import math

import torch
import torch.nn.functional as F

from torch_patients import SIDE, look_up, rotations, uniform

WATER = 0.0193  # 1/mm at 70 keV


class Views:
    """The geometries of a batch: the setup's views, turned a little, at slightly other distances."""

    def __init__(self, setup, names, count, device, vary=True):
        directions = {"pa": ((0, -1, 0), (-1, 0, 0)), "ap": ((0, 1, 0), (-1, 0, 0)),
                      "left": ((1, 0, 0), (0, -1, 0)), "right": ((-1, 0, 0), (0, 1, 0))}
        towards, columns = (torch.tensor([directions[name][i] for name in names], dtype=torch.float32,
                                         device=device) for i in (0, 1))
        views = len(names)
        turn = rotations(count * views, 1.5 if vary else 0, device).reshape(count, views, 3, 3)
        far = 1 + uniform((count, views, 1), 0.05 if vary else 0, device)
        sad, sid = setup["sourceToAxis"], setup["sourceToDetector"]

        def turned(vectors):
            return torch.einsum("bvij,vj->bvi", turn, vectors)

        self.source = turned(towards) * sad * far
        self.column = turned(columns) * setup["pixelSize"][0]
        self.row = turned(torch.tensor([[0.0, 0, -1]], device=device).repeat(views, 1)) * setup["pixelSize"][1]
        self.columns, self.rows = setup["columns"], setup["rows"]
        self.corner = (turned(towards) * (sad - sid) - self.column * (self.columns - 1) / 2
                       - self.row * (self.rows - 1) / 2)

    def pixels(self):
        """Pixel centres (B, V, H, W, 3)."""
        device = self.corner.device
        u = torch.arange(self.columns, device=device)[:, None]
        v = torch.arange(self.rows, device=device)[:, None, None]
        expand = lambda x: x[:, :, None, None]
        return expand(self.corner) + u * expand(self.column) + v * expand(self.row)

    def project(self, world):
        """World places (B, M, 3) to pixels (B, V, M, 2)."""
        # s + t (x - s) = corner + c column + r row
        system = torch.stack([self.column, self.row, self.source - self.corner], 3)  # columns of a 3x3
        ray = world[:, None] - self.source[:, :, None]
        # ray = a column + b row + w (source - corner), so the pixel is (a, b) / -w
        solved = torch.linalg.solve(system[:, :, None], ray[..., None])[..., 0]
        return solved[..., :2] / -solved[..., 2:]


def line_integrals(volumes, views, step, together=16):
    """Line integrals (B, V, H, W) of attenuation (B, n, n, n) in 1/mm, `together` samples of a ray at once."""
    pixel = views.pixels()
    b, v, h, w = pixel.shape[:-1]
    source = views.source[:, :, None, None]
    direction = F.normalize(pixel - source, dim=-1)
    nearest = source - direction * (source * direction).sum(-1, keepdim=True)
    # Views are level but for a few degrees: the cube reaches no farther than this.
    reach = 1.25 * SIDE / 2
    total = torch.zeros(b, v * h * w, device=pixel.device)
    for offsets in torch.arange(-reach, reach, step, device=pixel.device).split(together):
        places = nearest[..., None, :] + direction[..., None, :] * offsets[:, None]
        values = look_up(volumes, places.reshape(b, -1, 3))
        total += values.reshape(b, v * h * w, -1).sum(2)
    return total.reshape(b, v, h, w) * step


def blurred(images, sigma):
    """Images (B, V, H, W) blurred by a Gaussian of `sigma` pixels each (B, V)."""
    b, v, h, w = images.shape
    reach = int(3 * float(sigma.max())) + 1
    x = torch.arange(-reach, reach + 1, device=images.device)
    kernel = torch.exp(-0.5 * (x / sigma.clamp(min=1e-3).reshape(-1, 1)) ** 2)
    kernel = kernel / kernel.sum(1, keepdim=True)
    flat = F.pad(images.reshape(1, b * v, h, w), (reach,) * 4, mode="replicate")
    flat = F.conv2d(flat, kernel[:, None, :, None], groups=b * v)
    return F.conv2d(flat, kernel[:, None, None, :], groups=b * v).reshape(b, v, h, w)


def physical(lines, device):
    """Line integrals as other tubes, detectors and picture programs show them; and which pixels count."""
    b, v, h, w = lines.shape
    shape = (b, v, 1, 1)

    def between(low, high):
        return low + (high - low) * torch.rand(shape, device=device)

    hardened = lines - between(0, 0.025) * lines**2
    intensity = torch.exp(-hardened)
    scatter = between(0, 0.06)
    wide = blurred(intensity, between(8, 20)[:, :, 0, 0])
    intensity = blurred(intensity, between(0.2, 1.0)[:, :, 0, 0]) + scatter * (wide - intensity.amin((2, 3), True)) * 0.3
    photons = torch.exp(between(math.log(2e3), math.log(2e6)))
    intensity = intensity + torch.randn_like(intensity) * (intensity.clamp(min=1e-4) / photons).sqrt()
    values = -torch.log(intensity.clamp(min=2e-4))
    top = values.amax((2, 3), True)
    curve = top * (values.clamp(min=0) / top) ** between(0.65, 1.5)
    values = torch.where(between(0, 1) < 0.5, curve, values)
    counts = torch.ones_like(values, dtype=torch.bool)
    edge = between(0, 1) < 0.2
    row = torch.arange(h, device=device)[:, None] / (h - 1)
    column = torch.arange(w, device=device) / (w - 1)
    for side in (row, 1 - row, column, 1 - column):
        counts &= ~(edge & (side < between(0, 0.15)))
    return values, counts


def relative(values, counts):
    """The relative form of images (B, V, H, W) (Radiograph+Normalization.swift)."""
    b, v, h, w = values.shape
    flat, mask = values.reshape(b * v, -1), counts.reshape(b * v, -1)
    known = torch.where(mask, flat, torch.inf).sort(1).values
    n = mask.sum(1)

    def at(start, count, share):
        place = start + (share * (count - 1).clamp(min=0)).long()
        return known.gather(1, place[:, None].clamp(max=known.shape[1] - 1))

    zero = torch.zeros_like(n)
    low, top = at(zero, n, 0.005), at(zero, n, 0.995)
    band = 0.05 * (top - low)
    dark = (known <= low + band).sum(1)
    open_field = at(zero, dark, 0.5)
    first = (known <= open_field + band).sum(1)
    span = (at(first, n - first, 0.995) - open_field).clamp(min=1e-6)
    result = ((flat - open_field) / span).clamp(0, 1.5)
    return torch.where(mask, result, 0).reshape(b, v, h, w)


def together(lists):
    """Lists of places as one tensor (B, M, 3), filled up with places beyond everything."""
    places = torch.full((len(lists), max(map(len, lists)), 3), 1e4, device=lists[0].device)
    for number, some in enumerate(lists):
        places[number, : len(some)] = some
    return places


def cut_exits(attenuation, scanned, world):
    """The places of the world (n^3, 3) where the end of the scan cuts through tissue, a list of (M, 3)."""
    beyond = F.max_pool3d((~scanned).float()[:, None], 3, 1, 1)[:, 0] > 0
    cut = beyond & scanned & (attenuation > 0.5 * WATER)
    return [world[places.flatten()] for places in cut]


def exit_mask(patients, variation, cut, views):
    """Which pixels count (B, V, H, W): not those whose rays leave the scan through tissue, where it ends
    in the patients or was cut (places of the world)."""
    h, w = views.rows, views.columns
    b, v = views.source.shape[:2]
    device = views.source.device
    exits = together([p.exits for p in patients])
    moved = variation.carried(exits, 3)
    moved[exits[..., 0] > 1e3] = 1e4
    places = torch.cat([moved, together(cut)], 1)
    if places.shape[1] == 0:
        return torch.ones(b, v, h, w, dtype=torch.bool, device=device)
    pixel = views.project(places).round().long()
    column, row = pixel[..., 0], pixel[..., 1]
    known = places[:, None, :, 0] < 1e3
    inside = (column >= 0) & (column < w) & (row >= 0) & (row < h) & known
    hit = torch.zeros(b, v, h * w, device=device)
    hit.scatter_add_(2, torch.where(inside, row * w + column, 0), inside.float())
    hit = F.max_pool2d(hit.reshape(b, v, h, w), 3, 1, 1)
    return hit == 0
