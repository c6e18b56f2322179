"""PyTorch's Adam without PyTorch's compiler."""

from __future__ import annotations

import inspect

import torch


class Adam(torch.optim.Adam):
    """`torch.optim.Adam`, whose methods do not load PyTorch's compiler.

    They load it, 1.2 s and 70 MB of every run, only to tell it that they are not to be compiled.
    What they wrap is called directly here; a version that wraps nothing stays as it is.
    """

    add_param_group = inspect.unwrap(torch.optim.Adam.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.Adam.zero_grad)
    state_dict = inspect.unwrap(torch.optim.Adam.state_dict)
    load_state_dict = inspect.unwrap(torch.optim.Adam.load_state_dict)
    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))
