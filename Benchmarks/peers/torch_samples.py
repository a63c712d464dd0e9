"""The batches that `train_torch.py` learns from, made as SpiderTraining's `SampleMaker` makes samples: patients
varied, X-rays taken, points drawn and looked up. All settings are a configuration's.

Shape letters: B patients, V views, H rows, W columns, C channels, P points, M places, n voxels along a side.
"""

import torch

from joint_loss import OUTSIDE, narrowed
from torch_patients import kind_up, label_up, look_up
from torch_supports import HeadSupports
from torch_variation import RandomFieldOfViews, TissueCurves, Variation, uniform
from torch_xrays import WATER, Views, cut_exits, exit_mask, line_integrals, physical, relative

CELLS = 128
"""Voxels along a side of the grid on which varied patients are radiographed: deforming once, on that grid, makes the
many look-ups of the X-rays cheap."""


class Batch:
    """What a step learns from: `images` (B V, C, H, W), `points` (B, P, 3), `pixels` (B, V, P, 2), `intensity` and
    `labels` (B, P), `counts` (B, P) how much each point counts, or None."""

    def __init__(self, patients, configuration, device):
        model, settings = configuration["model"], configuration["augmentation"]
        count, self.side, self.device = len(patients), model["fieldOfView"], device
        self.patients, self.settings = patients, settings
        self.variation = Variation(count, settings, self.side, patients[0].voxel, device)
        self.curves = TissueCurves(count, settings["tissue"], device)
        self.cuts = RandomFieldOfViews(patients, settings["cutShare"], device)
        self.hu = coarse_scans(torch.stack([p.hu for p in patients]).float(), patients[0].voxel, settings)
        views = Views(model, settings, count, device)
        values, counts = self.radiographs(views)
        images = relative(values, counts) if model["intensity"] == "relative" else values
        images = images[:, :, None]
        if model["architecture"].get("anyViews"):  # such a model sees the rays of the pixels as well
            images = torch.cat([images, views.rays().movedim(-1, 2)], 2)
        self.images = images.flatten(0, 1)
        world = self.draw(configuration["sampling"])
        self.points, self.pixels = world / self.side, views.project(world)
        self.intensity, self.labels = self.truth(world, model, configuration["unlabelled"])
        self.counts = self.weights(world, configuration["sampling"])

    def varied(self, origin):
        """CT numbers (B, M) at places in the patients, as the tissue curves make them."""
        return self.curves(look_up(self.hu + 1000, origin, self.side) - 1000)

    def radiographs(self, views):
        """X-rays (B, V, H, W), and which of their pixels count."""
        count, n, settings, device = len(self.patients), CELLS, self.settings, self.device
        axis = (torch.arange(n, device=device) + 0.5) * (self.side / n) - self.side / 2
        grid = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")[::-1], 3)
        world = grid.reshape(1, -1, 3).expand(count, -1, -1)
        hu = self.varied(self.variation.origin(world)).reshape(count, n, n, n)
        attenuation = WATER * (1 + hu.clamp(min=-1000) / 1000)
        attenuation = HeadSupports(count, settings["supportShare"], device).add(attenuation, grid, WATER)
        scanned = self.cuts.contain(self.variation.before(world)).reshape(count, n, n, n)
        attenuation = attenuation * scanned
        lines = line_integrals(attenuation, views, self.side)
        shape = (*lines.shape[:2], 1, 1)
        values, counts = physical(lines, settings["physics"])
        plain = torch.rand(shape, device=device) >= settings["physics"]["share"]
        noise = settings["noise"] * torch.rand(shape, device=device) * lines.amax((2, 3), True)
        values = torch.where(plain, lines + noise * torch.randn_like(lines), values)
        counts = counts | plain
        masks = torch.rand(count, 1, 1, 1, device=device) < settings["maskedExits"]
        cut = cut_exits(attenuation, scanned, grid.reshape(-1, 3))
        masked = counts & (exit_mask(self.patients, self.variation, cut, views, self.side / n) | ~masks)
        # Of a mere slice of a head nothing may be left: better seen as cut off than not at all.
        brightest = torch.where(masked, values, -torch.inf).amax((2, 3), True)
        darkest = torch.where(masked, values, torch.inf).amin((2, 3), True)
        return values, torch.where(brightest > darkest, masked, counts)

    def draw(self, sampling):
        """Places (B, P, 3) of the world to ask about: in bone, in tissue, anywhere."""
        points, half = sampling["count"], self.side / 2
        anywhere = uniform((len(self.patients), points, 3), half, self.device)
        bone, tissue = (int(sampling[share] * points) for share in ("boneShare", "tissueShare"))
        chosen = torch.stack([torch.cat([self.some(p.bone, bone), self.some(p.tissue, tissue)]) for p in self.patients])
        chosen = chosen + self.patients[0].voxel * (torch.rand_like(chosen) - 0.5)
        # To first order: they only have to be near.
        chosen = self.variation.carried(chosen, 1)
        # Varying the pose may have carried them out of the field of view.
        inside = (chosen.abs() <= half).all(2, keepdim=True)
        drawn = chosen.shape[1]
        return torch.cat([torch.where(inside, chosen, anywhere[:, :drawn]), anywhere[:, drawn:]], 1)

    def some(self, places, count):
        """Some (count, 3) of a patient's places; places beyond everything where it has none."""
        if len(places) == 0:
            return torch.full((count, 3), 1e4, device=self.device)
        return places[torch.randint(len(places), (count,), device=self.device)]

    def truth(self, world, model, unlabelled):
        """Intensity in window units and labels (B, P) at places of the world."""
        origin, low = self.variation.origin(world), model["window"]["low"]
        hu = self.varied(origin)
        intensity = ((hu - low) / (model["window"]["high"] - low)).clamp(0, 1)
        labels = label_up(torch.stack([p.labels for p in self.patients]), origin, self.side)
        table = torch.tensor(mirrored_labels(model["scheme"]["classes"]), device=self.device)
        labels = torch.where(self.variation.mirrored[:, None], table[labels], labels)
        labels = torch.where(self.cuts.contain(self.variation.before(world)), labels, OUTSIDE)
        return intensity, narrowed(labels, hu, model["scheme"]) if unlabelled == "ctNumber" else labels


    def weights(self, world, sampling):
        """How much places of the world count: what makes up for the density they are drawn with (PointDensity)."""
        if sampling["compensation"] == 0:
            return None
        voxel = (self.patients[0].voxel / self.side) ** 3 * torch.linalg.det(self.variation.linear).abs()
        sizes = torch.tensor([[len(p.tissue), len(p.bone)] for p in self.patients], device=self.device)
        shares = torch.tensor([sampling["tissueShare"], sampling["boneShare"]], device=self.device) * (sizes > 0)
        tissue, bone = (shares / (sizes.clamp(min=1) * voxel[:, None])).unbind(1)
        added = torch.stack([torch.zeros_like(tissue), tissue, tissue + bone], 1)
        density = 1 - shares.sum(1, keepdim=True) + added
        kinds = kind_up(torch.stack([p.kinds for p in self.patients]), self.variation.origin(world), self.side)
        return density.gather(1, kinds) ** -sampling["compensation"]


def coarse_scans(hu, voxel, settings):
    """CT numbers (B, n, n, n) of patients of whom a share is scanned with wide voxels, averaged or thinned out
    (`CoarseScan`); `voxel` is the edge of theirs in mm."""
    scanned = []
    for patient in hu[:, None, None]:
        if torch.rand(()) < settings.get("coarseShare", 0):
            pixel, slice = 2 + 3.5 * torch.rand(()), 1.5 + 3.5 * torch.rand(())
            edges = [float(edge) / voxel for edge in (slice, pixel, pixel)]
            shape = [max(1, round(n / max(1, edge))) for n, edge in zip(patient.shape[2:], edges)]
            if torch.rand(()) < 0.5:
                wide = torch.nn.functional.adaptive_avg_pool3d(patient, shape)
            else:
                wide = torch.nn.functional.interpolate(patient, shape, mode="nearest-exact")
            patient = torch.nn.functional.interpolate(wide, patient.shape[2:], mode="trilinear")
        scanned.append(patient[0, 0])
    return torch.stack(scanned)


def mirrored_labels(classes):
    """What mirroring makes of each label: classes whose names differ in a word `left` and `right` change places."""
    turned = {"left": "right", "right": "left"}
    table = list(range(256))
    for index, name in enumerate(classes):
        other = "_".join(turned.get(word, word) for word in name.split("_"))
        if other in classes:
            table[index] = classes.index(other)
    return table
