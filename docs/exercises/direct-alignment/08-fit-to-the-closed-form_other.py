import numpy as np


def gradient(theta, counts, beta):
    total, out = counts.sum(), np.zeros(len(theta))
    for i in range(len(theta)):
        for j in range(len(theta)):
            wrong = 1 / (1 + np.exp(beta * (theta[i] - theta[j])))
            out[i] -= beta * counts[i, j] / total * wrong
            out[j] += beta * counts[i, j] / total * wrong
    return out


def fit(counts, reference, beta):
    strength = np.ones(len(counts))  # Bradley-Terry by Zermelo's iteration, then the tilt
    for _ in range(5_000):
        played = (counts + counts.T) / (strength[:, None] + strength[None, :])
        strength = counts.sum(axis=1) / played.sum(axis=1)
        strength /= strength.mean()
    return closed_form(reference, np.log(strength), beta)


def closed_form(reference, reward, beta):
    logits = np.log(reference) + reward / beta
    return np.exp(logits - np.logaddexp.reduce(logits))
