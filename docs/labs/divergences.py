"""Kullback-Leibler divergences: their two directions, and their sum over the tokens of a completion."""

import numpy as np
import style


def kl(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p || q) in nats (`eq-kl`): expectation under p of ln p - ln q; infinite where q lacks what p has."""
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    has = p > 0
    if np.any(q[has] == 0):
        return float("inf")
    return float(np.sum(p[has] * (np.log(p[has]) - np.log(q[has]))))


def cross_entropy(p: np.ndarray, q: np.ndarray) -> float:
    """Expected -ln q under p (`eq-sft-kl`): what maximum likelihood minimises."""
    has = p > 0
    return float(-np.sum(p[has] * np.log(q[has])))


def bell(places: np.ndarray, centre: float, width: float) -> np.ndarray:
    """A distribution with one mode over `places`."""
    weights = np.exp(-0.5 * ((places - centre) / width) ** 2)
    return weights / weights.sum()


def two_modes(places: np.ndarray) -> np.ndarray:
    """The target of the figure: 60 % around -3, 40 % around 3."""
    return 0.6 * bell(places, -3.0, 0.8) + 0.4 * bell(places, 3.0, 0.8)


def best_bells(places: np.ndarray, target: np.ndarray) -> dict[str, tuple[float, float, float]]:
    """For each direction the bell with the least divergence, by search over a grid: (centre, width, divergence)."""
    found = {"forward": (0.0, 0.0, np.inf), "reverse": (0.0, 0.0, np.inf)}
    for centre in np.arange(-4.0, 4.01, 0.1):
        for width in np.arange(0.5, 5.01, 0.1):
            student = bell(places, centre, width)
            for name, value in (("forward", kl(target, student)), ("reverse", kl(student, target))):
                if value < found[name][2]:
                    found[name] = (float(centre), float(width), value)
    return found


def directions_figure():
    """A target with two modes and the single bell that is nearest to it in each direction."""
    places = np.linspace(-6, 6, 61)
    target = two_modes(places)
    best = best_bells(places, target)
    figure, axes = style.figure(width=style.NARROW, height=3.2)
    axes.bar(places, target, width=0.17, color="#d0d0d0")
    axes.annotate("target", (3.5, 0.042))
    rows = []
    for number, (name, (centre, width, value)) in enumerate(best.items()):
        line = bell(places, centre, width)
        axes.plot(places, line, color=style.COLOURS[number], linestyle=style.DASHES[number])
        rows.append((f"{name} KL", centre, width, value))
    axes.annotate("reverse KL picks\nthe larger mode", (-2.2, 0.085))
    axes.annotate("forward KL\ncovers both", (-0.9, 0.026))
    axes.set_xlabel("completion (placed on a line)")
    axes.set_ylabel("probability")
    figure.data_table = (("direction minimised", "centre", "width", "divergence (nats)"), rows)
    return figure


# ---- completions of two tokens: p is a table (first token, second token)


def split(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First-token probabilities and, a row for each first token, second-token probabilities."""
    first = p.sum(axis=1)
    return first, p / first[:, None]


def token_sum(p: np.ndarray, q: np.ndarray) -> float:
    """KL of the first token plus the expected KL of the second, prefixes drawn from p (`eq-kl-chain`)."""
    (p1, p2), (q1, q2) = split(p), split(q)
    return kl(p1, q1) + float(sum(p1[a] * kl(p2[a], q2[a]) for a in range(len(p1))))
