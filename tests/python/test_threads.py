"""Numbers of threads after fits that overlap in threads of one program."""

import threading

import torch
from threadpoolctl import threadpool_info

from scinno._runtime.threads import one_thread


def pools() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_the_last_to_go_gives_back_what_was_before_the_first():
    torch_before = torch.get_num_threads()
    torch.set_num_threads(2)
    inside = []
    try:
        before = pools()
        second_in, second_may_go = threading.Event(), threading.Event()

        def second():
            with one_thread():
                second_in.set()
                second_may_go.wait(60)
                inside.append(torch.get_num_threads())

        with one_thread():
            thread = threading.Thread(target=second)
            thread.start()
            second_in.wait(60)
        second_may_go.set()
        thread.join()
        assert pools() == before
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(torch_before)
    assert inside == [1]


def test_one_inside_another_leaves_the_outer_one_as_it_is():
    torch_before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            with one_thread():
                pass
            assert torch.get_num_threads() == 1
            assert set(pools()) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(torch_before)
