"""Work shared among a few Python threads, each with torch on one core.

Pillow, NumPy, torch and hashlib release the interpreter's lock. Many small torch operations that each gather all cores
and wait for the slowest lose most of their time when the machine is busy; whole tasks on a core each do not.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

THREADS = 2


def parallel(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """`function` of each item in order, on `THREADS` threads, holding only a few results at once."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            waiting = []
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > THREADS:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
    finally:
        torch.set_num_threads(before)
