"""Reinforcement learning with a verifiable reward, end to end: imitation, then RLOO, on the small transformer of `tinylm.py`.

The base model can work out an answer and usually does not. What does the reward change: when it works, how well, or both?
"""

from copy import deepcopy
from functools import cache

import adam
import autograd.numpy as anp
import numpy as np
import style
import tinylm
from sampling import tempered
from tinylm import COMPLETION, DIGITS, EQUALS, MODULUS, demonstrations, problems, shows_work, verify
from tinylm_by_hand import sample, weighted_gradient

BATCH, LEARN, TURN = 128, 600, 60  # imitation: examples a step; steps on worked answers; steps that turn to direct ones
PROMPTS, GROUP, STEPS, LONG, LONGER = (
    16,
    8,
    40,
    120,
    200,
)  # reinforcement: prompts, completions of each; steps: main, sweep, rough
FRACTIONS = (0.1, 0.03, 0.01, 0.0)  # of the second part of the corpus that is worked
NEVER = "never"  # the control: no worked answer in either part
ROUGH = "rough"  # 3 % again, turned with steps three times as large, so that some of the skill is lost
ARMS = (*FRACTIONS, NEVER)
NAMES = {0.1: "10 %", 0.03: "3 %", 0.01: "1 %", 0.0: "0 %", NEVER: "never", ROUGH: "3 %, rough"}
TURNS = {0.1: (0.1, 1e-3), 0.03: (0.03, 1e-3), 0.01: (0.01, 1e-3), 0.0: (0.0, 1e-3), NEVER: (0.0, 1e-3), ROUGH: (0.03, 3e-3)}
TEMPERATURES = (1.0, 0.7, 0.5, 0.35)
ALL = np.array([[a, b, c, d, EQUALS] for a in range(5) for b in range(5) for c in range(5) for d in range(5)])  # (625, 5)


# ---- imitation


def supervised(p, memory, rng, worked: float, rates):
    """Parameters after one step of imitation for each of `rates`, on fresh examples of which a share `worked` shows work.

    Imitation is the policy gradient with advantage 1 for every example of the corpus (`eq-sft`).
    """
    for rate in rates:
        tokens, mask = demonstrations(problems(rng, BATCH), rng, worked)
        p = adam.step(p, weighted_gradient(p, tokens, (-mask / mask.sum()).astype(np.float32)), memory, rate)
    return p


def rates(steps: int, rate: float = 5e-3):
    """Step sizes (steps,): constant for the first half, then straight down to zero."""
    return rate * np.minimum(1.0, 2.0 * (1.0 - np.arange(steps) / steps))


def learned(seed: int, worked: float = 0.9, steps: int = LEARN):
    """After the first part: parameters (32-bit) and Adam's memory."""
    p = {name: value.astype(np.float32) for name, value in tinylm.initial(seed).items()}
    memory = adam.start(p)
    return supervised(p, memory, np.random.default_rng([seed, 1]), worked, rates(steps)), memory


def base_models(seed: int, arms=(*ARMS, ROUGH)) -> dict:
    """The policy that reinforcement starts from, one for each arm. `never` has seen no worked answer in either part."""
    skilled, made = learned(seed), {}
    for arm in arms:
        p, memory = learned(seed, 0.0, LEARN // 2) if arm == NEVER else skilled
        share, rate = TURNS[arm]
        made[arm] = supervised(p, deepcopy(memory), np.random.default_rng([seed, 2]), share, [rate] * TURN)
    return made


# ---- reinforcement


def rloo_advantages(rewards):
    """Each reward less the mean of the others of its group. rewards: (prompts, group)."""
    group = rewards.shape[1]
    others = (rewards.sum(axis=1, keepdims=True) - rewards) / (group - 1)
    return rewards - others


def policy_gradient_loss(p, tokens, mask, advantages):
    """Minus the mean of advantage times ln pi(y | x): its gradient is what a step follows. advantages: (batch,)."""
    return -anp.mean(advantages * tinylm.masked_log_prob(p, tokens, mask))


def policy_gradient_step(p, memory, prompts, rng, rate: float = 1e-3, reward=verify):
    """Parameters after one step of RLOO, and what was sampled: tokens, mask, rewards. prompts: (prompts, 5)."""
    tokens, mask, _ = sample(p, np.repeat(prompts, GROUP, axis=0), rng)
    rewards = reward(tokens)  # (prompts * group,)
    advantages = rloo_advantages(rewards.reshape(-1, GROUP)).ravel()
    weights = -advantages[:, None] * mask / len(tokens)
    gradient = weighted_gradient(p, tokens, weights.astype(np.float32))  # of `policy_gradient_loss`
    return adam.step(p, gradient, memory, rate), (tokens, mask, rewards)


def train(p, seed: int, steps: int = STEPS, rate: float = 1e-3, reward=verify):
    """The policy after `steps` steps, and a curve (steps, 3): mean reward, share of worked completions, mean length."""
    rng, memory, curve = np.random.default_rng([seed, 3]), adam.start(p), []
    for _ in range(steps):
        p, (tokens, mask, rewards) = policy_gradient_step(p, memory, problems(rng, PROMPTS), rng, rate, reward)
        curve.append((rewards.mean(), shows_work(tokens).mean(), mask.sum(axis=1).mean()))
    return p, np.array(curve)


def coin(seed: int):
    """The control's reward: 1 with probability 1/4, whatever was written."""
    rng = np.random.default_rng([seed, 4])
    return lambda tokens: (rng.random(len(tokens)) < 0.25).astype(float)


# ---- what the policy does, and where the gain comes from


def warm(temperature: float):
    """The sampling rule of a temperature; 0 is greedy."""
    if temperature == 0:
        return lambda probs: np.eye(probs.shape[1])[probs.argmax(axis=1)]
    return lambda probs: tempered(probs, temperature)


def forced(rule):
    """A rule for the first token that knows only digits: the completion has to show its work."""
    return lambda probs: np.pad(rule(probs[:, :MODULUS]), ((0, 0), (0, probs.shape[1] - MODULUS)))


def measure(p, seed: int, temperature: float = 1.0, show_work: bool = False, draws: int = 8) -> dict[str, float]:
    """On all 625 prompts, `draws` completions each: accuracy, share worked, length; accuracy and length by mode."""
    rule = warm(temperature)
    tokens, mask, _ = sample(
        p, np.repeat(ALL, draws, axis=0), np.random.default_rng([seed, 5]), rule, forced(rule) if show_work else None
    )
    right, worked, length = verify(tokens), shows_work(tokens), mask.sum(axis=1)
    made = {"accuracy": right.mean(), "worked": worked.mean(), "length": length.mean()}
    for name, which in (("worked", worked), ("direct", ~worked)):
        made[f"accuracy {name}"] = right[which].mean() if which.any() else np.nan
        made[f"length {name}"] = length[which].mean() if which.any() else np.nan
    return {key: float(value) for key, value in made.items()}


def decompose(base, trained, seed: int) -> dict[str, float]:
    """Accuracy on the way from the base to the trained policy, and the gain in parts that add up.

    mode: the base samples, its first token forced to be a digit. sharpening: the same, greedy. remainder: what is left.
    """
    at = {  # each is measured on all 625 prompts
        "base": measure(base, seed)["accuracy"],
        "base, greedy": measure(base, seed, 0.0, draws=1)["accuracy"],
        "base, work forced": measure(base, seed, show_work=True)["accuracy"],
        "base, work forced, greedy": measure(base, seed, 0.0, show_work=True, draws=1)["accuracy"],
        "trained": measure(trained, seed)["accuracy"],
    }
    return {
        **at,
        "mode": at["base, work forced"] - at["base"],
        "sharpening": at["base, work forced, greedy"] - at["base, work forced"],
        "remainder": at["trained"] - at["base, work forced, greedy"],
        "sharpening alone": at["base, greedy"] - at["base"],
    }


def arrival(curve) -> int:
    """The step at which half of the completions first show work; the number of steps where they never do."""
    above = np.flatnonzero(curve[:, 1] > 0.5)
    return int(above[0]) if len(above) else len(curve)


def run(seed: int, small: bool = False) -> dict:
    """Base and trained policy, the parts of the gain, a control; unless `small`, the sweep and the rough base."""
    bases = base_models(seed, FRACTIONS[:1] if small else (*ARMS, ROUGH))
    base = bases[0.1]
    trained, curve = train(base, seed)
    made = {
        "base": measure(base, seed),
        "trained": measure(trained, seed),
        "curve": curve,
        "parts": decompose(base, trained, seed),
        "temperatures": {t: measure(base, seed, t, show_work=True, draws=4)["accuracy"] for t in TEMPERATURES},
        "coin": measure(train(base, seed, reward=coin(seed))[0], seed, draws=4),
    }
    if small:
        return made
    made["sweep"] = {}
    for arm in ARMS:
        after, long = train(bases[arm], seed, LONG)
        before = measure(bases[arm], seed, draws=4)
        made["sweep"][arm] = {
            "worked": before["worked"],
            "base": before["accuracy"],
            "able": measure(bases[arm], seed, show_work=True, draws=4)["accuracy"],
            "trained": measure(after, seed, draws=4)["accuracy"],
            "arrival": arrival(long),
            "curve": long,
        }
    made["rough"] = decompose(bases[ROUGH], train(bases[ROUGH], seed, LONGER)[0], seed)
    return made


@cache
def five(small: bool = False) -> list[dict]:
    """Five seeds, run once a process."""
    return [run(seed, small) for seed in range(5)]


# ---- figures


STAGES = ("base", "base, greedy", "base, work forced", "base, work forced, greedy", "trained")


def plot(results: list[dict]):
    """Above: worked completions while training, a line a seed. Below: accuracy of base, forced and greedy base, and trained."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=6.4)
    for number, arm in enumerate(ARMS):
        for result in results:
            line = result["sweep"][arm]["curve"][:, 1]
            smooth = np.convolve(line, np.ones(5) / 5, "valid")
            shown = {"color": style.COLOURS[number], "linestyle": style.DASHES[number], "linewidth": 1.2}
            upper.plot(np.arange(len(smooth)) + 3, smooth, **shown)
    upper.set_xlabel("step of reinforcement")
    upper.set_ylabel("completions that show work (share)")
    upper.set_ylim(-0.11, 1.13)
    upper.set_title("worked answers in the corpus:")
    for words, at in (("10 %", (6, 1.04)), ("3 %", (46, 1.04)), ("1 %", (98, 1.04)), ("0 % and never", (20, -0.085))):
        upper.annotate(words, at)
    kinds = (("parts", "10 %", 0, {"markersize": 5}), ("rough", NAMES[ROUGH], 1, {"markersize": 6, "fillstyle": "none"}))
    for kind, name, number, shape in kinds:
        for row, stage in enumerate(STAGES):
            points = [result[kind][stage] for result in results]
            shown = {"color": style.COLOURS[number], "linestyle": "", **shape}
            lower.plot(points, [row + 0.3 * number - 0.15] * len(points), style.MARKERS[number], **shown)
        lower.annotate(name, (0.9, len(STAGES) - 0.93 + 0.3 * number - 0.15), color=style.COLOURS[number], ha="right", fontsize=9)
    lower.set_yticks(range(len(STAGES)), [stage.replace("work forced", "work\nforced") for stage in STAGES])
    lower.invert_yaxis()
    lower.set_xlim(0, 1.05)
    lower.set_xlabel("accuracy (625 prompts)")
    figure.data_table = figure_table(results)
    return figure


def sweep_table(results: list[dict]):
    """Header and rows: every arm and seed of the sweep."""
    header = (
        "worked in the corpus",
        "seed",
        "base: worked",
        "base: accuracy",
        "base: accuracy if forced",
        "half work at step",
        "trained: accuracy",
    )
    keys = ("worked", "base", "able", "arrival", "trained")
    rows = [(NAMES[arm], seed, *(r["sweep"][arm][key] for key in keys)) for arm in ARMS for seed, r in enumerate(results)]
    return header, rows


def parts_table(results: list[dict]):
    """Header and rows: the parts of the gain, a row a seed, for the base and the rough base."""
    keys = ("base", "mode", "sharpening", "remainder", "trained")
    kinds = (("10 %", "parts"), (NAMES[ROUGH], "rough"))
    rows = [(name, seed, *(round(r[kind][key], 3) for key in keys)) for name, kind in kinds for seed, r in enumerate(results)]
    return ("corpus", "seed", "base", "+ mode switch", "+ sharpening", "+ remainder", "= trained"), rows


def figure_table(results: list[dict]):
    """Header and rows: those of the sweep, then the stages of the lower panel, a row a seed."""
    (corpus, seed, worked, accuracy, forced, half, reached), sweep = sweep_table(results)
    header = (
        corpus,
        seed,
        worked,
        accuracy,
        "base: accuracy if greedy",
        forced,
        "base: accuracy if forced and greedy",
        half,
        reached,
    )
    rows = [(*row[:4], "", row[4], "", *row[5:]) for row in sweep]
    for name, kind, steps in (("10 %", "parts", STEPS), (NAMES[ROUGH], "rough", LONGER)):
        for number, result in enumerate(results):
            base, greedy, able, both, trained = (result[kind][stage] for stage in STAGES)
            rows.append((f"below: {name}, {steps} steps", number, "", base, greedy, able, both, "", trained))
    return header, rows


def length_figure(results: list[dict] | None = None):
    """Above: mean length while training. Below: the same against the share of worked completions, with the line 3 + 4 * share."""
    results = results or five(small=True)
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=5.6, sharey=True)
    for seed, result in enumerate(results):
        _, worked, length = result["curve"].T
        upper.plot(length, color=style.BLUE, linestyle=style.DASHES[seed], linewidth=1.2)
        shown = {"color": style.BLUE, "linestyle": "", "fillstyle": "none", "markersize": 4}
        lower.plot(worked, length, style.MARKERS[seed], **shown)
    lower.plot([0, 1], [COMPLETION - DIGITS, COMPLETION], color=style.RED, linestyle="--", linewidth=1.2)
    lower.annotate("3 + 4 × share", (0.56, 4.7), color=style.RED)
    lower.annotate("a mark a step", (0.1, 5.0), color=style.BLUE)
    upper.set_xlabel("step of reinforcement")
    upper.set_ylim(2.5, COMPLETION + 0.5)
    lower.set_xlabel("completions that show work (share)")
    for axes in (upper, lower):
        axes.set_ylabel("mean length (tokens)")
    keys = ("length", "length worked", "length direct")
    rows = [(seed, when, *(r[when][key] for key in keys)) for seed, r in enumerate(results) for when in ("base", "trained")]
    figure.data_table = (("seed", "policy", "mean length", "of worked", "of direct"), rows)
    return figure


def scratchpad_figure():
    """The lab's figure on five seeds."""
    return plot(five())
