"""The parameters of a SPIDER network before training, by the rules that each layer of the Swift package
states when it adds them to its `ParameterLayout`: same names, shapes and distributions, other random numbers."""

import math

import torch


def shapes(architecture):
    """The shape of every parameter by its name, in the order of the model's arena."""
    widths, features = architecture["encoderWidths"], architecture["featuresPerView"]
    images = 4 if architecture.get("anyViews") else 1  # channels: the X-ray, and the directions of its rays
    found = {}

    def block(name, inputs, outputs):
        for part, channels in (("first", inputs), ("second", outputs)):
            found[f"{name}.{part}.weight"] = (outputs, channels, 3, 3)
            found[f"{name}.{part}Norm.weight"] = found[f"{name}.{part}Norm.bias"] = (outputs,)

    def linear(name, inputs, outputs, kernel=()):
        found[f"{name}.weight"], found[f"{name}.bias"] = (outputs, inputs, *kernel), (outputs,)

    for level, width in enumerate(widths):
        block(f"encoder.down.{level}", widths[level - 1] if level else images, width)
    for level, (width, below) in enumerate(zip(widths, widths[1:])):
        block(f"encoder.up.{level}", width + below, width)
    linear("encoder.projection", widths[0] + images - 1, features, (1, 1))

    (kind, sizes), = architecture["code"].items()
    if kind == "hash":
        found["code.table"] = (sizes["levels"], 1 << sizes["tableBits"], sizes["features"])
        code = sizes["levels"] * sizes["features"]
    else:
        code = 3 + 6 * sizes["octaves"]
    width = features * (architecture["viewCount"] if architecture["pooling"] == "concatenate" else 1) + code
    for layer, outputs in enumerate(architecture["hiddenWidths"]):
        linear(f"decoder.hidden.{layer}", width, outputs)
        width = outputs
    linear("decoder.intensity", width, 1)
    linear("decoder.structure", width, architecture["classes"])
    return found


def rule(name, shape):
    """How a parameter's first values are drawn: `constant` and the value, `normal` and the standard deviation, or
    `uniform` and the bound."""
    if name == "code.table":
        return "uniform", 1e-2
    if name.endswith("bias"):
        return "constant", 0.0
    if "Norm." in name:
        return "constant", 1.0
    # Variance 2 / inputs (He et al. 2015), in the heads and the projection as in all other layers.
    return "normal", math.sqrt(2 / math.prod(shape[1:]))


def initial_parameters(architecture, generator=None, dtype=torch.float32):
    """Parameters drawn anew, on the CPU, so that a seed means the same numbers on any device."""
    parameters = {}
    for name, shape in shapes(architecture).items():
        kind, size = rule(name, shape)
        value = torch.empty(shape, dtype=dtype, device="cpu")
        if kind == "normal":
            value.normal_(0, size, generator=generator)
        elif kind == "uniform":
            value.uniform_(-size, size, generator=generator)
        else:
            value.fill_(size)
        parameters[name] = value
    return parameters
