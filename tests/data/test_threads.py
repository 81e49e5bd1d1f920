import threading
import time

import pytest
import torch

from astrogan.data.threads import in_order, parallel


def test_results_come_in_order_and_torch_gets_its_cores_back():
    before = torch.get_num_threads()
    found = list(parallel(lambda i: (time.sleep(0.01 * (i % 3)), torch.get_num_threads(), i)[1:], range(12)))
    assert found == [(1, i) for i in range(12)]
    assert torch.get_num_threads() == before


def test_items_are_taken_only_as_results_are():
    taken = []
    results = in_order(lambda i: i, (taken.append(i) or i for i in range(100)), threads=2, ahead=5)
    assert next(results) == 0
    assert len(taken) == 5


@pytest.mark.parametrize("end", ["error", "close"])
def test_an_early_end_stops_what_runs_and_cancels_what_waits(end):
    stop, started = threading.Event(), []

    def work(i):
        started.append(i)
        if i == 0:
            return i
        if end == "error":
            raise OSError("broken")
        assert stop.wait(10)
        return i

    results = in_order(work, range(50), threads=2, ahead=20, stop=stop.set)
    assert next(results) == 0
    if end == "error":
        with pytest.raises(OSError, match="broken"):
            next(results)
    else:
        results.close()
    assert stop.is_set()
    assert len(started) < 50
