"""Paper B's transformer of one block, which reads two numbers and predicts their sum modulo p; R of them stacked.

A pair (a, b) is the sequence a, b, p, and its logits are read at the last place. Only that place needs a query and an
MLP. A number's key and value depend only on the number and its place, so they are looked up in tables. The stack uses
both facts; `Transformer` is the same network in its usual form.

Letters: R networks, n rows, p the modulus and number of classes, d the width of a token, H heads of e = d/H dimensions,
m units of the MLP.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from softlabels.errors import SoftLabelsError
from softlabels.models.mlp import check_pairs, in_parts, table_rows

PLACES = 3  # a, b and the equals sign p


@dataclass(frozen=True)
class Shape:
    """The sizes of a transformer; the defaults are paper B's."""

    p: int = 113  # modulus; p + 1 tokens, p classes
    d_model: int = 128  # d
    heads: int = 4  # H
    d_mlp: int = 512  # m

    def __post_init__(self):
        if min(self.p, self.d_model, self.heads, self.d_mlp) < 1 or self.d_model % self.heads:
            raise SoftLabelsError(f"A transformer needs sizes of at least 1 and heads that divide d_model, not {self}.")

    def tensors(self) -> dict[str, tuple[tuple[int, ...], float]]:
        """Each parameter's shape and initial standard deviation, in the order in which they are drawn."""
        d, H, e, m = self.d_model, self.heads, self.d_model // self.heads, self.d_mlp
        scale = 1 / math.sqrt(d)
        return {
            "token": ((self.p + 1, d), scale),
            "place": ((PLACES, d), scale),
            "key": ((H, d, e), scale),
            "query": ((H, d, e), scale),
            "value": ((H, d, e), scale),
            "mix": ((H, e, d), scale),
            "weight_in": ((d, m), scale),
            "bias_in": ((m,), 0.0),
            "weight_out": ((m, d), scale),
            "bias_out": ((d,), 0.0),
            "unembed": ((d, self.p), 1 / math.sqrt(self.p)),
        }


def start(
    shape: Shape,
    generators: list[torch.Generator],
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """Initial parameters (R, …) of one network per generator: normal with deviation 1/√d, 1/√p for the unembedding.

    Biases start at 0. Values of paper B's official code, which has 1/√d for the MLP's second matrix too, not 1/√m.
    Raises SoftLabelsError for an empty list.
    """
    if not generators:
        raise SoftLabelsError("A stack of transformers needs at least one generator.")

    def draw(generator):
        return [
            torch.randn(size, generator=generator, dtype=dtype) * scale if scale else torch.zeros(size, dtype=dtype)
            for size, scale in shape.tensors().values()
        ]

    drawn = zip(*map(draw, generators), strict=True)
    return {name: torch.stack(tensors).to(device) for name, tensors in zip(shape.tensors(), drawn, strict=True)}


def shape_of(params: dict[str, Tensor]) -> Shape:
    """The sizes of a stack's networks."""
    (H, d, _), m, p = params["key"].shape[1:], params["bias_in"].shape[1], params["unembed"].shape[2]
    return Shape(p, d, H, m)


def logits(params: dict[str, Tensor], pairs: Tensor) -> Tensor:
    """Logits (R, n, p) at the last place, of a stack on pairs (n, 2) or (R, n, 2), integers from 0 to p − 1."""
    R, p = len(params["token"]), params["unembed"].shape[2]
    check_pairs(pairs, R, p)

    def of_some(params, pairs):
        return logits_of_rows(params, table_rows(pairs, p, 2 * p + 1))

    return in_parts(of_some, params, pairs.expand(R, -1, -1), sum(tensor.shape[-1] for tensor in params.values()))


def logits_of_rows(params: dict[str, Tensor], rows: Tensor) -> Tensor:
    """`logits` of pairs that are given by their `table_rows` (R, n, 2) in tables of 2p + 1 rows."""
    d, p, H = params["token"].shape[2], params["unembed"].shape[2], params["key"].shape[1]
    last = params["token"][:, p:] + params["place"][:, 2:]  # (R, 1, d), the last place of every row
    tokens = torch.cat([params["token"][:, :p] + params["place"][:, i : i + 1] for i in (0, 1)] + [last], 1)
    query = last @ _wide(params["query"])  # (R, 1, d): all heads side by side
    scores = (tokens @ _wide(params["key"]) * query).unflatten(2, (H, -1)).sum(3) / math.sqrt(d // H)  # (R, 2p+1, H)
    table = torch.cat([tokens @ _wide(params["value"]), scores], 2)  # (R, 2p+1, d+H)
    first, second = nn.functional.embedding(rows, table.flatten(0, 1)).unbind(2)  # (R, n, d+H)
    places = first, second, table[:, -1:].expand_as(first)
    share = torch.stack([each[..., d:] for each in places]).softmax(0)  # (3, R, n, H)
    attended = sum(s.unsqueeze(3) * each[..., :d].unflatten(2, (H, -1)) for s, each in zip(share, places, strict=True))
    stream = torch.baddbmm(last, attended.flatten(2), params["mix"].flatten(1, 2))  # (R, n, d)
    hidden = torch.baddbmm(params["bias_in"].unsqueeze(1), stream, params["weight_in"]).relu_()
    stream = stream + torch.baddbmm(params["bias_out"].unsqueeze(1), hidden, params["weight_out"])
    return stream @ params["unembed"]


def _wide(heads):
    """The matrices of all heads (R, H, d, e) side by side, (R, d, H·e)."""
    return heads.transpose(1, 2).flatten(2)


def one(params: dict[str, Tensor], r: int) -> "Transformer":
    """Network r of a stack as an ordinary module with its own copy of the parameters; it takes pairs (n, 2)."""
    network = Transformer(shape_of(params)).to(params["token"])
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(params[name][r])
    return network


class Transformer(nn.Module):
    """Causal attention, then a ReLU MLP, over three tokens and without layer norm: pairs (n, 2) to logits (n, p)."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.p = shape.p
        for name, (size, _) in shape.tensors().items():
            self.register_parameter(name, nn.Parameter(torch.zeros(size)))
        self.register_buffer("causal", torch.ones(PLACES, PLACES, dtype=torch.bool).tril(), persistent=False)

    def forward(self, pairs: Tensor) -> Tensor:
        tokens = nn.functional.pad(pairs, (0, 1), value=self.p)  # (n, 3)
        stream = self.token[tokens] + self.place  # (n, 3, d)
        keys, queries, values = (
            torch.einsum("nid,hde->nhie", stream, each) for each in (self.key, self.query, self.value)
        )
        scores = queries @ keys.mT / math.sqrt(keys.shape[-1])  # (n, H, 3, 3): place of the query, place of the key
        shares = scores.masked_fill(~self.causal, -torch.inf).softmax(-1)
        stream = stream + torch.einsum("nhie,hed->nid", shares @ values, self.mix)
        stream = stream + (stream @ self.weight_in + self.bias_in).relu() @ self.weight_out + self.bias_out
        return stream[:, -1] @ self.unembed
