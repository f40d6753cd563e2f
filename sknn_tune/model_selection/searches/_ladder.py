"""Networks from small to large, for a search that climbs from one to the next."""

from __future__ import annotations

#: Wider, wider, deeper. No layer is ever narrower than before, so the number of weights grows at each
#: step whatever the number of inputs; two steps double the width, since less can hardly be told apart.
LADDER: tuple[tuple[int, ...], ...] = (
    (8,),
    (16,),
    (32,),
    (32, 32),
    (64, 64),
    (128, 128),
    (128, 128, 128),
    (256, 256, 256),
    (512, 512, 512),
)
