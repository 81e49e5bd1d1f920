"""Work shared among a few Python threads.

Pillow, NumPy, torch and hashlib release the interpreter's lock. Many small torch operations that each gather all cores
and wait for the slowest lose most of their time when the machine is busy; whole tasks on a core each do not.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

THREADS = 2


def parallel(function: Callable[[Any], Any], items: Iterable[Any], threads: int = THREADS) -> Iterator[Any]:
    """`function` of each item in order, on some threads, each with torch on one core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield from in_order(function, items, threads, threads + 1)
    finally:
        torch.set_num_threads(before)


def in_order(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    threads: int,
    ahead: int,
    stop: Callable[[], Any] = lambda: None,
) -> Iterator[Any]:
    """`function` of each item in order; at most `ahead` items are taken before their results are.

    When the iteration ends early, by an error or because nobody takes more, `stop` is called to end the tasks that run,
    and those that wait are cancelled.
    """
    waiting: deque[Any] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            stop()
            pool.shutdown(cancel_futures=True)
            raise
