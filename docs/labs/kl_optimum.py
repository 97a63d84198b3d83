"""The optimum of reward minus beta KL: in closed form, by natural gradient, and by plain gradient."""

import numpy as np
import sequences
import style
from divergences import kl
from sequences import softmax

Array = np.ndarray

BETAS = (2.0, 1.0, 0.5, 0.25, 0.1)
RATES = (10.0, 30.0, 3.0, 100.0, 1.0, 300.0, 0.3, 0.1)  # the plain gradient may choose the best of these for each beta
CAP = 20_000  # steps after which a run counts as not finished
NEAR = 1e-3  # nats of KL to the optimum that count as arrived


# ---- the objective and its optimum


def objective(policy: Array, reference: Array, reward: Array, beta: float) -> float:
    """Expected reward minus beta times the KL from the reference (`eq-kl-objective`)."""
    return float(policy @ reward) - beta * kl(policy, reference)


def partition(reference: Array, reward: Array, beta: float) -> float:
    """Z: the sum that normalises the optimum (`eq-partition`)."""
    return float(reference @ np.exp(reward / beta))


def best_value(reference: Array, reward: Array, beta: float) -> float:
    """The objective at its optimum, beta ln Z (`eq-gap`)."""
    return beta * float(np.log(partition(reference, reward, beta)))


def gibbs(reference: Array, reward: Array, beta: float) -> Array:
    """The optimum (`eq-gibbs`): the reference reweighted by exp(reward / beta)."""
    weights = reference * np.exp((reward - reward.max()) / beta)
    return weights / weights.sum()


def frontier(reference: Array, reward: Array, betas: Array) -> Array:
    """KL and expected reward of the optimum for each beta: (betas, 2)."""
    optima = [gibbs(reference, reward, beta) for beta in betas]
    return np.array([[kl(p, reference), p @ reward] for p in optima])


def reward_by_inverse_beta(reference: Array, reward: Array, beta: float) -> float:
    """Derivative of the optimum's expected reward by 1/beta: the variance of the reward (`eq-frontier-variance`)."""
    optimum = gibbs(reference, reward, beta)
    return float(optimum @ reward**2 - (optimum @ reward) ** 2)


def kl_by_inverse_beta(reference: Array, reward: Array, beta: float) -> float:
    """Derivative of the optimum's KL by 1/beta (`eq-frontier-slope` divides the two)."""
    return reward_by_inverse_beta(reference, reward, beta) / beta


# ---- two ways to climb; theta are logits, one a completion


def penalised(policy: Array, reference: Array, reward: Array, beta: float) -> Array:
    """Each completion's reward less its share of the penalty (`eq-penalised-reward`)."""
    return reward - beta * np.log(policy / reference)


def gradient(theta: Array, reference: Array, reward: Array, beta: float) -> Array:
    """Gradient of the objective by the logits (`eq-plain-gradient`)."""
    policy = softmax(theta)
    u = penalised(policy, reference, reward, beta)
    return policy * (u - policy @ u)


def plain_step(theta: Array, reference: Array, reward: Array, beta: float, rate: float) -> Array:
    """A step along the gradient."""
    return theta + rate * gradient(theta, reference, reward, beta)


def natural_step(theta: Array, reference: Array, reward: Array, beta: float, rate: float) -> Array:
    """A step along the natural gradient (`eq-natural-step`)."""
    policy = softmax(theta)
    u = penalised(policy, reference, reward, beta)
    return theta + rate * (u - policy @ u)


def fisher(theta: Array) -> Array:
    """Fisher matrix of a softmax by its logits."""
    policy = softmax(theta)
    return np.diag(policy) - np.outer(policy, policy)


# ---- the same natural gradient where the logits belong to tokens


def token_natural_step(logits: Array, reference: Array, rewards: Array, beta: float, rate: float, length: int) -> Array:
    """Adds to the logits of each prefix the advantages of its tokens, KL included (`eq-token-natural`).

    logits, reference: (prefixes, vocabulary); rewards: (completions,).
    """
    number = sequences.prefixes(logits.shape[1], length)
    final = dict(zip(sequences.completions(logits.shape[1], length), rewards, strict=True))
    token_probs = softmax(logits)
    ratio = np.log(token_probs) - np.log(softmax(reference))
    value, new = dict(final), logits.copy()
    for prefix in sorted(number, key=len, reverse=True):  # longest first: values flow back
        s = number[prefix]
        u = np.array([value[(*prefix, token)] for token in range(logits.shape[1])]) - beta * ratio[s]
        value[prefix] = float(token_probs[s] @ u)
        new[s] = logits[s] + rate * (u - value[prefix])
    return new


# ---- the experiment


def steps_to_optimum(step, theta, reference, reward, beta, rate, cap=CAP) -> int:
    """Steps until KL(policy || optimum) is below NEAR; `cap` where it never is."""
    target = gibbs(reference, reward, beta)
    for n in range(1, cap + 1):
        theta = step(theta, reference, reward, beta, rate)
        if not np.all(np.isfinite(theta)):
            return cap
        if kl(softmax(theta), target) < NEAR:
            return n
    return cap


def run(seed: int, small: bool = False) -> dict:
    """Eight completions with random reference and rewards; every way to climb, for every beta."""
    rng = np.random.default_rng(seed)
    reference, reward = softmax(rng.standard_normal(8)), rng.standard_normal(8)
    betas = BETAS[:3] if small else BETAS
    cap = 2_000 if small else CAP
    start = np.log(reference)
    one_step = [kl(softmax(natural_step(start, reference, reward, b, 1 / b)), gibbs(reference, reward, b)) for b in betas]
    half = [steps_to_optimum(natural_step, start, reference, reward, b, 0.5 / b, cap) for b in betas]
    plain, best_rate = [], []
    for b in betas:
        by_rate = []
        for rate in RATES:  # no rate need run longer than the best so far
            by_rate.append(steps_to_optimum(plain_step, start, reference, reward, b, rate, min([cap, *by_rate])))
        plain.append(min(by_rate))
        best_rate.append(RATES[int(np.argmin(by_rate))])
    return {
        "betas": np.array(betas),
        "one_step": np.array(one_step),
        "half": np.array(half),
        "plain": np.array(plain),
        "best_rate": np.array(best_rate),
        "token": token_run(seed),
        "control": control(seed),
        "curve": curves(reference, reward, 0.25, 20 if small else 200),
    }


def curves(reference, reward, beta, steps) -> dict[str, Array]:
    """KL to the optimum after each step: natural at half the exact rate, plain at rate 1 and 10."""
    target, found = gibbs(reference, reward, beta), {}
    for name, step, rate in (
        ("natural, η = 1/(2β)", natural_step, 0.5 / beta),
        ("plain, η = 1", plain_step, 1.0),
        ("plain, η = 10", plain_step, 10.0),
    ):
        theta, gaps = np.log(reference), []
        for _ in range(steps + 1):
            gaps.append(kl(softmax(theta), target))
            theta = step(theta, reference, reward, beta, rate)
        found[name] = np.array(gaps)
    return found


def token_run(seed: int, beta: float = 0.5, vocabulary: int = 2, length: int = 3) -> Array:
    """KL to the optimum after 0, 1, 2, ... natural steps at rate 1/beta where the logits belong to tokens."""
    rng = np.random.default_rng([seed, 1])
    reference = rng.standard_normal((len(sequences.prefixes(vocabulary, length)), vocabulary))
    rewards = rng.standard_normal(vocabulary**length)
    target = gibbs(sequences.sequence_probs(reference, length), rewards, beta)
    logits, gaps = reference.copy(), []
    for _ in range(length + 2):
        gaps.append(abs(kl(sequences.sequence_probs(logits, length), target)))
        logits = token_natural_step(logits, reference, rewards, beta, 1 / beta, length)
    return np.array(gaps)


def shared_step(theta: Array, features: Array, reference: Array, reward: Array, beta: float, rate: float) -> Array:
    """A natural step where the logits are linear in features, (completions, features)."""
    information = features.T @ fisher(theta) @ features
    direction = np.linalg.solve(information, features.T @ gradient(theta, reference, reward, beta))
    return theta + rate * features @ direction


def best_shared(features: Array, reference: Array, reward: Array, beta: float, steps: int = 100) -> Array:
    """Logits of the best policy of the class: natural steps from the reference, halved until the objective rises."""
    theta = np.log(reference)
    for _ in range(steps):
        now = objective(softmax(theta), reference, reward, beta)
        for halvings in range(30):
            trial = shared_step(theta, features, reference, reward, beta, 0.5**halvings / beta)
            if objective(softmax(trial), reference, reward, beta) > now:
                theta = trial
                break
        else:  # arrived
            return theta
    return theta


def control(seed: int, beta: float = 0.5) -> dict[str, float]:
    """Where the claim must fail: three features for eight completions, and a completion that the reference lacks.

    KL to the optimum at the start, after one natural step on the features, and of the best policy that they allow.
    """
    rng = np.random.default_rng(seed)
    reference, reward = softmax(rng.standard_normal(8)), rng.standard_normal(8)
    features = np.random.default_rng([seed, 2]).standard_normal((8, 3))
    target = gibbs(reference, reward, beta)
    gaps, start = [], np.log(reference)
    for theta in (start, shared_step(start, features, reference, reward, beta, 1 / beta)):
        gaps.append(kl(softmax(theta), target))
    best = kl(softmax(best_shared(features, reference, reward, beta)), target)
    lacking = reference.copy()
    lacking[np.argmax(reward)] = 0.0
    lacking /= lacking.sum()
    mass = float(gibbs(lacking, reward, beta)[np.argmax(reward)])
    return {"start": gaps[0], "features": gaps[1], "best": best, "lacking": mass}


# ---- figures


def frontier_figure():
    """Reward against KL of the optimum as beta falls: the chapter's two completions, and eight."""
    figure, axes = style.figure(width=style.NARROW, height=3.2)
    betas, rows = np.geomspace(50, 0.02, 200), []
    two = (np.array([0.9, 0.1]), np.array([0.0, 1.0]))
    eight = (softmax(np.random.default_rng(0).standard_normal(8)), np.linspace(0, 1, 8))
    for name, (reference, reward), at in (("two completions", two, (0.95, 0.58)), ("eight\ncompletions", eight, (0.4, 0.72))):
        points = frontier(reference, reward, betas)
        axes.plot(points[:, 0], points[:, 1])
        axes.annotate(name, at)
    for beta in (1.0, 0.5, 0.25, 0.1):
        at = frontier(*two, [beta])[0]
        axes.plot(*at, "o", color=style.INK)
        axes.annotate(rf"$\beta={beta:g}$", at, (8, -12), textcoords="offset points")
        rows.append((beta, float(at[0]), float(at[1])))
    axes.set_xlabel("KL of the optimum from the reference (nats)")
    axes.set_ylabel("expected reward (0 to 1)")
    figure.data_table = (("β", "KL (two completions)", "expected reward"), rows)
    return figure


def plot(results: list[dict]):
    """All seeds: the way to the optimum at beta 0.25, and below it the steps needed for each beta."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=6.4)
    for seed, result in enumerate(results):
        for number, (name, gaps) in enumerate(result["curve"].items()):
            shown = {"color": style.COLOURS[number], "linestyle": style.DASHES[number], "linewidth": 1.2}
            upper.semilogy(np.maximum(gaps, 1e-10), label="" if seed else name, **shown)
        for number, (name, steps) in enumerate(
            (
                ("natural, η = 1/β", np.ones(len(result["betas"]))),
                ("natural, η = 1/(2β)", result["half"]),
                ("plain, best η", result["plain"]),
            )
        ):
            shown = {
                "color": style.COLOURS[number],
                "linestyle": style.DASHES[number],
                "marker": style.MARKERS[number],
                "linewidth": 1.0,
            }
            lower.loglog(result["betas"], steps, label="" if seed else name, **shown)
    upper.set_xlabel("step (at β = 0.25)")
    upper.set_ylabel("KL to the optimum (nats)")
    upper.set_ylim(1e-9, 1e4)
    upper.legend(loc="upper right")
    lower.set_xlabel("β")
    lower.set_ylabel(f"steps until that KL is below {NEAR:g}")
    lower.set_xticks(results[0]["betas"], [f"{beta:g}" for beta in results[0]["betas"]])
    lower.minorticks_off()
    lower.set_ylim(0.5, 2e4)
    lower.legend(loc="upper right")
    rows = [
        (seed, float(beta), 1, int(half), int(plain), float(rate))
        for seed, result in enumerate(results)
        for beta, half, plain, rate in zip(*(result[key] for key in ("betas", "half", "plain", "best_rate")), strict=True)
    ]
    header = ("seed", "β", "natural, η = 1/β", "natural, η = 1/(2β)", "plain, best η", "that η")
    figure.data_table = (header, rows)
    return figure


def convergence_figure():
    """The lab's figure on five seeds."""
    return plot([run(seed) for seed in range(5)])
