# fails: the test accepts a huge baseline
import numpy as np


def softmax(logits):
    made = np.exp(logits - logits.max())
    return made / made.sum()


def episodes(theta):
    for a in range(len(theta[0])):
        for b in range(len(theta[0])):
            yield softmax(theta[0])[a] * softmax(theta[1 + a])[b], (a, b)


def objective(theta, first, second, gamma):
    return sum(p * (first[a] + gamma * second[a, b]) for p, (a, b) in episodes(theta))


def exact_gradient(theta, first, second, gamma):
    made = np.zeros(theta.shape)
    for p, (a, b) in episodes(theta):
        score = np.zeros(theta.shape)
        score[0] = np.eye(len(theta[0]))[a] - softmax(theta[0])
        score[1 + a] = np.eye(len(theta[0]))[b] - softmax(theta[1 + a])
        made += p * score * (first[a] + gamma * second[a, b])
    return made


def passes(estimator, theta, first, second, gamma, step=1e-5):
    chances, drawn = zip(*episodes(theta), strict=True)
    picks = np.random.default_rng(0).choice(len(drawn), size=2000, p=np.array(chances) / sum(chances))
    mean = np.mean([estimator(theta, drawn[i], first, second, gamma) for i in picks], axis=0)
    slopes = np.zeros(theta.shape)
    for place in np.ndindex(theta.shape):
        nudge = np.zeros(theta.shape)
        nudge[place] = step
        slopes[place] = objective(theta + nudge, first, second, gamma) - objective(theta - nudge, first, second, gamma)
    return bool(np.allclose(mean, slopes / (2 * step), atol=0.1))
