"""Learning from samples of another policy: what each importance weight does, exactly, in a policy that can be enumerated.

A table of logits holds one row for every prefix over `VOCAB` tokens; a completion has `LENGTH` of them. The trainer's policy
is pi. Samples come from mu: the same table with noise in its logits, or the table of some updates ago. Policies are handed
over as tables of log-probabilities. Arrays: S completions, T tokens, N prefixes, V tokens of the vocabulary.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import style

VOCAB, LENGTH, CAP, BETA = 3, 6, 2.0, 0.1
RULES = ("none", "token", "token truncated", "token masked", "sequence", "sequence truncated", "sequence masked")
TRAINED = ("none", "token", "sequence", "sequence truncated", "sequence masked")
NOISES = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
SHOWN = 0.6  # the noise of the tables
SIZES = tuple(2**k for k in range(16))
CONDITIONS = {  # noise in the sampler's logits, updates of lag, completions a batch
    "mismatch": (SHOWN, 0, 256),
    "stale": (0.0, 64, 256),
    "stale, small batch": (0.0, 64, 32),
}
STEPS, RATE, EVERY = 200, 16.0, 10


# ---- the world: prefixes, completions, rewards


def paths(length: int = LENGTH, vocab: int = VOCAB) -> tuple[np.ndarray, np.ndarray]:
    """(prefixes, tokens), both (S, T): row of the table in which each token of each completion is chosen, and that token."""
    count = vocab**length
    tokens = (np.arange(count)[:, None] // vocab ** np.arange(length - 1, -1, -1)) % vocab
    prefixes, first = np.zeros((count, length), int), 0
    for t in range(length):  # prefixes of length t stand in rows first .. first + vocab**t - 1
        prefixes[:, t] = first + np.arange(count) // vocab ** (length - t)
        first += vocab**t
    return prefixes, tokens


def log_table(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of the next token (N, V)."""
    z = logits - logits.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def world(seed: int, length: int = LENGTH, vocab: int = VOCAB) -> dict[str, np.ndarray]:
    """Logits of a policy, noise of the same shape, and rewards: 1 for a tenth of all completions, else 0."""
    rng = np.random.default_rng(seed)
    rows, count = sum(vocab**t for t in range(length)), vocab**length
    logits, noise = rng.normal(size=(rows, vocab)), rng.normal(size=(rows, vocab))
    reward = np.zeros(count)
    reward[rng.permutation(count)[: max(1, count // 10)]] = 1.0
    prefixes, tokens = paths(length, vocab)
    return {"logits": logits, "noise": noise, "reward": reward, "prefixes": prefixes, "tokens": tokens}


def probability(policy: np.ndarray, prefixes: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Probability of each completion (S,)."""
    return np.exp(policy[prefixes, tokens].sum(axis=1))


# ---- the weights


def ratios(pi: np.ndarray, mu: np.ndarray, prefixes: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """pi over mu for each token (S, T) (`eq-lag-ratios`)."""
    return np.exp(np.clip(pi[prefixes, tokens] - mu[prefixes, tokens], -20, 20))  # as libraries do, against overflow


def sequence_weight(rho: np.ndarray) -> np.ndarray:
    """Product of the ratios of each completion (S,) (`eq-lag-ratios`)."""
    return rho.prod(axis=1)


def weights(rho: np.ndarray, rule: str, cap: float = CAP) -> np.ndarray:
    """The number that multiplies each token's score (S, T), from the ratios (S, T)."""
    level, _, cut = rule.partition(" ")
    if level == "none":
        return np.ones_like(rho)
    w = rho if level == "token" else np.repeat(sequence_weight(rho)[:, None], rho.shape[1], axis=1)
    if cut == "truncated":
        return np.minimum(w, cap)
    if cut == "masked":
        return np.where((w <= cap) & (w >= 1 / cap), w, 0.0)
    return w


def estimate(
    pi: np.ndarray, prefixes: np.ndarray, tokens: np.ndarray, advantage: np.ndarray, w: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Sum over completions of share x advantage x weighted scores, by logits (N, V) (`eq-lag-estimator`)."""
    step = (share * advantage)[:, None] * w  # (S, T)
    rows, vocab = pi.shape
    up = np.bincount((prefixes * vocab + tokens).ravel(), step.ravel(), rows * vocab).reshape(rows, vocab)
    return up - up.sum(axis=1, keepdims=True) * np.exp(pi)


# ---- exact values, by enumeration


def true_gradient(pi: np.ndarray, w: dict[str, np.ndarray]) -> np.ndarray:
    """Gradient of the expected reward under pi by its logits (N, V)."""
    P, K = w["prefixes"], w["tokens"]
    return estimate(pi, P, K, w["reward"], np.ones(P.shape), probability(pi, P, K))


def moments(pi: np.ndarray, mu: np.ndarray, w: dict[str, np.ndarray], rule: str, cap: float = CAP) -> tuple[np.ndarray, float]:
    """Mean (N, V) and variance (summed over all logits) of the estimate from one completion of mu.

    The advantage is the reward less the mean reward of mu's completions.
    """
    P, K = w["prefixes"], w["tokens"]
    share, weight = probability(mu, P, K), weights(ratios(pi, mu, P, K), rule, cap)
    advantage = w["reward"] - share @ w["reward"]
    mean = estimate(pi, P, K, advantage, weight, share)
    p = np.exp(pi)
    size = 1 - 2 * p[P, K] + (p[P] ** 2).sum(axis=2)  # squared length of each token's score; rows of one path differ
    second = float(share @ (advantage**2 * (weight**2 * size).sum(axis=1)))
    return mean, second - float((mean**2).sum())


def walk(policy: np.ndarray, reward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often each prefix is reached (N,), and the value of each next token (N, V), both under `policy`."""
    p, levels, vocab = np.exp(policy), [], policy.shape[1]
    first, rows = 0, 1
    while first < len(p):
        levels.append(slice(first, first + rows))
        first, rows = first + rows, rows * vocab
    visits, values, ahead = np.ones(len(p)), np.zeros(p.shape), reward
    for here, after in pairwise(levels):
        visits[after] = (visits[here, None] * p[here]).ravel()
    for here in reversed(levels):
        values[here] = ahead.reshape(-1, vocab)
        ahead = (p[here] * values[here]).sum(axis=1)
    return visits, values


def token_gradient(pi: np.ndarray, mu: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """What token ratios average to: visits and values of mu, choices of pi (N, V) (`eq-lag-token`)."""
    visits, values = walk(mu, reward)
    p = np.exp(pi)
    return visits[:, None] * p * (values - (p * values).sum(axis=1, keepdims=True))


def token_bias_bound(distance: float, length: int, size: float) -> float:
    """Largest distance of that from the true gradient (`eq-lag-token-bound`)."""
    return 1.5 * distance * size * length * (length - 1)


def truncated_mean(p: np.ndarray, q: np.ndarray, f: np.ndarray, cap: float) -> float:
    """Mean of min(p/q, cap) f under q (`eq-lag-truncated-mean`)."""
    return float(np.minimum(p, cap * q) @ f)


def truncated_second_moment(p: np.ndarray, f: np.ndarray, cap: float) -> float:
    """Bound on the mean of (min(p/q, cap) f)^2 under q, for any q (`eq-lag-truncated-variance`)."""
    return float(cap * (p @ f**2))


def relative(
    pi: np.ndarray, mu: np.ndarray, w: dict[str, np.ndarray], rule: str, cap: float = CAP
) -> tuple[float, float, float, float]:
    """Of a rule: bias, variance of one completion, squared length of the mean, and its product with the true gradient.

    The unit is the true gradient's length.
    """
    true = true_gradient(pi, w)
    mean, variance = moments(pi, mu, w, rule, cap)
    unit = float((true**2).sum())
    squares = [float(v) / unit for v in (((mean - true) ** 2).sum(), variance, (mean**2).sum(), (mean * true).sum())]
    return squares[0] ** 0.5, squares[1], squares[2], squares[3]


def error(numbers: np.ndarray, size: float | np.ndarray) -> float | np.ndarray:
    """Mean squared error of a batch of `size` completions after the best step size for the rule (`eq-lag-error`).

    0 is the true gradient, 1 an estimate that is of no use; `numbers` is what `relative` returns.
    """
    _, variance, square, product = numbers
    return 1 - product**2 / (square + variance / size)


# ---- training


def penalised(pi: np.ndarray, reference: np.ndarray, w: dict[str, np.ndarray], beta: float = BETA) -> np.ndarray:
    """Reward less beta times the log-ratio to the reference, for every completion (S,)."""
    P, K = w["prefixes"], w["tokens"]
    return w["reward"] - beta * (pi[P, K] - reference[P, K]).sum(axis=1)


def best(w: dict[str, np.ndarray], beta: float = BETA) -> float:
    """The largest possible mean of that, in closed form."""
    if beta == 0:
        return float(w["reward"].max())
    reference = probability(log_table(w["logits"]), w["prefixes"], w["tokens"])
    return beta * float(np.log(reference @ np.exp(w["reward"] / beta)))


def train(
    w: dict[str, np.ndarray], seed: int, rule: str, noise: float, lag: int, size: int, steps: int = STEPS, beta: float = BETA
) -> np.ndarray:
    """Objective over its optimum after every EVERY updates; samples from a noisy or old copy of the table."""
    rng = np.random.default_rng([seed, 1])
    P, K, theta = w["prefixes"], w["tokens"], w["logits"].copy()
    reference, top, old, curve = log_table(theta), best(w, beta), [theta], []
    for step in range(steps + 1):
        pi = log_table(theta)
        u = penalised(pi, reference, w, beta)
        if step % EVERY == 0:
            curve.append(float(probability(pi, P, K) @ u) / top)
        mu = log_table(old[max(0, step - lag)] + noise * w["noise"])
        p = probability(mu, P, K)
        drawn = rng.choice(len(P), size=size, p=p / p.sum())
        advantage = u[drawn] - u[drawn].mean()
        rho = ratios(pi, mu, P[drawn], K[drawn])
        theta = theta + RATE * estimate(pi, P[drawn], K[drawn], advantage, weights(rho, rule), np.full(size, 1 / size))
        old.append(theta)
    return np.array(curve)


def last(curve: np.ndarray) -> float:
    """Mean of the last five points of a curve."""
    return float(curve[-5:].mean())


# ---- the lab


def exact(seed: int) -> dict[str, Any]:
    """Bias and variance of every rule at every noise; error of a batch; size of the effect on sequence weights."""
    w = world(seed)
    pi = log_table(w["logits"])
    found = {rule: np.array([relative(pi, log_table(w["logits"] + s * w["noise"]), w, rule) for s in NOISES]) for rule in RULES}
    mu = log_table(w["logits"] + SHOWN * w["noise"])
    rho = ratios(pi, mu, w["prefixes"], w["tokens"])
    second = float(probability(mu, w["prefixes"], w["tokens"]) @ sequence_weight(rho) ** 2)
    at = NOISES.index(SHOWN)
    errors = {rule: error(found[rule][at], np.array(SIZES, float)) for rule in RULES}
    return {"found": found, "error": errors, "ess": 1 / second}


def run(seed: int, small: bool = False) -> dict[str, Any]:
    """The exact part; training under each condition; and the control, in which trainer and sampler agree."""
    w, steps = world(seed), 20 if small else STEPS
    made: dict[str, Any] = exact(seed)
    made["control"] = {size: last(train(w, seed, "none", 0.0, 0, size, steps)) for size in (32, 256)}
    made["control truncated"] = last(train(w, seed, "sequence truncated", 0.0, 0, 256, steps))
    made["free"] = {rule: last(train(w, seed, rule, SHOWN, 0, 256, steps, 0.0)) for rule in ("none", "sequence")}
    made["trained"] = {
        name: {rule: last(train(w, seed, rule, noise, lag, size, steps)) for rule in TRAINED}
        for name, (noise, lag, size) in CONDITIONS.items()
    }
    return made


def plot(results: list[dict[str, Any]]):
    """Figure: share of the optimum that training reached, a mark a seed, three conditions, and the control."""
    figure, panels = style.figure(3, 1, width=style.NARROW, height=7.0, sharex=True, sharey=True)
    for axes, (name, (_, _, size)) in zip(panels, CONDITIONS.items(), strict=True):
        control = [r["control"][size] for r in results]
        axes.axhspan(min(control), max(control), color="#e4e4e4", lw=0)
        for x, rule in enumerate(TRAINED):
            shares = [r["trained"][name][rule] for r in results]
            for k, share in enumerate(shares):
                low = share < 0.5
                place = x + 0.12 * (k - 2)
                axes.plot(place, max(share, 0.5), "v" if low else "o", color=style.BLUE, mfc="none" if low else style.BLUE, ms=4)
                if low:
                    text = f"{share:.2f}".replace("-", "\N{MINUS SIGN}")
                    side, shift = ("left", 6) if share == min(shares) else ("right", -6)
                    axes.annotate(text, (place, 0.5), (shift, -2.5), textcoords="offset points", fontsize=9, ha=side)
        axes.set_xticks(range(len(TRAINED)), ["no weight", "token", "sequence", "truncated", "masked"])
        axes.set(title=name, xlim=(-0.6, len(TRAINED) - 0.4), ylim=(0.47, 1.01), ylabel="share of the optimum")
    rows = [
        (f"{name}, seed {k}", r["control"][CONDITIONS[name][2]], *(r["trained"][name][rule] for rule in TRAINED))
        for name in CONDITIONS
        for k, r in enumerate(results)
    ]
    figure.data_table = (("condition", "agree", *TRAINED), rows)
    return figure


def training_figure():
    """The figure of the chapter: five seeds."""
    return plot([run(seed) for seed in range(5)])


def error_figure():
    """Figure: bias against noise, and squared error against the size of the batch, five seeds."""
    results = [exact(seed) for seed in range(5)]
    shown = {
        "none": "none",
        "token": "token",
        "sequence": "sequence",
        "sequence truncated": "truncated",
        "sequence masked": "masked",
    }
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=6.2)
    for (rule, label), colour, dash in zip(shown.items(), style.COLOURS, style.DASHES, strict=True):
        for r in results:
            upper.plot(NOISES, r["found"][rule][:, 0], ls=dash, color=colour, lw=1)
        letters = style.INK if colour in (style.OCHRE, style.SKY) else colour  # the lighter two are for lines
        at = {"none": 1.75, "token": 1.3, "sequence": 0.06, "sequence truncated": 0.62, "sequence masked": 0.9}[rule]
        upper.annotate(label, (1.02, at), color=letters, fontsize=9, annotation_clip=False, va="center")
        mean = np.mean([r["error"][rule] for r in results], axis=0)
        lower.plot(SIZES, mean, ls=dash, color=colour)
        if rule != "token":
            shown_as = "none, token" if rule == "none" else label
            lower.annotate(
                shown_as,
                (SIZES[-1], mean[-1]),
                (5, -4 if rule == "none" else 3),
                textcoords="offset points",
                color=letters,
                fontsize=9,
            )
    upper.set(xlabel="noise in the sampler's logits", ylabel="bias, true gradient = 1", xlim=(0, 1.35), xticks=(0, 0.5, 1))
    lower.set(
        xscale="log",
        yscale="log",
        xlim=(0.8, 1.2e6),
        xlabel="completions a batch",
        ylabel="error after the best step size",
    )
    lower.set_xticks((1, 100, 10_000), ("1", "100", "10,000"))
    lower.set_yticks((0.02, 0.05, 0.1, 0.2, 0.5, 1), ("0.02", "0.05", "0.1", "0.2", "0.5", "1"))
    lower.minorticks_off()
    rows = [
        (f"{rule}, seed {k}", *r["found"][rule][NOISES.index(SHOWN)][:2], *(r["error"][rule][n] for n in (5, 8, 12)))
        for rule in RULES
        for k, r in enumerate(results)
    ]
    figure.data_table = (("rule", f"bias at {SHOWN}", "variance of one", "error at 32", "at 256", "at 4096"), rows)
    return figure
