"""A fitted network for places without this package: ONNX, which many languages and devices run."""

from ._onnx import register_onnx_converters

__all__ = ["register_onnx_converters"]
