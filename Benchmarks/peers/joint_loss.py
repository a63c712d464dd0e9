"""The joint loss of intensity and structure (Sources/SpiderTraining/Loss/JointLoss.swift) in PyTorch: the one that
the twin trains with, the benchmark times and the golden step is made of."""

import torch.nn.functional as F

UNKNOWN, OUTSIDE = 255, 254
"""Labels of points that count for intensity only, and of those that count for nothing."""


def joint_loss(intensity, logits, truth, labels, weights):
    """The terms of the loss, unweighted, and their weighted sum `total`.

    Intensity (P), logits (P, K), true intensity (P) and labels (P, int64), or the same with more axes before P;
    `weights` is the section `loss` of a configuration.
    """
    scored = labels != OUTSIDE
    error = ((intensity - truth).abs() * scored).sum() / scored.sum().clamp(min=1)

    known = labels < OUTSIDE
    classes = logits.shape[-1]
    logits, known = logits.reshape(-1, classes), known.reshape(-1)
    target = labels.reshape(-1) * known
    count = known.sum().clamp(min=1)
    entropy = (F.cross_entropy(logits, target, reduction="none") * known).sum() / count

    # Soft Dice of class k: (2 sum q t + 1) / (sum q + sum t + 1); classes that do not occur are left out.
    q = logits.softmax(-1) * known[:, None]
    t = F.one_hot(target, classes) * known[:, None]
    present = t.sum(0) > 0
    dice = (2 * (q * t).sum(0) + 1) / (q.sum(0) + t.sum(0) + 1)
    # Without a labelled point there is nothing to say about structure.
    missed = ((1 - dice) * present).sum() / present.sum().clamp(min=1)

    total = weights["intensity"] * error + weights["crossEntropy"] * entropy + weights["dice"] * missed
    return {"intensity": error, "crossEntropy": entropy, "dice": missed, "total": total}
