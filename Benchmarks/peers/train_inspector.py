"""Trains the inspector of X-rays (`XrayInspector` of the package) and writes its weights.

Usage: train_inspector.py pictures.npz --steps 3000 --out xray-inspector.safetensors

The pictures come from `inspector_pictures.py`. A checkpoint beside the output lets a stopped run go on. Every 250 steps
the shares of right answers on heads that are not learned from are printed.
"""

import argparse
import math
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

from inspector_faults import Pictures, S

WIDTHS, HIDDEN, OUTPUTS = (2, 12, 24, 48, 64), 96, 14
CONTENT, QUARTERS, INVERTED, SHARE, SCALE, MIDDLE = slice(0, 4), slice(4, 8), 8, 9, 10, slice(11, 13)


class Inspector(nn.Module):
    """The network, under the package's names; while it learns, batches are normalised before each ReLU."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(WIDTHS, WIDTHS[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in WIDTHS[1:])
        self.hidden = nn.Linear(WIDTHS[-1] * (S >> len(self.convolutions)) ** 2, HIDDEN)
        self.output = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, pictures):
        for convolution, norm in zip(self.convolutions, self.norms):
            pictures = F.avg_pool2d(F.relu(norm(convolution(pictures))), 2)
        return self.output(F.relu(self.hidden(pictures.flatten(1))))

    def folded(self):
        """The parameters with the normalisations taken into the convolutions before them."""
        parameters = {name: value for name, value in self.state_dict().items() if not name.startswith("norms.")}
        for level, norm in enumerate(self.norms):
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            name = f"convolutions.{level}"
            parameters[f"{name}.weight"] = parameters[f"{name}.weight"] * gain[:, None, None, None]
            parameters[f"{name}.bias"] = (parameters[f"{name}.bias"] - norm.running_mean) * gain + norm.bias
        return parameters


def loss(answer, truth):
    """What is asked of no head, or of an undecided piece of one, counts for its content alone, or not at all."""
    head, decided = truth["is_head"], truth["content"] >= 0
    return (
        F.cross_entropy(answer[decided, CONTENT], truth["content"][decided])
        + F.cross_entropy(answer[head, QUARTERS], truth["quarters"][head])
        + F.binary_cross_entropy_with_logits(answer[head, INVERTED], truth["inverted"][head].float())
        + 2 * F.binary_cross_entropy_with_logits(answer[head, SHARE], truth["share"][head])
        + 4 * (answer[head, SCALE] - truth["scale"][head]).abs().mean()
        + 3 * (answer[head, MIDDLE] - truth["middle"][head]).abs().mean())


@torch.no_grad()
def measured(network, pictures):
    """Shares of right answers, and mean errors, on heads that are not learned from."""
    network.eval()
    read, truth = pictures.batch(512, tested=True)
    answer, whole = network(read), truth["is_head"] & (truth["share"] > 0.8)
    decided = truth["content"] >= 0
    right = {
        "content": (answer[decided, CONTENT].argmax(1) == truth["content"][decided]),
        "turn": (answer[whole, QUARTERS].argmax(1) == truth["quarters"][whole]),
        "negative": ((answer[whole, INVERTED] > 0) == truth["inverted"][whole]),
        "share error": (torch.sigmoid(answer[whole, SHARE]) - truth["share"][whole]).abs(),
        "scale error": (answer[whole, SCALE] - truth["scale"][whole]).abs()}
    read, truth = pictures.batch(256, tested=True, clean=True)
    answer = network(read)
    right["clean right"] = ((answer[:, CONTENT].argmax(1) == truth["content"])
                            & (answer[:, QUARTERS].argmax(1) == 0) & (answer[:, INVERTED] < 0))
    right["clean scale error"] = (answer[:, SCALE] - truth["scale"]).abs()
    network.train()
    return {name: round(values.float().mean().item(), 4) for name, values in right.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    network = Inspector()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-3)
    checkpoint, start = arguments.out.with_suffix(".pt"), 0
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        start = kept["step"]
    pictures = Pictures(arguments.pictures, arguments.seed + start)
    for step in range(start, arguments.steps):
        rate = 3e-3 * min(1, (step + 1) / 100) * (0.51 + 0.5 * math.cos(math.pi * step / arguments.steps))
        optimizer.param_groups[0]["lr"] = rate
        read, truth = pictures.batch(64)
        value = loss(network(read), truth)
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        if (step + 1) % 250 == 0 or step + 1 == arguments.steps:
            state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(state, checkpoint)
            print(step + 1, round(value.item(), 3), measured(network, pictures), flush=True)
    from safetensors.torch import save_file

    halves = {name: value.detach().half().contiguous() for name, value in network.folded().items()}
    save_file(halves, arguments.out, {"spider.format": "spider.xray-inspector/1"})


if __name__ == "__main__":
    main()
