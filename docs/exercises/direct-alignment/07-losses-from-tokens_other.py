import numpy as np


def softplus(u):
    return np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u)))


def completion_log_prob(token_log_probs, mask):
    return np.einsum("pt,pt->p", np.asarray(token_log_probs, float), np.asarray(mask, float))


def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    policy, reference = chosen - rejected, ref_chosen - ref_rejected
    return softplus(beta * (reference - policy)).mean()


def simpo_loss(chosen, rejected, chosen_length, rejected_length, beta, gamma):
    return softplus(gamma + beta * (rejected / rejected_length - chosen / chosen_length)).mean()
