"""Generalised advantage estimation, and its bias and variance on the three-state chain, by enumeration."""

import chain
import numpy as np
import style

CRITIC = np.array([1.0, 1.0, 2.0])  # a wrong value function: the true one of the coin-toss policy is (1.8325, 1.85, 3)
COIN = np.full((3, 2), 0.5)


def td_errors(rewards: np.ndarray, values: np.ndarray, gamma: float) -> np.ndarray:
    """delta (T,) from rewards (T,) and values (T + 1,), the last one 0 if the episode ended (`eq-td-error`)."""
    rewards, values = np.asarray(rewards, float), np.asarray(values, float)
    return rewards + gamma * values[1:] - values[:-1]


def n_step(rewards: np.ndarray, values: np.ndarray, gamma: float, n: int) -> float:
    """The n-step advantage of the first action (`eq-n-step`): n rewards, then the value of where they led."""
    n = min(n, len(rewards))
    return float(sum(gamma**k * rewards[k] for k in range(n)) + gamma**n * values[n] - values[0])


def gae(rewards: np.ndarray, values: np.ndarray, gamma: float, lam: float) -> np.ndarray:
    """Advantages (T,) of all actions, from the last to the first (`eq-gae-recursion`)."""
    deltas = td_errors(rewards, values, gamma)
    advantages, later = np.zeros_like(deltas), 0.0
    for t in reversed(range(len(deltas))):
        later = deltas[t] + gamma * lam * later
        advantages[t] = later
    return advantages


def estimates(lam: float, critic: np.ndarray = CRITIC, gamma: float = chain.GAMMA) -> tuple[np.ndarray, np.ndarray]:
    """All values that the estimate of A(0, GO) takes under the coin-toss policy, and their probabilities."""
    made = []
    for probability, states, _, rewards in chain.trajectories(COIN, 0, chain.GO):
        values = np.append(critic[states], 0.0)
        made.append((gae(rewards, values, gamma, lam)[0], probability))
    values, probabilities = np.array(made).T
    return values, probabilities


def moments(lam: float, critic: np.ndarray = CRITIC, gamma: float = chain.GAMMA) -> tuple[float, float]:
    """Bias, measured from Q(0, GO) - critic(0), and variance of one estimate."""
    values, probabilities = estimates(lam, critic, gamma)
    mean = probabilities @ values
    aim = chain.action_values(chain.evaluate(COIN, gamma), gamma)[0, chain.GO] - critic[0]
    return float(mean - aim), float(probabilities @ (values - mean) ** 2)


def bias(lam: float, critic: np.ndarray = CRITIC, gamma: float = chain.GAMMA) -> float:
    """The bias in closed form (`eq-gae-bias`): errors of the critic in the states that follow."""
    error = critic - chain.evaluate(COIN, gamma)
    reach = (1.0, 0.5)  # after GO in state 0: state 1 for certain, state 2 if the coin says GO again
    return float((1 - lam) * sum(gamma**k * lam ** (k - 1) * p * error[k] for k, p in enumerate(reach, 1)))


def best_lambda(samples: int) -> float:
    """The lambda, in steps of 0.01, with the least squared error of a mean of `samples` estimates."""
    grid = np.linspace(0, 1, 101)
    errors = [b**2 + v / samples for b, v in map(moments, grid)]
    return float(grid[int(np.argmin(errors))])


def bias_variance():
    """Figure: squared bias, variance, and squared error of one estimate and of the mean of 64, against lambda."""
    grid = np.linspace(0, 1, 21)
    both = np.array([moments(lam) for lam in grid])
    squared, variance = both[:, 0] ** 2, both[:, 1]
    figure, panels = style.figure(2, 1, width=style.NARROW, height=5.4)
    for axes, samples in zip(panels, (1, 64), strict=True):
        axes.plot(grid, squared, "--", color=style.BLUE, label="squared bias")
        axes.plot(grid, variance / samples, ":", color=style.RED, label="variance")
        axes.plot(grid, squared + variance / samples, "-", color=style.INK, label="squared error")
        best = best_lambda(samples)
        b, v = moments(best)
        axes.plot(best, b**2 + v / samples, "o", color=style.INK)
        axes.annotate(
            f"least at {best:.2f}",
            (best, b**2 + v / samples),
            xytext=(0, 42),
            textcoords="offset points",
            ha="center" if best < 0.7 else "right",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "lw": 0.6},
        )
        axes.set(
            ylabel="squared units of reward", title="one estimate" if samples == 1 else f"mean of {samples}", ylim=(-0.12, 1.05)
        )
    panels[1].set_xlabel("λ")
    panels[1].legend(loc="upper right")
    shown = [
        (f"{lam:.2f}", *map(float, (b, v, b**2 + v, b**2 + v / 64))) for lam, (b, v) in zip(grid[::2], both[::2], strict=True)
    ]
    figure.data_table = (("λ", "bias", "variance", "squared error, one", "squared error, mean of 64"), shown)
    return figure
