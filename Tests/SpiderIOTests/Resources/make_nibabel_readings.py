#!/usr/bin/env python3
"""Makes nibabel_readings.json: what nibabel reads in files that Spider wrote.

    SPIDER_KEEP_SAMPLES=FOLDER swift test -c release --filter NIfTIInteroperabilityTests
    make_nibabel_readings.py FOLDER/*.nii > nibabel_readings.json

The test writes its files to FOLDER; each answer holds the bytes that were read, so that the test can
say whether the writer still makes just that file. Needs nibabel and numpy; the readings in the
repository were made with nibabel 5.4.2.
"""
import base64
import json
import pathlib
import sys

import nibabel
import numpy

readings = []
for path in map(pathlib.Path, sys.argv[1:]):
    image = nibabel.load(path)
    header = image.header
    qform, qform_code = image.get_qform(coded=True)
    sform, sform_code = image.get_sform(coded=True)
    readings.append(
        {
            "file": path.name,
            "kind": type(image).__name__,
            "datatype": str(header.get_data_dtype()),
            "shape": list(image.shape),
            "spacing": [float(n) for n in header.get_zooms()],
            "units": header.get_xyzt_units()[0],
            "affine": image.affine.tolist(),
            "qform": None if qform is None else qform.tolist(),
            "codes": [int(qform_code), int(sform_code)],
            "orientation": "".join(nibabel.aff2axcodes(image.affine)),
            "values": numpy.asarray(image.dataobj, dtype=numpy.float64).flatten(order="F").tolist(),
            "bytes": base64.b64encode(path.read_bytes()).decode(),
        }
    )
print("[" + ",\n".join(json.dumps(reading) for reading in readings) + "]")
