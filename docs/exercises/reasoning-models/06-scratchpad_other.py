"""Another solution: gradients of the chosen logits less log-partition gradients; reliance by a double loop."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gradient(theta, x, path):
    mode, z, answer = path
    rows = [("mode", None, mode)]
    rows += [("direct", None, answer)] if mode == 0 else [("scratch", x, z), ("read", z, answer)]
    found = {name: np.zeros(table.shape) for name, table in theta.items()}
    for name, row, chosen in rows:
        part = found[name] if row is None else found[name][row]
        part -= softmax(theta[name] if row is None else theta[name][row])
        part[chosen] += 1
    return found


def rloo_step(theta, x, paths, rewards, rate):
    n, mean = len(paths), float(np.mean(rewards))
    total = {name: np.zeros(table.shape) for name, table in theta.items()}
    for path, reward in zip(paths, rewards, strict=True):
        for name, g in gradient(theta, x, path).items():
            total[name] = total[name] + (reward - mean) * n / (n - 1) * g
    return {name: theta[name] + rate / n * total[name] for name in theta}


def reliance(theta, target):
    write, read = softmax(theta["scratch"]), softmax(theta["read"])
    size, total = len(read), 0.0
    for x in range(len(target)):
        for z in range(size):
            for other in range(size):
                if other != z:
                    total += write[x, z] / (size - 1) * (read[z, target[x]] - read[other, target[x]])
    return total / len(target)
