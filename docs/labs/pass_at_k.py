"""pass@k before and after policy gradients: where the curves cross, where they do not, and a crossing that means nothing.

A prompt is solved by choosing a method and carrying it out: method m succeeds on prompt i with probability skill[i, m], which
is fixed; what is trained is the choice, softmax(base logits + features @ weights). Success means that the steps are right, so
a guess never counts. The success of a prompt is exact, and so is pass@k: a mean over prompts of 1 - (1 - success)^k.
"""

from functools import cache

import numpy as np
import rlvr
import style
import tinylm
from sampling import pass_at_k
from sequences import softmax
from tinylm_by_hand import sample

N, METHODS = 200, 12
KS = 2 ** np.arange(11)  # 1 to 1,024
FAR = 256  # the k at which coverage is compared
STEPS, RATE = 400, 3.0
GROUPS = (4, 16, 64)
ARMS = {  # how fast a prompt teaches all prompts, and itself alone; the weight of the KL; the k of the pass@k that is trained
    "shared": (1.0, 0.0, 0.0, 1),
    "shared, KL 0.1": (1.0, 0.0, 0.1, 1),
    "shared, pass@64 trained": (1.0, 0.0, 0.0, 64),
    "mostly shared": (1.0, 0.1, 0.0, 1),
    "mostly shared, KL 0.03": (1.0, 0.1, 0.03, 1),
    "own": (0.0, 1.0, 0.0, 1),
}
CROSSING = ("shared", "mostly shared")  # the arms where the claim says that the curves cross


# ---- prompts, policy, success


def prompts(seed: int) -> np.ndarray:
    """skill (N, METHODS): method 0 works on about 60 % of the prompts, each other one on about 15 %, and less well."""
    rng = np.random.default_rng(seed)
    works = rng.random((N, METHODS)) < np.array([0.6] + [0.15] * (METHODS - 1))
    well = rng.uniform(0.3, 0.9, (N, METHODS)) * np.array([1.0] + [0.6] * (METHODS - 1))
    return works * well


def base_policy() -> np.ndarray:
    """Probabilities (METHODS,) of the base: 0.3 for method 0, the rest in equal parts."""
    return np.array([0.3] + [0.7 / (METHODS - 1)] * (METHODS - 1))


def features(shared: float, own: float) -> np.ndarray:
    """What the policy sees of the prompts (N, 1 + N): something common to all, and something of each one's own.

    By the chain rule a step moves the logits of a prompt by `shared` times the mean of all prompts' gradients plus `own` times
    its own.
    """
    return np.column_stack([shared**0.5 * np.ones(N), (own * N) ** 0.5 * np.eye(N)])


def choice(weights: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Probability of each method for each prompt: (prompts, METHODS)."""
    return softmax(np.log(base_policy()) + seen @ weights)


def success(policy: np.ndarray, skill: np.ndarray) -> np.ndarray:
    """Probability that one completion solves the prompt: (prompts,)."""
    return (policy * skill).sum(axis=1)


def coverage(p: np.ndarray, ks=KS) -> np.ndarray:
    """pass@k for each k (ks,): the expected share of prompts that k completions solve at least once. p: (prompts,)."""
    return np.array([np.mean(1 - (1 - p) ** k) for k in ks])


# ---- training


def gradient(weights, seen, skill, beta: float = 0.0, k: int = 1) -> np.ndarray:
    """Exact gradient, by the weights, of pass@k less beta times the KL from the base: (features, METHODS)."""
    policy = choice(weights, seen)
    p = success(policy, skill)
    worth = k * ((1 - p) ** (k - 1))[:, None] * skill - beta * np.log(policy / base_policy())
    return seen.T @ (policy * (worth - (policy * worth).sum(axis=1, keepdims=True))) / len(seen)


def ascend(seen, skill, beta: float = 0.0, k: int = 1, steps: int = STEPS) -> np.ndarray:
    """Weights after `steps` steps along the exact gradient."""
    weights = np.zeros((seen.shape[1], METHODS))
    for _ in range(steps):
        weights = weights + RATE * gradient(weights, seen, skill, beta, k)
    return weights


def sampled_gradient(weights, seen, skill, group: int, rng, completions: int = 512) -> np.ndarray:
    """Estimate of the gradient of pass@1 by RLOO, from `group` completions of each of completions / group prompts."""
    x = rng.integers(len(seen), size=completions // group)
    policy = choice(weights, seen[x])
    drawn = (rng.random((len(x), group, 1)) > policy.cumsum(axis=1)[:, None, :]).sum(axis=2).clip(max=METHODS - 1)
    rewards = (rng.random(drawn.shape) < skill[x[:, None], drawn]).astype(float)
    score = np.eye(METHODS)[drawn] - policy[:, None, :]  # of the drawn method, by the logits
    return seen[x].T @ (rlvr.rloo_advantages(rewards)[..., None] * score).mean(axis=1) / len(x)


def sampled_ascend(seed: int, seen, skill, group: int, steps: int = STEPS) -> np.ndarray:
    """Weights after `steps` steps along sampled gradients."""
    rng, weights = np.random.default_rng([seed, 2]), np.zeros((seen.shape[1], METHODS))
    for _ in range(steps):
        weights = weights + RATE * sampled_gradient(weights, seen, skill, group, rng)
    return weights


def crossing(before: np.ndarray, after: np.ndarray) -> int:
    """The first k of KS at which `before` is ahead by more than 0.005 after having been behind; 0 if there is none."""
    ahead = before > after + 0.005
    return int(KS[: len(before)][ahead][0]) if ahead.any() and after[0] > before[0] else 0


# ---- the control: nothing but guesses


def guesses(seed: int, answers: int) -> dict[str, np.ndarray]:
    """pass@k by the answer alone, before and after, where the policy cannot see the prompt and the base guesses evenly.

    Training finds the commonest answer. No step is ever right, so pass@k by verified steps is 0 before and after.
    """
    right = np.random.default_rng([seed, 3]).integers(answers, size=N)
    share = np.bincount(right, minlength=answers) / N
    logits = np.zeros(answers)
    for _ in range(STEPS):
        policy = softmax(logits)
        logits = logits + 100 * answers * policy * (share - policy @ share)
    return {"before": coverage(np.full(N, 1 / answers)), "after": coverage(softmax(logits)[right])}


# ---- the flagship: five answers, everything shared


def steps_right(tokens) -> np.ndarray:
    """1 where every running sum is right and so is the answer, else 0."""
    start = tinylm.PROMPT
    sums = tokens[:, : tinylm.DIGITS].cumsum(axis=1) % tinylm.MODULUS
    return tinylm.verify(tokens) * (tokens[:, start : start + tinylm.DIGITS] == sums).all(axis=1)


def transformer(seed: int, draws: int = 128) -> dict[str, np.ndarray]:
    """Unbiased pass@k, k = 1 to 32, of the transformer of `rlvr` before and after, by answer and by steps; 125 prompts."""
    base = rlvr.base_models(seed, (0.1,))[0.1]
    asked, made = np.repeat(rlvr.ALL[::5], draws, axis=0), {}
    for when, p in (("before", base), ("after", rlvr.train(base, seed)[0])):
        tokens, _, _ = sample(p, asked, np.random.default_rng([seed, 6]))
        for score, judge in (("answer", tinylm.verify), ("steps", steps_right)):
            hits = judge(tokens).reshape(-1, draws).sum(axis=1)
            made[f"{when}, {score}"] = np.array([np.mean([pass_at_k(draws, int(c), int(k)) for c in hits]) for k in KS[:6]])
    return made


# ---- the experiment


def run(seed: int, small: bool = False) -> dict:
    """Every arm from the same base; groups of three sizes; the control; the transformer, unless `small`."""
    skill = prompts(seed)
    start = success(base_policy(), skill)
    common = skill[:, 0] > 0
    made = {"base": coverage(start), "arms": {}, "prompts": {}, "groups": {}}
    for arm, (shared, own, beta, k) in ARMS.items():
        seen = features(shared, own)
        p = success(choice(ascend(seen, skill, beta, k), seen), skill)
        made["arms"][arm] = coverage(p)
        made["prompts"][arm] = (coverage(p[common], [FAR])[0], coverage(p[~common], [FAR])[0])
    made["prompts"]["base"] = (coverage(start[common], [FAR])[0], coverage(start[~common], [FAR])[0])
    seen = features(1.0, 0.1)
    for group in GROUPS:
        made["groups"][group] = coverage(success(choice(sampled_ascend(seed, seen, skill, group), seen), skill))
    made["guesses"] = {answers: guesses(seed, answers) for answers in (4, 1_000)}
    if not small:
        made["transformer"] = transformer(seed)
    return made


@cache
def five() -> list[dict]:
    """The five seeds of the page, run once a process."""
    return [run(seed) for seed in range(5)]


# ---- figures


def draw(axes, results, curves, title: str) -> None:
    """Curves (name, where it stands or None: in the legend, function of a result) on one panel, a line a seed."""
    for number, (name, at, curve) in enumerate(curves):
        shown = {"color": style.COLOURS[number], "linestyle": style.DASHES[number], "linewidth": 1.2}
        for seed, result in enumerate(results):
            line = curve(result)
            axes.plot(KS[: len(line)], line, label="" if seed or at else name, **shown)
        if at:
            axes.annotate(name, at, fontsize=9)
    axes.set(xscale="log", title=title, xlabel="k", ylabel="pass@k", ylim=(-0.03, 1.05))
    axes.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
    axes.set_xticks([], minor=True)


def plot(results: list[dict]):
    """Four panels: shared, mostly shared, own, and the control; before, after and with a KL, one line a seed."""
    figure, panels = style.figure(2, 2, width=style.NARROW, height=5.6)

    def arm(name):
        return lambda result: result["arms"][name]

    def before(at=None):
        return "before", at, lambda result: result["base"]

    shared = (before(), ("after", None, arm("shared")), ("KL 0.1", None, arm("shared, KL 0.1")))
    draw(panels[0][0], results, shared, "shared")
    mixed = (before(), ("after", None, arm("mostly shared")), ("KL 0.03", None, arm("mostly shared, KL 0.03")))
    draw(panels[0][1], results, mixed, "mostly shared")
    for axes in panels[0]:
        axes.legend(loc="lower right", handlelength=2.2, borderaxespad=0.2)
    draw(panels[1][0], results, (before((6, 0.2)), ("after", (0.95, 0.96), arm("own"))), "own")
    control = (
        ("before", (10, 0.8), lambda result: result["guesses"][4]["before"]),
        ("after", (80, 0.6), lambda result: result["guesses"][4]["after"]),
        ("both, by steps", (2, 0.04), lambda result: np.zeros(len(KS))),
    )
    draw(panels[1][1], results, control, "control: guesses")
    figure.data_table = table(results)
    return figure


def between(values: list[float]) -> str:
    """Least and most, or the one value."""
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return low if low == high else f"{low} to {high}"


def prompts_table(results: list[dict]):
    """Header and rows: pass@256 of each arm on the prompts that method 0 solves and on the others, least and most."""
    rows = [(arm, *(between([r["prompts"][arm][part] for r in results]) for part in (0, 1))) for arm in ("base", *ARMS)]
    return ("policy", "pass@256 where method 0 works", "where it does not"), rows


def table(results: list[dict]):
    """Header and rows: pass@1 and pass@256 of each arm, least and most over the seeds, and where it falls below the base."""
    rows = []

    def row(name, before, after):
        cross = [crossing(b, a) for b, a in zip(before, after, strict=True)]
        span = [between([curve[i] for curve in after]) for i in (0, FAR.bit_length() - 1)]
        rows.append((name, *span, ", ".join(str(k) if k else "none" for k in cross) if any(cross) else "none"))

    base = [result["base"] for result in results]
    row("before", base, base)
    for name in ARMS:
        row(name, base, [result["arms"][name] for result in results])
    for group in GROUPS:
        row(f"mostly shared, sampled, groups of {group}", base, [result["groups"][group] for result in results])
    for answers in (4, 1_000):
        pairs = [result["guesses"][answers] for result in results]
        row(f"control, {answers:,} answers: before", [p["before"] for p in pairs], [p["before"] for p in pairs])
        row(f"control, {answers:,} answers: after", [p["before"] for p in pairs], [p["after"] for p in pairs])
    return ("arm", "pass@1", "pass@256", "base ahead from k"), rows


def transformer_figure(results: list[dict] | None = None):
    """The transformer of the flagship before and after, by answer and by verified steps."""
    results = results or five()
    figure, panels = style.figure(2, 1, width=style.NARROW, height=5.6, sharex=True, sharey=True)
    for axes, score in zip(panels, ("answer", "steps"), strict=True):
        curves = [
            (when, at, lambda result, key=f"{when}, {score}": result["transformer"][key])
            for when, at in (("before", (3.2, 0.35)), ("after", (1.2, 0.86)))
        ]
        draw(axes, results, curves, f"scored by {score}")
        axes.set_xticks(KS[:6], [str(k) for k in KS[:6]])
        axes.set_xlim(0.9, 36)
    rows = [(seed, key, *map(float, line)) for seed, r in enumerate(results) for key, line in r["transformer"].items()]
    figure.data_table = (("seed", "policy, score", *(f"k = {k}" for k in KS[:6])), rows)
    return figure


def crossing_figure():
    """The lab's figure on five seeds, without the transformer."""
    return plot([run(seed, small=True) for seed in range(5)])
