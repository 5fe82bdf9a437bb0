"""Runs the published Python implementation of CCDC (lcmap-pyccd) on pixel series and says what it found and how long it took.

    python3 ccdc_reference.py FOLDER REPEATS SERIES.csv...

FOLDER holds the package `ccd`. Each series has a line per observation: day, seven bands, quality. One process, one thread. Writes JSON: versions and, per
series, the seconds of each repeat, the processor seconds of each, and the change models.
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

# The package is of 2018; these were aliases of Python's own types until NumPy 1.24.
for name, kind in (("bool", bool), ("int", int), ("float", float), ("object", object)):
    if name not in numpy.__dict__:
        setattr(numpy, name, kind)

folder, repeats = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, folder)
import ccd  # noqa: E402

# What the quality of the series means; the package's default is that of bit-packed products.
QUALITY = {"QA_BITPACKED": False, "QA_CLEAR": 0, "QA_WATER": 1, "QA_SHADOW": 2, "QA_SNOW": 3, "QA_CLOUD": 4, "QA_FILL": 255}

series = {}
for path in sys.argv[3:]:
    with open(path, newline="") as file:
        columns = numpy.array([[int(field) for field in row] for row in csv.reader(file)]).T
    seconds, processor = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        found = ccd.detect(*columns[:9], params=QUALITY)
        seconds.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    series[os.path.basename(path)] = {"seconds": seconds, "processor_seconds": processor, "models": found["change_models"]}


def plain(value):
    """NumPy's numbers as Python's."""
    return value.item() if isinstance(value, numpy.generic) else value.tolist()


json.dump(
    {
        "algorithm": ccd.algorithm,
        "versions": f"Python {sys.version.split()[0]}, NumPy {numpy.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}",
        "series": series,
    },
    sys.stdout,
    default=plain,
)
