"""The policy gradient by enumeration, by finite differences and by sampling; what baselines do to its variance.

The task: a prompt is three digits below 4, the policy writes a running sum modulo 4 in three steps and earns 1 if the last
token is the sum. Its logits are a table theta (4, 4, 4): previous token, digit, next token. There are 64 prompts with 64
completions each, so that every expectation is a sum.
"""

import numpy as np
import style

M, STEPS, GROUP = 4, 3, 8
PROMPTS = np.array(np.meshgrid(*[range(M)] * STEPS, indexing="ij")).reshape(STEPS, -1).T  # (64, 3)
ANSWERS = PROMPTS.copy()  # (64, 3): all completions
ARMS = ("none", "best constant", "prompt mean", "leave one out", "value each step", "exact advantage")


def start(seed: int, noise: float = 0.5) -> np.ndarray:
    """Logits (4, 4, 4) that lean to the right next token by 2, with noise."""
    theta = noise * np.random.default_rng(seed).standard_normal((M, M, M))
    before, digit = np.meshgrid(range(M), range(M), indexing="ij")
    theta[before, digit, (before + digit) % M] += 2.0
    return theta


def softmax(theta: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    made = np.exp(theta - theta.max(axis=-1, keepdims=True))
    return made / made.sum(axis=-1, keepdims=True)


def enumerate_all(theta: np.ndarray, shift: float = 0.0) -> dict[str, np.ndarray]:
    """Every prompt with every completion: probability and reward (64, 64), score of each step (64, 64, 3, 64)."""
    pi = softmax(theta)
    eye = np.eye(M**3).reshape(M, M, M, M**3)
    score = eye - np.einsum("abk,abkn->abn", pi, eye)[:, :, None]  # d log pi(next | previous, digit) / d theta
    x, y = PROMPTS[:, None], ANSWERS[None]
    before = np.concatenate([np.zeros((1, M**3, 1), int), y[..., :-1]], axis=-1)
    cells = tuple(np.broadcast_arrays(before, x, y))
    reward = (y[..., -1] == x.sum(-1) % M) + shift
    return {"probability": pi[cells].prod(-1), "reward": reward, "score": score[cells]}


def objective(theta: np.ndarray, shift: float = 0.0) -> float:
    """Expected return J: mean over prompts of the sum over completions."""
    everything = enumerate_all(theta, shift)
    return float((everything["probability"] * everything["reward"]).sum(1).mean())


def policy_gradient(theta: np.ndarray, baseline: float | np.ndarray = 0.0, shift: float = 0.0) -> np.ndarray:
    """The gradient (64,) by the theorem (`eq-pg-theorem`): score times return less baseline, in expectation."""
    e = enumerate_all(theta, shift)
    weight = e["probability"] * (e["reward"] - baseline) / len(PROMPTS)
    return np.einsum("xy,xytn->n", weight, e["score"])


def finite_differences(theta: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """The gradient (64,) from the objective alone, by central differences."""
    made = np.zeros(theta.size)
    for n in range(theta.size):
        nudge = np.zeros(theta.size)
        nudge[n] = step
        nudge = nudge.reshape(theta.shape)
        made[n] = (objective(theta + nudge) - objective(theta - nudge)) / (2 * step)
    return made


def best_baseline(theta: np.ndarray, shift: float = 0.0) -> float:
    """The constant with the least variance (`eq-best-baseline`)."""
    e = enumerate_all(theta, shift)
    square = e["probability"] * (e["score"].sum(2) ** 2).sum(-1)  # probability times squared length of the score
    return float((square * e["reward"]).sum() / square.sum())


def one_sample_variance(theta: np.ndarray, baseline: float, shift: float = 0.0) -> float:
    """Exact variance (trace) of the estimate from one completion with a constant baseline (`eq-baseline-variance`)."""
    e = enumerate_all(theta, shift)
    square = (e["score"].sum(2) ** 2).sum(-1)
    second = (e["probability"] * (e["reward"] - baseline) ** 2 * square).sum(1).mean()
    return float(second - (policy_gradient(theta, shift=shift) ** 2).sum())


def leave_one_out(rewards: np.ndarray) -> np.ndarray:
    """Rewards (..., G) less the mean of the others of the group."""
    size = rewards.shape[-1]
    return rewards - (rewards.sum(-1, keepdims=True) - rewards) / (size - 1)


def group_centred(rewards: np.ndarray) -> np.ndarray:
    """Rewards less the mean of the whole group, the completion itself included: the negative control."""
    return rewards - rewards.mean(-1, keepdims=True)


def values(everything: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """V and Q of each step (64, 64, 3): the mean return over all ways to go on."""
    shape = (len(PROMPTS), M, M, M)
    p, r = everything["probability"].reshape(shape), everything["reward"].reshape(shape)
    after = [(p * r).sum((1, 2, 3), keepdims=True) / p.sum((1, 2, 3), keepdims=True)]
    for axes in ((2, 3), (3,), ()):
        after.append((p * r).sum(axes, keepdims=True) / p.sum(axes, keepdims=True))
    flat = [np.broadcast_to(a, shape).reshape(len(PROMPTS), -1) for a in after]
    return np.stack(flat[:-1], -1), np.stack(flat[1:], -1)


def sampled(arm: str, theta: np.ndarray, groups: int, seed: int, shift: float = 0.0) -> np.ndarray:
    """Gradient estimates (groups, 64), each from one prompt and a group of completions."""
    rng = np.random.default_rng(seed)
    e = enumerate_all(theta, shift)
    x = rng.integers(len(PROMPTS), size=groups)[:, None]
    y = (rng.random((groups, GROUP, 1)) > e["probability"].cumsum(1)[x]).sum(-1).clip(max=len(ANSWERS) - 1)
    r = e["reward"][x, y]
    V, Q = values(e)
    advantage = {  # (groups, GROUP, steps)
        "none": lambda: r[..., None],
        "best constant": lambda: r[..., None] - best_baseline(theta, shift),
        "prompt mean": lambda: r[..., None] - V[x, y][..., :1],
        "leave one out": lambda: leave_one_out(r)[..., None],
        "group mean": lambda: group_centred(r)[..., None],
        "value each step": lambda: r[..., None] - V[x, y],
        "exact advantage": lambda: Q[x, y] - V[x, y],
    }[arm]()
    advantage = np.broadcast_to(advantage, (groups, GROUP, STEPS))
    made = np.zeros((groups, theta.size))
    for g in range(GROUP):  # one completion after the other: small memory
        made += np.einsum("bt,btn->bn", advantage[:, g], e["score"][x[:, 0], y[:, g]])
    return made / GROUP


def summary(estimates: np.ndarray, exact: np.ndarray) -> dict[str, float]:
    """Variance (trace), scale (projection on the exact gradient), and error in standard errors of the projection."""
    along = estimates @ exact / (exact @ exact)
    error = along.std(ddof=1) / len(along) ** 0.5
    return {"variance": float(estimates.var(axis=0, ddof=1).sum()), "scale": float(along.mean()), "standard error": float(error)}


def run(seed: int, small: bool = False) -> dict:
    """All estimators at one policy, with rewards 0/1 and 1/2; the control; the identities."""
    theta, groups = start(seed), 2_000 if small else 10_000
    exact = policy_gradient(theta)
    made = {
        "seed": seed,
        "objective": objective(theta),
        "difference": float(np.abs(exact - finite_differences(theta)).max()),
        "best constant": (best_baseline(theta), best_baseline(theta, 1.0)),
        "exact one-sample": [
            (one_sample_variance(theta, 0.0, s), one_sample_variance(theta, best_baseline(theta, s), s)) for s in (0.0, 1.0)
        ],
        "control": summary(sampled("group mean", theta, groups, seed + 100), exact),
    }
    for shift in (0.0, 1.0):
        made[shift] = {arm: summary(sampled(arm, theta, groups, seed + 100, shift), exact) for arm in ARMS}
    return made


def plot(results: list[dict]):
    """Figure: variance of each estimator, one mark a seed, rewards 0/1 above 1/2."""
    figure, panels = style.figure(2, 1, width=style.NARROW, height=5.2)
    for axes, shift in zip(panels, (0.0, 1.0), strict=True):
        for row, arm in enumerate(ARMS):
            points = [result[shift][arm]["variance"] for result in results]
            axes.plot(points, [row] * len(points), style.MARKERS[int(shift)], linestyle="", color=style.BLUE, alpha=0.8)
        axes.set(xscale="log", xlim=(0.045, 0.45), title="rewards 1 and 2" if shift else "rewards 0 and 1")
        axes.set_xticks([0.05, 0.1, 0.2, 0.4], ["0.05", "0.1", "0.2", "0.4"])
        axes.set_xticks([], minor=True)
        axes.set_yticks(range(len(ARMS)), ARMS)
        axes.invert_yaxis()
    panels[1].set_xlabel("variance")
    figure.data_table = table(results)
    return figure


def table(results: list[dict]) -> tuple[tuple, list]:
    """Header and rows: for each estimator and reward the range over seeds of variance and scale; the control last."""

    def row(name: str, rewards: str, got: list[dict]) -> tuple:
        return (name, rewards, *(f(one[key] for one in got) for key in ("variance", "scale") for f in (min, max)))

    rows = [row(arm, "0/1", [result[0.0][arm] for result in results]) for arm in ARMS]
    rows += [row(arm, "1/2", [result[1.0][arm] for result in results]) for arm in ARMS]
    rows.append(row("group mean (control)", "0/1", [result["control"] for result in results]))
    return ("baseline", "rewards", "variance from", "to", "scale from", "to"), rows


def variances():
    """Figure for the chapter: five seeds."""
    return plot([run(seed) for seed in range(5)])


# ---- reward-to-go and full return: two steps, two actions of probability 1/2, score of the second action +-1/2


def second_step_variances(cancel: bool) -> tuple[float, float]:
    """Variance of the second step's gradient with the full return and with the reward-to-go, by enumeration.

    `cancel` False: each step pays its action, 0 or 1. True: the first step pays -X and the second a + X for a coin X = +-1.
    """
    full, to_go = [], []
    for first in (-1.0, 1.0) if cancel else (0.0, 1.0):
        for action in (0.0, 1.0):
            earlier, later = (-first, action + first) if cancel else (first, action)
            full.append((earlier + later) * (action - 0.5))
            to_go.append(later * (action - 0.5))
    return float(np.var(full)), float(np.var(to_go))
