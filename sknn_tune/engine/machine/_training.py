"""Many updates in one call of machine code, each in parts that several threads take.

Problem: BLAS on two threads shares the products only, rounds differently than on one thread, and waits for its threads
as long as an update of a small network takes. Choice: the rows of a batch in parts, each with a gradient of its own,
and threads that take the next part when they are free, by a number that all of them see. The sum of the parts is the
same whoever works them out, and a thread that never gets a core holds nobody up. All of this is machine code:
from Python, handing over a part would cost more than most parts. Not taken: the threads of Numba's ``prange``, of
which some kinds may not run in two threads at once.
"""

from __future__ import annotations

import inspect

from ..code import at, call, compiled
from ._atomic import increase, load, pause, replace, store
from ._gradients import ADJUST, GRADIENTS, UPDATE
from ._vectors import add

#: Places in the numbers that threads share, each in a cache line of its own: the next part to take and the end of
#: those that may be taken (parts are counted through all updates of a call), parts done, whether the call is over.
NEXT, END, DONE, OVER = 0, 16, 32, 48
N_SHARED = 64


@compiled
def _take(shared, end):
    """The number of a part before ``end``, now this thread's; -1 if there is none."""
    while True:
        number = load(shared, NEXT)
        if number >= end:
            return -1
        if replace(shared, NEXT, number, number + 1):
            return number


def train_rows(
    X,
    order,
    y,
    weight,
    table,
    factors,
    settings,
    numbers,
    weights,
    moving,
    m,
    v,
    gradients,
    rooms,
    found,
    starts,
    coefficients,
    keys,
    outputs,
    penalties,
    shared,
    is_helper,
):
    """Updates, one for each row of ``coefficients``, over the batches between ``starts``.

    X has the addresses of the table's arrays, and ``order`` names its rows; targets, weights (or none) and outputs are
    those of these rows. ``gradients``, ``rooms`` and ``found`` have a row for each part of a batch; ``penalties`` gets
    one for each update, times its rows.
    A helper takes parts until the thread that leads is done; the one that leads makes the updates, too.
    """
    n_parts, n_outputs, n_targets = gradients.shape[0], outputs.shape[1], y.shape[1]
    while True:
        end = load(shared, END)
        number = _take(shared, end)
        if number >= 0:
            step, part = number // n_parts, number % n_parts
            n_rows = starts[step + 1] - starts[step]
            first, stop = n_rows * part // n_parts, n_rows * (part + 1) // n_parts
            begin = starts[step] + first
            call(
                settings[GRADIENTS],
                (
                    at(X, 0),
                    at(order, begin),
                    at(y, begin * n_targets),
                    at(weight, begin),  # not read if there are none
                    at(table, 0),
                    at(factors, 0),
                    at(settings, 0),
                    at(numbers, 0),
                    at(weights, 0),
                    at(moving, 0),
                    at(gradients, part * gradients.shape[1]),
                    at(rooms, part * rooms.shape[1]),
                    at(outputs, begin * n_outputs),
                    at(found, part),
                    stop - first,
                    keys[step],
                    first,
                    n_rows,
                ),
            )
            increase(shared, DONE)
        elif is_helper:
            if load(shared, OVER) != 0:
                return
            pause()
        elif load(shared, DONE) < end:
            pause()
        else:
            step = end // n_parts - 1
            if step >= 0:
                gradient, size, of_update = at(gradients, 0), gradients.shape[1], at(penalties, step)
                of_update[0] = found[0]
                for part in range(1, n_parts):
                    add(gradient, at(gradients, part * size), size)
                    of_update[0] += found[part]
                own, n_rows = at(weights, 0), starts[step + 1] - starts[step]
                if settings[ADJUST]:
                    adjusted = at(table, 0), at(settings, 0), at(numbers, 0), own, gradient, of_update, n_rows
                    call(settings[ADJUST], adjusted)
                c = at(coefficients, step * coefficients.shape[1])
                call(settings[UPDATE], (own, at(m, 0), at(v, 0), gradient, weights.size, c))
            if step + 1 == coefficients.shape[0]:
                return
            store(shared, END, end + n_parts)


#: The names of what `train_rows` gets, but for the last: whether it is to help.
ARGUMENTS = tuple(inspect.signature(train_rows).parameters)[:-1]
