"""From how many operations in an update on a card pays: machine code on the processor beside Keras on the card.

The answer is what ``OPERATIONS_FOR_A_CARD`` in ``sknn_tune/engine/_way.py`` should be on this machine. Without a card,
``--device CPU:0`` runs it on the processor, which shows that it runs and answers nothing.
"""

from __future__ import annotations

from ._clock import time_calls
from ._fresh import ChildFailedError, in_fresh_process
from ._report import Report, Table, progress
from ._tables import random_table

COMPARES_PEERS = False

#: Units of two hidden layers, on 100 inputs, in batches of 256.
WIDTHS = (16, 64, 128, 256, 512, 1024, 2048)
QUICK_WIDTHS = (4, 8)
N_FEATURES, BATCH_SIZE = 100, 256


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--device", default="GPU:0", help="the card (default: GPU:0)")
    parser.add_argument("--rows", type=int, help="of the table (default: 25 600)")


def run(arguments) -> Report:
    """One table: an update of networks of growing width."""
    widths = QUICK_WIDTHS if arguments.quick else WIDTHS
    n_rows = arguments.rows or (2 * BATCH_SIZE if arguments.quick else 100 * BATCH_SIZE)
    report = Report("device", {"device": arguments.device, "widths": widths, "n_rows": n_rows})
    rows = []
    for width in widths:
        progress(f"device: two layers of {width}")
        row: dict = {"units": width, "million_operations": operations_of_update(width) / 1e6}
        for way in ("numba", "keras", "keras_xla"):
            try:
                row[f"{way}_us"] = in_fresh_process(
                    measure_update, way=way, device=arguments.device, width=width, n_rows=n_rows
                )
            except ChildFailedError as failure:
                report.failures.append(f"{way}, {width}: {failure}")
        rows.append(row)
    report.ratios.update(_break_even(rows))
    title = f"Microseconds of an update: {N_FEATURES} inputs, two hidden layers, batches of {BATCH_SIZE}"
    notes = [
        f"numba: machine code on the processor. keras, keras_xla: on {arguments.device}, the latter compiled by XLA."
    ]
    report.tables.append(Table(title, rows, notes))
    return report


def operations_of_update(width: int) -> int:
    """As ``OPERATIONS_FOR_A_CARD`` counts them."""
    from sknn_tune.engine.formulas import product_operations

    return product_operations((N_FEATURES, width, width, 1), BATCH_SIZE)


def _break_even(rows: list[dict]) -> dict[str, float]:
    """Million operations of the first network that the card trains faster."""
    faster = [row for row in rows if row.get("keras_us", float("inf")) < row.get("numba_us", 0.0)]
    return {"million operations from which on the card is faster": faster[0]["million_operations"]} if faster else {}


# --- in a fresh process --------------------------------------------------------------------------------


def measure_update(way: str, device: str, width: int, n_rows: int) -> float:
    """Microseconds: the difference of a long and a short fit, so that building and tracing do not count."""
    X, y = random_table(n_rows, N_FEATURES)
    fits = {epochs: _fit_of(way, device, width, epochs, X, y) for epochs in (1, 6)}
    seconds = {epochs: time_calls(fit, 3).best for epochs, fit in fits.items()}
    return 1e6 * (seconds[6] - seconds[1]) / (5 * -(-n_rows // BATCH_SIZE))


def _fit_of(way: str, device: str, width: int, epochs: int, X, y):
    from sknn_tune import KerasClassifier

    where = {"engine": "numba", "device": "CPU:0"} if way == "numba" else {"engine": "keras", "device": device}
    if way == "keras_xla":
        where["compile__jit_compile"] = True
    return lambda: KerasClassifier(
        hidden_layer_sizes=(width, width), batch_size=BATCH_SIZE, epochs=epochs, random_state=0, **where
    ).fit(X, y)
