"""Any table as numbers that a network learns well from."""

from ._table_encoder import TableEncoder

__all__ = ["TableEncoder"]
