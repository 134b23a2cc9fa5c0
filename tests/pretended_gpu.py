"""A GPU that is not there: tensors that say they lie on "cuda", with their numbers in the CPU's memory.

What a GPU refuses is refused: operations on tensors of both devices, a CPU's generator for a GPU's tensor, `numpy()`.
What makes a CPU wait for a GPU is counted. Numbers come out as on the CPU, so that they can be compared.

PyTorch's own code sees device "meta", for which it needs no driver; `_Names` translates in both directions. What only
a driver can answer, and the number type that a real GPU would choose, is replaced in `pretended_gpu` and nowhere else.
"""

from collections import Counter
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map

from softlabels import sweep
from softlabels.studies.images import networks
from softlabels.training import checkpoints, graphs, precision

GPU, STAND_IN = torch.device("cuda", 0), torch.device("meta")
FREE = 64 * 2**30  # bytes
aten = torch.ops.aten
TAKE_BOTH = {aten.copy_, aten._to_copy}
INDEXING = {aten.index, aten.index_put_, aten.index_put, aten._index_put_impl_, aten._unsafe_index}  # CPU indices pass
MASKS = (torch.bool, torch.uint8)
WAIT = {
    aten._local_scalar_dense, aten.equal, aten.is_nonzero, aten.nonzero, aten.masked_select, aten.bincount,
    aten._unique2, aten.unique_consecutive, aten.unique_dim, aten._linalg_check_errors,
}  # fmt: skip


class OnGPU(torch.Tensor):
    """A tensor whose numbers are those of `held`, which lies in the CPU's memory."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held):
        made = torch.Tensor._make_wrapper_subclass(
            cls, held.size(), held.stride(), held.storage_offset(), dtype=held.dtype, layout=held.layout,
            device=STAND_IN,
        )  # fmt: skip
        made.held = held
        return made

    def __repr__(self):
        return f"OnGPU({self.held})"

    def __format__(self, how):
        return format(self.item(), how) if self.dim() == 0 else super().__format__(how)

    def __deepcopy__(self, memo):
        return self.detach().clone().requires_grad_(self.requires_grad)

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {}, None)


class _Operations(TorchDispatchMode):
    """Runs what creates tensors, too; `waits` counts, by name, what waits for the GPU."""

    def __init__(self, waits):
        super().__init__()
        self.waits = waits

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {}, self.waits)


class _Names(TorchFunctionMode):
    """Translates "cuda", as programs have it, into the stand-in, as PyTorch gets it, and back."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = {name: _stand_in(value) for name, value in (kwargs or {}).items()}
        # What PyTorch makes of lists, and lists of tensors, does not reach `_Operations`.
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") == STAND_IN:
            return func(*args, **kwargs | {"device": torch.device("cpu")}).to(STAND_IN)
        if args and isinstance(args[0], OnGPU):
            if func is torch.Tensor.new_tensor:
                return args[0].held.new_tensor(*args[1:], **kwargs).to(STAND_IN)
            if func is torch.Tensor.tolist:
                return args[0].cpu().tolist()
            if func == torch.Tensor.data.__set__:  # PyTorch moves shape and strides; here the numbers follow
                args[0].held = args[1].held
            if func in (torch.Tensor.__getitem__, torch.Tensor.__setitem__):
                args = args[0], _lists_as_tensors(args[1]), *args[2:]
        given = func(*map(_stand_in, args), **kwargs)
        return GPU if isinstance(given, torch.device) and given == STAND_IN else given


def _lists_as_tensors(index):
    if isinstance(index, tuple):
        return tuple(map(_lists_as_tensors, index))
    return torch.tensor(index) if isinstance(index, list) else index


def _stand_in(value):
    names_a_device = isinstance(value, str | torch.device)
    return STAND_IN if names_a_device and str(value).partition(":")[0] == "cuda" else value


def _run(func, args, kwargs, waits):
    leaves = tree_flatten((args, kwargs))[0]
    here = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor) and not isinstance(leaf, OnGPU)]
    there = [leaf for leaf in leaves if isinstance(leaf, OnGPU)]
    assert not any(tensor.device == STAND_IN for tensor in here), f"{func} got a tensor that nobody saw being made"
    asked = kwargs.get("device")
    on_gpu = bool(there) if asked is None else torch.device(asked).type == STAND_IN.type
    kind = func.overloadpacket
    if there and any(tensor.dim() for tensor in _not_indices(kind, args, here)) and kind not in TAKE_BOTH:
        raise RuntimeError(f"Expected all tensors to be on the same device, but {func} has some on cuda, some on cpu.")
    if kind in INDEXING and there and not isinstance(args[0], OnGPU):
        raise RuntimeError(f"{func}: indices on cuda for a tensor on cpu.")
    if on_gpu and any(isinstance(leaf, torch.Generator) for leaf in leaves):
        raise RuntimeError(f"Expected a 'cuda' device type for generator but found 'cpu' ({func}).")
    if waits is not None and (there or on_gpu) and _waits(kind, args, kwargs, on_gpu):
        waits[str(kind)] += 1
    held_args, held_kwargs = tree_map(_held, (args, kwargs))
    if asked is not None:
        held_kwargs = held_kwargs | {"device": torch.device("cpu")}
    out = func(*held_args, **held_kwargs)
    if not on_gpu or kind is aten._local_scalar_dense:  # which gives a number, not a tensor
        return out
    out = tree_map(lambda each: OnGPU(each) if isinstance(each, torch.Tensor) else each, out)
    return return_and_correct_aliasing(func, args, kwargs, out) if there else out


def _waits(kind, args, kwargs, on_gpu):
    """Whether the CPU waits until the GPU has done everything that it was given so far."""
    if kind in INDEXING:  # a mask must be counted; an index that lies on the CPU must be sent
        return any(i is not None and (i.dtype in MASKS or not isinstance(i, OnGPU)) for i in args[1])
    if kind is aten._to_copy:
        across, waiting = on_gpu != isinstance(args[0], OnGPU), not (on_gpu and kwargs.get("non_blocking"))
        return across and waiting
    if kind is aten.copy_:
        to_gpu, from_gpu = (isinstance(tensor, OnGPU) for tensor in args[:2])
        return to_gpu != from_gpu and args[1].dim() > 0 and not (to_gpu and (args[2:] or [False])[0])
    return kind in WAIT


def _not_indices(kind, args, tensors):
    """Of these tensors, those that are not the indices of an indexing operation."""
    indices = {id(index) for index in args[1]} if kind in INDEXING else set()
    return [tensor for tensor in tensors if id(tensor) not in indices]


def _held(value):
    return value.held if isinstance(value, OnGPU) else value


def _recorded(work):
    """`work`, called as often as a recording calls it beforehand: more often than necessary."""
    for _ in range(graphs.WARM_UP + 1):
        work()
    return work


@contextmanager
def _opened_here(safe_open, path, framework, device):
    """A file of weights as safetensors opens it; what it reads is then put on the device."""
    with safe_open(path, framework=framework) as file:
        held = SimpleNamespace(metadata=file.metadata, keys=file.keys)
        held.get_tensor = lambda name: file.get_tensor(name).to(device)
        yield held


@contextmanager
def pretended_gpu():
    """A block in which there is a GPU; yields the counts, by name of the operation, of what waited for it."""
    waits, float32 = Counter(), precision.Precision("float32", compiled=False, channels_last=True)
    decide = lambda device, compiled=True: float32  # noqa: E731
    with (
        mock.patch.object(sweep, "choose_device", lambda name="auto": "cpu" if name == "cpu" else "cuda"),
        mock.patch.object(torch.cuda, "synchronize", lambda device=None: None),
        mock.patch.object(torch.cuda, "get_device_name", lambda device=None: "a pretended GPU"),
        mock.patch.object(sweep, "machine_speed", lambda device, dtype: (1e12, 1e12)),
        mock.patch.object(torch.cuda, "mem_get_info", lambda device=None: (FREE, FREE)),
        mock.patch.object(torch.cuda, "current_device", lambda: 0),
        mock.patch.object(torch.cuda, "get_rng_state", lambda device: torch.get_rng_state()),
        mock.patch.object(torch.cuda, "set_rng_state", lambda state, device: None),
        mock.patch.object(checkpoints, "safe_open", partial(_opened_here, checkpoints.safe_open)),
        mock.patch.object(graphs, "record", _recorded),
        mock.patch.object(precision, "decide", decide),
        mock.patch.object(networks, "decide", decide),
        _Operations(waits),
        _Names(),
    ):
        yield waits
