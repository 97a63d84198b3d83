"""k1, k2, k3: value, bias and variance of one sample, and the gradient that each gives in the loss and in the reward.

A policy and a reference over finitely many answers, so that every expectation is a sum. u = ln policy - ln reference.
"""

import numpy as np
import style
from divergences import kl

KINDS = ("k1", "k2", "k3")


def log_ratio(policy, reference):
    """u of every answer."""
    return np.log(policy) - np.log(reference)


def estimate(u, kind):
    """The estimate from an answer with log-ratio u (`eq-k123`)."""
    if kind == "k1":
        return u
    if kind == "k2":
        return u**2 / 2
    return np.exp(-u) - 1 + u


def slope(u, kind):
    """Its derivative by the log-probability of the answer."""
    if kind == "k1":
        return np.ones_like(u)
    if kind == "k2":
        return u
    return 1 - np.exp(-u)


def moments(policy, reference, kind):
    """Mean, bias against the reverse KL, variance of one sample from the policy (`eq-k-values`)."""
    k = estimate(log_ratio(policy, reference), kind)
    mean = float(policy @ k)
    return mean, mean - kl(policy, reference), float(policy @ (k - mean) ** 2)


def expected_score(weights, policy):
    """Mean over answers of weight times score, by the logits: the score of answer a is e_a - policy."""
    return policy * weights - policy * float(policy @ weights)


def in_loss(policy, reference, kind):
    """Expected gradient when the estimate stands in the loss and is differentiated (`eq-k-loss`)."""
    return expected_score(slope(log_ratio(policy, reference), kind), policy)


def in_reward(policy, reference, kind):
    """Expected gradient of the cost when the estimate is a number in the reward (`eq-k-reward`)."""
    return expected_score(estimate(log_ratio(policy, reference), kind), policy)


def reverse_gradient(policy, reference):
    """Gradient of KL(policy || reference) by the logits."""
    u = log_ratio(policy, reference)
    return policy * (u - policy @ u)


def forward_gradient(policy, reference):
    """Gradient of KL(reference || policy) by the logits."""
    return policy - reference


def gradients_figure():
    """Two answers, reference 0.9 and 0.1: means and expected gradients against the policy's first probability."""
    reference = np.array([0.9, 0.1])
    grid = np.linspace(0.02, 0.995, 196)
    policies = np.stack([grid, 1 - grid], 1)
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=5.8)
    for number, kind in enumerate(("k1", "k2")):
        mean = [moments(p, reference, kind)[0] for p in policies]
        upper.plot(grid, mean, color=style.COLOURS[number], linestyle=style.DASHES[number])
    upper.annotate("k1 and k3", (0.05, 0.55))
    upper.annotate("k2", (0.3, 1.65))
    upper.set(xlabel="policy's probability of answer 1", ylabel="mean of the estimate (nats)", ylim=(-0.1, 3.0))
    for number, kind in enumerate(KINDS):
        line = [in_loss(p, reference, kind)[0] for p in policies]
        lower.plot(grid, line, color=style.COLOURS[number], linestyle=style.DASHES[number])
    lower.annotate("k1: zero", (0.62, 0.03))
    lower.annotate("k2: reverse KL", (0.45, -0.7))
    lower.annotate("k3: forward KL", (0.08, -0.93))
    lower.set(xlabel="policy's probability of answer 1", ylabel="expected gradient in the loss", ylim=(-1.0, 0.25))
    rows = []
    for p in (0.1, 0.3, 0.5, 0.7, 0.9, 0.95):
        policy = np.array([p, 1 - p])
        means = [moments(policy, reference, kind)[0] for kind in ("k1", "k2")]
        rows.append((p, *means, *(float(in_loss(policy, reference, kind)[0]) for kind in KINDS)))
    header = ("probability", "mean k1, k3", "mean k2", "gradient k1", "gradient k2", "gradient k3")
    figure.data_table = (header, rows)
    return figure
