"""DPO on one prompt with few responses, where everything can be enumerated: on full coverage, off it, and over beta.

A policy is log-linear: softmax(log reference + features @ theta). Features that are the identity matrix give every response its
own logit (a table). A data set is a matrix W: W[i, j] is the share of pairs in which response i was preferred to response j.
"""

import numpy as np
import style
from divergences import kl
from kl_optimum import gibbs, objective
from preference_losses import dpo, dpo_slope, sigmoid
from sequences import softmax

BETA = 0.5
BETAS = (4.0, 2.0, 1.0, 0.5, 0.25, 0.1)
ROUNDS, LABELS = 8, 400  # labels coming in: rounds, and pairs labelled in each
LABEL_ARMS = ("offline", "online", "spread")


# ---- the pieces


def bradley_terry(reward):
    """P[i, j]: the probability that i is preferred to j."""
    return sigmoid(reward[:, None] - reward[None, :])


def pairs(prefer, left, right=None):
    """W when both responses of a pair are drawn from `left` (or one from `right`): ties of a response with itself left out."""
    drawn = np.outer(left, left if right is None else right)
    drawn = (drawn + drawn.T) * (1 - np.eye(len(left)))
    return drawn / drawn.sum() * prefer * 2


def sample_pairs(rng, prefer, left, number):
    """W of `number` sampled and labelled pairs."""
    w = pairs(prefer, left)
    flat = rng.multinomial(number, (w / w.sum()).ravel())
    return flat.reshape(w.shape) / number


def policy(theta, features, reference):
    """Log-linear policy: (responses,)."""
    return softmax(np.log(reference) + features @ theta)


def margins(theta, features):
    """h[i, j]: the margin of i over j; the normaliser of the policy has cancelled."""
    lifted = features @ theta
    return lifted[:, None] - lifted[None, :]


def loss(theta, features, w, beta):
    """DPO's loss on the data set W (`eq-dpo-loss`)."""
    return float(np.sum(w * dpo(margins(theta, features), beta)))


def gradient(theta, features, w, beta):
    """Its gradient (`eq-dpo-gradient`): pull towards the features of the chosen, away from those of the rejected."""
    pull = w * dpo_slope(margins(theta, features), beta)
    return features.T @ (pull.sum(axis=1) - pull.sum(axis=0))


def hessian(theta, features, w, beta):
    """Its second derivative: never negative, so every minimum is global."""
    s = sigmoid(beta * margins(theta, features))
    bend = w * beta**2 * s * (1 - s)
    bend = bend + bend.T
    return features.T @ (np.diag(bend.sum(axis=1)) - bend) @ features


def fit(features, w, beta, ridge=0.0, steps=100):
    """Minimise the loss by Newton's method from theta = 0; what the data do not determine stays zero."""
    theta = np.zeros(features.shape[1])
    for _ in range(steps):
        g = gradient(theta, features, w, beta) + ridge * theta
        move = np.linalg.lstsq(hessian(theta, features, w, beta) + ridge * np.eye(len(theta)), -g, rcond=1e-10)[0]
        size, now = 1.0, loss(theta, features, w, beta) + ridge / 2 * theta @ theta
        while loss(theta + size * move, features, w, beta) + ridge / 2 * np.sum((theta + size * move) ** 2) > now + 1e-12:
            size /= 2
        theta = theta + size * move
        if np.abs(size * move).max() < 1e-13:
            break
    return theta


def rlhf(features, w, reference, beta):
    """The two stages: reward by Bradley-Terry maximum likelihood, then the closed-form optimum (`eq-dpo-equals-rlhf`)."""
    reward = features @ fit(features, w, 1.0)
    return gibbs(reference, reward, beta)


def distance(p, q):
    """Total variation: the largest difference of probability that any set of responses can get."""
    return 0.5 * float(np.abs(p - q).sum())


# ---- coverage


def world(seed, confounded=True):
    """Twelve responses, of which the pairs show six; features: quality, length and two more.

    In the six, length repeats quality (if `confounded`); in the others it is independent and high. The true reward likes
    quality and dislikes length.
    """
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((12, 4))
    shown = np.arange(12) < 6
    if confounded:
        features[shown, 1] = features[shown, 0]
    features[~shown, 1] += 1.5
    reference = softmax(0.5 * rng.standard_normal(12))
    reward = features @ np.array([2.0, -1.0, 0.5, -0.5])
    return features, reference, reward, shown


def coverage(seed):
    """Distance to the true optimum for each kind of data and features, and what the loss on the data says."""
    features, reference, reward, shown = world(seed)
    prefer, target = bradley_terry(reward), gibbs(reference, reward, BETA)
    all_pairs, few = pairs(prefer, reference), pairs(prefer, reference * shown)
    table = np.eye(12)
    found = {}
    for name, phi, w in (
        ("table, all pairs", table, all_pairs),
        ("features, all pairs", features, all_pairs),
        ("features, six shown", features, few),
        ("table, six shown", table, few),
    ):
        theta = fit(phi, w, BETA)
        p = policy(theta, phi, reference)
        found[name] = {
            "distance": distance(p, target),
            "rlhf": distance(p, rlhf(phi, w, reference, BETA)),
            "gradient": float(np.abs(gradient(theta, phi, w, BETA)).max()),
            "excess": loss(theta, phi, w, BETA)
            - float(np.sum(w * dpo(np.log(target / reference)[:, None] - np.log(target / reference), BETA))),
            "reward": float(p @ reward),
            "hidden": float(p[~shown].sum()),
        }
    # control: the same six responses shown, but their length is not tied to quality
    features, reference, reward, shown = world(seed, confounded=False)
    w = pairs(bradley_terry(reward), reference * shown)
    p = policy(fit(features, w, BETA), features, reference)
    found["control"] = {"distance": distance(p, gibbs(reference, reward, BETA))}
    return found


def labels(seed, rounds=ROUNDS):
    """Distance to the optimum as labels come in.

    offline: pairs of the six shown responses; online: after a first batch of these, pairs drawn from the present policy;
    spread: pairs drawn from the reference over all twelve.
    """
    features, reference, reward, shown = world(seed)
    prefer, target = bradley_terry(reward), gibbs(reference, reward, BETA)
    paths = {}
    for number, name in enumerate(LABEL_ARMS):
        rng = np.random.default_rng([seed, number])
        fixed = reference if name == "spread" else reference * shown
        w, path = sample_pairs(rng, prefer, fixed, LABELS), []
        for k in range(1, rounds + 1):
            theta = fit(features, w, BETA, ridge=1e-4)
            path.append(distance(policy(theta, features, reference), target))
            source = policy(theta, features, reference) if name == "online" else fixed
            w = (k * w + sample_pairs(rng, prefer, source / source.sum(), LABELS)) / (k + 1)
        paths[name] = np.array(path)
    return paths


def beta_sweep(seed):
    """KL and true reward over beta: the optimum, DPO on 200 sampled pairs of all responses, DPO on the six shown."""
    features, reference, reward, shown = world(seed)
    prefer, table = bradley_terry(reward), np.eye(12)
    few = pairs(prefer, reference * shown)
    drawn = sample_pairs(np.random.default_rng([seed, 7]), prefer, reference, 200)
    rows = {"optimum": [], "200 pairs": [], "off coverage": []}
    for beta in BETAS:
        sampled = fit(table, drawn, 1.0, ridge=1e-4) / beta  # DPO's solution scales with 1/beta (`eq-dpo-equals-rlhf`)
        for name, p in zip(
            rows,
            (
                gibbs(reference, reward, beta),
                policy(sampled, table, reference),
                policy(fit(features, few, beta), features, reference),
            ),
            strict=True,
        ):
            rows[name].append((kl(p, reference), float(p @ reward)))
    return {name: np.array(row) for name, row in rows.items()} | {"start": float(reference @ reward)}


# ---- rewards that the features cannot express


def best_in_class(features, reference, reward, beta, starts):
    """Climb reward minus beta KL over theta by its natural gradient, from each start: the best policy found."""
    best = None
    for theta in starts:
        for _ in range(500):
            p = policy(theta, features, reference)
            shaped = reward - beta * np.log(p / reference)
            centred = features - p @ features
            theta = theta + 0.3 / beta * np.linalg.solve(
                centred.T @ (p[:, None] * centred) + 1e-9 * np.eye(len(theta)), centred.T @ (p * shaped)
            )
        p = policy(theta, features, reference)
        if best is None or objective(p, reference, reward, beta) > objective(best, reference, reward, beta):
            best = p
    return best


def misfit(seed, size=1.0):
    """All pairs seen, but the reward has a part outside the features: DPO now depends on how the pairs were drawn."""
    features, reference, reward, _ = world(seed)
    reward = reward + size * np.random.default_rng([seed, 8]).standard_normal(12)
    prefer, uniform = bradley_terry(reward), np.full(12, 1 / 12)
    thetas = [fit(features, pairs(prefer, source), BETA) for source in (reference, uniform)]
    dpos = [policy(theta, features, reference) for theta in thetas]
    best = best_in_class(features, reference, reward, BETA, thetas)
    top = objective(best, reference, reward, BETA)
    return {
        "apart": distance(*dpos),
        "short": np.array([top - objective(p, reference, reward, BETA) for p in dpos]),
        "scale": top - objective(reference, reference, reward, BETA),
    }


# ---- preferences without doubt


def ipo_gradient(theta, w, tau):
    """Gradient of IPO's loss on W for a table of logits (`eq-ipo-loss`)."""
    pull = w * 2 * (margins(theta, np.eye(len(theta))) - 1 / (2 * tau))
    return pull.sum(axis=1) - pull.sum(axis=0)


def ipo_optimum(reference, win_rate, tau):
    """IPO's optimum (`eq-ipo-optimum`): the reference reweighted by exp(win rate / tau)."""
    return gibbs(reference, win_rate, tau)


def certain(seed, steps=(200, 2_000, 20_000), beta=2.0, tau=0.5, rate=1.0):
    """KL from the reference after gradient descent on labels that are always the same, for DPO and for IPO.

    The weights are matched: beta = 4 tau, where both agree on labels that are nearly undecided.
    """
    rng = np.random.default_rng([seed, 3])
    reference, order = softmax(rng.standard_normal(8)), rng.permutation(8)
    prefer = (order[:, None] > order[None, :]).astype(float)
    w, table, found = pairs(prefer, np.full(8, 1 / 8)), np.eye(8), {}
    for name in ("dpo", "ipo"):
        theta, path = np.zeros(8), []
        for n in range(1, steps[-1] + 1):
            slope = gradient(theta, table, w, beta) if name == "dpo" else ipo_gradient(theta, w, tau)
            theta = theta - rate * slope
            if n in steps:
                path.append(kl(policy(theta, table, reference), reference))
        found[name], found[name + " policy"] = np.array(path), policy(theta, table, reference)
    found["ipo target"] = ipo_optimum(reference, (prefer.sum(axis=1) + 0.5) / 8, tau)
    found["ceiling"] = -float(np.log(reference[np.argmax(order)]))
    return found


# ---- likelihood displacement


NAMES = ("No", "Never", "Yes")
ANSWERS = np.array([[1.0], [2.0], [-1.0]])  # one feature: how strongly the answer denies
START = np.array([0.4, 0.3, 0.3])


def first_change(features, probabilities, chosen, rejected):
    """First-order change of log p(chosen) per unit of push (`eq-displacement`)."""
    mean = probabilities @ features
    return float((features[chosen] - mean) @ (features[chosen] - features[rejected]))


def displacement(features=ANSWERS, reference=START, chosen=0, rejected=1, beta=1.0, rate=0.5, steps=60):
    """Probabilities along gradient descent on one pair: (steps + 1, responses), and the losses."""
    w = np.zeros((len(reference), len(reference)))
    w[chosen, rejected] = 1.0
    theta, path, losses = np.zeros(features.shape[1]), [], []
    for _ in range(steps + 1):
        path.append(policy(theta, features, reference))
        losses.append(loss(theta, features, w, beta))
        theta = theta - rate * gradient(theta, features, w, beta)
    return np.array(path), np.array(losses)


def displaced(seed, cases=400, dimension=4):
    """Random features, twelve responses: how often the chosen one falls at the first step, with features and in a table."""
    rng = np.random.default_rng([seed, 4])
    fell, agreed, fell_in_table = 0, 0, 0
    for _ in range(cases):
        features, reference = rng.standard_normal((12, dimension)), softmax(rng.standard_normal(12))
        features = features + 2 * rng.standard_normal(dimension)  # a shared offset changes nothing
        path, _ = displacement(features, reference, rate=1e-5, steps=1)
        down = path[1, 0] < path[0, 0]
        fell += down
        agreed += down == (first_change(features, reference, 0, 1) < 0)
        path, _ = displacement(np.eye(12), reference, rate=1e-5, steps=1)
        fell_in_table += path[1, 0] < path[0, 0]
    return {"fell": fell / cases, "agreed": agreed / cases, "table": fell_in_table / cases}


# ---- the same reward token by token


def soft_values(token_reference, reward, beta):
    """Two tokens of a binary vocabulary: V of the start and of each first token, and the optimal policy (`eq-token-reward`).

    token_reference: (3, 2) for the prefixes (), (0), (1); reward: (2, 2) of the whole completion.
    """
    after = beta * np.log(np.sum(token_reference[1:] * np.exp(reward / beta), axis=1))
    start = beta * np.log(np.sum(token_reference[0] * np.exp(after / beta)))
    first = token_reference[0] * np.exp((after - start) / beta)
    second = token_reference[1:] * np.exp((reward - after[:, None]) / beta)
    return start, after, first, second


# ---- the experiment


def run(seed: int, small: bool = False) -> dict:
    """Everything for one seed: exactness, coverage, labels, beta, certain preferences, displacement."""
    rng = np.random.default_rng([seed, 5])
    reference, reward = softmax(rng.standard_normal(8)), rng.standard_normal(8)
    exact, table = {}, np.eye(8)
    for beta in (0.1, 0.5, 1.0, 2.0):
        w = pairs(bradley_terry(reward), np.full(8, 1 / 8))
        p = policy(fit(table, w, beta), table, reference)
        exact[beta] = distance(p, gibbs(reference, reward, beta))
    drawn = sample_pairs(np.random.default_rng([seed, 6]), bradley_terry(reward), np.full(8, 1 / 8), 400)
    fitted = policy(fit(table, drawn, BETA), table, reference)
    return {
        "exact": exact,
        "sampled": distance(fitted, gibbs(reference, reward, BETA)),
        "sampled rlhf": distance(fitted, rlhf(table, drawn, reference, BETA)),
        "coverage": coverage(seed),
        "labels": labels(seed, 3 if small else ROUNDS),
        "beta": beta_sweep(seed),
        "misfit": misfit(seed),
        "certain": certain(seed, (200, 2_000) if small else (200, 2_000, 20_000)),
        "displaced": displaced(seed, 50 if small else 400),
    }


# ---- figures

SEEDS = range(5)
ARMS = ("table, all pairs", "features, all pairs", "control", "table, six shown", "features, six shown")


def plot(results: list[dict]):
    """Above: distance to the optimum for each kind of data, a mark a seed. Below: distance as labels come in."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=6.0)
    for row, arm in enumerate(reversed(ARMS)):
        values = [max(result["coverage"][arm]["distance"], 1e-17) for result in results]
        upper.plot(
            values,
            row + 0.08 * (np.arange(len(values)) - 2),
            "o" if min(values) < 1e-6 else "s",
            color=style.BLUE if min(values) < 1e-6 else style.RED,
            linestyle="none",
        )
    upper.set_xscale("log")
    upper.set_yticks(
        range(len(ARMS)),
        [{"control": "features, six shown,\nuntied (control)"}.get(a, a.replace(", ", ",\n")) for a in reversed(ARMS)],
    )
    upper.set_xlabel("distance to the optimum")
    for result in results:
        for name, line, colour in (("offline", "--", style.RED), ("online", "-", style.BLUE), ("spread", ":", style.OCHRE)):
            lower.plot(
                LABELS * np.arange(1, len(result["labels"][name]) + 1), result["labels"][name], line, color=colour, linewidth=1.3
            )
    lower.annotate("offline: six shown", (LABELS * 3, 0.9), color=style.RED)
    lower.annotate("online: own samples", (LABELS * 3, 0.24), color=style.BLUE)
    lower.annotate("spread: all twelve", (LABELS * 3, 0.16))
    lower.set_ylim(0, 1)
    lower.set_xlabel("pairs labelled")
    lower.set_ylabel("distance to the optimum")
    rows = [
        (arm.replace("control", "features, six shown, untied"), *(r["coverage"][arm]["distance"] for r in results))
        for arm in ARMS
    ]
    rows += [
        (f"{name}, {LABELS * len(results[0]['labels'][name])} labels", *(float(r["labels"][name][-1]) for r in results))
        for name in LABEL_ARMS
    ]
    figure.data_table = (("data", *(f"seed {k}" for k in range(len(results)))), rows)
    return figure


def coverage_figure():
    """The lab's figure on five seeds."""
    return plot([{"coverage": coverage(seed), "labels": labels(seed)} for seed in SEEDS])


def displacement_figure():
    """Three answers on one feature: their probabilities while the loss on the pair falls."""
    path, losses = displacement(steps=20)
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=5.4)
    steps = np.arange(len(path))
    for k, name in enumerate(NAMES):
        upper.plot(steps, path[:, k])
        upper.annotate(
            {"No": "No (chosen)", "Never": "Never (rejected)", "Yes": "Yes (not in the data)"}[name],
            (8, path[8, k]),
            ((4, 6), (-22, -16), (4, -18))[k],
            textcoords="offset points",
        )
    lower.plot(steps, losses)
    upper.set_xlabel("step")
    lower.set_xlabel("step")
    upper.set_ylabel("probability")
    lower.set_ylabel("loss on the pair No > Never")
    upper.set_ylim(-0.16, 1.05)
    for axes in (upper, lower):
        axes.set_xticks(range(0, 21, 5))
    picked = (0, 1, 2, 5, 10, 20)
    figure.data_table = (("step", *NAMES, "loss"), [(n, *(float(v) for v in path[n]), float(losses[n])) for n in picked])
    return figure


def sweep_figure():
    """True reward against KL over beta: the optimum, and DPO on the six shown responses."""
    figure, axes = style.figure(width=style.NARROW, height=3.6)
    rows = []
    for seed in SEEDS:
        sweep = beta_sweep(seed)
        for name, line, colour in (("optimum", "-", style.BLUE), ("off coverage", "--", style.RED)):
            axes.plot(sweep[name][:, 0], sweep[name][:, 1] - sweep["start"], line, color=colour, marker=".", linewidth=1.2)
            rows += [
                (f"seed {seed}, {name}, beta {b:g}", float(k), float(r - sweep["start"]))
                for b, (k, r) in zip(BETAS, sweep[name], strict=True)
            ]
    axes.annotate("all pairs (the optimum)", (0.1, 4.3), color=style.BLUE)
    axes.annotate("six shown", (1.5, -2.35), color=style.RED)
    axes.set_ylim(-2.7, 4.9)
    axes.set_xlabel("KL from the reference (nats)")
    axes.set_ylabel("gain in true reward")
    figure.data_table = (("run", "KL", "gain in true reward"), rows)
    return figure


def certain_figure():
    """KL on labels that are always the same, as training goes on: DPO and IPO."""
    figure, axes = style.figure(width=style.NARROW, height=3.4)
    rows = []
    for seed in SEEDS:
        sure = certain(seed)
        for name, line, colour in (("dpo", "--", style.RED), ("ipo", "-", style.BLUE)):
            axes.plot((200, 2_000, 20_000), sure[name], line, color=colour, marker=".", linewidth=1.2)
            rows.append((f"seed {seed}, {name.upper()}", *(float(k) for k in sure[name])))
    axes.annotate("DPO", (300, 2.2), color=style.RED)
    axes.annotate("IPO", (2_000, 0.28), color=style.BLUE)
    axes.set_xscale("log")
    axes.set_xlabel("steps of gradient descent")
    axes.set_ylabel("KL from the reference (nats)")
    figure.data_table = (("run", "KL at 200 steps", "at 2,000", "at 20,000"), rows)
    return figure
