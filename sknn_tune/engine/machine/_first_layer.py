"""What reads the rows of a table, whatever numbers it holds, or of CSR rows the entries that are there: machine code.

Problem: a table in another precision than the network's would have to be copied, and CSR rows made dense, before a
batch can be read. Choice: what reads rows is compiled for each kind of table and called by its address, and gets the
table by addresses, too, so that all else is compiled once. Rows are converted as a batch is gathered, and the first
layer multiplies the entries of CSR rows one by one. Not taken: to gather batches by NumPy, for which rows are moved
twice, and by one thread.
"""

from __future__ import annotations

from ..code import at, prefetch

#: The row ahead that memory is asked for while one is copied: in a large table each is far from the one before.
_AHEAD = 8

#: Numbers between two places of a row that are asked for, and so many places: what follows the processor asks for.
_NUMBERS, _MOST_PLACES = 16, 4


def gather(table, order, out, n_rows, n_columns):
    """``out = table[order]``, in the numbers of ``out``."""
    number = type(out[0])
    n_places = min(n_columns // _NUMBERS + 1, _MOST_PLACES)
    for row in range(n_rows):
        if row + _AHEAD < n_rows:
            ahead = order[row + _AHEAD] * n_columns
            for place in range(n_places):
                prefetch(at(table, ahead + place * _NUMBERS))
        source = order[row] * n_columns
        for column in range(n_columns):
            out[row * n_columns + column] = number(table[source + column])


def sparse_sums(entries, places, starts, order, kernel, sums, n_rows, n_units):
    """``sums = table[order] @ kernel``, where row ``i`` of the table has the entries from ``starts[i]`` on."""
    number = type(sums[0])
    for row in range(n_rows):
        own, source = at(sums, row * n_units), order[row]
        for unit in range(n_units):
            own[unit] = number(0)
        for entry in range(starts[source], starts[source + 1]):
            value, weights = entries[entry], at(kernel, places[entry] * n_units)
            for unit in range(n_units):
                own[unit] += value * weights[unit]


def sparse_gradient(entries, places, starts, order, to_sums, gradient, n_rows, n_units, size):
    """``gradient = table[order].T @ to_sums``, of so many numbers."""
    number = type(to_sums[0])
    for i in range(size):
        gradient[i] = number(0)
    for row in range(n_rows):
        own, source = at(to_sums, row * n_units), order[row]
        for entry in range(starts[source], starts[source + 1]):
            value, of_input = entries[entry], at(gradient, places[entry] * n_units)
            for unit in range(n_units):
                of_input[unit] += value * own[unit]
