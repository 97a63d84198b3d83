"""The transformer of `tinylm.py` once more, several times faster: its gradient by hand, and a sampler that keeps keys and values.

Only the places that predict a token of the completion ask; the places of the prompt before them are only read. Both functions
are tested against `tinylm.py` and automatic differentiation.
"""

import numpy as np
from tinylm import COMPLETION, END, PROMPT

FIRST = PROMPT - 1  # the place of `=`, which predicts the first token of the completion


def root_mean_square(x):
    """One over the root mean square of each vector: (..., 1)."""
    return (np.mean(x * x, axis=-1, keepdims=True) + 1e-6) ** -0.5


def probabilities(scores):
    """Softmax over the last axis."""
    made = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return made / made.sum(axis=-1, keepdims=True)


def unit_back(slope, u, scale):
    """Slope by x where u = x * scale was divided by its root mean square."""
    return scale * (slope - u * np.mean(slope * u, axis=-1, keepdims=True))


def outer(left, right):
    """Sum over batch and time of outer products: the slope by a matrix that took `left` to what has slope `right`."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


def weighted_gradient(p, tokens, weights):
    """Gradient of sum over batch and t of weights[:, t] * ln pi(tokens[:, t] | tokens before t).

    tokens, weights: (batch, time); weights are 0 on the prompt. Returns arrays shaped as those of p.
    """
    ask = tokens[:, :-1]
    batch, time = ask.shape
    width = p["token"].shape[1]
    # forwards: x0 -> attention -> x1 -> bilinear layer -> x2 -> probabilities
    x0 = p["token"][ask] + p["place"][:time]
    scale0 = root_mean_square(x0)
    u0 = x0 * scale0
    query, key, value = u0[:, FIRST:] @ p["query"], u0 @ p["key"], u0 @ p["value"]
    future = np.triu(np.ones((time, time), dtype=x0.dtype), 1)[FIRST:]
    attend = probabilities(query @ key.transpose(0, 2, 1) * width**-0.5 - 1e9 * future)
    read = attend @ value
    x1 = x0[:, FIRST:] + read @ p["mix"]
    scale1 = root_mean_square(x1)
    u1 = x1 * scale1
    left, right = u1 @ p["left"], u1 @ p["right"]
    x2 = x1 + (left * right) @ p["down"]
    scale2 = root_mean_square(x2)
    u2 = x2 * scale2
    # backwards: the slope by the logits is weight * (token drawn - probabilities)
    slope = -probabilities(u2 @ p["read"])
    rows, columns = np.arange(batch)[:, None], np.arange(time - FIRST)[None, :]
    slope[rows, columns, tokens[:, PROMPT:]] += 1
    slope *= weights[:, PROMPT:, None]
    g = {"read": outer(u2, slope)}
    d2 = unit_back(slope @ p["read"].T, u2, scale2)  # by x2
    both = d2 @ p["down"].T
    g["down"], g["left"], g["right"] = outer(left * right, d2), outer(u1, both * right), outer(u1, both * left)
    d1 = d2 + unit_back((both * right) @ p["left"].T + (both * left) @ p["right"].T, u1, scale1)  # by x1
    g["mix"] = outer(read, d1)
    d_read = d1 @ p["mix"].T
    d_attend = d_read @ value.transpose(0, 2, 1)
    d_score = attend * (d_attend - np.sum(attend * d_attend, axis=-1, keepdims=True)) * width**-0.5
    d_query, d_key = d_score @ key, d_score.transpose(0, 2, 1) @ query
    d_value = attend.transpose(0, 2, 1) @ d_read
    g["query"], g["key"], g["value"] = outer(u0[:, FIRST:], d_query), outer(u0, d_key), outer(u0, d_value)
    d_u0 = d_key @ p["key"].T + d_value @ p["value"].T
    d_u0[:, FIRST:] += d_query @ p["query"].T
    d0 = unit_back(d_u0, u0, scale0)  # by x0
    d0[:, FIRST:] += d1
    g["place"] = np.zeros_like(p["place"])
    g["place"][:time] = d0.sum(axis=0)
    g["token"] = np.eye(len(p["token"]), dtype=x0.dtype)[ask.ravel()].T @ d0.reshape(-1, width)
    return g


def sample(p, prompts, rng, rule=lambda probs: probs, opening=None, length=COMPLETION):
    """What `tinylm.sample` gives, from the same random numbers: tokens, mask, log-probabilities of what was drawn.

    The first token follows the rule `opening` if there is one.
    """
    tokens, batch = prompts, len(prompts)
    mask, drawn_log_probs = np.zeros(prompts.shape), np.zeros(prompts.shape)
    alive = np.ones(batch, dtype=bool)
    x = p["token"][tokens] + p["place"][:PROMPT]
    u = x * root_mean_square(x)
    key, value = u @ p["key"], u @ p["value"]  # kept: a token's never change
    for t in range(length):
        now = opening if opening and t == 0 else rule
        probs = now(next_probs(p, x[:, -1], u[:, -1], key, value))
        edges = np.cumsum(probs, axis=1)
        drawn = (rng.random((batch, 1)) * edges[:, -1:] >= edges).sum(axis=1)
        drawn = np.where(alive, drawn, END)
        log_prob = np.where(alive, np.log(probs[np.arange(batch), drawn] + 1e-300), 0.0)
        tokens = np.column_stack([tokens, drawn])
        mask = np.column_stack([mask, alive])
        drawn_log_probs = np.column_stack([drawn_log_probs, log_prob])
        alive = alive & (drawn != END)
        x = (p["token"][drawn] + p["place"][PROMPT + t])[:, None]
        u = x * root_mean_square(x)
        key, value = np.concatenate([key, u @ p["key"]], axis=1), np.concatenate([value, u @ p["value"]], axis=1)
    return tokens, mask, drawn_log_probs


def next_probs(p, x, u, key, value):
    """pi(. | prefix) from the newest place, x and u (batch, width), and the keys and values so far (batch, time, width)."""
    scores = (key @ (u @ p["query"])[:, :, None])[:, :, 0] * x.shape[1] ** -0.5
    attend = probabilities(scores)
    x = x + (attend[:, None, :] @ value)[:, 0] @ p["mix"]
    h = x * root_mean_square(x)
    x = x + ((h @ p["left"]) * (h @ p["right"])) @ p["down"]
    return probabilities((x * root_mean_square(x)) @ p["read"])
