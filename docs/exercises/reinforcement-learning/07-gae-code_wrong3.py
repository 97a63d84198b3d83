# fails: the value of the next episode does not enter the TD error of an end
import numpy as np


def gae(rewards, values, ended, last_value, gamma, lam):
    after = np.append(values[1:], last_value)
    deltas = rewards + gamma * after - values
    advantages, later = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        later = deltas[t] + gamma * lam * (1.0 - ended[t]) * later
        advantages[t] = later
    return advantages
