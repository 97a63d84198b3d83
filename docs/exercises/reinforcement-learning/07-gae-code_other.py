import numpy as np


def gae(rewards, values, ended, last_value, gamma, lam):
    total, steps = [], len(rewards)
    for start in range(steps):  # the definition: a discounted sum of errors, up to the end of the episode
        advantage, weight = 0.0, 1.0
        for t in range(start, steps):
            following = values[t + 1] if t + 1 < steps else last_value
            advantage += weight * (rewards[t] + (0.0 if ended[t] else gamma * following) - values[t])
            if ended[t]:
                break
            weight *= gamma * lam
        total.append(advantage)
    return np.array(total)
