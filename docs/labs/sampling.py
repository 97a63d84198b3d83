"""Sampling rules as policies, and estimators of what many samples achieve together."""

from itertools import product
from math import comb

import numpy as np

# ---- rules: a distribution over the next token in, the distribution that is sampled out


def tempered(probs: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities to the power 1/temperature, normalised over the last axis (`eq-temperature`)."""
    logs = np.log(np.maximum(probs, 1e-300)) / temperature
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def nucleus(probs: np.ndarray, top_p: float) -> np.ndarray:
    """Keeps the fewest most probable tokens that together reach `top_p`, and normalises (`eq-nucleus`)."""
    order = np.argsort(-probs, axis=-1, kind="stable")
    ranked = np.take_along_axis(probs, order, axis=-1)
    before = np.cumsum(ranked, axis=-1) - ranked  # mass of the more probable tokens
    kept = np.where(before < top_p - 1e-12, ranked, 0.0)
    result = np.zeros_like(probs)
    np.put_along_axis(result, order, kept, axis=-1)
    return result / result.sum(axis=-1, keepdims=True)


def naive_gradient(probs: np.ndarray, sampled: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """Mean of reward times the score of `probs` when the tokens come from `sampled` (`eq-mismatch`); by logit.

    The right gradient at temperature 1 is `naive_gradient(probs, probs, reward)`.
    """
    return sampled * reward - probs * (sampled @ reward)


def tempered_gradient(probs: np.ndarray, temperature: float, reward: np.ndarray) -> np.ndarray:
    """Gradient, by the logits of `probs`, of the expected reward of the tempered policy (`eq-tempered-gradient`)."""
    sampled = tempered(probs, temperature)
    return sampled * (reward - sampled @ reward) / temperature


def weighted_gradient(probs: np.ndarray, sampled: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """Gradient at temperature 1 from tokens of `sampled`, importance weights included (`eq-weighted`).

    Tokens that `sampled` never draws contribute nothing, whatever their reward.
    """
    weight = np.divide(probs, sampled, out=np.zeros_like(probs), where=sampled > 0)
    return naive_gradient(probs, sampled, weight * reward)


# ---- many samples: averages over all subsets of size k of n samples


def pass_at_k(n: int, c: int, k: int) -> float:
    """Unbiased estimate of pass@k from c right ones among n samples (`eq-pass-at-k`)."""
    return 1.0 - comb(n - c, k) / comb(n, k)


def plug_in(n: int, c: int, k: int) -> float:
    """1 - (1 - c/n)^k: biased downwards for k > 1 (`eq-plug-in`)."""
    return 1.0 - (1.0 - c / n) ** k


def best_of_k(scores: np.ndarray, rewards: np.ndarray, k: int) -> float:
    """Mean reward of the best-scored of k, unbiased (`eq-best-of-n`). Scores differ."""
    n = len(scores)
    by_rank = rewards[np.argsort(scores)]
    wins = np.array([comb(i, k - 1) for i in range(n)])  # i samples score lower
    return float(wins @ by_rank) / comb(n, k)


def maj_at_k(counts: list[int], right: int, k: int) -> float:
    """Unbiased estimate of maj@k (`eq-maj-at-k`): counts[j] samples of n gave answer j; ties are split evenly."""
    total = 0.0
    for votes in product(*(range(min(count, k) + 1) for count in counts)):
        if sum(votes) == k and votes[right] == max(votes):
            ways = np.prod([float(comb(count, vote)) for count, vote in zip(counts, votes, strict=True)])
            total += ways / votes.count(max(votes))
    return total / comb(sum(counts), k)


def maj_limit(probs: np.ndarray, right: int, k: int) -> float:
    """maj@k itself, when answer j has probability probs[j]: a sum over all ways that k votes can fall."""
    total = 0.0
    for votes in product(range(k + 1), repeat=len(probs)):
        if sum(votes) == k and votes[right] == max(votes):
            ways, left = 1, k
            for vote in votes:
                ways, left = ways * comb(left, vote), left - vote
            total += ways * float(np.prod(np.asarray(probs) ** np.array(votes))) / votes.count(max(votes))
    return total
