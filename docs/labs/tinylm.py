"""A transformer small enough to read: model, sampler and verifier of the digit-sum task.

A prompt is four digits and `=`; the answer is their sum modulo 5. A completion is either direct, `# a end`,
or worked, the four running sums and then `# a end`.
"""

import autograd.numpy as np  # NumPy whose operations can be differentiated
import numpy

MODULUS, DIGITS = 5, 4
EQUALS, HASH, END, VOCABULARY = 5, 6, 7, 8  # tokens 0 to 4 are the digits
PROMPT, COMPLETION = DIGITS + 1, DIGITS + 3  # longest lengths, in tokens
LENGTH = PROMPT + COMPLETION
NAMES = ["0", "1", "2", "3", "4", "=", "#", "end"]


# ---- the model


def initial(seed: int, width: int = 32, hidden: int = 64) -> dict[str, numpy.ndarray]:
    """Random parameters: one block, one head of attention, a bilinear layer."""
    rng = numpy.random.default_rng(seed)

    def matrix(rows: int, columns: int, scale: float = 1.0) -> numpy.ndarray:
        return scale * rows**-0.5 * rng.standard_normal((rows, columns))

    return {
        "token": 0.3 * rng.standard_normal((VOCABULARY, width)),
        "place": 0.3 * rng.standard_normal((LENGTH, width)),
        "query": matrix(width, width),
        "key": matrix(width, width),
        "value": matrix(width, width),
        "mix": matrix(width, width),
        "left": matrix(width, hidden),
        "right": matrix(width, hidden),
        "down": matrix(hidden, width, 0.5),
        "read": matrix(width, VOCABULARY, 0.5),
    }


def unit(x):
    """Divides each vector by its root mean square."""
    return x * (np.mean(x**2, axis=-1, keepdims=True) + 1e-6) ** -0.5


def attention(p, h):
    """Each place reads the places up to itself. h: (batch, time, width)."""
    time, width = h.shape[1], h.shape[2]
    scores = np.einsum("btd,bsd->bts", h @ p["query"], h @ p["key"]) * width**-0.5
    future = numpy.triu(numpy.ones((time, time)), 1)
    scores = scores - 1e9 * future
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return weights @ (h @ p["value"]) @ p["mix"]


def logits(p, tokens):
    """Scores of the next token after every prefix: (batch, time, vocabulary)."""
    x = p["token"][tokens] + p["place"][: tokens.shape[1]]
    x = x + attention(p, unit(x))
    h = unit(x)
    x = x + ((h @ p["left"]) * (h @ p["right"])) @ p["down"]
    return unit(x) @ p["read"]


def log_softmax(z):
    """Logarithms of the softmax over the last axis."""
    z = z - np.max(z, axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


def token_log_probs(p, tokens):
    """ln pi(token t | tokens before t), t = 1, 2, ...: (batch, time - 1)."""
    batch, time = tokens.shape
    scores = log_softmax(logits(p, tokens[:, :-1]))
    return scores[numpy.arange(batch)[:, None], numpy.arange(time - 1)[None, :], tokens[:, 1:]]


def masked_log_prob(p, tokens, mask):
    """ln pi(y | x), `eq-masked-log-prob`; mask: (batch, time)."""
    return np.sum(token_log_probs(p, tokens) * mask[:, 1:], axis=1)


# ---- the sampler


def sample(p, prompts, rng, rule=lambda probs: probs, length: int = COMPLETION):
    """Completions drawn token by token from `rule(pi(. | prefix))`.

    prompts: (batch, PROMPT). Returns tokens (batch, PROMPT + length), mask of the same shape, and
    the log-probability that the sampling rule itself gave to each drawn token (0 elsewhere).
    """
    tokens, batch = prompts, len(prompts)
    mask, drawn_log_probs = numpy.zeros(prompts.shape), numpy.zeros(prompts.shape)
    alive = numpy.ones(batch, dtype=bool)
    for _ in range(length):
        probs = rule(numpy.exp(log_softmax(logits(p, tokens)[:, -1])))
        edges = numpy.cumsum(probs, axis=1)
        drawn = (rng.random((batch, 1)) * edges[:, -1:] >= edges).sum(axis=1)
        drawn = numpy.where(alive, drawn, END)
        log_prob = numpy.where(alive, numpy.log(probs[numpy.arange(batch), drawn] + 1e-300), 0.0)
        tokens = numpy.column_stack([tokens, drawn])
        mask = numpy.column_stack([mask, alive])  # the first `end` was chosen, what follows is filling
        drawn_log_probs = numpy.column_stack([drawn_log_probs, log_prob])
        alive = alive & (drawn != END)
    return tokens, mask, drawn_log_probs


# ---- the task


def problems(rng, n: int) -> numpy.ndarray:
    """n prompts: four digits and the equals sign."""
    return numpy.column_stack([rng.integers(0, MODULUS, (n, DIGITS)), numpy.full(n, EQUALS)])


def verify(tokens) -> numpy.ndarray:
    """1 where the first `#` is followed by the right digit and `end`, else 0."""
    right = tokens[:, :DIGITS].sum(axis=1) % MODULUS
    reward = numpy.zeros(len(tokens))
    for i, row in enumerate(tokens[:, PROMPT:]):
        where = numpy.flatnonzero((row == HASH) | (row == END))
        at = where[0] if len(where) else len(row)
        tail = row[at : at + 3]
        reward[i] = float(len(tail) == 3 and tail[0] == HASH and tail[1] == right[i] and tail[2] == END)
    return reward


def shows_work(tokens) -> numpy.ndarray:
    """Whether the completion begins with a digit instead of `#`."""
    return tokens[:, PROMPT] < MODULUS


def demonstrations(prompts, rng, worked: float, slip: float = 0.05):
    """Completions to imitate: tokens and mask. A share `worked` shows running sums, each wrong with probability `slip`.

    A worked answer repeats its last running sum; a direct answer is right.
    """
    n = len(prompts)
    tokens = numpy.column_stack([prompts, numpy.full((n, COMPLETION), END)])
    mask = numpy.zeros(tokens.shape)
    for i in range(n):
        if rng.random() < worked:
            total, sums = 0, []
            for digit in prompts[i, :DIGITS]:
                total = (total + digit) % MODULUS
                if rng.random() < slip:
                    total = (total + rng.integers(1, MODULUS)) % MODULUS
                sums.append(total)
            completion = [*sums, HASH, total, END]
        else:
            completion = [HASH, prompts[i, :DIGITS].sum() % MODULUS, END]
        tokens[i, PROMPT : PROMPT + len(completion)] = completion
        mask[i, PROMPT : PROMPT + len(completion)] = 1
    return tokens, mask


def imitation_loss(p, tokens, mask):
    """Cross-entropy a chosen token, `eq-sft`."""
    return -np.sum(masked_log_prob(p, tokens, mask)) / np.sum(mask)
