import numpy as np


def gae(rewards, values, ended, last_value, gamma, lam):
    after = np.append(values[1:], last_value)
    going = 1.0 - ended
    deltas = rewards + gamma * going * after - values
    advantages, later = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        later = deltas[t] + gamma * lam * going[t] * later
        advantages[t] = later
    return advantages
