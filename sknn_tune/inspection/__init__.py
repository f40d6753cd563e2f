"""What a trained network does, as numbers: no drawing. `sknn_tune.display` draws what is found here."""

__all__: list[str] = []
