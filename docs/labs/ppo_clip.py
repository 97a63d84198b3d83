"""The clip of PPO: its value and slope in the six cases, and how far a ratio leaves the clip range all the same."""

import numpy as np
import style

EPS = 0.2
CASES = tuple((sign, ratio) for sign in (1.0, -1.0) for ratio in (0.6, 1.0, 1.4))  # below, inside, above for each sign


def clipped(ratio: np.ndarray, advantage: np.ndarray, eps: float = EPS) -> np.ndarray:
    """The objective of one sample (`eq-ppo-clip`)."""
    return np.minimum(ratio * advantage, np.clip(ratio, 1 - eps, 1 + eps) * advantage)


def slope(ratio: np.ndarray, advantage: np.ndarray, eps: float = EPS) -> np.ndarray:
    """Its derivative by the ratio (`eq-ppo-clip-gradient`): the advantage, or zero in two cases of six."""
    too_high = (advantage > 0) & (ratio > 1 + eps)
    too_low = (advantage < 0) & (ratio < 1 - eps)
    return np.where(too_high | too_low, 0.0, advantage)


def leak(p: float, eps: float = EPS) -> float:
    """Where the ratio of the better of two actions, of old probability p, stops for small steps (`eq-clip-leak`)."""
    return 1 - eps + eps / p


def climb(p: float, eps: float = EPS, rate: float = 0.01, steps: int = 20_000) -> float:
    """The same by gradient ascent on the expected clipped objective: the ratio of the better action at the end.

    Two actions, old probabilities (p, 1 - p), advantages (1 - p, -p): their mean under the old policy is 0.
    """
    old, advantage = np.array([p, 1 - p]), np.array([1 - p, -p])
    logit = float(np.log(p / (1 - p)))
    for _ in range(steps):
        now = 1 / (1 + np.exp(-logit))
        ratio = np.array([now, 1 - now]) / old
        by_logit = now * (1 - now) / old * np.array([1.0, -1.0])  # d ratio / d logit
        logit += rate / (p * (1 - p)) * float(old @ (slope(ratio, advantage, eps) * by_logit))
    return float(1 / (1 + np.exp(-logit)) / p)


def six_cases():
    """Figure: the clipped objective against the ratio for both signs of the advantage; the six cases numbered."""
    figure, panels = style.figure(2, 1, width=style.NARROW, height=5.8)
    ratio = np.linspace(0.3, 1.7, 281)
    number, rows = 0, []
    for axes, sign in zip(panels, (1.0, -1.0), strict=True):
        axes.axvspan(1 - EPS, 1 + EPS, color="#e6e6e6", zorder=0)
        axes.plot(ratio, ratio * sign, ":", color=style.GREY, label="not clipped")
        axes.plot(ratio, clipped(ratio, sign), "-", color=style.BLUE, label="clipped")
        for one in (0.6, 1.0, 1.4):
            number += 1
            value, steep = float(clipped(one, sign)), float(slope(one, sign))
            axes.plot(one, value, "o" if steep else "s", color=style.BLUE if steep else style.RED)
            axes.annotate(
                f"{number}" if steep else f"{number}: slope 0",
                (one, value),
                xytext=(0, 9 if steep else -18),
                textcoords="offset points",
                ha="center",
                fontsize=9,
            )
            where = "below" if one < 1 else "above" if one > 1 else "inside"
            rows.append((number, f"{sign:+.0f}".replace("-", "−"), where, one, value, steep))
        axes.set(ylabel="objective of the sample", title="A = +1" if sign > 0 else "A = −1")
    panels[0].set(ylim=(0.1, 1.9))
    panels[1].set(ylim=(-1.9, -0.1), xlabel="ratio of new to old probability")
    panels[0].legend(loc="upper left")
    figure.data_table = (("case", "advantage", "ratio is", "ratio", "objective", "slope by the ratio"), rows)
    return figure
