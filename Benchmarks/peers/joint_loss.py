"""The joint loss of intensity and structure (Sources/SpiderTraining/Loss/JointLoss.swift) in PyTorch: the one that
the twin trains with, the benchmark times and the golden step is made of."""

import torch
import torch.nn.functional as F

UNKNOWN, OUTSIDE = 255, 254
"""Labels of points that count for intensity only, and of those that count for nothing."""
BONE, TISSUE, AIR = 251, 252, 253
"""Labels of points whose class is one of several, by their CT number (Loss/CandidateClasses.swift)."""


def narrowed(labels, hu, scheme):
    """Labels, with what CT numbers say in the place of `UNKNOWN`, where that is something."""
    ranges = (hu >= 300, (hu >= -200) & (hu < 300), hu < -500)
    for value, known, allowed in zip((BONE, TISSUE, AIR), ranges, candidates(scheme)):
        if 0 < allowed.sum() < len(allowed):
            labels = torch.where((labels == UNKNOWN) & known, value, labels)
    return labels


def candidates(scheme):
    """1 for each class (3, K) that bone, tissue and air may be among those of a scheme, else 0."""
    names, bone = scheme["classes"], scheme["bone"]
    air = [name in ("background", "air_cavities") for name in names] if scheme["name"] == "head" else None
    return torch.tensor([
        [name in bone for name in names], [not is_air for is_air in air] if air else [True] * len(names),
        air or [name not in bone for name in names]]).float()


def joint_loss(intensity, logits, truth, labels, weights, sets=None, counts=None):
    """The terms of the loss, unweighted, and their weighted sum `total`.

    Intensity (P), logits (P, K), true intensity (P) and labels (P, int64), or the same with more axes before P;
    `weights` is the section `loss` of a configuration, `sets` what `candidates` says of its scheme, `counts` (P) how much
    each point counts, None where all count alike. Of points labelled `BONE`, `TISSUE` or `AIR` the probability of all
    their candidates counts.
    """
    counts = torch.ones_like(intensity) if counts is None else counts
    scored = (labels != OUTSIDE) * counts
    error = mean((intensity - truth).abs(), scored)

    classes = logits.shape[-1]
    logits, labels, counts = logits.reshape(-1, classes), labels.reshape(-1), counts.reshape(-1)
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
    entropy = mean(entropies, counted * counts)

    # Soft Dice of class k: (2 sum q t + 1) / (sum q + sum t + 1); classes that do not occur are left out.
    q = logits.softmax(-1) * (known * counts)[:, None]
    t = F.one_hot(target, classes) * known[:, None]
    present = t.sum(0) > 0
    dice = (2 * (q * t).sum(0) + 1) / (q.sum(0) + (t * counts[:, None]).sum(0) + 1)
    # Without a labelled point there is nothing to say about structure.
    missed = ((1 - dice) * present).sum() / present.sum().clamp(min=1)

    total = weights["intensity"] * error + weights["crossEntropy"] * entropy + weights["dice"] * missed
    return {"intensity": error, "crossEntropy": entropy, "dice": missed, "total": total}


def mean(values, counts):
    """The mean of values that count by `counts`; 0 where none does."""
    total = counts.sum()
    return (values * counts).sum() / torch.where(total > 0, total, 1)
