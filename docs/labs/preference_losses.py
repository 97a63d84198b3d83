"""The losses of direct alignment in one notation, each with its derivative.

`h` is the margin: how much more the policy has raised the chosen completion than the rejected one, in log-probability and
against the reference. `slope` functions are derivatives by the quantity that comes first in the loss.
"""

import numpy as np
import style


def log_sigmoid(z):
    """log of 1 / (1 + exp(-z)), without overflow."""
    return -np.logaddexp(0.0, -np.asarray(z, dtype=float))


def sigmoid(z):
    """1 / (1 + exp(-z))."""
    return np.exp(log_sigmoid(z))


def margin(chosen, rejected, ref_chosen, ref_rejected):
    """h from four log-probabilities of whole completions (`eq-margin`)."""
    return (chosen - ref_chosen) - (rejected - ref_rejected)


# ---- losses on the margin


def dpo(h, beta):
    """DPO (`eq-dpo-loss`)."""
    return -log_sigmoid(beta * h)


def dpo_slope(h, beta):
    """Derivative of DPO by the margin (`eq-dpo-gradient`)."""
    return -beta * sigmoid(-beta * h)


def ipo(h, tau):
    """IPO (`eq-ipo-loss`): squared distance of the margin from its target."""
    return (h - 1 / (2 * tau)) ** 2


def ipo_slope(h, tau):
    """Derivative of IPO by the margin."""
    return 2 * (h - 1 / (2 * tau))


def cdpo(h, beta, flip):
    """Conservative DPO (`eq-cdpo-loss`): cross-entropy with labels smoothed by `flip`."""
    return (1 - flip) * dpo(h, beta) + flip * dpo(-h, beta)


def cdpo_slope(h, beta, flip):
    """Derivative of conservative DPO; zero where sigmoid(beta h) = 1 - flip (`eq-cdpo-margin`)."""
    return beta * (sigmoid(beta * h) - (1 - flip))


def cdpo_margin(beta, flip):
    """The margin at which conservative DPO stops (`eq-cdpo-margin`)."""
    return np.log((1 - flip) / flip) / beta


def rdpo(h, beta, flip):
    """Robust DPO (`eq-rdpo-loss`): its expectation over flipped labels is the clean DPO loss."""
    return ((1 - flip) * dpo(h, beta) - flip * dpo(-h, beta)) / (1 - 2 * flip)


def rdpo_slope(h, beta, flip):
    """Derivative of robust DPO by the margin: never zero."""
    return -beta * ((1 - flip) * sigmoid(-beta * h) + flip * sigmoid(beta * h)) / (1 - 2 * flip)


def dynamic_beta(beta0, scale, gap, threshold):
    """The batch's beta in beta-DPO (`eq-beta-dpo`): grows with the batch's mean margin."""
    return (1 + scale * (gap - threshold)) * beta0


def length_dpo(h, beta, alpha, chosen_length, rejected_length):
    """DPO with a price alpha on each token (`eq-length-dpo`)."""
    return -log_sigmoid(beta * h + alpha * (chosen_length - rejected_length))


def rebel(h, eta, reward_gap):
    """REBEL (`eq-rebel-loss`): regress the margin, over eta, on the difference of rewards."""
    return (h / eta - reward_gap) ** 2


def rebel_slope(h, eta, reward_gap):
    """Derivative of REBEL by the margin."""
    return 2 / eta * (h / eta - reward_gap)


# ---- chi-squared preference optimization


def chi_link(log_ratio):
    """The link of chi-PO (`eq-chipo-link`): z + log z of the probability ratio z."""
    return np.exp(log_ratio) + log_ratio


def chipo(chosen_log_ratio, rejected_log_ratio, beta, clip=np.inf):
    """chi-PO (`eq-chipo-loss`): DPO with another link, its argument clipped to [-clip, clip]."""
    gap = beta * (chi_link(chosen_log_ratio) - chi_link(rejected_log_ratio))
    return -log_sigmoid(np.clip(gap, -clip, clip))


def chipo_policy(reference, reward, beta):
    """The optimum that chi-PO assumes: chi_link(log(policy / reference)) = (reward - c) / beta, c found by bisection."""

    def ratio(c):
        log_z = np.zeros_like(reward)
        for _ in range(60):  # Newton on z + log z = target, in log z
            log_z = log_z - (chi_link(log_z) - (reward - c) / beta) / (np.exp(log_z) + 1)
        return np.exp(log_z)

    low, high = reward.min() - 2 * beta, reward.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if reference @ ratio(middle) > 1 else (low, middle)
    return reference * ratio((low + high) / 2)


# ---- unpaired: KTO


def kto(log_ratio, desirable, beta, anchor, weight=1.0):
    """KTO (`eq-kto-loss`) of one completion; `anchor` is the reference point, treated as a constant."""
    sign = np.where(desirable, 1.0, -1.0)
    return weight * (1 - sigmoid(sign * beta * (log_ratio - anchor)))


def kto_slope(log_ratio, desirable, beta, anchor, weight=1.0):
    """Derivative of KTO by the log-ratio."""
    sign = np.where(desirable, 1.0, -1.0)
    value = sigmoid(sign * beta * (log_ratio - anchor))
    return -sign * weight * beta * value * (1 - value)


# ---- without a reference: averages of log-probability over tokens


def simpo(chosen_average, rejected_average, beta, gamma):
    """SimPO (`eq-simpo-loss`)."""
    return -log_sigmoid(beta * (chosen_average - rejected_average) - gamma)


def simpo_slopes(chosen_average, rejected_average, beta, gamma):
    """Derivatives of SimPO by both averages."""
    push = beta * sigmoid(gamma - beta * (chosen_average - rejected_average))
    return -push, push


def log_odds(average):
    """log of p / (1 - p) for p = exp(average) (`eq-odds`)."""
    return average - np.log1p(-np.exp(average))


def orpo(chosen_average, rejected_average, weight):
    """ORPO (`eq-orpo-loss`): likelihood of the chosen completion, plus a penalty on the odds ratio."""
    return -chosen_average - weight * log_sigmoid(log_odds(chosen_average) - log_odds(rejected_average))


def orpo_slopes(chosen_average, rejected_average, weight):
    """Derivatives of ORPO by both averages."""
    push = weight * sigmoid(log_odds(rejected_average) - log_odds(chosen_average))
    return -1 - push / (1 - np.exp(chosen_average)), push / (1 - np.exp(rejected_average))


# ---- figure


def loss_figure():
    """Losses and their slopes as functions of the margin beta h."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=6.6)
    z = np.linspace(-4, 6, 201)
    curves = (
        ("DPO", dpo(z, 1.0), dpo_slope(z, 1.0)),
        ("IPO, target 1", ipo(z, 0.5), ipo_slope(z, 0.5)),
        ("cDPO, flip 0.1", cdpo(z, 1.0, 0.1), cdpo_slope(z, 1.0, 0.1)),
        ("rDPO, flip 0.1", rdpo(z, 1.0, 0.1), rdpo_slope(z, 1.0, 0.1)),
        ("KTO, chosen", kto(z, True, 1.0, 0.0), kto_slope(z, True, 1.0, 0.0)),
    )
    for name, loss, slope in curves:
        upper.plot(z, loss, label=name)
        lower.plot(z, slope)
    for axes, places in (
        (upper, {"rDPO": (-3.3, 4.4), "IPO": (3.35, 4.2), "cDPO": (4.4, 0.8), "KTO": (-3.9, 1.15)}),
        (lower, {"rDPO": (-3.2, -1.28), "IPO": (1.9, 1.2), "cDPO": (4.4, 0.16), "KTO": (-3.9, 0.06)}),
    ):
        for name, at in places.items():
            axes.annotate(name, at, fontsize=9)
    upper.set_ylim(-0.6, 5)
    lower.set_ylim(-1.6, 1.6)
    lower.axhline(0, color="0.4", linewidth=0.8)
    lower.set_xlabel(r"margin ($\beta=1$)")
    upper.set_ylabel("loss")
    lower.set_ylabel("slope of the loss")
    figure.legend(*upper.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    picked = np.arange(-4, 7, 2.0)
    rows = [(float(m), *(float(np.interp(m, z, loss)) for _, loss, _ in curves)) for m in picked]
    figure.data_table = (("margin", *(name for name, _, _ in curves)), rows)
    return figure
