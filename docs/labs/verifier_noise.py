"""What a verifier's mistakes do: to the share of rewarded answers that are right, to the gradient, and to training.

f: probability that a wrong answer is accepted (false positive). m: probability that a right one is rejected (false negative).
p: probability that the policy answers rightly. Everything here is an exact expectation; nothing is sampled.
"""

import numpy as np
import style

ANSWERS = 22  # of the bandit: the right one, twenty wrong ones, one that the verifier likes
RIGHT, HACK = 0, -1


# ---- one answer


def accepted(p, f, m):
    """Probability of reward (`eq-noisy-reward`): affine in the accuracy."""
    return f + (1 - f - m) * p


def precision(p, f, m):
    """Share of rewarded answers that are right (`eq-verifier-precision`)."""
    return p * (1 - m) / accepted(p, f, m)


def signal(f, m):
    """Factor on the gradient (`eq-noisy-gradient`)."""
    return 1 - f - m


def sample_factor(p, f, m):
    """How many times more samples the difference of two accuracies near p costs (`eq-noisy-samples`)."""
    q = accepted(p, f, m)
    return q * (1 - q) / (p * (1 - p) * signal(f, m) ** 2)


def corrected(reward, f, m):
    """Unbiased for the true 0/1 reward if the two rates are the same for all answers (`eq-noisy-correction`)."""
    return (reward - f) / signal(f, m)


# ---- many answers, each with its own rate


def gradient(policy, rate):
    """Expected policy gradient by the logits when answer y is accepted with probability rate[y] (`eq-answer-rates`)."""
    return policy * (rate - policy @ rate)


def natural_path(start, rate, time):
    """The policy after a natural policy gradient of length `time` (`eq-hack-path`)."""
    logits = np.log(start) + time * rate
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def takeover(p_right, p_hack, rate_right, rate_hack):
    """Time at which the hack is as probable as the right answer (`eq-hack-takeover`)."""
    return float(np.log(p_right / p_hack) / (rate_hack - rate_right))


# ---- the experiment


def bandit(seed):
    """A start policy and the numbers of one verifier, drawn at random: the right answer, twenty wrong ones, a rare one."""
    rng = np.random.default_rng([seed, 11])
    p_right, p_hack = rng.uniform(0.1, 0.4), 10 ** rng.uniform(-5, -3)
    rate_right, lead = rng.uniform(0.7, 0.9), rng.uniform(0.04, 0.1)
    start = np.empty(ANSWERS)
    start[RIGHT], start[HACK] = p_right, p_hack
    start[1:HACK] = (1 - p_right - p_hack) * rng.dirichlet(np.ones(ANSWERS - 2))
    return start, float(rate_right), float(lead)


def rates(start, rate_right, lead, kind):
    """Acceptance of each answer. `hack`: one wrong answer is liked; `even`: the same mean error over all wrong answers."""
    rate = np.zeros(len(start))
    rate[RIGHT] = 1.0 if kind == "clean" else rate_right
    if kind == "hack":
        rate[HACK] = rate_right + lead
    elif kind == "weak hack":
        rate[HACK] = rate_right - lead
    elif kind == "even":
        rate[1:] = start[HACK] * (rate_right + lead) / (1 - start[RIGHT])
    elif kind == "even 20 %":
        rate[1:] = 0.2
    return rate


KINDS = ("clean", "even", "even 20 %", "weak hack", "hack")
TIMES = np.linspace(0, 400, 801)


def training(seed, kinds=KINDS, times=TIMES):
    """True accuracy, mean reward and share of the hack along the natural gradient, for each kind of verifier."""
    start, rate_right, lead = bandit(seed)
    found = {"takeover": takeover(start[RIGHT], start[HACK], rate_right, rate_right + lead)}
    for kind in kinds:
        rate = rates(start, rate_right, lead, kind)
        path = np.array([natural_path(start, rate, t) for t in times])
        found[kind] = {"accuracy": path[:, RIGHT], "reward": path @ rate, "hack": path[:, HACK]}
    return found


def plain_training(seed, kind="hack", step=1.0, steps=5_000):
    """Accuracy and hack after the plain gradient, whose pull on an answer is proportional to its probability."""
    start, rate_right, lead = bandit(seed)
    rate, logits = rates(start, rate_right, lead, kind), np.log(start)
    for _ in range(steps):
        weights = np.exp(logits - logits.max())
        policy = weights / weights.sum()
        logits = logits + step * gradient(policy, rate)
    return float(policy[RIGHT]), float(policy[HACK])


# ---- figures


def training_figure(seeds=range(5)):
    """Above: accuracy over training for verifiers of equal mean error. Below: reward and accuracy under the hack."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=5.4, sharex=True)
    results = [training(seed) for seed in seeds]
    looks = {
        "clean": (style.GREY, "-"),
        "even": (style.SKY, "--"),
        "even 20 %": (style.OCHRE, "-."),
        "weak hack": (style.BLUE, ":"),
        "hack": (style.RED, "-"),
    }
    for result in results:
        for kind, (colour, dash) in looks.items():
            upper.plot(TIMES, result[kind]["accuracy"], dash, color=colour, linewidth=1.2)
        lower.plot(TIMES, result["hack"]["reward"], "--", color=style.BLUE, linewidth=1.2)
        lower.plot(TIMES, result["hack"]["accuracy"], "-", color=style.RED, linewidth=1.2)
    upper.annotate("one wrong\nanswer liked", (225, 0.42), color=style.RED)
    upper.annotate("all other verifiers", (215, 0.9), color=style.BLUE)
    lower.annotate("mean reward", (215, 0.955), color=style.BLUE)
    lower.annotate("true accuracy", (215, 0.42), color=style.RED)
    upper.set_ylabel("accuracy")
    lower.set_ylabel("probability")
    lower.set_xlabel("length of training")
    for axes in (upper, lower):
        axes.set_ylim(0, 1.04)
    rows = []
    for kind in KINDS:
        for seed, result in zip(seeds, results, strict=True):
            path = result[kind]["accuracy"]
            rows.append((f"{kind}, seed {seed}", float(path.max()), float(TIMES[path.argmax()]), float(path[-1])))
    figure.data_table = (("verifier", "best accuracy", "at", "accuracy at the end"), rows)
    return figure


def precision_figure():
    """Share of rewarded answers that are right, against the accuracy of the policy, for four false-positive rates."""
    figure, axes = style.figure(width=style.NARROW, height=3.0)
    accuracy = np.logspace(-3, 0, 200)
    rows = []
    for number, f in enumerate((0.001, 0.01, 0.05, 0.2)):
        line = precision(accuracy, f, 0.0)
        axes.plot(accuracy, line, color=style.COLOURS[number], linestyle=style.DASHES[number])
        place = int(np.argmin(np.abs(line - 0.5)))
        axes.annotate(f"{100 * f:g} %", (accuracy[place] * 1.1, 0.43))
        rows.append((f"{100 * f:g} %", *(float(precision(p, f, 0.0)) for p in (0.01, 0.1, 0.5))))
    axes.set_xscale("log")
    axes.set_xticks((0.001, 0.01, 0.1, 1), ("0.001", "0.01", "0.1", "1"))
    axes.set_xlabel("accuracy of the policy")
    axes.set_ylabel("share of rewarded\nanswers that are right")
    figure.data_table = (("false-positive rate", "accuracy 0.01", "accuracy 0.1", "accuracy 0.5"), rows)
    return figure
