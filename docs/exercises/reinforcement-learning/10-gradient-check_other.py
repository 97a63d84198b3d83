import numpy as np


def score(theta, action):
    made = -np.exp(theta) / np.exp(theta).sum()
    made[action] += 1
    return made


def estimate(theta, actions, rewards):
    n = len(actions)
    total = np.zeros(len(theta))
    for i in range(n):
        rest = [rewards[actions[j]] for j in range(n) if j != i]
        total += score(theta, actions[i]) * (rewards[actions[i]] - sum(rest) / len(rest))
    return total / n


def finite_differences(function, theta, step=1e-5):
    def slope(k):
        up, down = theta.copy(), theta.copy()
        up[k] += step
        down[k] -= step
        return (function(up) - function(down)) / step / 2

    return np.array([slope(k) for k in range(len(theta))])
