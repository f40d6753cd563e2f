"""How many candidates Hyperband gives how much: the table of the paper for any numbers.

The paper has two: a table (81, 27, 9, 6, 5 candidates at the beginning of the brackets for a largest resource of 81),
and a formula without its rounding (81, 34, 15, 8, 5). Taken is the table, and the code that the authors published,
which goes with it: of numbers of candidates that are divided by the factor again and again, none is left over.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rung:
    """One step of a bracket.

    Attributes
    ----------
    iter : int
        On the ladder of resources, from 0 on. Rungs of all brackets with the same have the same resources.
    n_candidates : int
    n_resources : int
        That each candidate gets, those of the rungs before included.
    """

    iter: int
    n_candidates: int
    n_resources: int


def brackets(min_resources: int, max_resources: int, factor: int) -> list[list[Rung]]:
    """The rungs of each bracket: first the one of most candidates, last the one that gives each all there is.

    Examples
    --------
    >>> from sknn_tune.model_selection.searches._brackets import brackets
    >>> for bracket in brackets(1, 9, factor=3):
    ...     print([(rung.n_candidates, rung.n_resources) for rung in bracket])
    [(9, 1), (3, 3), (1, 9)]
    [(3, 3), (1, 9)]
    [(3, 9)]
    """
    n_rungs = 1
    while min_resources * factor**n_rungs <= max_resources:
        n_rungs += 1
    # Rounded, numbers of epochs are still at least twice the one below.
    ladder = [round(max_resources / factor ** (n_rungs - 1 - rung)) for rung in range(n_rungs)]
    found = []
    for first in range(n_rungs):
        n_halvings = n_rungs - 1 - first
        n_begun = n_rungs // (n_halvings + 1) * factor**n_halvings
        found.append(
            [Rung(first + step, n_begun // factor**step, ladder[first + step]) for step in range(n_halvings + 1)]
        )
    return found
