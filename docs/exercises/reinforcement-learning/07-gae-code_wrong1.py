# fails: advantages of one episode do not leak into the one before it
import numpy as np


def gae(rewards, values, ended, last_value, gamma, lam):
    after = np.append(values[1:], last_value)
    deltas = rewards + gamma * (1.0 - ended) * after - values
    advantages, later = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        later = deltas[t] + gamma * lam * later
        advantages[t] = later
    return advantages
