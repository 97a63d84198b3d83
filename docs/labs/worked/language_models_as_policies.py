"""Numbers of the chapter on language models as policies."""

import divergences
import kl_optimum
import numpy as np
import sampling
import sequences
import tinylm

REFERENCE, REWARD = np.array([0.9, 0.1]), np.array([0.0, 1.0])  # a bad and a good answer


def good_1() -> float:
    return float(kl_optimum.gibbs(REFERENCE, REWARD, 1.0)[1])


def good_half() -> float:
    return float(kl_optimum.gibbs(REFERENCE, REWARD, 0.5)[1])


def good_tenth() -> float:
    return float(kl_optimum.gibbs(REFERENCE, REWARD, 0.1)[1])


def z_half() -> float:
    return kl_optimum.partition(REFERENCE, REWARD, 0.5)


def kl_half() -> float:
    return divergences.kl(kl_optimum.gibbs(REFERENCE, REWARD, 0.5), REFERENCE)


def value_half() -> float:
    return kl_optimum.objective(kl_optimum.gibbs(REFERENCE, REWARD, 0.5), REFERENCE, REWARD, 0.5)


def value_stay() -> float:
    return kl_optimum.objective(REFERENCE, REFERENCE, REWARD, 0.5)


def value_sure() -> float:
    return kl_optimum.objective(np.array([0.0, 1.0]), REFERENCE, REWARD, 0.5)


def variance_half() -> float:
    return kl_optimum.reward_by_inverse_beta(REFERENCE, REWARD, 0.5)


def natural_once() -> float:
    return float(kl_optimum.softmax(kl_optimum.natural_step(np.log(REFERENCE), REFERENCE, REWARD, 0.5, 2.0))[1])


def plain_once() -> float:
    return float(kl_optimum.softmax(kl_optimum.plain_step(np.log(REFERENCE), REFERENCE, REWARD, 0.5, 2.0))[1])


def plain_size() -> float:
    """The size at which a plain step reaches the optimum of two completions: 1 / (2 beta p (1 - p))."""
    return float(1 / (2 * 0.5 * REFERENCE[0] * REFERENCE[1]))


def plain_exact() -> float:
    return float(kl_optimum.softmax(kl_optimum.plain_step(np.log(REFERENCE), REFERENCE, REWARD, 0.5, plain_size()))[1])


def last_kl() -> float:
    """KL gained along the frontier from beta .25 to .1."""
    points = kl_optimum.frontier(REFERENCE, REWARD, [0.25, 0.1])
    return float(points[1, 0] - points[0, 0])


def last_reward() -> float:
    points = kl_optimum.frontier(REFERENCE, REWARD, [0.25, 0.1])
    return float(points[1, 1] - points[0, 1])


# two binary tokens: first token 0 with .5; after 0 the right second token (1) has .8, after 1 it has .2
TREE = np.log(np.array([[0.5, 0.5], [0.2, 0.8], [0.8, 0.2]]))
RIGHT = np.array([0.0, 1.0, 0.0, 1.0])  # reward of 00, 01, 10, 11


def two_tokens() -> float:
    return float(sequences.sequence_probs(TREE, 2)[1])


def tree_value() -> float:
    return sequences.values(TREE, RIGHT, 2)[()]


def first_advantage() -> float:
    return float(sequences.advantages(TREE, RIGHT, (0, 1))[0])


def second_advantage() -> float:
    return float(sequences.advantages(TREE, RIGHT, (0, 1))[1])


def lucky_first() -> float:
    return float(sequences.advantages(TREE, RIGHT, (1, 1))[0])


def lucky_second() -> float:
    return float(sequences.advantages(TREE, RIGHT, (1, 1))[1])


def discounted_first() -> float:
    return 0.99**999


TOKENS = np.array([0.5, 0.3, 0.15, 0.05])


def tempered_first() -> float:
    return float(sampling.tempered(TOKENS, 0.5)[0])


def tempered_last() -> float:
    return float(sampling.tempered(TOKENS, 0.5)[3])


def nucleus_first() -> float:
    return float(sampling.nucleus(TOKENS, 0.75)[0])


def nucleus_second() -> float:
    return float(sampling.nucleus(TOKENS, 0.75)[1])


PAIR = np.array([0.8, 0.2])


def sharpened() -> float:
    return float(sampling.tempered(PAIR, 0.5)[0])


def mismatch_push() -> float:
    return float(sampling.naive_gradient(PAIR, sampling.tempered(PAIR, 0.5), np.ones(2))[0])


def cut_push() -> float:
    return float(sampling.naive_gradient(PAIR, sampling.nucleus(PAIR, 0.7), np.ones(2))[1])


TARGET, NARROW, WIDE = np.array([0.49, 0.02, 0.49]), np.array([0.9, 0.05, 0.05]), np.ones(3) / 3


def forward_narrow() -> float:
    return divergences.kl(TARGET, NARROW)


def forward_wide() -> float:
    return divergences.kl(TARGET, WIDE)


def reverse_narrow() -> float:
    return divergences.kl(NARROW, TARGET)


def reverse_wide() -> float:
    return divergences.kl(WIDE, TARGET)


P2, Q2 = np.array([[0.45, 0.05], [0.25, 0.25]]), np.full((2, 2), 0.25)


def chain_sum() -> float:
    return divergences.token_sum(P2, Q2)


def pass_2() -> float:
    return sampling.pass_at_k(10, 3, 2)


def pass_5() -> float:
    return sampling.pass_at_k(10, 3, 5)


def plug_2() -> float:
    return sampling.plug_in(10, 3, 2)


def plug_mean() -> float:
    """Mean of the plug-in estimate of pass@2 over the binomial counts of 10 samples at p = .3."""
    return sum(sampling.comb(10, c) * 0.3**c * 0.7 ** (10 - c) * sampling.plug_in(10, c, 2) for c in range(11))


def maj_up() -> float:
    return sampling.maj_at_k([4, 3, 3], 0, 3)


def maj_down() -> float:
    return sampling.maj_at_k([3, 4, 3], 0, 3)


SCORES, GOLD = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.1, 0.4, 0.6, 0.2])


def best_1() -> float:
    return sampling.best_of_k(SCORES, GOLD, 1)


def best_2() -> float:
    return sampling.best_of_k(SCORES, GOLD, 2)


def best_3() -> float:
    return sampling.best_of_k(SCORES, GOLD, 3)


def best_4() -> float:
    return sampling.best_of_k(SCORES, GOLD, 4)


def tool_push() -> float:
    """Pull on the logit of a lucky tool answer when its token is not masked: action fixed, answer lucky with .7."""
    logits = np.zeros((7, 2))
    logits[0] = [50.0, 0.0]  # the first action is always 0
    answers = np.array([[0.3, 0.7], [0.5, 0.5]])
    rewards = np.array([float(o == 1) for _, o, _ in sequences.agent_paths(logits, answers)])
    return float(sequences.agent_gradient(logits, answers, rewards, (1, 1, 1))[1, 1])


def parameters() -> float:
    return float(sum(value.size for value in tinylm.initial(0).values()))


def uniform_loss() -> float:
    return float(np.log(tinylm.VOCABULARY))
