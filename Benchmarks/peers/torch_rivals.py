"""What PyTorch does for the same work as our engine: each rival is a function without arguments, ready to be timed.

Inputs, weights and places of points come from the files that `engine` writes, so both sides compute the same thing.
Points and the pixels they fall on are given to PyTorch ready-made; our side computes them within its time.
"""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from configuration import read
from joint_loss import joint_loss
from spider_network import Network


def convolution(dimensions, channels, size, direction):
    """A 3x3 or 3x3x3 convolution, stride 1, padding 1, batch 1, as oneDNN does it."""
    shape = [size] * dimensions
    x = torch.randn(1, channels, *shape)
    weight = torch.randn(channels, channels, *[3] * dimensions) * 0.05
    gradient = torch.randn(1, channels, *shape)
    if direction == "forward":
        forward = F.conv2d if dimensions == 2 else F.conv3d
        return lambda: forward(x, weight, padding=1)
    wanted = [direction == "backward-data", direction == "backward-weights", False]
    ones, zeros = [1] * dimensions, [0] * dimensions
    return lambda: torch.ops.aten.convolution_backward(
        gradient, x, weight, None, ones, ones, ones, False, zeros, 1, wanted)


class Reconstruction:
    """Encode two X-rays, decode all voxels of a volume."""

    def __init__(self, folder, name, keep=None):
        self.network = Network.read(f"{folder}/{name}.safetensors")
        head = load_file(f"{folder}/head.safetensors")
        self.images = head["images"]
        self.points, self.pixels = head["points"], head["pixels"]
        if keep is not None:
            chosen = head[keep].bool()
            self.points, self.pixels = self.points[chosen], self.pixels[:, chosen]

    def run(self, chunk, hoisted=False, decode=None):
        """Intensity (P) and class (P) of all points, in chunks."""
        with torch.inference_mode():
            maps = self.network.encode(self.images)
            if hoisted:
                maps = self.network.hoist(maps)
            decode = decode or (self.network.decode_hoisted if hoisted else self.network.decode)
            intensity, classes = [], []
            for start in range(0, len(self.points), chunk):
                some = slice(start, start + chunk)
                value, logits = decode(maps, self.points[some], self.pixels[:, some].contiguous())
                intensity.append(value)
                classes.append(logits.argmax(1))
            return torch.cat(intensity), torch.cat(classes)

    def compiled(self, chunk):
        """As `run`, with the decoder through torch.compile."""
        decode = torch.compile(self.network.decode, dynamic=False)
        return lambda: self.run(chunk, decode=decode)


class TrainingStep:
    """Forward, joint loss, backward, clipping, AdamW: as SpiderTraining's StepEngine."""

    def __init__(self, folder, name):
        self.network = Network.read(f"{folder}/{name}.safetensors")
        self.batch = load_file(f"{folder}/batch.safetensors")
        self.batch["labels"] = self.batch["labels"].long()
        self.leaves = self.network.requires_grad()
        self.weights = read("standard")[0]["loss"]
        self.optimizer = torch.optim.AdamW(
            self.leaves, lr=1e-4, betas=(0.9, 0.99), eps=1e-8, weight_decay=1e-2, fused=True)

    def run(self):
        """One step; returns the loss before it."""
        batch = self.batch
        patients, count = batch["points"].shape[:2]
        maps = self.network.encode(batch["images"]).unflatten(0, (patients, -1))
        answers = [
            self.network.decode(maps[b], batch["points"][b], batch["pixels"][b])
            for b in range(patients)
        ]
        intensity = torch.cat([a[0] for a in answers])
        logits = torch.cat([a[1] for a in answers])
        loss = joint_loss(
            intensity, logits, batch["intensity"].flatten(), batch["labels"].flatten(), self.weights)["total"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.leaves, 1.0)
        self.optimizer.step()
        return loss.item()
