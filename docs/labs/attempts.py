"""The arithmetic of attempts: pass@k of a set of prompts, where two curves cross, votes, stopping, and how to spend a budget.

A set of prompts is a pair of arrays: `rates`, the success rate of each kind of prompt, and `shares`, which add up to 1.
"""

import numpy as np
import style

# ---- pass@k of a set of prompts


def pass_at(rates, shares, k):
    """Mean over prompts of 1 - (1 - p)^k (`eq-rm-pass`)."""
    return float(np.dot(shares, 1 - (1 - np.asarray(rates, dtype=float)) ** k))


def spread(rates, shares):
    """Variance of the success rate over prompts."""
    rates, shares = np.asarray(rates, dtype=float), np.asarray(shares, dtype=float)
    return float(shares @ (rates - shares @ rates) ** 2)


def pass_two(rates, shares):
    """pass@2 from mean and variance of the success rates (`eq-rm-spread`)."""
    mean = pass_at(rates, shares, 1)
    return 1 - (1 - mean) ** 2 - spread(rates, shares)


def pass_bound(rates, shares, k):
    """No set with this mean and this variance of success rates has a higher pass@k, k >= 2 (`eq-rm-bound`)."""
    mean = pass_at(rates, shares, 1)
    return 1 - ((1 - mean) ** 2 + spread(rates, shares)) ** (k / 2)


def hazard(rates, shares, failures):
    """Chance that the next attempt succeeds after so many failures on a prompt drawn at random (`eq-rm-hazard`)."""
    rates, shares = np.asarray(rates, dtype=float), np.asarray(shares, dtype=float)
    survived = shares * (1 - rates) ** failures
    return float(survived @ rates / survived.sum())


# ---- two models


def distribution(rates, shares, at):
    """Share of prompts whose success rate is at most each of `at`."""
    return (np.asarray(rates, dtype=float)[None, :] <= np.asarray(at, dtype=float)[:, None]) @ np.asarray(shares, dtype=float)


def lead(first, second, k):
    """pass@k of the second model less that of the first, from their distribution functions (`eq-rm-lead`).

    Exact: the distribution functions are constant between the success rates that occur.
    """
    edges = np.unique(np.concatenate([[0.0, 1.0], first[0], second[0]]))
    gap = distribution(*first, edges[:-1]) - distribution(*second, edges[:-1])
    weight = (1 - edges[:-1]) ** k - (1 - edges[1:]) ** k  # integral of k (1 - p)^(k - 1)
    return float(gap @ weight)


def crossing(first, second, most=10**6):
    """Least k at which the first model's pass@k is above the second's, if the second leads at k = 1; else None."""
    k = 1
    while k <= most:
        if lead(first, second, k) < 0:
            low, high = k // 2, k  # by doubling: between these; the lead changes sign once
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if lead(first, second, middle) < 0 else (middle, high)
            return high
        k *= 2
    return None


def tilt(rates, beta):
    """Success rates of the KL-regularised optimum for reward 1 or 0 (`eq-rm-tilt`)."""
    rates = np.asarray(rates, dtype=float)
    lifted = rates * np.exp(1 / beta)
    return lifted / (lifted + 1 - rates)


def sharpen(answers, power):
    """A distribution over answers raised to a power and normalised (`eq-rm-sharpen`): (..., answers)."""
    raised = np.asarray(answers, dtype=float) ** power
    return raised / raised.sum(axis=-1, keepdims=True)


def switch_gain(before, after):
    """Gain in accuracy by which way was taken, and by what each way became worth (`eq-rm-switch`).

    before, after: (share of answers with work shown, accuracy with it, accuracy without).
    """
    (w0, shown0, bare0), (w1, shown1, bare1) = before, after
    switch = (w1 - w0) * (shown0 - bare0)
    within = w1 * (shown1 - shown0) + (1 - w1) * (bare1 - bare0)
    return switch, within


def condition(probabilities, reward):
    """The policy given success (`eq-rm-condition`), and its reverse KL from where it came."""
    p = np.asarray(probabilities, dtype=float) * np.asarray(reward, dtype=float)
    success = p.sum()
    return p / success, -float(np.log(success))


# ---- votes, checks, second thoughts


def vote_bound(right, best_wrong, wrong, k):
    """Upper bound on the chance that a vote of k loses, when the right answer is the most probable (`eq-rm-vote`)."""
    return wrong * float(np.exp(-k * (right - best_wrong) ** 2 / 2))


def checked(rate, hit, slip):
    """Accuracy and mean number of attempts when one retries until the check accepts (`eq-rm-check`).

    hit: share of right answers that it accepts; slip: share of wrong ones.
    """
    accepted = rate * hit + (1 - rate) * slip
    return rate * hit / accepted, 1 / accepted


def revised(start, mend, spoil, rounds):
    """Accuracy after so many revisions (`eq-rm-revise`): wrong becomes right with `mend`, right becomes wrong with `spoil`."""
    rest = mend / (mend + spoil)
    return rest + (start - rest) * (1 - mend - spoil) ** rounds


# ---- budgets


def stop_after(a, b, value, cost):
    """Failures after which to give up, success rates Beta(a, b), each attempt at `cost`, success worth `value` (`eq-rm-stop`)."""
    return max(0, int(np.ceil(a * value / cost - a - b)))


def allocate(rates, budget):
    """Attempts for each prompt that solve the most in expectation: always where the next one adds most (`eq-rm-greedy`)."""
    rates = np.asarray(rates, dtype=float)
    attempts = np.zeros(len(rates), dtype=int)
    for _ in range(budget):
        attempts[np.argmax(rates * (1 - rates) ** attempts)] += 1
    return attempts


def rate_per_token(accuracy, length):
    """What a token buys when attempts of this length are repeated: -ln(1 - accuracy) / length (`eq-rm-rate`)."""
    return -np.log1p(-np.asarray(accuracy, dtype=float)) / length


def repeated(accuracy, length, budget):
    """Chance of a success in a budget of tokens cut into attempts of this length; a checker knows success."""
    return 1 - np.exp(-budget * rate_per_token(accuracy, length))


# ---- length


def length_pull(stop, advantage, normalised):
    """Expected gradient on the stopping logit of answers with this advantage (`eq-rm-pull`).

    At each token the answer ends with probability `stop`, whatever was written; `normalised` divides by the length.
    """
    if not normalised:
        return 0.0
    mean_inverse = -stop * np.log(stop) / (1 - stop)  # mean of 1 / length, by `eq-rm-inverse-length`
    return advantage * (mean_inverse - stop)


def length_drift(rate, stop):
    """Change of the mean length per unit of step under the length-normalised loss (`eq-rm-drift`).

    Right answers have the share `rate` and advantage 1 - rate, wrong ones -rate; both stop with probability `stop`.
    """
    pull = length_pull(stop, 1.0, normalised=True)
    return (1 - 2 * rate) * rate * (1 - rate) * pull * (1 - stop) / stop


# ---- tests


def standard_error(rates, shares, problems, samples):
    """Standard error of a measured pass@1: of drawing the problems, and of sampling on them (`eq-rm-error`)."""
    rates, shares = np.asarray(rates, dtype=float), np.asarray(shares, dtype=float)
    noise = float(shares @ (rates * (1 - rates)))
    return float(np.sqrt((spread(rates, shares) + noise / samples) / problems)), float(np.sqrt(noise / samples / problems))


# ---- figures

BASE = (np.array([0.1]), np.array([1.0]))  # the case of the chapter
TRAINED = (np.array([0.0, 0.8]), np.array([0.5, 0.5]))


def crossing_figure():
    """Above: pass@k of four models with their crossing. Below: distribution of success rates over prompts."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=5.8)
    ks = np.unique(np.round(np.logspace(0, 2.4, 60)).astype(int))
    even = (np.array([0.4]), np.array([1.0]))
    tilted = (tilt(BASE[0], 0.5), BASE[1])
    lines = (
        ("base", BASE, style.BLUE, "-", (18, 0.72)),
        ("trained, half lost", TRAINED, style.RED, "--", (14, 0.42)),
        ("0.4 each", even, style.OCHRE, "-.", (1.8, 0.535)),
        ("tilted", tilted, style.SKY, ":", (0.95, 0.82)),
    )
    for name, model, colour, dash, at in lines:
        upper.plot(ks, [pass_at(*model, k) for k in ks], dash, color=colour)
        upper.annotate(name, at)
    k = crossing(BASE, TRAINED)
    upper.axvline(k, color=style.GREY, linewidth=0.8)
    upper.annotate(f"k = {k}", (k * 1.05, 0.03), color=style.GREY)
    upper.set_xscale("log")
    upper.set_xticks((1, 10, 100), ("1", "10", "100"))
    upper.set_ylim(0, 1.02)
    upper.set_xlabel("attempts k")
    upper.set_ylabel("pass@k")
    at = np.linspace(0, 1, 401)
    for (rates, shares), colour, dash in ((BASE, style.BLUE, "-"), (TRAINED, style.RED, "--")):
        lower.plot(at, distribution(rates, shares, at), dash, color=colour, drawstyle="steps-post")
    lower.fill_between(at, 0, 0.5, where=at < 0.1, color=style.RED, alpha=0.18, linewidth=0)
    lower.fill_between(at, 0.5, 1, where=(at >= 0.1) & (at < 0.8), color=style.BLUE, alpha=0.14, linewidth=0)
    lower.annotate("more prompts\nlost", (0.13, 0.18), color=style.RED)
    lower.annotate("more prompts\nmade likely", (0.33, 0.7), color=style.BLUE)
    lower.set_xlabel("success rate p")
    lower.set_ylabel("share of prompts with at most p")
    shown = (1, 2, 6, 7, 16, 64, 256)
    figure.data_table = (
        ("model", *(f"pass@{k}" for k in shown)),
        [(name, *(pass_at(*model, k) for k in shown)) for name, model, *_ in lines],
    )
    return figure


CURVES = (  # accuracy of one attempt of length L (thousands of tokens): three shapes
    ("saturating", lambda length: 0.6 * (1 - np.exp(-np.maximum(length - 0.5, 0) / 2))),
    ("steady", lambda length: 1 - np.exp(-0.25 * np.maximum(length - 0.5, 0))),
    ("overthinking", lambda length: 0.6 * np.maximum(length - 0.5, 0) / 4 * np.exp(1 - np.maximum(length - 0.5, 0) / 4)),
)


def best_length(accuracy, lengths):
    """The attempt length that buys most per token."""
    return float(lengths[int(np.argmax(rate_per_token(accuracy(lengths), lengths)))])


def budget_figure():
    """Above: what a token buys against attempt length. Below: chance of the next attempt after failures, and when to stop."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=5.8)
    lengths = np.linspace(0.55, 16, 400)
    rows = []
    for (name, accuracy), colour, dash, at in zip(
        CURVES, (style.BLUE, style.OCHRE, style.RED), ("-", "-.", "--"), ((10.5, 0.10), (11.0, 0.25), (3.6, 0.015)), strict=True
    ):
        values = rate_per_token(accuracy(lengths), lengths)
        upper.plot(lengths, values, dash, color=colour)
        upper.annotate(name, at)
        best = best_length(accuracy, lengths)
        if name != "steady":
            upper.plot([best], [values.max()], "o", color=colour)
        rows.append((name, "best length", best, "per thousand tokens", float(values.max())))
    upper.set_xlabel("attempt length (thousand tokens)")
    upper.set_ylabel("\N{MINUS SIGN}ln(1 \N{MINUS SIGN} accuracy) per thousand")
    upper.set_ylim(0, 0.3)
    failures = np.arange(0, 41)
    for (a, b), colour, dash, at in (((1, 3), style.BLUE, "-", (3.5, 0.16)), ((0.25, 0.75), style.RED, "--", (12, -0.017))):
        lower.plot(failures, a / (a + b + failures), dash, color=colour)
        lower.annotate(f"Beta({a:g}, {b:g})", at, color=colour)
        stop = stop_after(a, b, 1.0, 0.04)
        lower.plot([stop], [a / (a + b + stop)], "o", color=colour)
        rows.append((f"Beta({a}, {b})", "stop after", float(stop), "chance then", a / (a + b + stop)))
    lower.axhline(0.04, color=style.GREY, linewidth=0.8)
    lower.annotate("cost / value", (27, 0.046), color=style.GREY)
    lower.set_ylim(-0.025, 0.27)
    lower.set_xlabel("failures so far")
    lower.set_ylabel("chance of the next attempt")
    figure.data_table = (("curve", "at", "value", "quantity", "value there"), rows)
    return figure
