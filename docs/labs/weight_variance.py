"""How fast importance weights of whole answers spread with length, if token log-ratios are alike and independent."""

import math

import numpy as np
import style

SPREADS = (0.005, 0.01, 0.02, 0.04)


def lognormal_variance(spread: float, length: float) -> float:
    """Variance of the sequence weight: token log-ratios normal with standard deviation `spread` (`eq-lag-lognormal`)."""
    return float(np.exp(length * spread**2) - 1)


def effective_share(second_moment: float) -> float:
    """Effective sample size over sample size, from the mean square of weights with mean 1 (`eq-lag-ess`)."""
    return 1 / second_moment


def share_bound(divergence: float) -> float:
    """The effective share is at most this, for KL(pi || mu) = `divergence` nats an answer (`eq-lag-ess-bound`)."""
    return float(np.exp(-divergence))


def longest(spread: float, share: float) -> float:
    """Tokens at which the effective share has fallen to `share`."""
    return float(-np.log(share) / spread**2)


def measured_size(spread: float, length: float, batch: int, batches: int = 2000, seed: int = 0) -> float:
    """Mean over drawn batches of what the left side of `eq-lag-ess` shows, in the same model."""
    log_weights = np.random.default_rng(seed).normal(-length * spread**2 / 2, length**0.5 * spread, (batches, batch))
    w = np.exp(log_weights)
    return float((w.sum(axis=1) ** 2 / (w**2).sum(axis=1)).mean())


def kept_share(spread: float, length: float, cap: float) -> float:
    """Share of the sampler's answers whose weight lies in [1 / cap, cap], in the same model."""
    middle, deviation = -length * spread**2 / 2, length**0.5 * spread
    below = [0.5 * (1 + math.erf((edge - middle) / (deviation * 2**0.5))) for edge in (-math.log(cap), math.log(cap))]
    return below[1] - below[0]


def spread_from(divergence: float) -> float:
    """Standard deviation of a token's log-ratio with this divergence a token, in the same model."""
    return float((2 * divergence) ** 0.5)


def share_figure():
    """Figure: effective share of a batch against the length of the answers."""
    lengths = np.geomspace(10, 1e5, 200)
    figure, axes = style.figure(width=style.NARROW, height=3.2)
    for spread, colour, dash in zip(SPREADS, style.COLOURS, style.DASHES, strict=False):
        shares = [effective_share(1 + lognormal_variance(spread, length)) for length in lengths]
        axes.plot(lengths, shares, color=colour, ls=dash)
        at = longest(spread, 0.5)
        axes.annotate(f"{spread:g}", (at, 0.5), (5, 3), textcoords="offset points", fontsize=9)
    axes.axhline(0.5, color=style.GREY, lw=0.6)
    axes.set(xscale="log", xlabel="tokens of an answer", ylabel="effective share of the batch", ylim=(0, 1.02))
    axes.set_xticks([10**n for n in range(1, 6)], [f"{10**n:,}" for n in range(1, 6)])
    rows = [
        (length, *(effective_share(1 + lognormal_variance(s, length)) for s in SPREADS))
        for length in (100, 1000, 3000, 10_000, 30_000)
    ]
    figure.data_table = (("tokens", *(f"spread {s:g}" for s in SPREADS)), rows)
    return figure
