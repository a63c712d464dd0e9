#!/usr/bin/env python3
"""Makes nibabel_answers.json: what nibabel reads in the good files of the folder odd/.

    make_nibabel_answers.py FOLDER > nibabel_answers.json

FOLDER is the odd/ folder of the data for tests (environment variable SPIDER_REAL_CT). Needs nibabel
and numpy; the answers in the repository were made with nibabel 5.4.2. Values are scaled, the affine is as
nibabel gives it, hence in the file's own length unit.
"""
import gzip
import json
import pathlib
import sys

import nibabel
import numpy

GOOD = """
syn_base_LPI_int16.nii.gz syn_orient_RAS.nii syn_orient_ASL.nii syn_orient_PIR.nii
syn_orient_SPR.nii syn_oblique20.nii.gz syn_pair.hdr syn_nifti2.nii.gz syn_bigendian.nii
syn_float64.nii.gz syn_4d_singleton.nii.gz syn_uint16_slope1_inter-1024.nii
syn_uint8_autoscaled.nii.gz syn_slope_zero_means_unscaled.nii syn_units_metres.nii.gz
syn_units_microns.nii.gz syn_qform_sform_mismatch.nii.gz syn_sheared_sform_only.nii.gz
syn_float32_nan_inf.nii.gz syn_gzip_without_gz_suffix.nii syn_uncompressed_with_gz_suffix.nii.gz
CT_AVM.nii.gz CT_pitch.nii.gz sirona_dental_cbct_8slices_LPI_uint8.nii.gz standard.nii.gz
anatomical.nii reoriented_anat_moved.nii resampled_anat_moved.nii d2n_sliceincrement_002.nii.gz
""".split()


def load(path):
    """nibabel goes by the name; two files have a name that belies their content."""
    if path.name == "syn_gzip_without_gz_suffix.nii":
        return nibabel.Nifti1Image.from_bytes(gzip.decompress(path.read_bytes()))
    if path.name == "syn_uncompressed_with_gz_suffix.nii.gz":
        return nibabel.Nifti1Image.from_bytes(path.read_bytes())
    return nibabel.load(path)


answers = []
for name in GOOD:
    image = load(pathlib.Path(sys.argv[1]) / name)
    values = numpy.asarray(image.dataobj, dtype=numpy.float64)
    values = values.reshape(values.shape[:3])
    finite = values[numpy.isfinite(values)]
    random = numpy.random.default_rng(7)
    voxels = [[int(random.integers(n)) for n in values.shape] for _ in range(20)]
    voxels += [[0, 0, 0], [n - 1 for n in values.shape]]
    numbers = [values[tuple(voxel)] for voxel in voxels]
    answers.append(
        {
            "file": name,
            "shape": list(values.shape),
            "affine": image.affine.tolist(),
            "orientation": "".join(nibabel.aff2axcodes(image.affine)),
            "mean": finite.mean(),
            "min": finite.min(),
            "max": finite.max(),
            "nonFinite": int(values.size - finite.size),
            "voxels": voxels,
            "values": [float(n) if numpy.isfinite(n) else None for n in numbers],
        }
    )
print("[" + ",\n".join(json.dumps(answer) for answer in answers) + "]")
