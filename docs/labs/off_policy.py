"""Learning from another policy's data: importance weights and their variance, and the deadly triad in one number w."""

import numpy as np
import style

TARGET, BEHAVIOUR = np.array([0.1, 0.9]), np.array([0.5, 0.5])
RATE, GAMMA, ENDING = 0.05, 0.99, 0.1


def weight(actions: list[int], target: np.ndarray = TARGET, behaviour: np.ndarray = BEHAVIOUR) -> float:
    """The importance weight of a whole episode (`eq-importance`): a product with one ratio a step."""
    ratios = target[list(actions)] / behaviour[list(actions)]
    return float(np.prod(ratios))


def weight_variance(steps: int, target: np.ndarray = TARGET, behaviour: np.ndarray = BEHAVIOUR) -> float:
    """Variance of that weight (`eq-importance-variance`)."""
    second = float((target**2 / behaviour).sum())
    return second**steps - 1


# ---- two states with features 1 and 2, values w and 2w, no reward: the right w is 0


def off_policy_step(w: float, rate: float = RATE, gamma: float = GAMMA) -> float:
    """TD on the transition from the first state alone (`eq-triad`)."""
    delta = gamma * 2 * w - w
    return w + rate * delta * 1.0


def on_policy_step(w: float, rate: float = RATE, gamma: float = GAMMA, ending: float = ENDING) -> float:
    """TD on a whole expected episode: the second state repeats until it ends with probability `ending`."""
    first = gamma * 2 * w - w
    second = gamma * (1 - ending) * 2 * w - 2 * w  # expected; 1 / ending visits
    return w + rate * (first * 1.0 + second * 2.0 / ending)


def monte_carlo_step(w: float, rate: float = RATE) -> float:
    """The same state as in `off_policy_step`, with the observed return 0 for target: no bootstrap."""
    return w + rate * (0.0 - w)


def table_step(values: np.ndarray, rate: float = RATE, gamma: float = GAMMA) -> np.ndarray:
    """The transition of `off_policy_step` with a table in the place of shared features; the second value is never visited."""
    values = np.array(values, float)
    values[0] += rate * (gamma * values[1] - values[0])
    return values


def runs(steps: int = 100) -> dict[str, np.ndarray]:
    """|value of the first state| after 0..steps updates from w = 1: all three of the triad, and each left out."""
    made = {"all three": [1.0], "on-policy": [1.0], "no bootstrap": [1.0]}
    rules = (off_policy_step, on_policy_step, monte_carlo_step)
    for (_, path), rule in zip(made.items(), rules, strict=True):
        for _ in range(steps):
            path.append(rule(path[-1]))
    table, path = np.array([1.0, 2.0]), [1.0]
    for _ in range(steps):
        table = table_step(table)
        path.append(float(table[0]))
    made["table"] = path
    return {name: np.abs(path) for name, path in made.items()}


def triad():
    """Figure: the value of the first state against updates."""
    made = runs()
    figure, axes = style.figure(width=style.NARROW, height=3.6)
    shown = {
        "all three": "all three ingredients",
        "on-policy": "on-policy",
        "no bootstrap": "observed return, no bootstrap",
        "table": "table, no shared feature",
    }
    for (name, path), dash, colour in zip(made.items(), style.DASHES, style.COLOURS, strict=False):
        axes.plot(path, dash, color=colour, label=shown[name])
    axes.set(yscale="log", ylim=(1e-3, 1e3), xlabel="updates", ylabel="|value of the first state|")
    axes.legend(loc="upper left")
    rows = [(step, *(float(made[name][step]) for name in made)) for step in (0, 10, 25, 50, 100)]
    figure.data_table = (("updates", *made), rows)
    return figure
