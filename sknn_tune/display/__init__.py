"""Pictures of networks and searches, by scikit-learn's Display convention: ``from_…``, ``plot(ax=None)``, ``ax_``."""

__all__: list[str] = []
