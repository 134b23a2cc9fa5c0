"""What `softlabels bench` times: a fast trainer and the plain one, ready to run."""

from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Contest:
    """A fleet and its reference, ready to run `steps` steps each."""

    fleet: Callable[[], object]  # all students, `steps` steps
    reference: Callable[[], object]  # one student, `steps` steps
    students: int
    steps: int
    flops: float  # of one student and step
    bytes: float  # least traffic of one student and step: parameters and Adam's moments read and written, inputs shared
    dtype: torch.dtype = torch.float32  # the fleet's products
    device: str = "cpu"
