"""Rows times the kernel of a layer, the same to the last bit whatever else there is: for predictions."""

from ._product import Product, product_of

__all__ = ["Product", "product_of"]
