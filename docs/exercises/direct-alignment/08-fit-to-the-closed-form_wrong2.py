# fails: the closed form is the reference times exp(reward / beta), normalised
import numpy as np


def gradient(theta, counts, beta):
    margin = theta[:, None] - theta[None, :]
    pull = counts / counts.sum() * -beta / (1 + np.exp(beta * margin))
    return pull.sum(axis=1) - pull.sum(axis=0)


def fit(counts, reference, beta, steps=20_000):
    theta = np.zeros(len(counts))
    for _ in range(steps):
        theta = theta - gradient(theta, counts, beta) / beta**2
    weights = reference * np.exp(theta - theta.max())
    return weights / weights.sum()


def closed_form(reference, reward, beta):
    weights = reference * np.exp((reward - reward.max()) * beta)  # beta upside down
    return weights / weights.sum()
