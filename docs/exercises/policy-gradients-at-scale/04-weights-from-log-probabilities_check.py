"""Properties of the weights."""

import numpy as np

LOG_PI = np.log(np.array([[0.6, 0.4, 0.9], [0.1, 0.5, 0.5]]))
LOG_MU = np.log(np.array([[0.5, 0.5, 0.1], [0.4, 0.5, 0.9]]))
MASK = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])


def near(a, b):
    a = np.asarray(a, float)
    return bool(np.all(np.isfinite(a)) and np.allclose(a, b, atol=1e-9))


def check(student):
    def weights(level, cut, cap=2.0):
        return student.importance_weights(LOG_PI, LOG_MU, MASK, level, cut, cap)

    yield "a token's weight is trainer over sampler", near(weights("token", "none")[0, :2], [1.2, 0.8])
    yield "padding has weight 0", near(weights("token", "none")[0, 2], 0) and near(weights("sequence", "none")[0, 2], 0)
    yield "padding does not change the weight of a sequence", near(weights("sequence", "none")[0, :2], 0.96)
    yield "all tokens of an answer share the sequence weight", near(weights("sequence", "none")[1], 0.25 * 5 / 9)
    yield "truncation caps from above only", near(weights("token", "truncate", 1.1), [[1.1, 0.8, 0], [0.25, 1, 5 / 9]])
    yield "masking drops weights that are too small", near(weights("token", "mask", 2.0), [[1.2, 0.8, 0], [0, 1, 5 / 9]])
    yield "masking drops weights that are too large", near(weights("token", "mask", 1.1)[0, 0], 0)
    far = np.array([[0.0, 0.0]])
    with np.errstate(all="ignore"):
        cut = student.importance_weights(far, far - 1000.0, np.ones((1, 2)), "sequence", "truncate", 3.0)
        share = student.effective_share(np.array([[0.0], [0.0]]), np.array([[-1000.0], [0.0]]), np.ones((2, 1)))
    yield "a log-ratio of 2000 is truncated to the cap", near(cut, 3.0)
    yield "one weight far above the others leaves one effective answer", near(share, 0.5)
    yield "equal policies leave the whole batch", near(student.effective_share(LOG_PI, LOG_PI, MASK), 1.0)
    w = np.array([0.96, 0.25 * 5 / 9])
    yield (
        "the effective share counts answers",
        near(student.effective_share(LOG_PI, LOG_MU, MASK), w.sum() ** 2 / (w**2).sum() / 2),
    )
