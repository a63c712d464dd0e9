"""X-rays of varied patients for `train_torch.py`. Geometry, masks and the relative form are those of `spider train`;
the physics is a cheap imitation of SpiderDRR's chain.

Shape letters: B patients, V views, H rows, W columns, M places, n voxels along a side.
"""

import math

import torch
import torch.nn.functional as F

from torch_any_views import drawn
from torch_patients import look_up
from torch_variation import rotations, uniform

WATER = 0.0193  # 1/mm at 70 keV; the relative form takes it out again


def directions(view):
    """Towards the source, and along which columns count, of a view's name or gantry angle in degrees (NamedView)."""
    named = {"pa": ((0, -1, 0), (-1, 0, 0)), "ap": ((0, 1, 0), (-1, 0, 0)),
             "left": ((1, 0, 0), (0, -1, 0)), "right": ((-1, 0, 0), (0, 1, 0))}
    if view in named:
        return named[view]
    gantry = math.radians(float(view))
    return (-math.sin(gantry), math.cos(gantry), 0), (-math.cos(gantry), -math.sin(gantry), 0)


class Views:
    """The geometries of a batch: a model's views or, where it reads any, others for each patient; turned a little,
    the source at slightly other distances."""

    def __init__(self, model, settings, count, device):
        setup = model["setup"]
        if model["architecture"].get("anyViews"):
            towards, columns, rows, sad = drawn(model, count, device)
        else:
            named = torch.tensor([directions(name) for name in model["views"]], dtype=torch.float32, device=device)
            towards, columns = named.expand(count, -1, -1, -1).unbind(2)
            rows, sad = torch.tensor([0.0, 0, -1], device=device).expand_as(columns), setup["sourceToAxis"]
        views = towards.shape[1]
        turn = rotations(count * views, settings["viewTurnDegrees"], device).reshape(count, views, 3, 3)
        far = 1 + uniform((count, views, 1), settings["sourceDistance"], device)
        # Pixels are as large at the isocentre, however far the source.
        self.magnification = setup["sourceToDetector"] / setup["sourceToAxis"]

        def turned(vectors):
            return torch.einsum("bvij,bvj->bvi", turn, vectors)

        self.source = turned(towards) * sad * far
        self.column = turned(columns) * setup["pixelSize"][0]
        self.row = turned(rows) * setup["pixelSize"][1]
        self.columns, self.rows = setup["columns"], setup["rows"]
        self.corner = (turned(towards) * (sad - sad * self.magnification) - self.column * (self.columns - 1) / 2
                       - self.row * (self.rows - 1) / 2)

    def pixels(self):
        """Pixel centres (B, V, H, W, 3)."""
        device = self.corner.device
        u = torch.arange(self.columns, device=device)[:, None]
        v = torch.arange(self.rows, device=device)[:, None, None]
        expand = lambda x: x[:, :, None, None]
        return expand(self.corner) + u * expand(self.column) + v * expand(self.row)

    def rays(self):
        """Unit vectors along the rays of the pixels (B, V, H, W, 3), from the source on."""
        return F.normalize(self.pixels() - self.source[:, :, None, None], dim=-1)

    def project(self, world):
        """World places (B, M, 3) to pixels (B, V, M, 2)."""
        # s + t (x - s) = corner + c column + r row
        system = torch.stack([self.column, self.row, self.source - self.corner], 3)  # columns of a 3x3
        ray = world[:, None] - self.source[:, :, None]
        # ray = a column + b row + w (source - corner), so the pixel is (a, b) / -w
        solved = torch.linalg.solve(system[:, :, None], ray[..., None])[..., 0]
        return solved[..., :2] / -solved[..., 2:]


def line_integrals(volumes, views, side, together=16):
    """Line integrals (B, V, H, W) of attenuation (B, n, n, n) in 1/mm, `together` samples of a ray at once, a voxel
    apart."""
    direction, source = views.rays(), views.source[:, :, None, None]
    b, v, h, w = direction.shape[:-1]
    step = side / volumes.shape[1]
    nearest = source - direction * (source * direction).sum(-1, keepdim=True)
    # As far as the cube's corners: views may be turned by any angle.
    reach = math.sqrt(3) * side / 2
    total = torch.zeros(b, v * h * w, device=direction.device)
    for offsets in torch.arange(-reach, reach, step, device=direction.device).split(together):
        places = nearest[..., None, :] + direction[..., None, :] * offsets[:, None]
        values = look_up(volumes, places.reshape(b, -1, 3), side)
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


def film(values, between, settings):
    """Line integrals as films: contours and texture raised, a gradation curve with toe and shoulder (FilmPicture.swift)."""
    side = max(values.shape[2:])
    top = values.flatten(2).quantile(0.99, 2)[:, :, None, None].clamp(min=1e-3)
    x = (values.clamp(min=0) / top).clamp(max=3)
    wide = blurred(x, (side * between(*settings["filmContourWidth"]))[:, :, 0, 0])
    narrow = blurred(x, torch.ones(x.shape[:2], device=x.device))
    detail = between(*settings["filmContour"]) * (x - wide) + between(*settings["filmTexture"]) * (x - narrow)
    x = (x + (x / 0.25).clamp(max=1) * detail).clamp(min=0)
    t = ((x - 0.01) / 0.07).clamp(0, 1)
    toe = between(*settings["filmToe"])
    grey = toe * t * t * (3 - 2 * t) + (1 - toe) * x ** between(*settings["filmExponent"])
    shoulder = 0.8 + 0.2 * (1 - torch.exp(-(grey - 0.8) / 0.2))
    return torch.where(grey < 0.8, grey, shoulder)


def physical(lines, settings):
    """Line integrals as other tubes, detectors and picture programs show them; and which pixels count.

    Of a configuration's `augmentation.physics` it takes photons, pictures and collimators; spectra, scatter, blur and
    floor are fixed ranges that look alike. It has no uneven field, no electronic noise and no whole numbers.
    """
    b, v, h, w = lines.shape
    shape, device = (b, v, 1, 1), lines.device

    def between(low, high):
        return low + (high - low) * torch.rand(shape, device=device)

    hardened = lines - between(0, 0.025) * lines**2
    intensity = torch.exp(-hardened)
    scatter = between(0, 0.06)
    wide = blurred(intensity, between(8, 20)[:, :, 0, 0])
    intensity = blurred(intensity, between(0.2, 1.0)[:, :, 0, 0]) + scatter * (wide - intensity.amin((2, 3), True)) * 0.3
    photons = torch.exp(between(*(math.log(max(n, 1e-3)) for n in settings["photons"])))
    intensity = intensity + torch.randn_like(intensity) * (intensity.clamp(min=1e-4) / photons).sqrt()
    values = -torch.log(intensity.clamp(min=2e-4))
    top = values.amax((2, 3), True)
    curve = top * (values.clamp(min=0) / top) ** between(*settings["gamma"])
    films = film(values, between, settings)
    is_picture = between(0, 1) < settings["pictureShare"]
    is_film = is_picture & (between(0, 1) < settings["filmShare"])
    values = torch.where(is_picture, curve, values)
    values = torch.where(is_film, films, values)
    counts = torch.ones_like(values, dtype=torch.bool)
    edge = between(0, 1) < settings["collimatedShare"]
    row = torch.arange(h, device=device)[:, None] / (h - 1)
    column = torch.arange(w, device=device) / (w - 1)
    for side in (row, 1 - row, column, 1 - column):
        counts &= ~(edge & (side < between(*settings["collimatedMargin"])))
    return values, counts


def relative(values, counts):
    """The relative form of images (B, V, H, W) (Radiograph+Normalization.swift); 0 where it shows nothing."""
    b, v, h, w = values.shape
    flat, mask = values.reshape(b * v, -1), counts.reshape(b * v, -1)
    known = torch.where(mask, flat, torch.inf).sort(1).values
    n = mask.sum(1)

    def at(index):
        return known.gather(1, index[:, None].clamp(0, known.shape[1] - 1))

    def quantile(start, end, share):
        """Of the sorted numbers from `start` to before `end`, linear between neighbours."""
        place = share * (end - start - 1).clamp(min=0)
        below = place.floor().long()
        low, high = at(start + below), at(start + torch.minimum(below + 1, (end - start - 1).clamp(min=0)))
        return low + (high - low) * (place - below)[:, None]

    zero = torch.zeros_like(n)
    low, top = quantile(zero, n, 0.005), quantile(zero, n, 0.995)
    # A head of fewer than 1 in 200 pixels hides from the percentile; the maximum finds it.
    band = 0.05 * (torch.where(top > low, top, at(n - 1)) - low)
    open_field = quantile(zero, (known <= low + band).sum(1), 0.5)
    span = quantile((known <= open_field + band).sum(1), n, 0.995) - open_field
    shown = mask & (span > 0) & torch.isfinite(span)
    return torch.where(shown, ((flat - open_field) / span).clamp(0, 1.5), 0).reshape(b, v, h, w)


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


def exit_mask(patients, variation, cut, views, cell):
    """Which pixels count (B, V, H, W): not those whose rays leave the scan through tissue, where it ends in the
    patients or was cut (places of the world, a grid of `cell` mm)."""
    exits = together([p.exits for p in patients])
    moved = variation.carried(exits, 3)
    moved[exits[..., 0] > 1e3] = 1e4
    size = variation.linear.norm(dim=1).mean(1)  # of the patients' voxels, as the pose has made them
    hit = hits(moved, patients[0].voxel * size, views) + hits(together(cut), torch.full_like(size, cell), views)
    return hit == 0


def hits(places, edges, views):
    """How many voxels of an edge (B) at places (B, M, 3) each pixel (B, V, H, W) sees, or may see."""
    h, w = views.rows, views.columns
    b, v = views.source.shape[:2]
    found = torch.zeros(b, v, h * w, device=places.device)
    if places.shape[1] == 0:
        return found.reshape(b, v, h, w)
    pixel = views.project(places)
    column, row = pixel.clamp(-1e6, 1e6).unbind(3)
    known = (places[:, :, 0] < 1e3)[:, None]
    # Half of a voxel's diagonal, since it may lie turned, and half a pixel.
    half = (math.sqrt(3) / 2 * views.magnification * edges)[:, None, None]
    reach = [half / axis.norm(dim=2)[..., None] + 0.5 for axis in (views.column, views.row)]
    far = [int(r.max().ceil()) for r in reach]
    for right in range(-far[0], far[0] + 1):
        for down in range(-far[1], far[1] + 1):
            c, r = column.round() + right, row.round() + down
            near = ((c - column).abs() <= reach[0]) & ((r - row).abs() <= reach[1]) & known
            near &= (c >= 0) & (c < w) & (r >= 0) & (r < h)
            found.scatter_add_(2, torch.where(near, r * w + c, 0).long(), near.float())
    return found.reshape(b, v, h, w)
