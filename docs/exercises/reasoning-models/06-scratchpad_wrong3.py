# fails: reliance is 1 where the scratch token carries the whole answer

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def score(row, chosen):
    return np.eye(len(row))[chosen] - softmax(row)


def gradient(theta, x, path):
    mode, z, answer = path
    found = {name: np.zeros_like(table) for name, table in theta.items()}
    found["mode"] = score(theta["mode"], mode)
    if mode == 0:
        found["direct"] = score(theta["direct"], answer)
    else:
        found["scratch"][x] = score(theta["scratch"][x], z)
        found["read"][z] = score(theta["read"][z], answer)
    return found


def rloo_step(theta, x, paths, rewards, rate):
    rewards = np.asarray(rewards, dtype=float)
    advantages = rewards - (rewards.sum() - rewards) / (len(rewards) - 1)
    new = {name: table.copy() for name, table in theta.items()}
    for path, advantage in zip(paths, advantages, strict=True):
        for name, g in gradient(theta, x, path).items():
            new[name] += rate * advantage * g / len(paths)
    return new


def reliance(theta, target):
    write, read = softmax(theta["scratch"]), softmax(theta["read"])
    drops = []
    for x, wanted in enumerate(target):
        right = read[:, wanted]
        others = right.mean()
        drops.append(write[x] @ (right - others))
    return float(np.mean(drops))
