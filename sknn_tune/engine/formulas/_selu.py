"""The constants of selu (https://arxiv.org/abs/1706.02515)."""

ALPHA = 1.6732632423543772848170429916717
SCALE = 1.0507009873554804934193349852946

#: What selu tends to far below zero, and what alpha dropout puts in the place of an activation.
FLOOR = -ALPHA * SCALE
