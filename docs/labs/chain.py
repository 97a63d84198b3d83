"""A chain of three states, small enough for a pencil: Bellman equations, value iteration, temporal differences, occupancies.

In each state the agent may STOP (take a payment, the episode ends) or GO one state further. Arrays: V (3,), Q (3, 2),
a policy (3, 2) with rows that sum to one; ending has value 0.
"""

from collections.abc import Iterator

import numpy as np

STOP, GO, END = 0, 1, 3
GAMMA = 0.9
CHAIN = {  # (state, action): outcomes, each (probability, reward, next state)
    (0, STOP): [(1.0, 2.0, END)],
    (0, GO): [(1.0, 0.0, 1)],
    (1, STOP): [(1.0, 1.0, END)],
    (1, GO): [(1.0, 0.0, 2)],
    (2, STOP): [(1.0, 1.0, END)],
    (2, GO): [(0.5, 10.0, END), (0.5, 0.0, END)],
}


def model() -> tuple[np.ndarray, np.ndarray]:
    """Transition probabilities P (3, 2, 3), without the end, and expected rewards R (3, 2)."""
    P, R = np.zeros((3, 2, 3)), np.zeros((3, 2))
    for (s, a), outcomes in CHAIN.items():
        for probability, reward, after in outcomes:
            R[s, a] += probability * reward
            if after != END:
                P[s, a, after] += probability
    return P, R


def action_values(V: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """Q (3, 2): the reward of each action plus the discounted value of where it leads (`eq-bellman`)."""
    P, R = model()
    return R + gamma * P @ V


def evaluate(policy: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """V (3,) of a policy: the linear system that the Bellman equation is (`eq-bellman`)."""
    P, R = model()
    P_pi = np.einsum("sa,sat->st", policy, P)
    R_pi = (policy * R).sum(1)
    return np.linalg.solve(np.eye(len(R)) - gamma * P_pi, R_pi)


def backup(V: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """One sweep of value iteration (`eq-bellman-optimality`)."""
    return action_values(V, gamma).max(axis=1)


def value_iteration(sweeps: int, gamma: float = GAMMA) -> np.ndarray:
    """Values after 0, 1, ..., `sweeps` sweeps from zero: (sweeps + 1, 3)."""
    values = [np.zeros(3)]
    for _ in range(sweeps):
        values.append(backup(values[-1], gamma))
    return np.array(values)


def trajectories(policy: np.ndarray, state: int = 0, action: int | None = None) -> Iterator[tuple]:
    """All episodes from a state (and first action): (probability, states, actions, rewards)."""
    for a in (STOP, GO) if action is None else (action,):
        chance = policy[state, a] if action is None else 1.0
        for probability, reward, after in CHAIN[state, a]:
            if chance * probability == 0:
                continue
            if after == END:
                yield chance * probability, [state], [a], [reward]
                continue
            for p, states, actions, rewards in trajectories(policy, after):
                yield chance * probability * p, [state, *states], [a, *actions], [reward, *rewards]


def discounted(rewards: list[float], gamma: float = GAMMA) -> float:
    """The return of a list of rewards (`eq-return`), from the last to the first."""
    total = 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
    return total


def td_step(V: np.ndarray, s: int, reward: float, after: int, rate: float, gamma: float = GAMMA) -> np.ndarray:
    """V after one temporal-difference update (`eq-td-update`)."""
    V = np.array(V, dtype=float)
    target = reward + gamma * (0.0 if after == END else V[after])
    V[s] += rate * (target - V[s])
    return V


def q_step(Q: np.ndarray, s: int, a: int, reward: float, after: int, rate: float, gamma: float = GAMMA) -> np.ndarray:
    """Q after one update of Q-learning (`eq-q-learning`)."""
    Q = np.array(Q, dtype=float)
    target = reward + gamma * (0.0 if after == END else Q[after].max())
    Q[s, a] += rate * (target - Q[s, a])
    return Q


def soft_backup(V: np.ndarray, weight: float, gamma: float = GAMMA) -> np.ndarray:
    """One sweep of soft value iteration (`eq-soft-bellman`): a log-sum-exp in the place of the maximum."""
    Q = action_values(V, gamma)
    top = Q.max(axis=1, keepdims=True)
    return top[:, 0] + weight * np.log(np.exp((Q - top) / weight).sum(axis=1))


def soft_policy(Q: np.ndarray, weight: float) -> np.ndarray:
    """The policy that is optimal with an entropy bonus (`eq-soft-policy`)."""
    preference = np.exp((Q - Q.max(axis=1, keepdims=True)) / weight)
    return preference / preference.sum(axis=1, keepdims=True)


def occupancy(policy: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """Expected discounted number of visits d (3,) to each state from state 0 (`eq-occupancy`)."""
    P, _ = model()
    P_pi = np.einsum("sa,sat->st", policy, P)
    return np.linalg.solve(np.eye(3) - gamma * P_pi.T, np.eye(3)[0])


def logistic(theta: np.ndarray) -> np.ndarray:
    """The policy (3, 2) with log-odds theta (3,) of GO in each state."""
    go = 1 / (1 + np.exp(-theta))
    return np.stack([1 - go, go], axis=1)


def gradient(theta: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """The policy gradient (3,) by the log-odds, state by state (`eq-pg-states`)."""
    policy = logistic(theta)
    Q = action_values(evaluate(policy, gamma), gamma)
    go = policy[:, GO]
    score = np.stack([-go, 1 - go], axis=1)  # d log policy / d theta
    return occupancy(policy, gamma) * (policy * score * Q).sum(axis=1)


def enumerated_gradient(theta: np.ndarray, to_go: bool = True, gamma: float = GAMMA, toll: float = 0.0) -> np.ndarray:
    """The same as a mean over all episodes (`eq-reward-to-go`), with reward-to-go or full return; each GO pays `toll`."""
    policy, made = logistic(theta), np.zeros(3)
    for probability, states, actions, rewards in trajectories(policy):
        rewards = [reward - toll * action for reward, action in zip(rewards, actions, strict=True)]
        for t, (s, a) in enumerate(zip(states, actions, strict=True)):
            credit = gamma**t * discounted(rewards[t:], gamma) if to_go else discounted(rewards, gamma)
            made[s] += probability * (a - policy[s, GO]) * credit
    return made


def expected_advantage(old: np.ndarray, new: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    """Mean advantage over `old` (3,) of the actions that `new` takes."""
    V = evaluate(old, gamma)
    A = action_values(V, gamma) - V[:, None]
    return (new * A).sum(axis=1)


def difference(old: np.ndarray, new: np.ndarray, gamma: float = GAMMA) -> float:
    """J(new) - J(old) by the performance-difference lemma (`eq-performance-difference`)."""
    return float(occupancy(new, gamma) @ expected_advantage(old, new, gamma))


def surrogate(old: np.ndarray, new: np.ndarray, gamma: float = GAMMA) -> float:
    """The same with the states that `old` visits (`eq-surrogate`)."""
    return float(occupancy(old, gamma) @ expected_advantage(old, new, gamma))
