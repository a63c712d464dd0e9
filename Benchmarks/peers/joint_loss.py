"""The joint loss of intensity and structure (Sources/SpiderTraining/Loss/JointLoss.swift) in PyTorch: the one that
the twin trains with, the benchmark times and the golden step is made of."""

import torch
import torch.nn.functional as F

UNKNOWN, OUTSIDE = 255, 254
"""Labels of points that count for intensity only, and of those that count for nothing."""
BONE, TISSUE, AIR = 251, 252, 253
"""Labels of points whose class is one of several, by their CT number (Loss/CandidateClasses.swift)."""


def narrowed(labels, hu):
    """Labels, with what CT numbers say in the place of `UNKNOWN`."""
    for value, known in ((BONE, hu >= 300), (TISSUE, (hu >= -200) & (hu < 300)), (AIR, hu < -500)):
        labels = torch.where((labels == UNKNOWN) & known, value, labels)
    return labels


def candidates(scheme):
    """1 for each class (3, K) that bone, tissue and air may be among those of a scheme, else 0."""
    names, bone, head = scheme["classes"], scheme["bone"], scheme["name"] == "head"
    air = [index == 0 or head and name == "air_cavities" for index, name in enumerate(names)]
    return torch.tensor([
        [not bone or name in bone for name in names], [not is_air for is_air in air],
        air if head else [name not in bone for name in names]]).float()


def joint_loss(intensity, logits, truth, labels, weights, sets=None):
    """The terms of the loss, unweighted, and their weighted sum `total`.

    Intensity (P), logits (P, K), true intensity (P) and labels (P, int64), or the same with more axes before P;
    `weights` is the section `loss` of a configuration, `sets` what `candidates` says of its scheme. Of points labelled
    `BONE`, `TISSUE` or `AIR` the probability of all their candidates counts.
    """
    scored = labels != OUTSIDE
    error = ((intensity - truth).abs() * scored).sum() / scored.sum().clamp(min=1)

    classes = logits.shape[-1]
    logits, labels = logits.reshape(-1, classes), labels.reshape(-1)
    known = labels < classes
    target = labels * known
    entropies = F.cross_entropy(logits, target, reduction="none") * known
    counted = known
    if sets is not None:
        several = (labels >= BONE) & (labels <= AIR)
        allowed = sets.to(logits)[((labels - BONE) * several).clamp(min=0)]
        one_of = (logits.softmax(-1) * allowed).sum(-1).clamp(min=1e-30)
        entropies = entropies - one_of.log() * several
        counted = known | several
    entropy = entropies.sum() / counted.sum().clamp(min=1)

    # Soft Dice of class k: (2 sum q t + 1) / (sum q + sum t + 1); classes that do not occur are left out.
    q = logits.softmax(-1) * known[:, None]
    t = F.one_hot(target, classes) * known[:, None]
    present = t.sum(0) > 0
    dice = (2 * (q * t).sum(0) + 1) / (q.sum(0) + t.sum(0) + 1)
    # Without a labelled point there is nothing to say about structure.
    missed = ((1 - dice) * present).sum() / present.sum().clamp(min=1)

    total = weights["intensity"] * error + weights["crossEntropy"] * entropy + weights["dice"] * missed
    return {"intensity": error, "crossEntropy": entropy, "dice": missed, "total": total}
