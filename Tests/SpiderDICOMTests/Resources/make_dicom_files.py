#!/usr/bin/env python3
"""Writes the DICOM files of these tests, and truth.json with what they hold.

    python3 make_dicom_files.py        needs pydicom, numpy, SimpleITK, and gdcmconv (libgdcm-tools)

Nothing here is of a patient: pictures are formulas, names are marks to look for. The truth is worked out
from the formulas and the numbers written, not from any reader; SimpleITK's reading of the straight CT
series is kept beside it.
"""

import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np
import pydicom
import SimpleITK
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian,
                         ImplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless)

HERE = pathlib.Path(__file__).resolve().parent
ROOT_UID = "1.2.826.0.1.3680043.10.1234."
NAME, NUMBER, BIRTH = "Markedname^Patient", "MARKEDID77", "19011213"
DX, CR, XA, SC = ("1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.1",
                  "1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.7")
CT, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"
truth = {}
counter = 0


def uid():
    """The next of our UIDs: the files come out the same every time."""
    global counter
    counter += 1
    return ROOT_UID + str(counter)


def new(sop, modality, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop
    meta.MediaStorageSOPInstanceUID = uid()
    meta.TransferSyntaxUID = syntax
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = sop, meta.MediaStorageSOPInstanceUID
    ds.Modality = modality
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = NAME, NUMBER, BIRTH
    ds.StudyInstanceUID, ds.SeriesInstanceUID = ROOT_UID + "1.1", ROOT_UID + "1.2"
    return ds


def pixels(ds, array, stored=16, photometric="MONOCHROME2", high=None):
    array = np.ascontiguousarray(array)
    shape = array.shape
    ds.SamplesPerPixel = 3 if photometric not in ("MONOCHROME1", "MONOCHROME2") else 1
    if ds.SamplesPerPixel == 3:
        ds.PlanarConfiguration = 0
    ds.PhotometricInterpretation = photometric
    if array.ndim == 3 and ds.SamplesPerPixel == 1:
        ds.NumberOfFrames = shape[0]
        shape = shape[1:]
    ds.Rows, ds.Columns = shape[:2]
    ds.BitsAllocated = array.dtype.itemsize * 8
    ds.BitsStored, ds.HighBit = stored, (stored if high is None else high + 1) - 1
    ds.PixelRepresentation = 1 if array.dtype.kind == "i" else 0
    big = ds.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    ds.PixelData = array.astype(array.dtype.newbyteorder(">" if big else "<")).tobytes()
    if len(ds.PixelData) % 2:
        ds.PixelData += b"\0"
    ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 else "OB"


def save(ds, name):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    syntax = ds.file_meta.TransferSyntaxUID
    pydicom.dcmwrite(path, ds, implicit_vr=syntax == ImplicitVRLittleEndian,
                     little_endian=syntax != ExplicitVRBigEndian, enforce_file_format=True)
    return path


def picture(columns=24, rows=16, top=4095):
    """A smooth field with a step, asymmetric in both directions, of numbers 0 ... top."""
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    value = 0.1 + 0.5 * x / columns + 0.2 * y / rows + 0.2 * ((x > 14) & (y < 6))
    value[0, 0], value[0, 1] = 0, 1
    return np.rint(np.clip(value, 0, 1) * top).astype(np.uint16)


# MARK: X-rays

def geometry(ds, sid=1500.0, sad=1000.0, imager=(0.5, 0.4), view="PA", orientation=("L", "F")):
    if sid: ds.DistanceSourceToDetector = sid
    if sad: ds.DistanceSourceToPatient = sad
    if imager: ds.ImagerPixelSpacing = list(imager)
    if view: ds.ViewPosition = view
    if orientation: ds.PatientOrientation = list(orientation)


def xray(name, array=None, stored=12, photometric="MONOCHROME2", syntax=ExplicitVRLittleEndian, sop=DX,
         modality="DX", high=None, change=None, **kind):
    ds = new(sop, modality, syntax)
    ds.PresentationIntentType = "FOR PRESENTATION"
    geometry(ds, **kind)
    array = picture() if array is None else array
    pixels(ds, array, stored, photometric, high)
    if change:
        change(ds)
    return save(ds, name)


def note(name, **facts):
    truth[name] = facts


def listed(values):
    return [round(float(v), 6) for v in np.asarray(values).reshape(-1)]


P = picture()
BRIGHT = P / 4095.0  # parts of full scale


def convert(source, name, *options):
    subprocess.run(["gdcmconv", *options, str(HERE / source), str(HERE / name)], check=True)


def syntaxes():
    for name, syntax in [("implicit", ImplicitVRLittleEndian), ("explicit", ExplicitVRLittleEndian),
                         ("big_endian", ExplicitVRBigEndian), ("deflated", DeflatedExplicitVRLittleEndian)]:
        xray(f"syntax/{name}.dcm", syntax=syntax)
        note(f"syntax/{name}.dcm", values=listed(BRIGHT), tolerance=1e-6)
    ds = pydicom.dcmread(HERE / "syntax/explicit.dcm")
    ds.compress(RLELossless, encoding_plugin="pydicom")
    save(ds, "syntax/rle.dcm")
    note("syntax/rle.dcm", values=listed(BRIGHT), tolerance=1e-6)
    for name, options in [("jpeg_lossless", ["--jpeg"]), ("jpeg_ls", ["--jpegls"]),
                          ("jpeg_2000_lossless", ["--j2k"])]:
        convert("syntax/explicit.dcm", f"syntax/{name}.dcm", *options)
        note(f"syntax/{name}.dcm", values=listed(BRIGHT), tolerance=1e-6)
    # Whole 8-bit blocks for the lossy ones.
    eight = picture(32, 16, 255).astype(np.uint8)
    xray("syntax/eight_bits.dcm", eight, 8)
    note("syntax/eight_bits.dcm", values=listed(eight / 255.0), tolerance=1e-6)
    y, x = np.mgrid[0:16, 0:32]
    smooth = np.rint(40 + 5 * x + 3 * y).astype(np.uint8)
    xray("syntax/smooth.dcm", smooth, 8)
    note("syntax/smooth.dcm", values=listed(smooth / 255.0), tolerance=1e-6)
    for name, options in [("jpeg_baseline", ["--jpeg", "--lossy", "-q", "95"]),
                          ("jpeg_ls_near", ["--jpegls", "--lossy", "-e", "2"]),
                          ("jpeg_2000_lossy", ["--j2k", "--lossy", "-q", "80"])]:
        convert("syntax/smooth.dcm", f"syntax/{name}.dcm", *options)
        note(f"syntax/{name}.dcm", values=listed(smooth / 255.0), tolerance=0.02)
    # A film that was scanned in colour: red, green and blue are equal.
    rgb = np.repeat(eight[:, :, None], 3, axis=2)
    xray("syntax/rgb.dcm", rgb, 8, "RGB", sop=SC, modality="SC")
    note("syntax/rgb.dcm", values=listed(eight / 255.0), tolerance=1e-6)
    ds = pydicom.dcmread(HERE / "syntax/rgb.dcm")
    ds.compress(RLELossless, encoding_plugin="pydicom")
    save(ds, "syntax/rgb_rle.dcm")
    note("syntax/rgb_rle.dcm", values=listed(eight / 255.0), tolerance=1e-6)
    planar = pydicom.dcmread(HERE / "syntax/rgb.dcm")
    planar.PlanarConfiguration = 1
    planar.PixelData = np.ascontiguousarray(np.moveaxis(rgb, 2, 0)).tobytes()
    save(planar, "syntax/rgb_planar.dcm")
    note("syntax/rgb_planar.dcm", values=listed(eight / 255.0), tolerance=1e-6)


def numbers():
    """What stored numbers mean."""
    xray("numbers/monochrome1.dcm", photometric="MONOCHROME1")
    note("numbers/monochrome1.dcm", values=listed(1 - BRIGHT), tolerance=1e-6)
    signed = (P.astype(np.int32) - 2048).astype(np.int16)
    xray("numbers/signed.dcm", signed, 12)
    note("numbers/signed.dcm", values=listed(BRIGHT), tolerance=1e-6)
    # 12 bits in the upper part of the cell, with something else in the lower part, as overlays had it.
    xray("numbers/high_bit.dcm", (P << 4 | 5).astype(np.uint16), 12, high=15)
    note("numbers/high_bit.dcm", values=listed(BRIGHT), tolerance=1e-6)

    def window(ds):
        ds.WindowCenter, ds.WindowWidth = 1000, 500
        ds.RescaleSlope, ds.RescaleIntercept = 2, -100
    xray("numbers/window_and_rescale.dcm", change=window)
    note("numbers/window_and_rescale.dcm", values=listed(BRIGHT), tolerance=1e-6)

    def table(ds):
        item = Dataset()
        # The square root of the stored number, 12 bits in, 16 bits out.
        values = np.rint(np.sqrt(np.arange(4096) / 4095.0) * 65535).astype("<u2")
        item.add_new(0x00283002, "US", [4096, 0, 16])
        item.add_new(0x00283006, "OW", values.tobytes())
        ds.add_new(0x00283000, "SQ", Sequence([item]))
    xray("numbers/modality_table.dcm", change=table)
    note("numbers/modality_table.dcm", values=listed(np.sqrt(BRIGHT)), tolerance=2e-5)

    def processing(relationship, sign):
        def change(ds):
            ds.PresentationIntentType = "FOR PROCESSING"
            ds.PixelIntensityRelationship = relationship
            ds.PixelIntensityRelationshipSign = sign
        return change
    # Counts behind line integrals from 0 to 3; two fifths of the picture are open field.
    y, x = np.mgrid[0:16, 0:24].astype(float)
    integrals = np.where(x < 10, 0, 3 * (x - 9) / 14 * (0.5 + y / 30))
    counts = np.rint(40000 * np.exp(-integrals)).astype(np.uint16)
    xray("numbers/counts.dcm", counts, 16, "MONOCHROME1", change=processing("LIN", 1))
    note("numbers/counts.dcm", values=listed(integrals), tolerance=1e-3)
    xray("numbers/logarithm.dcm", change=processing("LOG", 1))
    note("numbers/logarithm.dcm", values=listed(1 - BRIGHT), tolerance=1e-6)
    xray("numbers/logarithm_of_attenuation.dcm", change=processing("LOG", -1))
    note("numbers/logarithm_of_attenuation.dcm", values=listed(BRIGHT), tolerance=1e-6)


def gantry(source, column, sad=1000.0, sid=1500.0, step=(0.4, 0.5), size=(24, 16), row=(0, 0, -1)):
    """The vectors of a centred geometry: source, first pixel, steps (RAS mm)."""
    source, column, row = (np.array(v, float) for v in (source, column, row))
    origin = -source * (sid - sad) - column * step[0] * (size[0] - 1) / 2 - row * step[1] * (size[1] - 1) / 2
    return dict(source=listed(source * sad), origin=listed(origin), column=listed(column * step[0]),
                row=listed(row * step[1]))


PA = dict(source=(0, -1, 0), column=(-1, 0, 0))
AP = dict(source=(0, 1, 0), column=(-1, 0, 0))
LEFT = dict(source=(1, 0, 0), column=(0, -1, 0))
RIGHT = dict(source=(-1, 0, 0), column=(0, 1, 0))


def geometries():
    def add(name, values=BRIGHT, vectors=None, stated=None, array=None, **kind):
        xray(f"geometry/{name}.dcm", array, **kind)
        note(f"geometry/{name}.dcm", values=listed(values), tolerance=1e-6, stated=stated or {},
             geometry=vectors or gantry(**PA))
    add("pa")
    add("ap", vectors=gantry(**AP), view="AP")
    add("left", vectors=gantry(**LEFT), view="LL", orientation=("P", "F"))
    add("right", vectors=gantry(**RIGHT), view="RL", orientation=("A", "F"))
    # Stored otherwise than they hang.
    add("mirrored", values=BRIGHT[:, ::-1], orientation=("R", "F"))
    add("upside_down", values=BRIGHT[::-1], orientation=("L", "H"))
    add("transposed", values=BRIGHT.T, orientation=("F", "L"),
        vectors=gantry(**PA, step=(0.5, 0.4), size=(16, 24)))
    add("left_facing_right", values=BRIGHT[:, ::-1], vectors=gantry(**LEFT), view="LL",
        orientation=("A", "F"))
    add("no_orientation", orientation=None)
    # Sizes of pixels.
    def calibrated(ds):
        ds.PixelSpacing = [0.5, 0.4]
        ds.PixelSpacingCalibrationType = "GEOMETRY"
    add("calibrated", vectors=gantry(**PA, step=(0.6, 0.75)), imager=None, change=calibrated)

    def calibrated_magnified(ds):
        calibrated(ds)
        ds.EstimatedRadiographicMagnificationFactor = 1.25
    add("magnification", vectors=gantry(**PA, sad=1200.0, step=(0.5, 0.625)), imager=None, sad=None,
        change=calibrated_magnified)

    def film(ds):
        ds.NominalScannedPixelSpacing = [0.5, 0.4]
    add("film", imager=None, change=film)

    def both(ds):
        ds.PixelSpacing = [0.3, 0.2]
        ds.PixelSpacingCalibrationType = "FIDUCIAL"
    add("imager_before_calibrated", change=both)
    # C-arms: the detector 30 degrees to the patient's left, and 20 degrees to his head.
    def arm(primary, secondary):
        def change(ds):
            ds.PositionerPrimaryAngle, ds.PositionerSecondaryAngle = primary, secondary
        return change

    def carm(primary, secondary):
        p, s = math.radians(primary), math.radians(secondary)
        detector = np.array([-math.sin(p) * math.cos(s), math.cos(p) * math.cos(s), math.sin(s)])
        column = np.array([-math.cos(p), -math.sin(p), 0])
        # Down the picture, normal to both, towards the feet.
        row = np.cross(column, detector)
        row = row if row[2] < 0 else -row
        return gantry(source=-detector, column=column, row=row)
    for name, angles in [("arm_0", (0, 0)), ("arm_lao30", (30, 0)), ("arm_lateral", (90, 0)),
                         ("arm_rao25_cra20", (-25, 20))]:
        add(name, vectors=carm(*angles), sop=XA, modality="XA", view=None, orientation=None,
            change=arm(*angles))
    # A view by its code alone.
    def coded(ds):
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "399173006", "SCT", "left lateral"
        ds.ViewCodeSequence = Sequence([item])
    add("coded", vectors=gantry(**LEFT), view=None, orientation=("P", "F"), change=coded)
    # What is missing; the test states the rest.
    add("no_distances", sid=None, sad=None)
    add("nothing", sid=None, sad=None, imager=None, view=None, orientation=None)
    # Contradictions.
    add("wrong_orientation", orientation=("A", "F"))

    def fields(**parts):
        def change(ds):
            for key, value in parts.items():
                setattr(ds, key, value)
        return change

    def masked(name, open_, **parts):
        xray(f"field/{name}.dcm", change=fields(**parts))
        y, x = np.mgrid[1:17, 1:25]
        note(f"field/{name}.dcm", open=[bool(v) for v in open_(x, y).reshape(-1)])
    masked("rectangle", lambda x, y: (x >= 4) & (x <= 20) & (y >= 3) & (y <= 12),
           CollimatorShape="RECTANGULAR", CollimatorLeftVerticalEdge=4, CollimatorRightVerticalEdge=20,
           CollimatorUpperHorizontalEdge=3, CollimatorLowerHorizontalEdge=12)
    masked("circle", lambda x, y: (x - 12) ** 2 + (y - 8) ** 2 <= 49, ShutterShape="CIRCULAR",
           CenterOfCircularShutter=[8, 12], RadiusOfCircularShutter=7)
    # Corners (row, column): a right triangle whose slanted side is 2 x + 3 y = 50.
    masked("triangle", lambda x, y: (x >= 4) & (y >= 2) & (2 * x + 3 * y <= 50),
           CollimatorShape="POLYGONAL", VerticesOfThePolygonalCollimator=[2, 4, 2, 22, 14, 4])
    masked("shutter_and_collimator",
           lambda x, y: (x >= 4) & (x <= 20) & (y >= 3) & (y <= 12) & ((x - 12) ** 2 + (y - 8) ** 2 <= 49),
           CollimatorShape="RECTANGULAR", CollimatorLeftVerticalEdge=4, CollimatorRightVerticalEdge=20,
           CollimatorUpperHorizontalEdge=3, CollimatorLowerHorizontalEdge=12, ShutterShape="CIRCULAR",
           CenterOfCircularShutter=[8, 12], RadiusOfCircularShutter=7)

    def padded(ds):
        ds.PixelPaddingValue = int(P[0, 0])
    xray("field/padding.dcm", change=padded)
    note("field/padding.dcm", open=[bool(v) for v in (P != P[0, 0]).reshape(-1)])


# MARK: CT

def hu(i, j, k):
    """CT numbers of voxel (i, j, k): air, and an object without symmetry."""
    inside = (i > 3) & (i < 12) & (j > 2) & (j < 13)
    return np.where(inside, 20 * i - 15 * j + 25 * k - 100, -1000).astype(int)


def slice_of(folder, k, position, cosines, spacing=(0.9, 0.8), slope=1, intercept=-1024, values=None,
             name=None, series="2.1", description="HEAD 5.0", thickness=2.0, change=None, signed=False,
             syntax=ExplicitVRLittleEndian):
    ds = new(CT, "CT", syntax)
    ds.SeriesInstanceUID = ROOT_UID + series
    ds.SeriesDescription = description
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.ImagePositionPatient = [f"{v:.6f}".rstrip("0") for v in position]
    ds.ImageOrientationPatient = [f"{v:.9f}" for v in cosines]
    ds.PixelSpacing = list(spacing)
    ds.SliceThickness = thickness
    j, i = np.mgrid[0:14, 0:16]
    values = hu(i, j, k) if values is None else values
    stored = np.rint((values - intercept) / slope)
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = slope, intercept, "HU"
    ds.InstanceNumber = k + 1
    pixels(ds, stored.astype(np.int16 if signed else np.uint16), 16 if signed else 12)
    if change:
        change(ds)
    save(ds, f"ct/{folder}/{name or f'{(7 * k) % 11:02d}_{k}.dcm'}")


AXIAL = (1, 0, 0, 0, 1, 0)


def facts(folder, affine_columns, origin, count=6, sitk=None, **more):
    """LPS vectors to RAS, and the CT numbers of all voxels."""
    ras = lambda v: [-v[0], -v[1], v[2]]
    k, j, i = np.mgrid[0:count, 0:14, 0:16]
    note(f"ct/{folder}", columns=[listed(ras(v)) for v in affine_columns], origin=listed(ras(origin)),
         shape=[16, 14, count], values=[int(v) for v in hu(i, j, k).reshape(-1)], **more)
    if sitk:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(HERE / "ct" / folder)))
        image = reader.Execute()
        direction = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
        truth[f"ct/{folder}"]["simpleitk"] = dict(
            columns=[listed(ras(direction[:, axis])) for axis in range(3)],
            origin=listed(ras(image.GetOrigin())),
            values=[int(v) for v in SimpleITK.GetArrayFromImage(image).reshape(-1)])


def volumes():
    x, y = np.array(AXIAL[:3], float), np.array(AXIAL[3:], float)
    step = (0.8, 0.9)
    start = np.array([-50.0, 30.5, 12.25])
    # Straight; slope and intercept differ from slice to slice.
    for k in range(6):
        slice_of("straight", k, start + [0, 0, 2.5 * k], AXIAL, slope=1 if k % 2 else 0.5,
                 intercept=-1024 if k % 2 == 0 or k % 3 else -2048)
    facts("straight", [x * step[0], y * step[1], (0, 0, 2.5)], start, sitk=True)
    # Feet first in the file: positions fall with the instance number, in either byte order and signed.
    for k in range(6):
        slice_of("implicit_signed", k, start + [0, 0, 2.5 * k], AXIAL, signed=True, intercept=0,
                 syntax=ImplicitVRLittleEndian, change=lambda d, k=k: setattr(d, "InstanceNumber", 6 - k))
    facts("implicit_signed", [x * step[0], y * step[1], (0, 0, 2.5)], start, sitk=True)
    # Oblique, as a head that was laid skew.
    a, b = math.radians(11), math.radians(-7)
    turn = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]]) @ np.array(
        [[math.cos(b), -math.sin(b), 0], [math.sin(b), math.cos(b), 0], [0, 0, 1]])
    cosines = tuple(turn[:, 0]) + tuple(turn[:, 1])
    for k in range(6):
        slice_of("oblique", k, start + turn[:, 2] * 2.5 * k, cosines)
    facts("oblique", [turn[:, 0] * step[0], turn[:, 1] * step[1], turn[:, 2] * 2.5], start, sitk=True)
    # Coronal: the normal of rows and columns points to the back.
    coronal = (1, 0, 0, 0, 0, -1)
    for k in range(6):
        slice_of("coronal", k, start + [0, 2.5 * k, 0], coronal)
    facts("coronal", [(0.8, 0, 0), (0, 0, -0.9), (0, 2.5, 0)], start, sitk=True)
    # A tilted gantry: slices lean by 15 degrees, the table moves straight.
    t = math.radians(15)
    tilted = (1, 0, 0, 0, math.cos(t), math.sin(t))

    def tilt(ds):
        ds.GantryDetectorTilt = 15
    for k in range(6):
        slice_of("tilt", k, start + [0, 0, 2.5 * k], tilted, change=tilt)
    facts("tilt", [x * step[0], np.array(tilted[3:]) * step[1], (0, 0, 2.5)], start,
          shear=math.sin(t))
    # Faults.
    for k in (0, 1, 2, 4, 5, 6, 7):
        slice_of("missing", k, start + [0, 0, 2.5 * k], AXIAL)
    for k in range(6):
        slice_of("doubled", k, start + [0, 0, 2.5 * k], AXIAL)
    slice_of("doubled", 3, start + [0, 0, 2.5 * 3], AXIAL, name="again.dcm")
    # Thin slices below, thick ones above: 1 mm for five gaps, 2 mm for four.
    places = [0, 1, 2, 3, 4, 5, 7, 9, 11, 13]
    for n, place in enumerate(places):
        slice_of("two_spacings", place, start + [0, 0, place], AXIAL, name=f"{n}.dcm",
                 thickness=1 if place <= 5 else 2)
    facts("two_spacings", [x * step[0], y * step[1], (0, 0, 1)], start, count=14)
    # Two series and a localizer in one folder; the second UID holds two orientations.
    for k in range(3):
        slice_of("two_series", k, start + [0, 0, 2.5 * k], AXIAL, name=f"a{k}.dcm")
        slice_of("two_series", k, start + [0, 0, 1.5 * k], AXIAL, name=f"b{k}.dcm", series="2.2",
                 description="BONE")
    slice_of("two_series", 0, start, (1, 0, 0, 0, 0, -1), name="scout.dcm", series="2.3",
             description="SCOUT", change=lambda d: setattr(d, "ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]))
    # Two acquisitions lie on one another under one UID.
    for k in range(3):
        for n in (1, 2):
            slice_of("two_acquisitions", k, start + [0, 0, 2.5 * k], AXIAL, name=f"{n}_{k}.dcm",
                     change=lambda d, n=n: setattr(d, "AcquisitionNumber", n))
    # One scan in steps: every slice is an acquisition.
    for k in range(6):
        slice_of("steps", k, start + [0, 0, 2.5 * k], AXIAL,
                 change=lambda d, k=k: setattr(d, "AcquisitionNumber", k + 1))
    facts("steps", [x * step[0], y * step[1], (0, 0, 2.5)], start)
    # Padding: below air as scanners write it, and as a number that would be bone.
    for k in range(3):
        j, i = np.mgrid[0:14, 0:16]
        values = hu(i, j, k)
        values[0, :] = 2000
        values[1, :] = -2000

        def mark(ds):
            ds.add_new(0x00280120, "SS", 2000)
        slice_of("padding", k, start + [0, 0, 2.5 * k], AXIAL, values=values, intercept=0, signed=True,
                 change=mark)


def enhanced():
    ds = new(ENHANCED_CT, "CT")
    ds.SeriesInstanceUID = ROOT_UID + "3.1"
    ds.SeriesDescription = "ENHANCED"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    order = [3, 0, 5, 1, 4, 2]
    j, i = np.mgrid[0:14, 0:16]
    start = np.array([-50.0, 30.5, 12.25])
    slopes = {k: (1, -1024) if k % 2 else (2, -1000) for k in order}
    frames = [np.rint((hu(i, j, k) - slopes[k][1]) / slopes[k][0]) for k in order]
    shared = Dataset()
    orientation, measures = Dataset(), Dataset()
    orientation.ImageOrientationPatient = list(AXIAL)
    measures.PixelSpacing, measures.SliceThickness = [0.9, 0.8], 2.5
    shared.PlaneOrientationSequence = Sequence([orientation])
    shared.PixelMeasuresSequence = Sequence([measures])
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    groups = []
    for k in order:
        item, place, value = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [float(v) for v in start + [0, 0, 2.5 * k]]
        value.RescaleSlope, value.RescaleIntercept, value.RescaleType = slopes[k][0], slopes[k][1], "HU"
        item.PlanePositionSequence = Sequence([place])
        item.PixelValueTransformationSequence = Sequence([value])
        groups.append(item)
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    pixels(ds, np.array(frames).astype(np.uint16), 12)
    save(ds, "ct/enhanced.dcm")
    # A slope of 2 rounds to even numbers.
    expected = np.array([frames[order.index(k)] * slopes[k][0] + slopes[k][1] for k in range(6)])
    note("ct/enhanced.dcm", columns=[[-0.8, 0, 0], [0, -0.9, 0], [0, 0, 2.5]],
         origin=[50.0, -30.5, 12.25], shape=[16, 14, 6], values=[int(v) for v in expected.reshape(-1)])
    compressed = pydicom.dcmread(HERE / "ct/enhanced.dcm")
    compressed.compress(RLELossless, encoding_plugin="pydicom")
    save(compressed, "ct/enhanced_rle.dcm")
    truth["ct/enhanced_rle.dcm"] = truth["ct/enhanced.dcm"]
    convert("ct/enhanced.dcm", "ct/enhanced_jpeg_ls.dcm", "--jpegls")
    truth["ct/enhanced_jpeg_ls.dcm"] = truth["ct/enhanced.dcm"]


def detectors():
    """X-rays on detectors that cover a head, for the commands."""
    for name, view, letters in [("pa", "PA", ("L", "F")), ("left", "LL", ("P", "F"))]:
        xray(f"head/{name}.dcm", view=view, orientation=letters, imager=(20, 15))


def faulty():
    """Files that claim what they do not hold."""
    def claim(name, source, **parts):
        ds = pydicom.dcmread(HERE / source)
        for key, value in parts.items():
            setattr(ds, key, value)
        save(ds, f"faulty/{name}.dcm")
    claim("giant", "geometry/pa.dcm", Rows=65535, Columns=65535)
    claim("giant_rle", "syntax/rle.dcm", Rows=8000, Columns=8000)
    claim("giant_jpeg_ls", "syntax/jpeg_ls.dcm", Rows=8000, Columns=8000)
    claim("many_frames", "ct/enhanced.dcm", NumberOfFrames=999999)
    whole = (HERE / "geometry/pa.dcm").read_bytes()
    (HERE / "faulty/cut.dcm").write_bytes(whole[:-40])
    (HERE / "faulty/cut_header.dcm").write_bytes(whole[:505])
    (HERE / "faulty/preamble_only.dcm").write_bytes(whole[:132])


def main():
    for folder in ("syntax", "numbers", "geometry", "field", "ct", "head", "faulty"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    syntaxes()
    numbers()
    geometries()
    volumes()
    enhanced()
    (HERE / "faulty").mkdir()
    faulty()
    detectors()
    (HERE / "truth.json").write_text(json.dumps(truth, separators=(",", ":"), sort_keys=True) + "\n")


main()
