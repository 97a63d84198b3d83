"""Generation and training in turns, or side by side: idle time, speed, and how old the answers are.

Slots generate one answer each; the trainer updates on `batch` answers, in the order in which they were requested.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np
import style


def busy_share(lengths: np.ndarray) -> float:
    """Share of the slots' time that is used if all start together and wait for the longest (`eq-lag-idle`)."""
    lengths = np.asarray(lengths, float)
    return float(lengths.mean() / lengths.max())


def speed_up(mean: float, longest: float, update: float) -> float:
    """Steps in turns over steps with slots that never wait; all three in seconds (`eq-lag-speedup`)."""
    return (longest + update) / (mean + update)


def admits(requested: int, batch: int, version: int, bound: int) -> bool:
    """May the answer that would be number `requested` (from 1) be started at this version? (`eq-lag-admission`)."""
    return (requested - 1) // batch <= version + bound


@dataclass
class Run:
    """What happened: bars (slot, start, end, version), updates (start, end), and the lag of each answer used."""

    bars: list[tuple[int, float, float, int]] = field(default_factory=list)
    updates: list[tuple[float, float]] = field(default_factory=list)
    lags: list[int] = field(default_factory=list)

    @property
    def step(self) -> float:
        """Mean time from update to update, the first two left out."""
        ends = [end for _, end in self.updates][2:]
        return (ends[-1] - ends[0]) / (len(ends) - 1)


def side_by_side(durations: np.ndarray, slots: int, batch: int, update: float, bound: int, steps: int) -> Run:
    """Slots request answers as the admission rule allows; the trainer takes the oldest `batch` when all have come.

    `durations`: seconds of each answer, by the order of requests. With bound 0 this is generation and training in turns.
    """
    run, done, versions = Run(), {}, {}
    free, working = list(range(slots)), []  # numbers of free slots; heap of (end, slot, answer)
    version, requested, trained, busy_until, now = 0, 0, 0, None, 0.0
    while len(run.updates) < steps or busy_until is not None:
        while free and admits(requested + 1, batch, version, bound):
            slot = free.pop(0)
            end = now + float(durations[requested])
            heapq.heappush(working, (end, slot, requested))
            run.bars.append((slot, now, end, version))
            versions[requested] = version
            requested += 1
        if busy_until is None and all(n in done for n in range(trained, trained + batch)):
            run.lags += [version - versions[n] for n in range(trained, trained + batch)]
            trained += batch
            busy_until = now + update
            run.updates.append((now, busy_until))
            continue
        ends = ([working[0][0]] if working else []) + ([busy_until] if busy_until is not None else [])
        now = min(ends)
        if busy_until is not None and busy_until <= now:
            version, busy_until = version + 1, None
            continue
        end, slot, answer = heapq.heappop(working)
        done[answer] = end
        free.append(slot)
    return run


def answers(seed: int, count: int) -> np.ndarray:
    """Durations with a long tail, log-normal and cut at a limit of 4, as a limit of length does; mean about 0.9."""
    return np.minimum(np.random.default_rng(seed).lognormal(-0.5, 1.0, count), 4.0)


def timeline_figure():
    """Figure: eight slots and a trainer, in turns and side by side."""
    durations = answers(1, 400)
    figure, panels = style.figure(2, 1, width=style.NARROW, height=4.8, sharex=True)
    shades, rows = (style.BLUE, style.SKY, style.RED, style.OCHRE), []
    for axes, bound, title in zip(panels, (0, 2), ("in turns (no lag)", "side by side (lag at most 2)"), strict=True):
        run = side_by_side(durations, 8, 8, 0.6, bound, 40)
        for slot, start, end, version in run.bars:
            look = {"color": shades[version % 4], "hatch": "////" if version % 2 else ""}  # neighbours differ in grey too
            axes.barh(slot, end - start, left=start, height=0.8, edgecolor="white", lw=0.5, **look)
        for start, end in run.updates:
            axes.barh(-1.3, end - start, left=start, height=0.9, color=style.GREY, edgecolor="white", lw=0.5)
        axes.set(yticks=(-1.3, 3.5), yticklabels=("trainer", "slots"), title=title, xlim=(0, 14), ylim=(-2, 7.6))
        axes.grid(False)
        rows.append((title, run.step, float(np.mean(run.lags)), int(max(run.lags))))
    panels[1].set_xlabel("time; longest answer allowed = 4")
    figure.data_table = (("schedule", "time of a step", "mean lag", "largest lag"), rows)
    return figure
