"""All completions of a small vocabulary, one by one: the token process and the sequence bandit compared exactly.

A table policy has logits (states, vocabulary); the states are the prefixes, numbered in order of length.
"""

from itertools import product

import numpy as np


def softmax(z: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def completions(vocabulary: int, length: int) -> list[tuple[int, ...]]:
    """All token sequences of a length, in dictionary order."""
    return list(product(range(vocabulary), repeat=length))


def prefixes(vocabulary: int, length: int) -> dict[tuple[int, ...], int]:
    """Number of each proper prefix, the empty one first."""
    every = [prefix for size in range(length) for prefix in product(range(vocabulary), repeat=size)]
    return {prefix: number for number, prefix in enumerate(every)}


def sequence_probs(logits: np.ndarray, length: int) -> np.ndarray:
    """pi(y) for every completion: the product of its token probabilities (`eq-factorisation`)."""
    vocabulary = logits.shape[1]
    number, token_probs = prefixes(vocabulary, length), softmax(logits)
    return np.array([np.prod([token_probs[number[y[:t]], y[t]] for t in range(length)]) for y in completions(vocabulary, length)])


def score(logits: np.ndarray, y: tuple[int, ...], weights: np.ndarray) -> np.ndarray:
    """Sum over t of weights[t] times the gradient of ln pi(y_t | y_<t) by the logits. Shape of logits."""
    number, token_probs, result = prefixes(logits.shape[1], len(y)), softmax(logits), np.zeros_like(logits)
    for t, token in enumerate(y):
        s = number[y[:t]]
        result[s] -= weights[t] * token_probs[s]
        result[s, token] += weights[t]
    return result


def sequence_gradient(logits: np.ndarray, rewards: np.ndarray, length: int) -> np.ndarray:
    """Gradient of the bandit whose actions are whole completions (`eq-sequence-gradient`)."""
    ys, probs = completions(logits.shape[1], length), sequence_probs(logits, length)
    return sum(p * r * score(logits, y, np.ones(length)) for p, r, y in zip(probs, rewards, ys, strict=True))


def token_gradient(logits: np.ndarray, token_rewards: np.ndarray, length: int, discount: float = 1.0) -> np.ndarray:
    """Gradient in the token process: each score times the return from there on (`eq-token-gradient`).

    token_rewards: (completions, length), the reward of each step.
    """
    ys, probs = completions(logits.shape[1], length), sequence_probs(logits, length)
    result = np.zeros_like(logits)
    for p, steps, y in zip(probs, token_rewards, ys, strict=True):
        returns = np.array([sum(discount ** (u - t) * steps[u] for u in range(t, length)) for t in range(length)])
        result += p * score(logits, y, returns)
    return result


def terminal(rewards: np.ndarray, length: int) -> np.ndarray:
    """Step rewards that are zero except at the last token. (completions,) -> (completions, length)."""
    steps = np.zeros((len(rewards), length))
    steps[:, -1] = rewards
    return steps


def token_log_ratios(logits: np.ndarray, reference: np.ndarray, length: int) -> np.ndarray:
    """ln pi(y_t | y_<t) - ln ref(y_t | y_<t) for every completion and step."""
    number = prefixes(logits.shape[1], length)
    difference = np.log(softmax(logits)) - np.log(softmax(reference))
    return np.array([[difference[number[y[:t]], y[t]] for t in range(length)] for y in completions(logits.shape[1], length)])


def kl_gradient(logits: np.ndarray, reference: np.ndarray, length: int) -> np.ndarray:
    """Gradient of the sequence KL: the token log-ratios as step costs, each score times the cost from there on."""
    return token_gradient(logits, token_log_ratios(logits, reference, length), length)


def myopic_kl_gradient(logits: np.ndarray, reference: np.ndarray, length: int) -> np.ndarray:
    """What is left when the KL of each sampled prefix is differentiated and the prefix held fixed."""
    number, probs = prefixes(logits.shape[1], length), sequence_probs(logits, length)
    token_probs = softmax(logits)
    ratio = np.log(token_probs) - np.log(softmax(reference))
    at_state = token_probs * (ratio - (token_probs * ratio).sum(axis=1, keepdims=True))
    visits = np.zeros(len(logits))
    for p, y in zip(probs, completions(logits.shape[1], length), strict=True):
        for t in range(length):
            visits[number[y[:t]]] += p
    return visits[:, None] * at_state


def values(logits: np.ndarray, rewards: np.ndarray, length: int) -> dict[tuple[int, ...], float]:
    """Expected terminal reward from every prefix, complete ones included."""
    number, token_probs = prefixes(logits.shape[1], length), softmax(logits)
    found = dict(zip(completions(logits.shape[1], length), map(float, rewards), strict=True))
    for prefix in sorted(number, key=len, reverse=True):
        nexts = np.array([found[(*prefix, token)] for token in range(logits.shape[1])])
        found[prefix] = float(token_probs[number[prefix]] @ nexts)
    return found


def advantages(logits: np.ndarray, rewards: np.ndarray, y: tuple[int, ...]) -> np.ndarray:
    """Advantage of each token of y: the value after it less the value before it (`eq-token-advantage`)."""
    value = values(logits, rewards, len(y))
    return np.array([value[y[: t + 1]] - value[y[:t]] for t in range(len(y))])


def filtered_gradient(logits: np.ndarray, rewards: np.ndarray, length: int) -> np.ndarray:
    """Gradient of the log-likelihood of the policy's own samples that have reward 1 (`eq-filtered`)."""
    ys, probs = completions(logits.shape[1], length), sequence_probs(logits, length)
    kept = probs * (rewards == 1)
    kept = kept / kept.sum()
    return sum(p * score(logits, y, np.ones(length)) for p, y in zip(kept, ys, strict=True))


# ---- an agent: the model acts, the environment writes a token, the model acts again


def agent_paths(logits: np.ndarray, answers: np.ndarray) -> dict[tuple[int, int, int], float]:
    """Probability of each path (action, observation, action); answers[a] is what the environment says after a."""
    vocabulary, token_probs = logits.shape[1], softmax(logits)
    number = prefixes(vocabulary, 3)
    return {
        (a, o, b): token_probs[0, a] * answers[a, o] * token_probs[number[(a, o)], b]
        for a, o, b in product(range(vocabulary), repeat=3)
    }


def agent_gradient(logits: np.ndarray, answers: np.ndarray, rewards: np.ndarray, mask: tuple = (1, 0, 1)) -> np.ndarray:
    """Expected reward times masked score (`eq-agent-gradient`). With mask (1, 1, 1) the observation is trained on too."""
    paths = agent_paths(logits, answers)
    return sum(p * r * score(logits, y, np.array(mask, dtype=float)) for (y, p), r in zip(paths.items(), rewards, strict=True))
