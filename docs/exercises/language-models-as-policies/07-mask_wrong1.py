# fails: the mask belongs to the token predicted, not to the token read
import numpy as np


def join(segments):
    tokens = [token for _, part in segments for token in part]
    mask = [float(role == "model") for role, part in segments for _ in part]
    return np.array(tokens), np.array(mask)


def loss(log_probs, mask):
    chosen = mask[:-1]
    return float(-np.sum(log_probs * chosen) / max(np.sum(chosen), 1))
