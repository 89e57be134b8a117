"""What ONNX operators that are no products cost the host: nothing, each element of the result, or each of the input."""

from __future__ import annotations

from collections.abc import Mapping

from hw_models.program import HostKind


def _by_name(names: Mapping[HostKind, str]) -> dict[str, HostKind]:
    return {operator: kind for kind, operators in names.items() for operator in operators.split()}


_FREE = """
    Reshape Transpose Identity Cast CastLike Flatten Squeeze Unsqueeze Concat Split Slice Gather GatherElements GatherND
    Expand Tile Pad Constant ConstantOfShape Shape Size Range Dropout DepthToSpace SpaceToDepth EyeLike ScatterElements
    ScatterND Scatter Trilu ReverseSequence OneHot NonZero ArgMax ArgMin Neg Not And Or Xor Equal Greater GreaterOrEqual
    Less LessOrEqual IsNaN IsInf Compress Unique TensorScatter
"""
FREE = frozenset(_FREE.split())
"""Moves, copies, comparisons: no arithmetic. The DMA's addresses do them."""

BY_OUTPUT = _by_name(
    {
        "softmax": "Softmax LogSoftmax",
        "relu": "Relu LeakyRelu PRelu Clip ThresholdedRelu",
        "gelu": "Gelu",
        "silu": "Swish HardSwish",
        "batch_norm": "BatchNormalization",
        "pool": "Resize Upsample",
        "rotary": "RotaryEmbedding",
        "quantise": "QuantizeLinear DynamicQuantizeLinear",
        "dequantise": "DequantizeLinear",
        "elementwise": """
            Add Sub Mul Div Pow Sqrt Reciprocal Exp Log Tanh Sigmoid HardSigmoid Erf Abs Sign Floor Ceil Round Where Max
            Min Mean Sum Sin Cos Tan Elu Selu Celu Mish Softplus Softsign Mod BitShift Shrink RandomUniformLike
            RandomNormalLike RandomUniform RandomNormal Bernoulli
        """,
    }
)
WINDOWS = frozenset({"MaxPool", "AveragePool", "LpPool"})
"""These look at every number of every window."""

BY_INPUT = _by_name(
    {
        "pool": "GlobalAveragePool GlobalMaxPool GlobalLpPool ReduceMean",
        "layer_norm": "LayerNormalization InstanceNormalization GroupNormalization",
        "rms_norm": "RMSNormalization",
        "elementwise": """
            ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp
            CumSum TopK LRN LpNormalization Hardmax
        """,
    }
)
