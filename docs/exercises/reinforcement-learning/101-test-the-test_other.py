import itertools

import numpy as np


def policies(theta):
    made = np.exp(theta - theta.max(axis=1, keepdims=True))
    made /= made.sum(axis=1, keepdims=True)
    return made[0], made[1:]


def objective(theta, first, second, gamma):
    p, q = policies(theta)
    return float(p @ first + gamma * p @ (q * second).sum(axis=1))


def exact_gradient(theta, first, second, gamma):
    p, q = policies(theta)
    joint, returns = p[:, None] * q, first[:, None] + gamma * second
    weight = joint * returns
    made = np.zeros(theta.shape)
    made[0] = weight.sum(axis=1) - p * weight.sum()
    made[1:] = weight - q * weight.sum(axis=1, keepdims=True)
    return made


def passes(estimator, theta, first, second, gamma):
    p, q = policies(theta)
    mean = np.zeros(theta.shape)
    for a, b in itertools.product(range(len(p)), repeat=2):
        mean = mean + p[a] * q[a, b] * estimator(theta.copy(), (a, b), first, second, gamma)

    def slope(i, j, step=1e-4):
        up, down = theta.copy(), theta.copy()
        up[i, j] += step
        down[i, j] -= step
        return (objective(up, first, second, gamma) - objective(down, first, second, gamma)) / (2 * step)

    errors = [abs(mean[i, j] - slope(i, j)) for i, j in np.ndindex(theta.shape)]
    return max(errors) < 1e-5
