# fails: padding does not change the weight of a sequence
import numpy as np


def importance_weights(log_pi, log_mu, mask, level, cut, cap):
    log_ratio = log_pi - log_mu  # the mask comes too late for the sum
    if level == "sequence":
        log_ratio = np.repeat(log_ratio.sum(axis=1, keepdims=True), mask.shape[1], axis=1)
    bound = np.log(cap)
    if cut == "truncate":
        weights = np.exp(np.minimum(log_ratio, bound))
    elif cut == "mask":
        weights = np.where(np.abs(log_ratio) <= bound, np.exp(np.clip(log_ratio, -bound, bound)), 0.0)
    else:
        weights = np.exp(np.minimum(log_ratio, 700.0))
    return weights * mask


def effective_share(log_pi, log_mu, mask):
    log_weight = ((log_pi - log_mu) * mask).sum(axis=1)
    w = np.exp(log_weight - log_weight.max())
    return w.sum() ** 2 / (w**2).sum() / len(w)
