"""What a model has done so far: which module is running, and the operations that a machine must do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn

from codesign.lowering.calls import Value
from codesign.lowering.modules import kind_of_module
from codesign.lowering.provenance import Provenance, repetition
from codesign.lowering.records import Operation, Product
from hw_models.program import Gemm, HostKind, HostOp


@dataclass(frozen=True)
class _Frame:
    """A module that is being run."""

    path: str
    leaf: bool
    kind: HostKind | None = None  # its class says what its operations amount to


class Journal:
    """Where the handlers of operators write. Modules begin and end; between, `host` and `product` add operations."""

    def __init__(self, model: nn.Module) -> None:
        self.provenance = Provenance(model)
        self.operations: list[Operation] = []
        self.transformed: dict[str, str] = {}  # parameter -> product that reads what was made of it
        self.unmapped: dict[str, int] = {}  # operator -> FLOPs it does at least
        self._frames: list[_Frame] = []

    def enter(self, path: str, module: nn.Module, inputs: Sequence[Value]) -> None:
        """A module begins; if its class says what it amounts to, that is written down at once."""
        kind = kind_of_module(type(module).__name__)
        leaf = next(module.children(), None) is None
        tensor = next((i for i in inputs if isinstance(i, Tensor)), None)
        if kind is None or not leaf or tensor is None:
            self._frames.append(_Frame(path, leaf))
            return
        if tensor.numel() and not self.provenance.of(tensor).constant:
            rows = tensor.numel() // tensor.shape[-1] if kind.endswith("norm") else 1
            self.operations.append(HostOp(path or kind, kind, tensor.numel(), rows))
        self._frames.append(_Frame(path, leaf, kind))

    def leave(self) -> None:
        """The module that began last is done."""
        self._frames.pop()

    @property
    def in_module(self) -> bool:
        """Is a module running? What is made outside of all modules is data."""
        return bool(self._frames)

    def host(self, kind: HostKind, elements: int, rows: int = 1) -> None:
        """Work for the host, unless the running module's class has said it all."""
        if elements and not (self._frames and self._frames[-1].kind):
            self.operations.append(HostOp(self._name(kind, of_leaf=True), kind, elements, max(rows, 1)))

    def product(
        self,
        role: str,
        m: int,
        stationary: Tensor,
        out_first: bool,
        repeat: int = 1,
        bias: bool = False,
        groups: int = 1,
    ) -> int | None:
        """`repeat` products of m rows with a matrix that the array holds; returns its index, None if it is empty.

        `stationary` ends in (out, in) if `out_first`, else in (in, out). Groups divide its outputs among them.
        """
        n, k = stationary.shape[-2:] if out_first else stationary.shape[:-3:-1]
        if min(m, k, n, repeat) < 1:
            return None
        origin = self.provenance.of(stationary)
        view = self.provenance.view(stationary, out_first) if origin.constant and stationary.dim() == 2 else None
        name = self._name(role, of_leaf=origin.constant)
        if view:
            name = self._layer(view.parameter) + ("" if view.whole else f"[{view.out[0]}:{view.out[1]}]")
        elif origin.constant:
            self.transformed |= dict.fromkeys(self.provenance.sources([stationary]), name)
        copies, chunk = max(repetition(stationary), (origin.copies, origin.chunk))
        shared = copies if chunk == k * n and repeat % copies == 0 else 1  # queries that share keys stream together
        gemm = Gemm(
            name, m * shared, k, n // groups, repeat=repeat // shared * groups,
            stationary_known=origin.constant, bias=bias,
        )  # fmt: skip
        self.operations.append(Product(gemm, view))
        return len(self.operations) - 1

    def becomes_scores(self, index: int) -> None:
        """A product goes into a softmax: without a weight it is attention's scores, and is called so."""
        gemm = self._product(index).gemm
        if not gemm.stationary_known:
            owner = gemm.name.rpartition(".")[0]
            self.operations[index] = Product(replace(gemm, name=f"{owner}.scores" if owner else "scores"))

    def takes_in_norm(self, index: int) -> bool:
        """A batch norm follows: if the product has a weight, that is scaled beforehand, and what is left is a bias."""
        product = self._product(index)
        if product.gemm.stationary_known:
            self.operations[index] = replace(product, gemm=replace(product.gemm, bias=True))
        return product.gemm.stationary_known

    def _product(self, index: int) -> Product:
        operation = self.operations[index]
        assert isinstance(operation, Product), "an origin names products only"
        return operation

    def _name(self, role: str, of_leaf: bool) -> str:
        """The running module and what is done in it; of a module without parts, if `of_leaf`, the module alone."""
        path = self._frames[-1].path if self._frames else ""
        return path if path and of_leaf and self._frames[-1].leaf else f"{path}.{role}" if path else role

    def _layer(self, parameter: str) -> str:
        """The layer of a parameter; of a shared one, the layer that is running."""
        path = self._frames[-1].path if self._frames else ""
        names = self.provenance.names[parameter]
        name = next((n for n in names if n.rpartition(".")[0] == path), names[0])
        return name.removesuffix(".weight")
