"""What four aggregations do to the length of answers when length has nothing to do with the reward.

An answer is right with probability P whatever its length. After each token the policy goes on with a probability of its
own for right and for wrong answers, or stops; at LIMIT tokens it is stopped. The reward is 1 or 0, so the expected reward
does not depend on the two log-odds of going on, and their true gradient is zero.
"""

import numpy as np
import policy_losses as family
import style

LIMIT, GROUP, START, P = 60, 8, 0.9, 0.5
ARMS = ("sequence", "token", "batch", "constant")


def push(c):
    """Mean of (1/T) times the score of going on, for lengths with P(T = k) = c^(k-1) (1 - c) (`eq-length-push`)."""
    return (1 - c) * (1 + np.log(1 - c) / c)


def push_by_sum(c, limit=100_000):
    """The same by adding up the series; the score of T tokens is (T - 1)(1 - c) - c."""
    k = np.arange(1, limit)
    return float((c ** (k - 1) * (1 - c) * ((k - 1) * (1 - c) - c) / k).sum())


def sigmoid(z):
    """Logistic function."""
    return 1 / (1 + np.exp(-z))


def draw(z, groups, rng):
    """Right or wrong (groups, GROUP) and lengths of the answers for log-odds z = (right, wrong)."""
    right = rng.random((groups, GROUP)) < P
    c = np.where(right, sigmoid(z[0]), sigmoid(z[1]))
    lengths = 1 + np.floor(np.log(1 - rng.random((groups, GROUP))) / np.log(c)).astype(int)
    return right, np.minimum(lengths, LIMIT)


def step_gradient(z, arm, groups, rng):
    """Ascent directions (groups, 2) for the log-odds of going on, through the loss of the family with this aggregation."""
    right, lengths = draw(z, groups, rng)
    mask = (np.arange(LIMIT) < lengths[..., None]).astype(float)
    rewards = right.astype(float)
    advantage = family.advantages(rewards, "group")
    if arm == "batch":  # all tokens of all groups in one mean
        weights = groups * advantage[..., None] * mask / mask.sum()
    else:
        weights = advantage[..., None] * family.token_weights(mask, arm, 1 / (1 - START))
    goes_on = (np.arange(LIMIT) < lengths[..., None] - 1).astype(float)  # every token but the last: the choice to go on
    free = (np.arange(LIMIT) < LIMIT - 1).astype(float)  # at the limit there is no choice
    c = np.where(right, sigmoid(z[0]), sigmoid(z[1]))[..., None]
    score = (goes_on - c) * mask * free
    each = (weights * score).sum(-1)
    return np.stack([(each * right).sum(-1), (each * ~right).sum(-1)], -1)


def run(seed, small=False):
    """Mean lengths (steps + 1, 2) of right and wrong answers for each aggregation; same seeds for all arms."""
    steps, groups, rate = (40 if small else 150), 32, 4.0
    made = {}
    for arm in ARMS:
        z = np.full(2, np.log(START / (1 - START)))
        lengths = []
        for step in range(steps + 1):
            c = sigmoid(z)
            lengths.append((1 - c**LIMIT) / (1 - c))  # mean of a length cut off at LIMIT
            z = z + rate * step_gradient(z, arm, groups, np.random.default_rng([seed, step])).mean(0)
        made[arm] = np.array(lengths)
    return made


def length_figure():
    """Mean lengths in training, five seeds: right answers dashed, wrong answers solid, a panel an aggregation."""
    results = [run(seed) for seed in range(5)]
    figure, panels = style.figure(2, 2, width=style.NARROW, height=4.4, sharex=True, sharey=True)
    titles = {"sequence": "completion", "token": "group's tokens", "batch": "batch's tokens", "constant": "constant"}
    for axes, arm in zip(panels.flat, ARMS, strict=True):
        for result in results:
            axes.plot(result[arm][:, 1], "-", color=style.RED, lw=1.1)
            axes.plot(result[arm][:, 0], "--", color=style.BLUE, lw=1.1)
        axes.set_title(titles[arm])
    for axes in panels[:, 0]:
        axes.set_ylabel("mean length (tokens)")
    for axes in panels[1]:
        axes.set_xlabel("step")
    panels[0, 0].annotate("wrong", (0.45, 0.62), xycoords="axes fraction")
    panels[0, 0].annotate("right", (0.45, 0.12), xycoords="axes fraction")
    rows = []
    for arm in ARMS:
        ends = np.array([result[arm][-1] for result in results])
        rows.append((titles[arm], *map(float, (ends[:, 0].min(), ends[:, 0].max(), ends[:, 1].min(), ends[:, 1].max()))))
    figure.data_table = (("aggregation", "right from", "to", "wrong from", "to"), rows)
    return figure
