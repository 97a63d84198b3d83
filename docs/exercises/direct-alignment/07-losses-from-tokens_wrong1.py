# fails: the log-probability is the sum over tokens with mask 1
import numpy as np


def completion_log_prob(token_log_probs, mask):
    return (token_log_probs * mask).sum(axis=1) / mask.sum(axis=1)  # averages: SimPO's habit in DPO


def dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    return np.mean(np.logaddexp(0.0, -beta * ((chosen - ref_chosen) - (rejected - ref_rejected))))


def simpo_loss(chosen, rejected, chosen_length, rejected_length, beta, gamma):
    return np.mean(np.logaddexp(0.0, gamma - beta * (chosen / chosen_length - rejected / rejected_length)))
