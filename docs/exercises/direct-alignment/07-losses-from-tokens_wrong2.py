# fails: a policy equal to the reference costs ln 2
import numpy as np


def completion_log_prob(token_log_probs, mask):
    return (token_log_probs * mask).sum(axis=1)


def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    return np.mean(np.logaddexp(0.0, -beta * (chosen - rejected)))  # the reference forgotten


def simpo_loss(chosen, rejected, chosen_length, rejected_length, beta, gamma):
    return np.mean(np.logaddexp(0.0, gamma - beta * (chosen / chosen_length - rejected / rejected_length)))
