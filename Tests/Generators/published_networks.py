#!/usr/bin/env python3
"""Makes the golden sets of the published networks that lie in Tests/SpiderBaselinesTests/Resources/Goldens.

Usage: published_networks.py check GOLDENS        holds the references to sets that the published code made
       published_networks.py committed GOLDENS OUT   makes the committed sets
       published_networks.py full OUT [SEED]      makes a set of X2CT-GAN at its published widths, in float32 and float64

GOLDENS is a folder of sets made with the published code (README.md beside the committed sets). Needs the packages of
Benchmarks/peers/requirements.txt.

Where size allows, a committed set is cut from what the published code gave: X2CT-GAN whole (its small network has
150,000 weights), and of PerX2CT all that has no weights: where its cameras see the points of slices, and their code. The
encoder and decoder of PerX2CT cannot be cut: its smallest published widths are 20 MB of weights, and half precision
would drown the comparison. Their set comes from Benchmarks/peers/perx2ct.py, written from the same specification as the
Swift but by itself, which `check` holds to the sets of the published code. Its weights are not stored but drawn by a
recipe that both sides know (Recipe here, RecipeWeights in Swift).
"""

import json
import math
import pathlib
import sys

import numpy
import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks" / "peers"))
from perx2ct import PerX2CT  # noqa: E402
from published_weights import Weights  # noqa: E402
from x2ct_gan import PUBLISHED, Generator  # noqa: E402


class Recipe(Weights):
    """Weights that their names decide: SplitMix64, started from the FNV-1a hash of the name, gives uniform numbers u."""

    def __init__(self, seed):
        super().__init__(seed)
        self.seed = seed

    def uniform(self, name, count):
        state = 0xCBF29CE484222325 ^ self.seed
        for byte in name.encode():
            state = (state ^ byte) * 0x100000001B3 % 2**64
        z = numpy.uint64(state) + numpy.uint64(0x9E3779B97F4A7C15) * numpy.arange(2, count + 2, dtype=numpy.uint64)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z ^= z >> numpy.uint64(31)
        return (z >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53

    def draw(self, name, shape):
        u = self.uniform(name, math.prod(shape))
        if name.endswith("running_var"):
            values = 0.5 + u
        elif len(shape) > 1:  # variance 1 / inputs
            values = (2 * u - 1) * math.sqrt(3 / math.prod(shape[1:]))
        elif name.endswith(".weight"):
            values = 0.7 + 0.6 * u
        else:
            values = 0.3 * (2 * u - 1)
        return torch.from_numpy(values.astype(numpy.float32)).reshape(shape)

    def normal(self, name, *shape, std=None):
        if name not in self.tensors:
            self.tensors[name] = self.draw(name, shape)
        return self.tensors[name]

    def constant(self, name, size, value):
        return self.normal(name, size)

    def double(self):
        self.tensors = {name: tensor.double() for name, tensor in self.tensors.items()}
        return self


class Slabs(Generator):
    """The generator, its 3D convolutions a few slices at a time: in double precision PyTorch writes all windows of a
    volume into one matrix, 90 GB for the last layer at 128^3."""

    def conv(self, x, name, channels, kernel=3, stride=1, padding=None):
        if x.dim() == 4:
            return super().conv(x, name, channels, kernel, stride, padding)
        weight = self.w.normal(f"{name}.weight", channels, x.shape[1], kernel, kernel, kernel)
        bias = self.w.constant(f"{name}.bias", channels, 0)
        around, slices = kernel // 2, 4 if kernel == 3 else 1
        x = torch.nn.functional.pad(x, (0, 0, 0, 0, around, around))
        return torch.cat([
            torch.nn.functional.conv3d(part, weight, bias, padding=(0, around, around))
            for part in (x[:, :, z:z + slices + 2 * around] for z in range(0, x.shape[2] - 2 * around, slices))], 2)


def stored(tensors):
    """Weights as a file holds them."""
    weights = Weights(0)
    weights.tensors = tensors
    return weights


def write(folder, config, **files):
    """A set: its description, and its files of tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    for name, tensors in files.items():
        save_file({key: value.contiguous() for key, value in tensors.items()}, folder / f"{name}.safetensors")


def read(folder, *names):
    return [json.loads((folder / "config.json").read_text())] + [load_file(folder / f"{name}.safetensors") for name in names]


def compare(what, ours, theirs, allowed):
    error = (ours.double() - theirs.double()).abs().max().item()
    print(f"{what}: largest deviation {error:.2g} of {allowed} allowed, values up to {theirs.abs().max().item():.3g}")
    if not error <= allowed:
        sys.exit(f"{what} deviates")


def x2ct(weights, widths, inputs, network=Generator):
    with torch.inference_mode():
        return network(weights, widths)([inputs["input1"], inputs["input2"]])


def perx2ct(network, inputs, slices):
    """Everything a set holds of these slices, such as "axial_064"."""
    places = [(axis, int(index)) for axis, index in (name.split("_") for name in slices)]
    with torch.inference_mode():
        pa, lateral = network.encode(inputs["PA"]), network.encode(inputs["Lateral"])
        z = torch.cat([network.map(index, pa, lateral, axis) for axis, index in places])
        grids = [torch.stack(g).flatten(1, 2) for g in zip(*(network.grids(*place) for place in places))]
        return {
            "feature_PA": pa, "feature_Lateral": lateral, "z": z, "slices": network.decode(z),
            "grid_PA": grids[0], "grid_Lateral": grids[1]}


def check(goldens):
    config, inputs, weights, outputs = read(goldens / "x2ct_small_instance", "inputs", "weights", "outputs_test")
    compare("X2CT-GAN, volume", x2ct(stored(weights), config["config"], inputs), outputs["output"], 2e-4)
    config, inputs, weights, outputs = read(goldens / "perx2ct_small", "inputs", "weights", "outputs")
    made = perx2ct(PerX2CT(stored(weights), config["config"]["ch"]), inputs, config["slices"])
    allowed = {"grid_PA": 2e-5, "grid_Lateral": 2e-5, "z": 1e-3}
    for name, golden in outputs.items():
        compare(f"PerX2CT, {name}", made[name], golden, allowed.get(name, 5e-4))


def cut_x2ct(source, target):
    """The small network, with all its weights: the largest intermediate results are left out, and of the volume all but
    one voxel in four along each axis."""
    config, inputs, weights, outputs, taps = read(source, "inputs", "weights", "outputs_test", "taps_test")
    keys = ("config", "encoder_norm", "decoder_norm", "upsample_mode", "backToSub", "view1Order", "view2Order",
            "final_activation", "batch")
    small = {name: tensor for name, tensor in taps.items() if tensor.numel() <= 4096}
    write(
        target, {key: config[key] for key in keys} | {"strides": {"output": [1, 1, 4, 4, 4]}},
        inputs=inputs, weights=weights, outputs_test={"output": outputs["output"][:, :, ::4, ::4, ::4]}, taps_test=small)


def cut_points(source, target):
    """What the published code computes of a slice without weights: where its points are seen, and their code."""
    config, outputs = read(source, "outputs")
    write(
        target, {"slices": config["slices"], "strides": {"code": [1, 1, 4, 4]}},
        outputs={
            "grid_PA": outputs["grid_PA"], "grid_Lateral": outputs["grid_Lateral"], "code": outputs["z"][:, :63, ::4, ::4]})


def tiny_perx2ct(target):
    """The network of the least width that its group normalisation takes, on X-rays of 32 pixels, in double precision."""
    config = {"config": {"ch": 32, "encoder_ch": 4, "input_size": 32}, "recipe": 1, "tolerance": 2e-5,
              "slices": ["axial_000", "axial_013", "coronal_021", "sagittal_030"]}
    random = torch.Generator().manual_seed(5)
    inputs = {name: torch.rand(1, 1, 32, 32, generator=random) for name in ("PA", "Lateral")}
    recipe = Recipe(config["recipe"])
    network = PerX2CT(recipe, 32, 32, 4)
    perx2ct(network, inputs, config["slices"])  # Draws the weights.
    recipe.double()
    outputs = perx2ct(network, {name: image.double() for name, image in inputs.items()}, config["slices"])
    print("perx2ct_tiny:", {name: f"up to {tensor.abs().max().item():.3g}" for name, tensor in outputs.items()})
    write(target, config, inputs=inputs, outputs={name: tensor.float() for name, tensor in outputs.items()})


def full_x2ct(target, seed):
    random = torch.Generator().manual_seed(seed)
    inputs = {name: torch.rand(1, 1, 128, 128, generator=random) for name in ("input1", "input2")}
    recipe = Recipe(seed)
    single = x2ct(recipe, PUBLISHED, inputs)
    exact = x2ct(recipe.double(), PUBLISHED, {name: image.double() for name, image in inputs.items()}, Slabs)
    error = (single.double() - exact).abs()
    print(f"values up to {exact.max().item():.3g}; PyTorch's float32 against float64: largest {error.max().item():.2g}, "
          f"median {error.median().item():.2g}")
    write(target, {"config": PUBLISHED, "recipe": seed}, inputs=inputs, outputs_test={"output": single},
          outputs_test_f64={"output": exact})


def main():
    command, *paths = sys.argv[1:] or [""]
    folders = [pathlib.Path(path) for path in paths]
    if command == "check" and len(paths) == 1:
        check(folders[0])
    elif command == "committed" and len(paths) == 2:
        cut_x2ct(folders[0] / "x2ct_small_instance", folders[1] / "x2ct_small_instance")
        cut_points(folders[0] / "perx2ct_small", folders[1] / "perx2ct_points")
        tiny_perx2ct(folders[1] / "perx2ct_tiny")
    elif command == "full" and len(paths) in (1, 2):
        seed = int(paths[1]) if len(paths) == 2 else 1
        full_x2ct(folders[0] / f"x2ct_full_{seed}", seed)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
