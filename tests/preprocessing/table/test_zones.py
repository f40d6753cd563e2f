"""The same moments are the same hours, whichever zone new rows are in and whatever holds them."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sknn_tune.preprocessing import TableEncoder
from sknn_tune.preprocessing.table._columns import read_column, zone_of

# Summer begins on the 29th.
BERLIN = pd.Series(pd.date_range("2026-03-27", periods=40, freq="7h", tz="Europe/Berlin"), name="at")


def pandas(column):
    return pd.DataFrame({"at": column})


def polars(column, zone):
    moments = [moment.to_pydatetime() for moment in column.dt.tz_convert("UTC")]
    return pl.DataFrame({"at": pl.Series(moments).dt.convert_time_zone(zone)})


SAME_MOMENTS = {
    "the zone of fit": pandas(BERLIN),
    "UTC": pandas(BERLIN.dt.tz_convert("UTC")),
    "another unit": pandas(BERLIN.dt.tz_convert("Asia/Kolkata").dt.as_unit("ns")),
    "an offset": pandas(BERLIN.dt.tz_convert(datetime.timezone(datetime.timedelta(hours=-3)))),
    "objects": pandas(BERLIN.dt.tz_convert("UTC").astype(object)),
    "objects of several zones": pandas(
        pd.Series([at.tz_convert("UTC") if row % 2 else at for row, at in enumerate(BERLIN)], dtype=object)
    ),
    "text with offsets": pandas(BERLIN.astype(str)),
    "text in UTC": pandas(BERLIN.dt.tz_convert("UTC").astype(str)),
    "polars": polars(BERLIN, "Europe/Berlin"),
    "polars in UTC": polars(BERLIN, "UTC"),
}


@pytest.mark.parametrize("table", SAME_MOMENTS.values(), ids=SAME_MOMENTS)
def test_new_rows_are_read_by_the_clock_of_fit(table):
    encoder = TableEncoder(encoding="smooth").fit(pandas(BERLIN))
    np.testing.assert_array_equal(encoder.transform(table), encoder.transform(pandas(BERLIN)))
    of_polars = TableEncoder(encoding="smooth").fit(polars(BERLIN, "Europe/Berlin"))
    np.testing.assert_array_equal(of_polars.transform(table), encoder.transform(pandas(BERLIN)))


def test_a_table_fitted_by_an_offset_reads_polars_by_it():
    offset = BERLIN.dt.tz_convert(datetime.timezone(datetime.timedelta(hours=-3)))
    encoder = TableEncoder(encoding="smooth").fit(pandas(offset))
    expected = encoder.transform(pandas(offset))
    np.testing.assert_array_equal(encoder.transform(polars(BERLIN, "Asia/Kolkata")), expected)


def test_the_clock_is_that_of_the_zone_in_every_container():
    expected = BERLIN.dt.tz_localize(None).to_numpy()
    for table in (pandas(BERLIN), polars(BERLIN, "Europe/Berlin")):
        np.testing.assert_array_equal(read_column(table["at"])[1], expected)


def test_one_moment_by_two_clocks_is_two_hours_where_no_zone_holds():
    noon = datetime.datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("UTC"))
    kind, dates = read_column(np.array([noon, noon.astimezone(ZoneInfo("Asia/Tokyo"))], dtype=object))
    assert kind == "date" and [date.hour for date in dates.tolist()] == [12, 21]
    assert str(zone_of(np.array([noon, noon.astimezone(ZoneInfo("Asia/Tokyo"))], dtype=object))) == "offsets"


@pytest.mark.parametrize(
    ("fitted", "given", "sentence"),
    [
        (BERLIN, BERLIN.dt.tz_localize(None), r"had a time zone in fit \(Europe/Berlin\), and has no time zone now"),
        (BERLIN, BERLIN.dt.tz_localize(None).astype(str), r"\(Europe/Berlin\), and has no time zone now \(none\)"),
        (BERLIN.dt.tz_localize(None), BERLIN, r"had no time zone in fit \(none\), and has a time zone now"),
        (BERLIN.dt.tz_localize(None), BERLIN.astype(str), r"has a time zone now \(offsets\)"),
    ],
)
def test_a_zone_in_one_place_only_is_said(fitted, given, sentence):
    encoder = TableEncoder(encoding="smooth").fit(pandas(fitted))
    with pytest.warns(UserWarning, match=f"Column 'at' of TableEncoder {sentence}" if "had" in sentence else sentence):
        rows = encoder.transform(pandas(given))
    np.testing.assert_array_equal(rows, encoder.transform(pandas(fitted)))  # by the clock as it is written


def test_missing_dates_have_no_zone_to_speak_of():
    encoder = TableEncoder(encoding="smooth").fit(pandas(BERLIN))
    assert np.isfinite(encoder.transform(pandas(pd.Series([None, None], dtype=object)))).all()
