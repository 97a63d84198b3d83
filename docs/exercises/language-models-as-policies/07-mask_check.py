"""What a solution must satisfy."""

from collections.abc import Iterator

import numpy as np

SEGMENTS = [("prompt", [5, 6, 7]), ("model", [1, 2, 9]), ("tool", [8, 8, 8, 8]), ("model", [3, 9])]
MASK = np.array([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1], dtype=float)


def check(student) -> Iterator[tuple[str, bool]]:
    tokens, mask = student.join(SEGMENTS)
    tokens, mask = np.asarray(tokens), np.asarray(mask, dtype=float)
    yield "all tokens are kept in order", tokens.tolist() == [5, 6, 7, 1, 2, 9, 8, 8, 8, 8, 3, 9]
    yield "mask and tokens have one length", mask.shape == tokens.shape
    yield "prompt tokens are not chosen", not mask[:3].any()
    yield "tool tokens are not chosen", not mask[6:10].any()
    yield "every token of a turn is chosen, its end included", bool(mask[3:6].all() and mask[10:].all())
    logs = -np.arange(1.0, 12.0)  # of tokens 1 to 11
    changed = logs.copy()
    changed[5:9] = -100.0  # the tool's tokens 6 to 9
    changed[:2] = -100.0  # the prompt's tokens 1 and 2
    same = abs(student.loss(logs, MASK) - student.loss(changed, MASK)) < 1e-12
    yield "the mask belongs to the token predicted, not to the token read", same
    yield "the mean is over chosen tokens only", abs(student.loss(logs, MASK) - (3 + 4 + 5 + 10 + 11) / 5) < 1e-12
    one = logs.copy()
    one[2] -= 5.0  # the first token of the first turn
    yield "a chosen token moves the loss by its share", abs(student.loss(one, MASK) - student.loss(logs, MASK) - 1.0) < 1e-12
    empty = student.loss(logs, np.zeros(12))
    yield "without chosen tokens the loss is 0", bool(empty == 0)
