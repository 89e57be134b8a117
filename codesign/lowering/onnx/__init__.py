"""Programs of ONNX files; needs the package onnx, and no torch."""

from codesign.lowering.onnx.read import lower_onnx

__all__ = ["lower_onnx"]
