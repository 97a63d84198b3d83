"""Outcome and process reward models as rerankers of multi-step arithmetic, with labels from people, rollouts or a noisy verifier.

A problem is a start digit and K operations (add or multiply a digit, modulo 10). A solution writes the digit after each
operation. The writer errs on some facts, mostly in the same way. All reward models here are one model, `step_scores`: a logit for
each written step (digit, operation, operand, result). They differ only in the labels on which they are fitted.
"""

import numpy as np
import style

DIGITS, STEPS = 10, 5
RATE, FITS, RIDGE = 0.1, 200, 0.01  # Adam's step, number of steps, penalty per logit
POOL, PROBLEMS = 64, 300  # samples for each test problem
SIZES = (30, 100, 300, 1000)  # labelled solutions
NS = (1, 2, 4, 8, 16, 32, 64)


# ---- arithmetic and a writer that errs


def apply(value, op, operand):
    """The right digit after one operation: op 0 adds, op 1 multiplies."""
    return np.where(op == 0, value + operand, value * operand) % DIGITS


def writer(seed, hard=0.3, slip=0.02, miss=0.5):
    """Probability of each result for each fact: (value, op, operand, result). A share `hard` of the facts is often missed."""
    rng = np.random.default_rng([seed, 1])
    value, op, operand = np.meshgrid(np.arange(DIGITS), np.arange(2), np.arange(DIGITS), indexing="ij")
    right = apply(value, op, operand)
    error = np.where(rng.random(right.shape) < hard, miss, slip)
    habit = (right + rng.integers(1, DIGITS, right.shape)) % DIGITS  # the usual wrong result
    table = np.broadcast_to((0.3 * error / (DIGITS - 1))[..., None], (*right.shape, DIGITS)).copy()
    np.put_along_axis(table, habit[..., None], (0.7 * error + 0.3 * error / (DIGITS - 1))[..., None], -1)
    np.put_along_axis(table, right[..., None], (1 - error)[..., None], -1)
    return table


def problems(rng, number, steps=STEPS):
    """Start digits (number,), operations and operands (number, steps)."""
    return rng.integers(0, DIGITS, number), rng.integers(0, 2, (number, steps)), rng.integers(0, DIGITS, (number, steps))


def write(rng, table, value, ops, operands):
    """Digits that the writer puts down from `value` on: (number, steps)."""
    out = np.empty(ops.shape, int)
    for k in range(ops.shape[1]):
        edges = table[value, ops[:, k], operands[:, k]].cumsum(axis=1)
        value = (rng.random((len(value), 1)) > edges).sum(axis=1).clip(max=DIGITS - 1)
        out[:, k] = value
    return out


def solve(start, ops, operands):
    """The right answers."""
    for k in range(ops.shape[1]):
        start = apply(start, ops[:, k], operands[:, k])
    return start


def before(start, written):
    """The digit that each step starts from."""
    return np.concatenate([start[:, None], written[:, :-1]], axis=1)


def indices(start, ops, operands, written):
    """Number of the written step in the table of logits: (number, steps)."""
    return ((before(start, written) * 2 + ops) * DIGITS + operands) * DIGITS + written


def right_steps(start, ops, operands, written):
    """Whether each step follows from the digit before it."""
    return written == apply(before(start, written), ops, operands)


# ---- labels


def flip(rng, label, false_positive, false_negative):
    """What a noisy verifier says: wrong accepted with rate f, right rejected with rate m."""
    return np.where(label, rng.random(label.shape) >= false_negative, rng.random(label.shape) < false_positive)


def rollout_labels(rng, table, start, ops, operands, written, rollouts, noise=(0.0, 0.0)):
    """Share of completions from each prefix that the verifier accepts: (number, steps) (`eq-step-value`)."""
    number, steps = ops.shape
    target, found = np.repeat(solve(start, ops, operands), rollouts), np.empty((number, steps))
    for k in range(steps):
        value = np.repeat(written[:, k], rollouts)
        rest = write(rng, table, value, np.repeat(ops[:, k + 1 :], rollouts, 0), np.repeat(operands[:, k + 1 :], rollouts, 0))
        end = rest[:, -1] if k + 1 < steps else value
        found[:, k] = flip(rng, end == target, *noise).reshape(number, rollouts).mean(axis=1)
    return found


def until_first_error(label):
    """Weights of the step labels: 1 up to the first step labelled wrong, 0 after it."""
    return np.concatenate([np.ones((len(label), 1)), np.cumprod(label, axis=1)[:, :-1]], axis=1)


# ---- one model, two ways to fit it


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step_scores(logits, index):
    """Probability that each written step is right: (number, steps)."""
    return sigmoid(logits[index])


def solution_score(scores, how="product"):
    """One number for a solution from the scores of its steps (`eq-prm-product`)."""
    if how == "product":
        return np.prod(scores, axis=-1)
    if how == "minimum":
        return np.min(scores, axis=-1)
    return scores[..., -1] if how == "last" else np.mean(scores, axis=-1)


def outcome_slope(scores, label):
    """Derivative of minus the log-likelihood of an outcome label by the logits of the steps, the score being their product."""
    p = np.clip(np.prod(scores, axis=1, keepdims=True), 1e-9, 1 - 1e-9)
    return np.where(label[:, None], -(1 - scores), p / (1 - p) * (1 - scores))


def aware_slope(scores, label, false_positive, false_negative):
    """`outcome_slope` for a likelihood that knows the error rates: accepted with f + (1 - f - m) p (`eq-noisy-reward`)."""
    p, signal = np.prod(scores, axis=1, keepdims=True), 1 - false_positive - false_negative
    accepted = np.clip(false_positive + signal * p, 1e-9, 1 - 1e-9)
    return np.where(label[:, None], -1 / accepted, 1 / (1 - accepted)) * signal * p * (1 - scores)


def process_slope(scores, label, weight):
    """The same for step labels."""
    return weight * (scores - label)


def fit(index, slope):
    """Logits of all written steps, by Adam from a common start; `slope(scores)` is the gradient on the data."""
    size = 2 * DIGITS**3
    logits, bias, m, v = np.zeros(size), 2.0, np.zeros(size + 1), np.zeros(size + 1)
    for t in range(1, FITS + 1):
        g = slope(sigmoid(bias + logits[index]))
        grad = np.bincount(index.ravel(), g.ravel(), size) + RIDGE * logits
        grad = np.append(grad, g.sum())
        m, v = 0.9 * m + 0.1 * grad, 0.99 * v + 0.01 * grad**2
        step = RATE * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
        logits, bias = logits - step[:-1], bias - step[-1]
    return logits + bias


# ---- best of n


def chosen(score, good, ns, rng):
    """Probability that the best-scored of n out of the pool is good, mean over problems, for each n; ties at random."""
    pool = score.shape[1]
    order = np.lexsort((rng.random(score.shape), -score))
    ranked = np.take_along_axis(good, order, axis=1).mean(axis=0)
    found = []
    for n in ns:
        left = np.ones(pool)  # probability that ranks 0..i-1 are all outside the n drawn
        for i in range(1, pool):
            left[i] = left[i - 1] * max(pool - n - i + 1, 0) / (pool - i + 1)
        pick = left * n / (pool - np.arange(pool))
        found.append(float(ranked @ np.minimum(pick, left)))
    return np.array(found)


# ---- the experiment

LABELS = ("outcome", "steps", "rollouts")
NOISES = {"none": (0.0, 0.0), "20 % of wrong accepted": (0.2, 0.0), "20 % of right rejected": (0.0, 0.2), "both": (0.2, 0.2)}


def training_set(seed, number, steps=STEPS, rollouts=8, noise=(0.0, 0.0)):
    """Solutions of one writer with the labels of each kind. The labels are drawn apart from the solutions."""
    table, rng = writer(seed), np.random.default_rng([seed, 2, number, steps])
    start, ops, operands = problems(rng, number, steps)
    written = write(rng, table, start, ops, operands)
    step = right_steps(start, ops, operands, written)
    outcome = written[:, -1] == solve(start, ops, operands)
    share = rollout_labels(np.random.default_rng([seed, 4]), table, start, ops, operands, written, rollouts, noise)
    flips = np.random.default_rng([seed, 5])
    return {
        "index": indices(start, ops, operands, written),
        "outcome": flip(flips, outcome, *noise),
        "steps": flip(flips, step, *noise),
        "rollouts": share > 0,
        "true steps": step,
    }


def train(data, kind, noise=(0.0, 0.0)):
    """The reward model for one kind of label; `rates known` fits outcome labels, told the verifier's error rates."""
    if kind == "rates known":
        return fit(data["index"], lambda scores: aware_slope(scores, data["outcome"], *noise))
    if kind == "outcome":
        return fit(data["index"], lambda scores: outcome_slope(scores, data["outcome"]))
    label = data[kind]
    return fit(data["index"], lambda scores: process_slope(scores, label, until_first_error(label)))


def held_out(seed, steps=STEPS, number=PROBLEMS):
    """A pool of solutions for each test problem: step numbers (problems, pool, steps), right answer, right process."""
    rng = np.random.default_rng([seed, 3, steps])
    start, ops, operands = (np.repeat(a, POOL, 0) for a in problems(rng, number, steps))
    written = write(rng, writer(seed), start, ops, operands)
    shape = (number, POOL)
    return {
        "index": indices(start, ops, operands, written).reshape(*shape, steps),
        "answer": (written[:, -1] == solve(start, ops, operands)).reshape(shape),
        "process": right_steps(start, ops, operands, written).all(axis=1).reshape(shape),
        "written": written[:, -1].reshape(shape),
        "solution": solve(start, ops, operands).reshape(shape)[:, 0],
    }


def rerank(logits, test, ns=NS, how="product", good="answer"):
    """Accuracy of best-of-n for each n."""
    score = solution_score(step_scores(logits, test["index"]), how)
    return chosen(score, test[good], ns, np.random.default_rng(0))


def majority(test):
    """Accuracy of the most frequent answer of the pool, without any reward model."""
    counts = np.stack([(test["written"] == digit).sum(axis=1) for digit in range(DIGITS)], axis=1)
    return float(np.mean(counts.argmax(axis=1) == test["solution"]))


def label_errors(seed, rollouts, number=300):
    """Exact error rates of hard rollout labels against step labels, over steps up to the first error, from true values.

    Returns the share of wrong steps labelled right, and of right steps labelled wrong, for each number of rollouts.
    """
    table, rng = writer(seed), np.random.default_rng([seed, 6])
    start, ops, operands = problems(rng, number)
    written = write(rng, table, start, ops, operands)
    target, step = solve(start, ops, operands), right_steps(start, ops, operands, written)
    value = np.eye(DIGITS)[target]  # probability of the right answer from each digit, after the last step
    found = np.empty(step.shape)
    for k in range(STEPS - 1, -1, -1):
        found[:, k] = value[np.arange(number), written[:, k]]
        value = np.einsum("nvw,nw->nv", table[np.arange(DIGITS)[None, :], ops[:, k, None], operands[:, k, None]], value)
    counted = until_first_error(step).astype(bool)
    label = 1 - (1 - found[..., None]) ** np.asarray(rollouts)  # `eq-hard-label`
    wrong, right = counted & ~step, counted & step
    return label[wrong].mean(axis=0), 1 - label[right].mean(axis=0)


def like_rollouts(seed, data):
    """Step labels with the error rates of the rollout labels, but flipped at random: the control of the rollout arm."""
    step, label = data["true steps"], data["rollouts"]
    counted = until_first_error(step).astype(bool)
    rates = float(label[counted & ~step].mean()), float((~label[counted & step]).mean())
    return flip(np.random.default_rng([seed, 9]), step, *rates)


def run(seed: int, small: bool = False) -> dict:
    """Everything for one seed."""
    test = held_out(seed, number=100 if small else PROBLEMS)
    sizes = SIZES[:3] if small else SIZES
    found = {
        "single": float(test["answer"].mean()),
        "lucky": float((test["answer"] & ~test["process"]).sum() / test["answer"].sum()),
        "any": float(test["answer"].any(axis=1).mean()),
        "majority": majority(test),
        "size": {kind: [] for kind in LABELS},
        "noise": {},
    }
    for number in sizes:
        data = training_set(seed, number)
        for kind in LABELS:
            logits = train(data, kind)
            found["size"][kind].append(float(rerank(logits, test, (POOL,))[0]))
            if number == 300:
                found.setdefault("n", {})[kind] = rerank(logits, test)
                found.setdefault("process", {})[kind] = float(rerank(logits, test, (POOL,), good="process")[0])
            if number == 300 and kind == "steps":
                found["how"] = {
                    how: float(rerank(logits, test, (POOL,), how)[0]) for how in ("product", "minimum", "mean", "last")
                }
                found["labels"] = int(until_first_error(data["steps"]).sum())
    found["control"] = []
    for number in (300,) if small else (300, 1000):
        data = training_set(seed, number)
        data["rollouts"] = like_rollouts(seed, data)
        found["control"].append(float(rerank(train(data, "rollouts"), test, (POOL,))[0]))
    equal = training_set(seed, found["labels"])  # as many outcome labels as 300 solutions have step labels
    logits = train(equal, "outcome")
    found["equal labels"] = float(rerank(logits, test, (POOL,))[0])
    found["equal labels, minimum"] = float(rerank(logits, test, (POOL,), "minimum")[0])
    for name, noise in NOISES.items():
        data = training_set(seed, 300 if small else 1000, noise=noise)
        models = {kind: train(data, kind, noise) for kind in ("outcome", "rates known", "steps")}
        found["noise"][name] = {kind: float(rerank(logits, test, (POOL,))[0]) for kind, logits in models.items()}
    one, single = training_set(seed, 300, steps=1), held_out(seed, steps=1, number=100)
    found["one step"] = {kind: float(rerank(train(one, kind), single, (POOL,))[0]) for kind in LABELS}
    return found


# ---- figures

LOOKS = {"outcome": (style.RED, "--", "s"), "steps": (style.BLUE, "-", "o"), "rollouts": (style.OCHRE, "-.", "^")}
ROLLOUTS = (1, 2, 4, 8, 16, 32, 64)


def plot(results: list[dict]):
    """Above: accuracy of best-of-64 against labelled solutions. Below: accuracy against n with 300 labelled solutions."""
    figure, (upper, lower) = style.figure(2, 1, width=style.NARROW, height=6.2, sharey=True)
    for result in results:
        for kind, (colour, dash, marker) in LOOKS.items():
            upper.plot(SIZES, result["size"][kind], dash, marker=marker, color=colour, linewidth=1.1, markersize=4)
            lower.plot(NS, result["n"][kind], dash, marker=marker, color=colour, linewidth=1.1, markersize=4)
    upper.set_xscale("log")
    lower.set_xscale("log", base=2)
    upper.set_xticks(SIZES, [str(n) for n in SIZES])
    lower.set_xticks(NS, [str(n) for n in NS])
    upper.minorticks_off()
    upper.set_ylim(0.22, 1.04)
    upper.annotate("step labels", (75, 0.88), color=style.BLUE)
    upper.annotate("outcome labels", (32, 0.27), color=style.RED)
    upper.annotate("rollout labels", (320, 0.41))
    lower.set_xlim(0.85, 195)
    for kind, at in (("steps", 0.88), ("outcome", 0.7), ("rollouts", 0.49)):
        lower.annotate(kind, (72, at), color=style.INK if kind == "rollouts" else LOOKS[kind][0])
    upper.set_xlabel("labelled solutions (best of 64)")
    lower.set_xlabel("n (300 labelled solutions)")
    for axes in (upper, lower):
        axes.set_ylabel("accuracy of the pick")
    rows = [
        (f"{kind}, {number} solutions", *(r["size"][kind][place] for r in results))
        for kind in LABELS
        for place, number in enumerate(SIZES)
    ]
    rows += [
        (f"{kind}, best of {n}", *(float(r["n"][kind][place]) for r in results)) for kind in LABELS for place, n in enumerate(NS)
    ]
    figure.data_table = (("labels", *(f"seed {k}" for k in range(len(results)))), rows)
    return figure


def rerank_figure():
    """The lab's figure on five seeds."""
    results = []
    for seed in range(5):
        test, found = held_out(seed), {"size": {kind: [] for kind in LABELS}, "n": {}}
        for number in SIZES:
            data = training_set(seed, number)
            for kind in LABELS:
                line = rerank(train(data, kind), test)
                found["size"][kind].append(float(line[-1]))
                if number == 300:
                    found["n"][kind] = line
        results.append(found)
    return plot(results)


def label_figure():
    """Error rates of hard rollout labels against the number of rollouts, exact, five seeds."""
    figure, axes = style.figure(width=style.NARROW, height=3.2)
    rows = []
    for seed in range(5):
        wrong, right = label_errors(seed, ROLLOUTS)
        axes.plot(ROLLOUTS, wrong, "--", marker="s", color=style.RED, linewidth=1.2, markersize=4)
        axes.plot(ROLLOUTS, right, "-", marker="o", color=style.BLUE, linewidth=1.2, markersize=4)
        rows += [
            (f"wrong called right, seed {seed}", *map(float, wrong)),
            (f"right called wrong, seed {seed}", *map(float, right)),
        ]
    axes.annotate("wrong steps called right", (2.2, 0.52), color=style.RED)
    axes.annotate("right steps called wrong", (5, 0.13), color=style.BLUE)
    axes.set_xscale("log", base=2)
    axes.set_xticks(ROLLOUTS, [str(n) for n in ROLLOUTS])
    axes.set_ylim(0, 1)
    axes.set_xlabel("rollouts for each step")
    axes.set_ylabel("share of steps")
    figure.data_table = (("labels", *(f"{n} rollouts" for n in ROLLOUTS)), rows)
    return figure
