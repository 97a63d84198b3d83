# fails: differences are central: the error is of second order in the step
import numpy as np


def score(theta, action):
    policy = np.exp(theta - theta.max())
    policy /= policy.sum()
    return np.eye(len(theta))[action] - policy


def estimate(theta, actions, rewards):
    paid = rewards[actions]
    others = (paid.sum() - paid) / (len(paid) - 1)
    return np.mean([(r - b) * score(theta, a) for a, r, b in zip(actions, paid, others, strict=True)], axis=0)


def finite_differences(function, theta, step=1e-5):
    made = np.zeros(len(theta))
    for k in range(len(theta)):
        nudge = step * np.eye(len(theta))[k]
        made[k] = (function(theta + nudge) - function(theta)) / step
    return made
