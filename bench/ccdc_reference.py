"""Runs the published Python implementation of CCDC (lcmap-pyccd) on pixel series and says what it found and how long it took.

    python3 ccdc_reference.py FOLDER REPEATS HOW SERIES.csv...

FOLDER holds the package `ccd`. Each series has a line per observation: day, seven bands, quality. One process, one thread. Writes JSON: versions and, per
series, the seconds of each repeat, the processor seconds of each, and the change models; where the package fails, its error instead.

HOW: `plain` is the package as published. `moved` counts the days from 400 years earlier, which is a whole number of mean years: the same question, other
rounding; whatever then differs hangs on rounding. `defined` settles what the package leaves open (see `define`).
"""
import csv
import json
import os
import sys
import time
import warnings

# Numbers of threads are read when the libraries are loaded.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
warnings.simplefilter("ignore")

import numpy  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402

numpy.seterr(all="ignore")

# The package is of 2018; these were aliases of Python's own types until NumPy 1.24.
for name, kind in (("bool", bool), ("int", int), ("float", float), ("object", object)):
    if name not in numpy.__dict__:
        setattr(numpy, name, kind)

folder, repeats, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
sys.path.insert(0, folder)
import ccd  # noqa: E402
from ccd import procedures  # noqa: E402
from ccd.models import tmask  # noqa: E402

# What the quality of the series means; the package's default is that of bit-packed products.
QUALITY = {"QA_BITPACKED": False, "QA_CLEAR": 0, "QA_WATER": 1, "QA_SHADOW": 2, "QA_SNOW": 3, "QA_CLOUD": 4, "QA_FILL": 255}
FOUR_HUNDRED_YEARS = 146097


def define():
    """Gives one answer where the package's depends on a sort that is not stable or on what is rounded away."""
    argsort, columns, screen = numpy.argsort, tmask.tmask_coefficient_matrix, tmask.tmask
    # Of observations of one day the first counts.
    numpy.argsort = lambda values, *rest, **more: argsort(values, kind="stable")

    def closest(dates, at, window, count):
        # Of observations equally far in season those before count first, of one phase those nearer to the middle of the run.
        apart = dates[window] - dates[at]
        apart = apart - numpy.round(apart / 365.25) * 365.25
        order = numpy.arange(len(apart))
        return numpy.lexsort((numpy.where(apart < 0, -order, order), apart > 0, numpy.abs(apart)))[:count]

    procedures.find_closest_doy = closest
    # In a window of a year exactly Tmask's two cycles are the same: without the columns that repeat.
    tmask.tmask_coefficient_matrix = lambda dates, year: columns(dates, year)[:, [0, 1, 4] if dates[-1] - dates[0] <= year else slice(None)]
    # Where a band does not scatter, what is rounded away is no cloud.
    tmask.tmask = lambda dates, values, scatter, bands, factor, year: screen(dates, values, numpy.maximum(scatter, 1e-6 / factor), bands, factor, year)


def restored(models):
    """Models of days that were moved, in the days of the series."""
    for model in models:
        for key, value in model.items():
            if key.endswith("_day"):
                model[key] = value - FOUR_HUNDRED_YEARS
            elif isinstance(value, dict):
                value["intercept"] += value["coefficients"][0] * FOUR_HUNDRED_YEARS
    return models


if how == "defined":
    define()
series = {}
for path in sys.argv[4:]:
    with open(path, newline="") as file:
        columns = numpy.array([[int(field) for field in row] for row in csv.reader(file)]).T
    if how == "moved":
        columns[0] += FOUR_HUNDRED_YEARS
    seconds, processor = [], []
    try:
        for _ in range(repeats):
            wall, cpu = time.perf_counter(), time.process_time()
            found = ccd.detect(*columns[:9], params=QUALITY)
            seconds.append(time.perf_counter() - wall)
            processor.append(time.process_time() - cpu)
    except Exception as error:  # Whatever it is, it is the package's answer to this series.
        series[os.path.basename(path)] = {"error": f"{type(error).__name__}: {error}"}
        continue
    models = restored(found["change_models"]) if how == "moved" else found["change_models"]
    series[os.path.basename(path)] = {"seconds": seconds, "processor_seconds": processor, "models": models}


def plain(value):
    """NumPy's numbers as Python's."""
    return value.item() if isinstance(value, numpy.generic) else value.tolist()


said = {
    "algorithm": ccd.algorithm,
    "versions": f"Python {sys.version.split()[0]}, NumPy {numpy.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "series": series,
}
# JSON has no word for what is no number.
sys.stdout.write(json.dumps(said, default=plain).replace("NaN", "null"))
