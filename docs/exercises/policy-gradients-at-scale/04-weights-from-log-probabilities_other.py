import math

import numpy as np


def importance_weights(log_pi, log_mu, mask, level, cut, cap):
    result = np.zeros(mask.shape)
    for i, row in enumerate(mask):
        kept = [t for t, m in enumerate(row) if m]
        logs = {t: log_pi[i, t] - log_mu[i, t] for t in kept}
        if level == "sequence":
            total = math.fsum(logs.values())
            logs = dict.fromkeys(kept, total)
        for t, value in logs.items():
            if cut == "truncate" and value > math.log(cap):
                result[i, t] = cap
            elif cut == "mask" and abs(value) > math.log(cap):
                result[i, t] = 0.0
            else:
                result[i, t] = math.exp(min(value, 700))
    return result


def effective_share(log_pi, log_mu, mask):
    total = np.einsum("it,it->i", log_pi - log_mu, mask)
    p = np.exp(total - np.logaddexp.reduce(total))
    return 1 / np.sum(p * p) / len(p)
