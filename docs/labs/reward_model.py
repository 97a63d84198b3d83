"""A reward model from comparisons, and what happens to a gold reward when the learned one is optimised.

A response is six numbers, drawn from a standard normal by the reference policy; the first is quality, the second length. The gold
reward likes both, but length only up to a point. Comparisons follow Bradley-Terry on the gold reward. The optimised policies are
computed exactly on a pool of held-out responses: best-of-n from ranks, the KL-regularised optimum by tilting.
"""

import adam
import numpy as np
import style
from preference_losses import sigmoid

FEATURES, HIDDEN = 6, 16
POOL = 40_000
COUNTS = 2 ** np.arange(0, 11)  # n of best-of-n: 1 to 1,024
BETAS = np.geomspace(30, 0.25, 33)
ARMS = ("linear", "mlp 100", "mlp 1000", "mlp 10000")
PAIRS = {"linear": 2_000, "mlp 100": 100, "mlp 1000": 1_000, "mlp 10000": 10_000}
TITLES = {
    "linear": "linear, 2,000 pairs",
    "mlp 100": "network, 100 pairs",
    "mlp 1000": "network, 1,000 pairs",
    "mlp 10000": "network, 10,000 pairs",
}
LABELS = {  # where the words "proxy" and "gold" stand in the figure
    "linear": ((0.4, 2.8), (1.2, -2.5)),
    "mlp 100": ((0.6, 9.5), (1.1, 0.6)),
    "mlp 1000": ((0.2, 4.2), (1.6, 3.0)),
    "mlp 10000": ((1.5, 2.8), (0.9, 5.0)),
}
PENALTIES = (0.0, 0.5)  # KL weights of the sampled policy gradient
LEARNERS = ("linear", "mlp 100", "mlp 10000")  # reward models that it climbs


# ---- Bradley-Terry


def loss(difference, target_margin=0.0):
    """Minus the mean log-likelihood of the observed labels (`eq-hf-loss`, `eq-hf-margin`); difference: (pairs,)."""
    return float(np.mean(np.logaddexp(0.0, target_margin - difference)))


def loss_slope(difference, target_margin=0.0):
    """Derivative of each pair's loss by its difference of rewards (`eq-hf-gradient`)."""
    return -sigmoid(target_margin - difference)


def table_gradient(reward, winners, losers, target_margin=0.0):
    """Gradient of the mean loss by the rewards of a table of responses (`eq-hf-gradient`): (responses,)."""
    push = loss_slope(reward[winners] - reward[losers], target_margin) / len(winners)
    gradient = np.zeros(len(reward))
    np.add.at(gradient, winners, push)
    np.add.at(gradient, losers, -push)
    return gradient


def table_curvature(reward, winners, losers):
    """Second derivative of the mean loss (`eq-hf-curvature`): (responses, responses)."""
    p = sigmoid(reward[winners] - reward[losers])
    between = np.eye(len(reward))[winners] - np.eye(len(reward))[losers]  # (pairs, responses): +1 winner, -1 loser
    return between.T @ ((p * (1 - p))[:, None] * between) / len(winners)


def segment_preference(first, second, slip=0.1):
    """Probability that the first of two clips is preferred, from the rewards of their steps (`eq-hf-segment`); with probability
    slip the label is a coin toss."""
    return (1 - slip) * sigmoid(np.sum(first) - np.sum(second)) + slip / 2


def margin_optimum(p, target_margin):
    """The difference of rewards that minimises the loss with a margin when the first response wins with probability p
    (`eq-hf-margin-optimum`)."""
    odds, factor = p / (1 - p), np.exp(target_margin)
    half = (odds - 1) * factor / 2
    return float(np.log(half + np.sqrt(half**2 + odds)))


def ceiling(agreement):
    """The highest accuracy against one annotator's labels, given how often two annotators agree (`eq-hf-ceiling`)."""
    return (1 + np.sqrt(2 * agreement - 1)) / 2


def borda(prefer):
    """Mean probability of winning against a response drawn uniformly, itself included at 1/2 (`eq-hf-borda`)."""
    return prefer.mean(axis=1)


def amplified_odds(p, beta):
    """Factor by which the optimum of reward minus beta KL multiplies the odds of a response preferred with probability p
    (`eq-hf-amplify`)."""
    return (p / (1 - p)) ** (1 / beta)


# ---- the world


def gold(x):
    """The wanted reward of responses (number, 6), in units of Bradley-Terry."""
    return 1.4 * x[:, 0] + 3.0 * x[:, 1] - 4.0 * np.maximum(x[:, 1] - 0.5, 0) ** 2


def plain_gold(x):
    """The control: a gold reward that a linear model can express."""
    return 1.4 * x[:, 0] + 3.0 * x[:, 1]


def compare(rng, number, wanted=gold):
    """Labelled pairs: (number, 6) of the winners, the same of the losers."""
    first, second = rng.standard_normal((2, number, FEATURES))
    wins = rng.random(number) < sigmoid(wanted(first) - wanted(second))
    return np.where(wins[:, None], first, second), np.where(wins[:, None], second, first)


# ---- the reward model


def initial(rng, hidden):
    """A linear map, and beside it one hidden layer of tanh units (none: the model is linear)."""
    return {
        "w": np.zeros(FEATURES),
        "inner": rng.standard_normal((FEATURES, hidden)) / FEATURES**0.5,
        "bias": np.zeros(hidden),
        "outer": 0.1 * rng.standard_normal(hidden),
    }


def score(params, x):
    """The reward of each response: (number,)."""
    return x @ params["w"] + np.tanh(x @ params["inner"] + params["bias"]) @ params["outer"]


def score_gradient(params, x, weight):
    """Gradient of sum(weight * score) by each parameter."""
    unit = np.tanh(x @ params["inner"] + params["bias"])
    back = weight[:, None] * params["outer"] * (1 - unit**2)
    return {"w": x.T @ weight, "inner": x.T @ back, "bias": back.sum(axis=0), "outer": unit.T @ weight}


def gradient(params, winners, losers, decay=1e-3):
    """Gradient of the mean loss (`eq-hf-gradient`) plus weight decay."""
    push = loss_slope(score(params, winners) - score(params, losers)) / len(winners)
    up, down = score_gradient(params, winners, push), score_gradient(params, losers, -push)
    return {name: up[name] + down[name] + decay * params[name] for name in params}


def fit(rng, winners, losers, hidden=HIDDEN, steps=400, rate=0.03, batch=256, decay=1e-3):
    """Adam on mini-batches, the step size falling to zero."""
    params = initial(rng, hidden)
    memory = adam.start(params)
    for k in range(steps):
        chosen = rng.integers(len(winners), size=min(batch, len(winners))) if len(winners) > batch else slice(None)
        slope = gradient(params, winners[chosen], losers[chosen], decay)
        params = adam.step(params, slope, memory, rate * (1 - k / steps))
    return params


# ---- optimising


def best_of_n(scores, n):
    """Probability of each response of the pool under best-of-n, drawn with replacement; no ties (`eq-hf-bon`)."""
    size = len(scores)
    p = np.empty(size)
    upper = np.arange(1, size + 1) / size
    p[np.argsort(scores)] = upper**n - (upper - 1 / size) ** n
    return p


def bon_kl(n):
    """KL of best-of-n from the reference for distinct scores and a continuous reference (`eq-hf-bon-kl`)."""
    return np.log(n) - (n - 1) / n


def kl_from_uniform(p):
    """KL of a distribution on the pool from the uniform one."""
    used = p[p > 0]
    return float(np.sum(used * np.log(used * len(p))))


def tilt(scores, beta):
    """The optimum of reward minus beta KL on the pool."""
    weights = np.exp((scores - scores.max()) / beta)
    return weights / weights.sum()


def curves(scores, wanted):
    """Rows of (KL, proxy, gold) under best-of-n over COUNTS and tilting over BETAS; both rewards from 0 at the reference."""
    proxy, true = scores - scores.mean(), wanted - wanted.mean()
    found = {}
    for name, policies in (
        ("best-of-n", (best_of_n(scores, n) for n in COUNTS)),
        ("tilting", (tilt(scores, beta) for beta in BETAS)),
    ):
        found[name] = np.array([(kl_from_uniform(p), float(p @ proxy), float(p @ true)) for p in policies])
    return found


def sag(rows):
    """How far gold lies below an earlier value of its own, at the worst place of a curve."""
    return float(np.max(np.maximum.accumulate(rows[:, 2]) - rows[:, 2]))


def drop(rows):
    """How far gold has fallen from its peak at the end of a curve."""
    return float(rows[:, 2].max() - rows[-1, 2])


def accuracy(scores, wanted):
    """Share of pairs of the pool, first half against second half, that are ranked as the gold reward ranks them."""
    half = len(scores) // 2
    return float(np.mean((scores[:half] > scores[half:]) == (wanted[:half] > wanted[half:])))


# ---- calibration


def reliability(predicted, won, bins=10):
    """For each bin of predicted probability: mean prediction, share won, number (`eq-hf-ece`); predictions of 0.5 and more."""
    flip = predicted < 0.5
    predicted, won = np.where(flip, 1 - predicted, predicted), np.where(flip, 1 - won, won)
    place = np.minimum((2 * (predicted - 0.5) * bins).astype(int), bins - 1)
    rows = [(predicted[place == b].mean(), won[place == b].mean(), np.sum(place == b)) for b in range(bins) if np.any(place == b)]
    return np.array(rows)


def calibration_error(rows):
    """Expected calibration error (`eq-hf-ece`): mean gap between prediction and share won, weighted by number."""
    return float(np.sum(rows[:, 2] * np.abs(rows[:, 0] - rows[:, 1])) / rows[:, 2].sum())


def calibrate(rng, scores, wanted, n, pairs=20_000):
    """Reliability on pairs of responses that best-of-n returns (n = 1: the reference); a label is the gold probability."""
    first, second = rng.choice(len(scores), size=(2, pairs), p=best_of_n(scores, n))
    keep = first != second
    first, second = first[keep], second[keep]
    return reliability(sigmoid(scores[first] - scores[second]), sigmoid(wanted[first] - wanted[second]))


# ---- reinforcement learning on samples: a Gaussian policy whose mean is learned


def policy_gradient(rng, reward, beta, steps=600, batch=256, rate=0.02):
    """REINFORCE with a leave-one-out baseline on N(mean, I); the reference is N(0, I), so KL = |mean|^2 / 2.

    Rows of (KL, mean reward of the batch), and the means: (steps + 1, 6).
    """
    mean, means = np.zeros(FEATURES), [np.zeros(FEATURES)]
    for _ in range(steps):
        x = mean + rng.standard_normal((batch, FEATURES))
        penalised = reward(x) - beta * (x @ mean - 0.5 * mean @ mean)  # log-ratio of the two Gaussians
        advantage = (penalised - penalised.mean()) * batch / (batch - 1)
        mean = mean + rate * (x - mean).T @ advantage / batch
        means.append(mean)
    return np.array(means)


def natural_path(reward, beta, rate, steps):
    """Log-ratio to the reference after each natural step of a table, up to a constant (`eq-hf-one-path`): (steps + 1, number)."""
    log_ratio, path = np.zeros_like(reward), []
    for _ in range(steps + 1):
        path.append(log_ratio - log_ratio.mean())
        log_ratio = (1 - rate * beta) * log_ratio + rate * reward
    return np.array(path)


# ---- a law in closed form


def quadratic_gold(d, slope, bend, share):
    """Gold of the optimum at d = sqrt(KL) for a linear proxy, a Gaussian reference and a gold with a quadratic cost
    (`eq-hf-quadratic`).

    slope: gold's slope along the proxy's direction; bend: weight of the squared length; share: length's part of the direction.
    """
    return d * (2**0.5 * slope - 2 * bend * share**2 * d)


def forms(rows):
    """Least squares of gold on d and d^2, and on d and d ln d, for d = sqrt(KL) > 0: worst miss of each, by the range."""
    rows = rows[rows[:, 0] > 1e-9]
    d, gains = np.sqrt(rows[:, 0]), rows[:, 2]
    misses = []
    for second in (d**2, d * np.log(d)):
        design = np.column_stack([d, second])
        miss = gains - design @ np.linalg.lstsq(design, gains, rcond=None)[0]
        misses.append(float(np.abs(miss).max() / np.ptp(gains)))
    return misses


# ---- the experiment


def reward_models(seed):
    """The four reward models of one seed, each on pairs of its own."""
    found = {}
    for number, arm in enumerate(ARMS):
        winners, losers = compare(np.random.default_rng([seed, 1, number]), PAIRS[arm])
        found[arm] = fit(np.random.default_rng([seed, 2, number]), winners, losers, 0 if arm == "linear" else HIDDEN)
    return found


def run(seed: int, small: bool = False) -> dict:
    """Reward models, their over-optimisation, ensembles, calibration and reinforcement learning for one seed."""
    pool = np.random.default_rng([seed, 0]).standard_normal((4_000 if small else POOL, FEATURES))
    wanted, models, found = gold(pool), reward_models(seed), {}
    scores = {arm: score(models[arm], pool) for arm in ARMS}
    winners, losers = compare(np.random.default_rng([seed, 1, 1]), PAIRS["mlp 100"])
    long = fit(np.random.default_rng([seed, 2, 1]), winners, losers, HIDDEN, steps=2_000, decay=0.0)
    scores["mlp 100, overfitted"] = score(long, pool)
    # ensembles: five networks on the same 100 pairs, differing by their start; five linear models, each on pairs of its own
    data = {
        "linear": [compare(np.random.default_rng([seed, 9, k]), PAIRS["linear"]) for k in range(5)],
        "mlp 100": [(winners, losers)] * 5,
    }
    for arm, hidden in (("linear", 0), ("mlp 100", HIDDEN)):
        members = [score(fit(np.random.default_rng([seed, 3, k]), *data[arm][k], hidden), pool) for k in range(5)]
        members = np.array([m - m.mean() for m in members])
        scores[arm + ", mean of 5"], scores[arm + ", least of 5"] = members.mean(axis=0), members.min(axis=0)
    for arm, s in scores.items():
        found[arm] = curves(s, wanted) | {"accuracy": accuracy(s, wanted)}
    found["gold itself"] = curves(wanted, wanted) | {"accuracy": 1.0}
    # control: the same linear model and number of pairs, but a gold reward that it can express
    winners, losers = compare(np.random.default_rng([seed, 4]), PAIRS["linear"], plain_gold)
    plain = score(fit(np.random.default_rng([seed, 5]), winners, losers, 0), pool)
    found["control"] = curves(plain, plain_gold(pool)) | {"accuracy": accuracy(plain, plain_gold(pool))}
    found["calibration"] = {
        (arm, n): calibrate(np.random.default_rng([seed, 6]), scores[arm], wanted, n)
        for arm in ("linear", "mlp 10000")
        for n in (1, 64)
    }
    found["learning"] = {
        (arm, beta): climb(seed, models[arm], beta, 100 if small else 600) for arm in LEARNERS for beta in PENALTIES
    }
    return found


def climb(seed, params, beta, steps):
    """Rows of (KL, gold above the reference) along the policy gradient on a reward model."""
    fresh = np.random.default_rng([seed, 7]).standard_normal((20_000, FEATURES))
    means = policy_gradient(np.random.default_rng([seed, 8]), lambda x: score(params, x), beta, steps)
    base = gold(fresh).mean()
    return np.array([(0.5 * m @ m, gold(fresh + m).mean() - base) for m in means[::5]])


def gold_at(rows, kl):
    """Gold at a given KL along a run (KL grows along it), or not a number where the run ends before."""
    return float(np.interp(kl, rows[:, 0], rows[:, 1])) if rows[-1, 0] >= kl else float("nan")


# ---- figures


def overoptimisation_figure():
    """Proxy and gold under best-of-n, a panel a reward model, five seeds."""
    return plot([run(seed) for seed in range(5)])


def plot(results: list[dict]):
    """All seeds: proxy (dashed) and gold (solid) against the square root of KL, best-of-n from 1 to 1,024."""
    figure, axes = style.figure(2, 2, width=style.NARROW, height=5.2, sharex=True)
    rows = []
    for axis, arm in zip(axes.ravel(), ARMS, strict=True):
        for seed, result in enumerate(results):
            curve = result[arm]["best-of-n"]
            d = np.sqrt(np.maximum(curve[:, 0], 0))
            axis.plot(d, curve[:, 1], color=style.RED, linestyle="--", linewidth=1.0)
            axis.plot(d, curve[:, 2], color=style.BLUE, linestyle="-", linewidth=1.4)
            rows.append(
                (TITLES[arm], seed, *(float(v) for v in curve[[3, 6, 10], 2]), float(curve[10, 1]), result[arm]["accuracy"])
            )
        axis.axhline(0, color=style.GREY, linewidth=0.8)
        axis.set_title(TITLES[arm])
        for word, colour, at in zip(("proxy", "gold"), (style.RED, style.BLUE), LABELS[arm], strict=True):
            axis.annotate(word, at, color=colour)
    for axis in axes[1]:
        axis.set_xlabel("√KL (√nats)")
    for axis in axes[:, 0]:
        axis.set_ylabel("reward above the reference")
    figure.data_table = (
        ("reward model", "seed", "gold, n=8", "gold, n=64", "gold, n=1,024", "proxy, n=1,024", "pair accuracy"),
        rows,
    )
    return figure


def penalty_figure():
    """Gold against the square root of KL along sampled policy gradients, with and without a KL penalty."""
    figure, axes = style.figure(3, 1, width=style.NARROW, height=7.2, sharex=True)
    rows = []
    for axis, arm in zip(axes, LEARNERS, strict=True):
        for seed in range(5):
            params = reward_models(seed)[arm]
            for number, beta in enumerate(PENALTIES):
                run_rows = climb(seed, params, beta, 600)
                shown = run_rows[run_rows[:, 0] <= 4.2]
                axis.plot(
                    np.sqrt(shown[:, 0]), shown[:, 1], color=style.COLOURS[number], linestyle=style.DASHES[number], linewidth=1.2
                )
                rows.append((TITLES[arm], seed, beta, *(gold_at(run_rows, kl) for kl in (0.5, 1.0, 2.0))))
        axis.axhline(0, color=style.GREY, linewidth=0.8)
        axis.set_title(TITLES[arm])
        axis.set_ylabel("gold above the reference")
    axes[-1].set_xlabel("square root of KL (√nats)")
    axes[0].annotate("no penalty (solid)", (0.05, -3.4), color=style.COLOURS[0], fontsize=9)
    axes[0].annotate(f"β = {PENALTIES[1]:g} (dashed)", (0.05, -4.2), color=style.COLOURS[1], fontsize=9)
    figure.data_table = (("reward model", "seed", "KL weight β", "gold at KL 0.5", "at KL 1", "at KL 2"), rows)
    return figure


def calibration_figure():
    """Reliability of two reward models on pairs from the reference and on pairs that best-of-64 returns."""
    figure, axes = style.figure(2, 1, width=style.NARROW, height=6.0, sharex=True, sharey=True)
    rows = []
    for axis, arm in zip(axes, ("linear", "mlp 10000"), strict=True):
        axis.plot([0.5, 1], [0.5, 1], color=style.GREY, linestyle=":", linewidth=1.2)
        for seed in range(5):
            pool = np.random.default_rng([seed, 0]).standard_normal((POOL, FEATURES))
            scores = score(reward_models(seed)[arm], pool)
            for number, n in enumerate((1, 64)):
                table = calibrate(np.random.default_rng([seed, 6]), scores, gold(pool), n)
                table = table[table[:, 2] >= 50]
                axis.plot(
                    table[:, 0],
                    table[:, 1],
                    color=style.COLOURS[number],
                    linestyle=style.DASHES[number],
                    marker=style.MARKERS[number],
                    markersize=3,
                    linewidth=1.0,
                )
                rows.append((TITLES[arm], seed, n, calibration_error(table)))
        axis.set_title(TITLES[arm])
        axis.set_ylabel("gold probability of winning")
    axes[1].set_xlabel("predicted probability")
    axes[0].annotate("pairs from the reference", (0.5, 1.0), color=style.BLUE)
    axes[0].annotate("pairs from best-of-64", (0.72, 0.46), color=style.RED)
    figure.data_table = (("reward model", "seed", "n", "calibration error"), rows)
    return figure
