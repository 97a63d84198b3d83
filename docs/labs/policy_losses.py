"""One loss with six slots, and the methods of the chapter as lines of settings; what each does to the gradient at step zero.

Arrays have the shape (..., prompts, group, tokens); rewards (..., prompts, group). The leading axes are independent batches.
The policy that is measured is the table of `gradient_estimators`: 64 prompts with 64 completions, so that the exact gradient
is a sum.
"""

from math import comb

import adam
import autograd.numpy as np
import gradient_estimators as task
import numpy
import style
from autograd import grad
from autograd.tracer import getval

SLOTS = ("baseline", "scale", "ratio", "clip", "aggregate", "kl", "groups")

PLAIN = {
    "baseline": "none",
    "scale": "none",
    "ratio": "none",
    "clip": None,
    "aggregate": "sum",
    "kl": "none",
    "groups": "all",
}
_PPO = PLAIN | {"baseline": "critic", "ratio": "token", "clip": (0.2, 0.2), "aggregate": "sequence", "kl": "reward k1"}
_GRPO = _PPO | {"baseline": "group", "scale": "group", "kl": "loss k3"}
METHODS = {
    "REINFORCE": PLAIN,
    "baseline": PLAIN | {"baseline": "given"},
    "RLOO": PLAIN | {"baseline": "leave one out", "kl": "reward k1"},
    "PPO": _PPO,
    "GRPO": _GRPO,
    "Dr. GRPO": _GRPO | {"scale": "none", "aggregate": "constant", "kl": "none"},
    "DAPO": _GRPO | {"clip": (0.2, 0.28), "aggregate": "token", "kl": "none", "groups": "mixed"},
    "GSPO": _GRPO | {"ratio": "sequence", "clip": (3e-4, 4e-4), "kl": "none"},
    "CISPO": _GRPO | {"ratio": "weight", "clip": (1.0, 1.0), "aggregate": "token", "kl": "none", "groups": "mixed"},
    "REINFORCE++": _PPO | {"baseline": "batch", "scale": "batch", "aggregate": "token"},
}


def stop(x):
    """The value of x as a constant: no gradient passes."""
    while hasattr(x, "_value"):
        x = getval(x)
    return x


# ---- slots one and two: what is subtracted, and what it is divided by


def advantages(rewards, baseline="none", scale="none", given=0.0, least=1e-6):
    """Rewards (..., prompts, group) -> advantages of the same shape (`eq-group-advantage`)."""
    size = rewards.shape[-1]
    subtracted = {
        "none": lambda: 0.0,
        "given": lambda: given,
        "group": lambda: rewards.mean(-1, keepdims=True),
        "leave one out": lambda: (rewards.sum(-1, keepdims=True) - rewards) / (size - 1),
        "batch": lambda: rewards.mean((-2, -1), keepdims=True),
    }[baseline]()
    divisor = {
        "none": lambda: 1.0,
        "group": lambda: rewards.std(-1, keepdims=True) + least,
        "batch": lambda: rewards.std((-2, -1), keepdims=True) + least,
    }[scale]()
    return (rewards - subtracted) / divisor


def critic_advantages(rewards, costs, values, mask, trace=1.0):
    """GAE with discount 1: reward at the last token, costs at each, values (..., tokens) of the prefixes."""
    made, later, after = [], 0.0, 0.0
    last = mask - numpy.concatenate([mask[..., 1:], numpy.zeros_like(mask[..., :1])], -1)  # 1 at the last token
    for t in reversed(range(mask.shape[-1])):
        delta = rewards * last[..., t] - costs[..., t] + after - values[..., t]
        later = mask[..., t] * (delta + trace * later)
        after = mask[..., t] * values[..., t]
        made.append(later)
    return numpy.stack(made[::-1], -1)


def token_advantages(rewards, costs, mask, s, values=None, given=0.0, trace=1.0):
    """The advantage of every token: one number a completion, unless a critic or a running cost tells tokens apart."""
    if s["baseline"] == "critic":
        return critic_advantages(rewards, costs, values, mask, trace)
    if s["baseline"] == "batch":  # reward less the costs still to come, normalised over the batch's tokens
        to_go = rewards[..., None] - numpy.cumsum(costs[..., ::-1], -1)[..., ::-1]
        axes = (-3, -2, -1)
        n = mask.sum(axes, keepdims=True)
        mean = (to_go * mask).sum(axes, keepdims=True) / n
        spread = ((to_go - mean) ** 2 * mask).sum(axes, keepdims=True) / n
        return (to_go - mean) / (spread**0.5 + 1e-6) * mask
    return advantages(rewards - costs.sum(-1), s["baseline"], s["scale"], given)[..., None] * mask


# ---- slot three: the ratio


def ratios(logp, old, mask, kind):
    """Probability now over probability at sampling time: of a token, or the geometric mean of a completion's."""
    difference = (logp - old) * mask
    if kind == "sequence":  # `eq-sequence-ratio`
        difference = (difference.sum(-1, keepdims=True) / mask.sum(-1, keepdims=True)) * mask
    return np.exp(difference)


# ---- slot four: the clip


def clipped(ratio, advantage, low, high):
    """PPO's minimum with its two bounds apart (`eq-clip-higher`)."""
    return np.minimum(ratio * advantage, np.clip(ratio, 1 - low, 1 + high) * advantage)


def dual_clipped(ratio, advantage, low, high, most=3.0):
    """The same with a floor for negative advantages (`eq-dual-clip`)."""
    held = clipped(ratio, advantage, low, high)
    return np.where(stop(advantage) < 0, np.maximum(held, most * advantage), held)


def surrogate(logp, old, mask, advantage, kind, clip):
    """What one token contributes before it is weighted: the bracket of `eq-family` without its KL term."""
    if kind == "none":
        return advantage * logp
    if kind == "weight":  # the ratio is a number that weighs the score (`eq-cispo`)
        weight = np.clip(stop(ratios(logp, old, mask, "token")), 1 - clip[0], 1 + clip[1])
        return weight * advantage * logp
    ratio = ratios(logp, old, mask, kind)
    return ratio * advantage if clip is None else clipped(ratio, advantage, *clip)


def score_weight(ratio, advantage, kind, clip, most=None):
    """Derivative of the surrogate by the token's log-probability, for a ratio of its own (`eq-score-weight`)."""
    if kind == "none":
        return advantage + 0.0 * ratio
    if kind == "weight":
        return numpy.clip(ratio, 1 - clip[0], 1 + clip[1]) * advantage
    too_high = (advantage > 0) & (ratio > 1 + clip[1])
    too_low = (advantage < 0) & (ratio < 1 - clip[0])
    far = (advantage < 0) & (ratio > most) if most else False
    return numpy.where(too_high | too_low | far, 0.0, ratio * advantage)


# ---- slot five: aggregation


def token_weights(mask, kind, constant=None):
    """c_it of `eq-family`: a group's weights. (..., group, tokens) -> the same shape (`eq-aggregation`)."""
    size = mask.shape[-2]
    return {
        "sum": lambda: mask / size,
        "sequence": lambda: mask / (size * mask.sum(-1, keepdims=True)),
        "token": lambda: mask / mask.sum((-2, -1), keepdims=True),
        "constant": lambda: mask / (size * (constant or mask.shape[-1])),
    }[kind]()


# ---- slot six: KL


def kl_estimate(logp, ref, kind):
    """k1, k2 or k3 of one sample from the policy (`eq-k123`)."""
    u = logp - ref
    return {"k1": lambda: u, "k2": lambda: u**2 / 2, "k3": lambda: np.exp(-u) - 1 + u}[kind]()


# ---- the loss


def policy_loss(logp, old, ref, rewards, mask, s, beta=0.0, values=None, given=0.0, constant=None):
    """The loss (...) of batches of prompts, each with a group of completions (`eq-family`)."""
    place, _, kind = s["kl"].partition(" ")
    costs = beta * stop(kl_estimate(logp, ref, kind)) * mask if place == "reward" else 0.0 * mask
    advantage = token_advantages(rewards, costs, mask, s, values, given)
    inner = surrogate(logp, old, mask, advantage, s["ratio"], s["clip"])
    if place == "loss":
        inner = inner - beta * kl_estimate(logp, ref, kind)
    groups = -(token_weights(mask, s["aggregate"], constant) * inner).sum((-2, -1))
    if s["groups"] == "all":
        return groups.mean(-1)
    mixed = rewards.std(-1) > 0  # keep groups in which the rewards differ
    return (groups * mixed).sum(-1) / numpy.maximum(mixed.sum(-1), 1)


def score_weights(logp, old, ref, rewards, mask, s, **more):
    """Minus the derivative of the loss by each token's log-probability: the weight of its score in an ascent step."""
    return -grad(lambda q: policy_loss(q, old, ref, rewards, mask, s, **more).sum())(logp)


# ---- what division by the group's standard deviation does to a prompt


def prompt_weight(p, size, scale="group"):
    """Expected gradient of a group over the gradient of p, for rewards 0 and 1 (`eq-prompt-weight`), exactly."""
    total = 0.0
    for k in range(1, size):
        share = k / size
        spread = share * (1 - share)
        total += comb(size, k) * p**k * (1 - p) ** (size - k) * (spread**0.5 if scale == "group" else spread)
    return total / (p * (1 - p))


def rare_weight(size):
    """The weight as p goes to 0 (`eq-rare-weight`): one right answer in a group, or none."""
    return (size - 1) ** 0.5


def limit_weight(p):
    """The same for a large group: the slope of 2 arcsin sqrt p (`eq-arcsine`)."""
    return 1 / (p * (1 - p)) ** 0.5


def measured_weight(p, size, s, groups, seed):
    """The same from samples of a one-token policy with two answers, through the loss itself: mean and standard error."""
    rng = numpy.random.default_rng(seed)
    right = (rng.random((groups, 1, size)) < p).astype(float)
    logp = numpy.log(numpy.where(right == 1, p, 1 - p))[..., None]
    mask = numpy.ones_like(logp)
    weights = score_weights(logp, logp, logp, right, mask, s)[..., 0]
    score = right - p  # gradient of the log-probability by the log-odds of the right answer
    each = (weights * score).sum((-2, -1)) / (p * (1 - p))  # dp / d log-odds = p (1 - p)
    return float(each.mean()), float(each.std(ddof=1) / groups**0.5)


def time_to_half(p, scale="none"):
    """Time in which the flow on the log-odds of one prompt goes from p to 1/2: speed = weight times p (1 - p)."""
    z = float(numpy.log(p / (1 - p)))
    if scale == "group":  # integral of e^(z/2) + e^(-z/2); divided by the weight 2 of a prompt at 1/2 as unit of time
        return 2 * 2 * (float(numpy.exp(-z / 2)) - float(numpy.exp(z / 2)))
    return -2 * z + float(numpy.exp(-z)) - float(numpy.exp(z))


def time_to_half_in_groups(p, size, pieces=4_000):
    """The same for the exact weight of a group of `size`, also scaled to be 1 at p = 1/2, by the midpoint rule."""
    start = float(numpy.log(p / (1 - p)))
    z = start * (1 - (numpy.arange(pieces) + 0.5) / pieces)
    q = 1 / (1 + numpy.exp(-z))
    speed = numpy.array([prompt_weight(one, size) for one in q]) / prompt_weight(0.5, size) * q * (1 - q)
    return float((-start / pieces / speed).sum())


# ---- the gradient at step zero, on 64 prompts

GROUP, BATCH = 8, 8


def draw(theta, batches, seed):
    """Prompts (batches, BATCH), completions and rewards (batches, BATCH, GROUP) of the table policy."""
    rng = numpy.random.default_rng(seed)
    e = task.enumerate_all(theta)
    x = rng.integers(len(task.PROMPTS), size=(batches, BATCH))
    place = rng.random((batches, BATCH, GROUP, 1))
    y = (place > e["probability"].cumsum(1)[x][:, :, None]).sum(-1).clip(max=len(task.ANSWERS) - 1)
    return x, y, e["reward"][x[..., None], y].astype(float)


def gradients(method, theta, batches, seed, s=None):
    """Gradient estimates (batches, 64) of a method when policy, old policy and reference are one."""
    s = s or METHODS[method]
    e = task.enumerate_all(theta)
    x, y, rewards = draw(theta, batches, seed)
    V, _ = task.values(e)
    mask = numpy.ones((batches, BATCH, GROUP, task.STEPS))
    logp = numpy.zeros_like(mask)  # at step zero only differences of log-probabilities enter, and they are zero
    weights = score_weights(
        logp, logp, logp, rewards, mask, s, values=V[x[..., None], y], given=task.objective(theta), constant=task.STEPS
    )
    made = numpy.zeros((batches, theta.size))
    for b in range(BATCH):
        for g in range(GROUP):
            made += numpy.einsum("nt,ntk->nk", weights[:, b, g], e["score"][x[:, b], y[:, b, g]])
    return made


def success(theta):
    """Success rate p of each prompt (64,) and its gradient (64, 64), by enumeration."""
    e = task.enumerate_all(theta)
    paid = e["probability"] * e["reward"]
    return paid.sum(1), numpy.einsum("xy,xytn->xn", paid, e["score"])


def mixed_share(p, size):
    """Probability that a group holds both a right and a wrong answer."""
    return 1 - p**size - (1 - p) ** size


def predicted(theta, s):
    """The exact mean of a method's gradient at step zero, or None where there is no closed form here."""
    p, slopes = success(theta)
    if s["baseline"] == "batch":
        return None
    if s["baseline"] != "group":
        return slopes.mean(0)  # the policy gradient itself
    weight = numpy.array([prompt_weight(q, GROUP, s["scale"]) for q in p])
    mean = (weight[:, None] * slopes).mean(0)
    if s["groups"] == "mixed":  # `eq-filter`; a batch without any mixed group gives zero
        share = mixed_share(p, GROUP).mean()
        mean = mean / share * (1 - (1 - share) ** BATCH)
    return mean


def compare(estimates, exact):
    """Projection on an exact gradient, its standard error, and the relative variance (trace over squared length)."""
    along = estimates @ exact / (exact @ exact)
    return {
        "scale": float(along.mean()),
        "standard error": float(along.std(ddof=1) / len(along) ** 0.5),
        "relative variance": float(estimates.var(0, ddof=1).sum() / (estimates.mean(0) @ estimates.mean(0))),
    }


def cosine(a, b):
    """Cosine of the angle between two vectors."""
    return float(a @ b / ((a @ a) * (b @ b)) ** 0.5)


PER_TOKEN = {"sum": 1.0, "sequence": task.STEPS, "token": task.STEPS, "constant": task.STEPS}  # three tokens in each


def run(seed, small=False):
    """All methods at one policy: projection on the exact gradient, and on what the chapter's equations predict."""
    theta, batches = task.start(seed), 250 if small else 1_500
    exact = task.policy_gradient(theta)
    made = {"seed": seed, "objective": task.objective(theta)}
    for method, s in METHODS.items():
        estimates = gradients(method, theta, batches, seed + 100) * PER_TOKEN[s["aggregate"]]
        made[method] = compare(estimates, exact)
        aim = predicted(theta, s)
        made[method]["theory"] = None if aim is None else compare(estimates, aim)
    made["weights"] = {
        scale: [measured_weight(p, GROUP, PLAIN | {"baseline": "group", "scale": scale}, 4_000, seed) for p in POINTS]
        for scale in ("none", "group")
    }
    made["cosine"] = {noise: direction(seed, noise) for noise in NOISES}
    return made


POINTS, NOISES = (0.05, 0.125, 0.25, 0.5, 0.75, 0.9), (0.5, 3.0)


def direction(seed, noise):
    """Cosine between the mean gradients with and without division by the group's deviation; least and largest p."""
    theta = task.start(seed, noise)
    p, _ = success(theta)
    return cosine(predicted(theta, METHODS["GRPO"]), task.policy_gradient(theta)), float(p.min()), float(p.max())


# ---- a short training run


TRAINED = ("RLOO", "GRPO", "Dr. GRPO", "DAPO", "REINFORCE++")


def train(method, seed, steps=60, rate=0.03):
    """Success (steps + 1,) of the table trained with Adam: a step for each batch of 8 prompts with 8 completions."""
    params = {"theta": task.start(seed)}
    memory = adam.start(params)
    made = [task.objective(params["theta"])]
    for step in range(steps):
        up = gradients(method, params["theta"], 1, 10_000 * (seed + 1) + step)[0]
        params = adam.step(params, {"theta": -up.reshape(params["theta"].shape)}, memory, rate)
        made.append(task.objective(params["theta"]))
    return numpy.array(made)


# ---- figures


def plot(results):
    """Projection on the exact gradient, one mark a seed and method; dashes show what the equations predict."""
    figure, axes = style.figure(width=style.NARROW, height=3.8)
    names = list(METHODS)
    for row, method in enumerate(names):
        axes.plot([r[method]["scale"] for r in results], [row] * len(results), "o", color=style.BLUE, alpha=0.75)
        wanted = [r[method]["scale"] / r[method]["theory"]["scale"] for r in results if r[method]["theory"]]
        axes.plot(wanted, [row] * len(wanted), "|", color=style.RED, markersize=13)
    axes.axvline(1, color=style.GREY, lw=0.8)
    axes.set(yticks=range(len(names)), yticklabels=names, xlabel="projection on the exact policy gradient", xlim=(0.75, 2.2))
    axes.invert_yaxis()
    figure.data_table = table(results)
    return figure


def table(results):
    """Header and rows: for each method the range over seeds of projection, its theory, and relative variance."""
    rows = []
    for method in METHODS:
        got = [r[method] for r in results]
        aims = [g["scale"] / g["theory"]["scale"] for g in got if g["theory"]]
        aim = f"{min(aims):.3f} to {max(aims):.3f}" if aims else "none"
        scales, spreads = [g["scale"] for g in got], [g["relative variance"] for g in got]
        rows.append((method, f"{min(scales):.3f} to {max(scales):.3f}", aim, f"{min(spreads):.2f} to {max(spreads):.2f}"))
    return ("method", "projection", "predicted", "relative variance"), rows


def weights_figure():
    """Weight of a prompt against its success rate for four group sizes and the limit; measured marks for groups of 8."""
    grid = numpy.linspace(0.01, 0.99, 197)
    figure, axes = style.figure(width=style.NARROW, height=3.8)
    sizes = (2, 4, 8, 32)
    for number, size in enumerate(sizes):
        line = [prompt_weight(p, size) for p in grid]
        axes.plot(grid, line, color=style.COLOURS[number], linestyle=style.DASHES[number])
        axes.annotate(f"G = {size}", (0.99, prompt_weight(0.99, size)), xytext=(4, -3), textcoords="offset points", fontsize=9)
    axes.plot(grid, limit_weight(grid), color=style.GREY, lw=1.0)
    axes.annotate("limit", (0.07, limit_weight(0.07)), xytext=(4, 4), textcoords="offset points", fontsize=9)
    axes.axhline(7 / 8, color=style.INK, lw=1.0, linestyle=(0, (1, 1)))
    axes.annotate("no division, G = 8", (0.36, 7 / 8), xytext=(0, -12), textcoords="offset points", fontsize=9)
    rows = []
    for p in POINTS:
        for scale, marker in (("group", "o"), ("none", "s")):
            got = [measured_weight(p, GROUP, PLAIN | {"baseline": "group", "scale": scale}, 4_000, seed)[0] for seed in range(5)]
            axes.plot([p] * 5, got, marker, color=style.OCHRE if scale == "group" else style.INK, markersize=3.5)
            exact = prompt_weight(p, GROUP, scale)
            rows.append((p, "divided" if scale == "group" else "not divided", exact, min(got), max(got)))
    axes.set(xlabel="success rate p of the prompt", ylabel="weight of the gradient of p", ylim=(0, 6), xlim=(0, 1.1))
    figure.data_table = (("p", "advantages, G = 8", "exact", "measured from", "to"), rows)
    return figure


def clips_figure():
    """Weight of a token's score against its ratio for four clips, advantage +1 and -1."""
    ratio = numpy.linspace(0.02, 4.0, 1_200)
    figure, panels = style.figure(2, 1, width=style.NARROW, height=6.2)
    kinds = {
        "PPO, GRPO": ("token", (0.2, 0.2), None),
        "clip-higher": ("token", (0.2, 0.28), None),
        "dual clip, c = 3": ("token", (0.2, 0.2), 3.0),
        "CISPO, cap 2": ("weight", (1.0, 1.0), None),
    }
    rows = []
    for axes, sign in zip(panels, (1.0, -1.0), strict=True):
        for number, (name, (kind, clip, most)) in enumerate(kinds.items()):
            if name == "dual clip, c = 3" and sign > 0:
                continue  # the same as PPO there
            line = score_weight(ratio, sign, kind, clip, most)
            axes.plot(ratio, line, color=style.COLOURS[number], linestyle=style.DASHES[number])
        axes.axhline(sign, color=style.GREY, lw=0.8)
        axes.set(ylabel="weight of the token's score", title="A = +1" if sign > 0 else "A = −1")
        for one in (0.5, 1.0, 1.25, 2.5, 3.5):
            got = [float(score_weight(numpy.array(one), sign, *kinds[name][:2], kinds[name][2])) for name in kinds]
            rows.append((f"{sign:+.0f}".replace("-", "−"), one, *got))
    panels[0].set(xlim=(0, 2.5), ylim=(-0.1, 2.3))
    panels[1].set(xlabel="ratio", xlim=(0, 4.0), ylim=(-4.1, 0.2))
    panels[0].annotate("REINFORCE", (1.55, 1.04), fontsize=9, color=style.GREY)
    for panel, colour, words, at, side in (
        (0, style.BLUE, "PPO, GRPO", (1.15, 0.3), "right"),
        (0, style.RED, "clip-higher", (1.33, 0.3), "left"),
        (0, style.INK, "CISPO, cap 2", (1.95, 1.72), "left"),
        (1, style.BLUE, "PPO, GRPO, clip-higher", (3.4, -3.8), "right"),
        (1, style.INK, "dual clip, c = 3", (2.92, -0.4), "right"),
        (1, style.INK, "CISPO, cap 2", (3.06, -1.9), "left"),
    ):
        panels[panel].annotate(words, at, ha=side, fontsize=9, color=colour)
    figure.data_table = (("advantage", "ratio", *kinds), rows)
    return figure


def training_figure(results=None):
    """Success after a short run: one mark a seed and method, the marks of a seed joined."""
    results = results or [{method: train(method, seed) for method in TRAINED} for seed in range(5)]
    ends = numpy.array([[run[method][-1] for method in TRAINED] for run in results])
    figure, axes = style.figure(width=style.NARROW, height=3.4)
    for number, one in enumerate(ends):
        axes.plot(range(len(TRAINED)), one, style.MARKERS[number] + "-", color=style.COLOURS[number], lw=0.9)
        axes.annotate(f"seed {number}", (len(TRAINED) - 1, one[-1]), xytext=(8, -3), textcoords="offset points", fontsize=9)
    axes.set(xticks=range(len(TRAINED)), xticklabels=TRAINED, ylabel="success after 60 steps", xlim=(-0.3, len(TRAINED) - 0.4))
    rows = [(method, float(ends[:, n].min()), float(ends[:, n].max())) for n, method in enumerate(TRAINED)]
    figure.data_table = (("method", "after 60 steps from", "to"), rows)
    return figure
