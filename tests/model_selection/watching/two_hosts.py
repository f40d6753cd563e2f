"""A search here, and dask's worker on another host: another network, and another folder of sockets. Run as a script.

The other host is a name space of the network, with a cable of its own, in which the folder of this process's sockets is
hidden. Only root can make one.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV
from test_pruning import PRUNERS, Halving

from sknn_tune.model_selection import HistoryRecorder

X, y = np.zeros((12, 1)), np.zeros(12)
#: Good and bad ones by turns.
RESTS = [0.5, 0.9, 0.4, 0.95, 0.3, 0.99]
NETWORK = f"10.203.{os.getpid() % 250}"
HERE, THERE = f"{NETWORK}.1", f"{NETWORK}.2"


@contextmanager
def other_host():
    """How to run a command on another host, which is there meanwhile."""
    name = f"sknn{os.getpid()}"
    sockets = tempfile.gettempdir()
    ours, theirs = f"{name}a"[-15:], f"{name}b"[-15:]
    commands = [
        f"ip link add {ours} type veth peer name {theirs}",
        f"ip link set {theirs} netns {name}",
        f"ip addr add {HERE}/24 dev {ours}",
        f"ip link set {ours} up",
        f"ip -n {name} addr add {THERE}/24 dev {theirs}",
        f"ip -n {name} link set {theirs} up",
        f"ip -n {name} link set lo up",
    ]
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        for command in commands:
            subprocess.run(command.split(), check=True)
        # Its own mounts, of which this process sees nothing.
        yield ["ip", "netns", "exec", name, "sh", "-c", f'mount -t tmpfs none {sockets} && exec "$@"', "sh"]
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


@contextmanager
def worker_on(host, scheduler, folder):
    command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--nthreads", "2", "--no-nanny"]
    command += ["--no-dashboard", "--local-directory", str(folder)]
    process = subprocess.Popen(host + command, cwd=folder)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def searched(watcher):
    """What a search finds whose fits come one after the other, so that the same are over when one is compared."""
    search = GridSearchCV(Where(), {"rest": RESTS}, cv=2, refit=False, pre_dispatch=1, n_jobs=2)
    search.set_callbacks(watcher).fit(X, y)
    seen = {
        name: search.cv_results_[name].tolist()
        for name in search.cv_results_
        if "time" not in name and "param" not in name
    }
    return json.dumps(seen, default=repr)


class Where(Halving):
    """Its fits leave the name of their process."""

    def fit(self, X, y):
        with open(os.environ["PLACES"], "a") as file:
            file.write(f"{os.getpid()}\n")
        return super().fit(X, y)


def unreachable(watcher):
    try:
        return searched(watcher)
    except ConnectionError as error:
        return str(error)


def main(folder):
    os.environ["PLACES"] = str(folder / "places.txt")
    makers = {**PRUNERS, "recorder": HistoryRecorder}
    with parallel_config("threading"):
        alone = {name: searched(make()) for name, make in makers.items()}
    os.remove(os.environ["PLACES"])
    with (
        other_host() as host,
        LocalCluster(n_workers=0, host=HERE, dashboard_address=None) as cluster,
        worker_on(host, cluster.scheduler_address, folder),
        Client(cluster) as client,
        parallel_config("dask"),
    ):
        client.wait_for_workers(1, timeout=120)
        far = {name: searched(make()) for name, make in makers.items()}
        given = searched(HistoryRecorder(address=HERE))
        os.environ["SKNN_TUNE_SEARCH_ADDRESS"] = "127.0.0.1"  # where the other host finds itself
        lost = unreachable(HistoryRecorder())
    places = set(Path(os.environ["PLACES"]).read_text().split())
    print(json.dumps([alone, far, given, lost, str(os.getpid()) in places]))


if __name__ == "__main__":
    from two_hosts import main  # so that the worker can import what its tasks name

    main(Path(sys.argv[1]))
