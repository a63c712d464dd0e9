"""A training step of SPIDER in PyTorch, as SpiderTraining's `StepEngine`, `Adam`, `GradientClipping` and
`LearningRateSchedule` make it: forward, joint loss, backward, clipping, Adam with decoupled weight decay; a step that
`SpikeGuard` calls a spike is skipped."""

import math

import torch

from joint_loss import candidates, joint_loss
from spike_guard import SpikeGuard


def learning_rate(schedule, step, progress):
    """The rate of a step (from 0), `progress` (0 to 1) of the way through the run."""
    warmup = min(1, (step + 1) / schedule["warmupSteps"]) if schedule["warmupSteps"] else 1
    cosine = 0.5 * (1 + math.cos(math.pi * min(1, max(0, progress))))
    return schedule["peak"] * warmup * (schedule["finalShare"] + (1 - schedule["finalShare"]) * cosine)


class TrainingStep:
    """Steps of one network under a configuration. A batch has the attributes `images`, `points`, `pixels`,
    `intensity`, `labels` and `counts`, or None (Network.answers and joint_loss say their shapes)."""

    def __init__(self, network, configuration):
        self.network, self.weights = network, dict(configuration["loss"])
        self.sets = candidates(configuration["model"]["scheme"])
        self.follows = configuration.get("lossBalance", "fixed") == "uncertainty"
        self.limit = configuration["gradientLimit"]
        self.guard = SpikeGuard(configuration["spikeLimit"])
        self.leaves = network.requires_grad()
        adam = configuration["adam"]
        self.optimizer = torch.optim.AdamW(
            self.leaves, betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], weight_decay=adam["weightDecay"])

    def follow(self, terms):
        """Weights that tune themselves (LossBalance): exp(-s) of scales s that go down exp(-s) L + s."""
        for name, weight in self.weights.items():
            loss = float(terms[name])
            if weight > 0 and loss > 0:
                self.weights[name] = weight * math.exp(-min(0.05 * (weight * loss - 1), 0.5))

    def gradient(self, batch):
        """The terms of the loss, and its gradient in the leaves."""
        self.optimizer.zero_grad(set_to_none=True)
        intensity, logits = self.network.answers(batch.images, batch.points, batch.pixels)
        terms = joint_loss(intensity, logits, batch.intensity, batch.labels, self.weights, self.sets, batch.counts)
        terms["total"].backward()
        return {name: value.detach() for name, value in terms.items()}

    def __call__(self, batch, rate):
        """One step at a learning rate; the terms of the loss before it, the norm of its gradient, and whether it was
        skipped."""
        terms = self.gradient(batch)
        gradients = [leaf.grad for leaf in self.leaves]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
        # Without a limit nothing waits for a GPU.
        if self.guard.limit > 0 and self.guard.is_spike(terms["total"].item(), norm.item()):
            return terms | {"norm": norm.detach(), "skipped": True}
        # torch's own clip_grad_norm_ divides by the norm and a little more.
        scale = (self.limit / norm).clamp(max=1)
        for gradient in gradients:
            gradient.mul_(scale)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        if self.follows:
            self.follow(terms)
        return terms | {"norm": norm.detach(), "skipped": False}
