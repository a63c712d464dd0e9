#!/usr/bin/env python3
"""Writes pictures.json: small pictures as Pillow writes them, with what Pillow reads of them.

    python3 make_pictures.py        needs Pillow (13.0.0 was used) and numpy

Each entry has a name, the file's bytes (base64), width, height and the grey values expected, row by
row, upright, as stored; `full` is full white and `tolerance` what decoders may differ by. `values`
is null where the picture is to be refused, and `word` then stands in the error.
"""

import base64
import io
import json
import pathlib

import numpy as np
from PIL import Image, ImageOps

W, H = 21, 14
y, x = np.mgrid[0:H, 0:W]
# Nothing about it is symmetric, and it is smooth enough for JPEG.
GREY = np.clip(40 + 7 * x + 4 * y + 20 * np.sin(x / 3) * np.cos(y / 4), 0, 255).astype(np.uint8)
WIDE = (GREY.astype(np.uint16) * 251 + (x * 3 + y).astype(np.uint16)).astype(np.uint16)
COLOUR = np.stack([GREY, np.clip(250 - GREY, 0, 255), (GREY // 2 + 30)], -1).astype(np.uint8)
ALPHA = np.where(x < 5, 0, np.where(x < 8, 100, np.where(x < 12, 200, 255))).astype(np.uint8)

entries = []


def luminance(pixels):
    pixels = np.asarray(pixels, np.float64)
    if pixels.ndim == 2:
        return pixels
    grey = pixels[..., :3] @ [0.2126, 0.7152, 0.0722]
    same = (pixels[..., 0] == pixels[..., 1]) & (pixels[..., 1] == pixels[..., 2])
    return np.where(same, pixels[..., 0], grey)


def add(name, data, values=None, full=255, tolerance=0, word=None):
    entries.append({
        "name": name, "bytes": base64.b64encode(data).decode(),
        "width": None if values is None else int(values.shape[1]),
        "height": None if values is None else int(values.shape[0]),
        "values": None if values is None else [round(float(v), 3) for v in values.ravel()],
        "full": full, "tolerance": tolerance, "word": word,
    })


def file(image, **options):
    out = io.BytesIO()
    image.save(out, **options)
    return out.getvalue()


def jpeg(name, image, word=None, **options):
    data = file(image, format="JPEG", quality=95, **options)
    if word:
        return add(name, data, word=word)
    back = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    add(name, data, luminance(back), tolerance=2)


grey, colour = Image.fromarray(GREY), Image.fromarray(COLOUR)
jpeg("grey", grey)
jpeg("progressive", grey, progressive=True)
jpeg("optimised", grey, optimize=True)
jpeg("restart markers", grey, restart_marker_blocks=1)
jpeg("grey as colour", Image.fromarray(np.stack([GREY] * 3, -1)))
jpeg("colour", colour, subsampling=0)
jpeg("colour 4:2:0", colour, subsampling=2)
jpeg("progressive colour", colour, progressive=True, subsampling=2, restart_marker_rows=1)
jpeg("RGB", colour, keep_rgb=True)
jpeg("CMYK", colour.convert("CMYK"), word="CMYK")
for number in range(1, 9):
    exif = Image.Exif()
    exif[274] = number
    jpeg(f"orientation {number}", grey, exif=exif)
exif = Image.Exif()
exif[274] = 77
jpeg("orientation of no meaning", grey, exif=exif)


def tiff(name, image, values, full=255, tolerance=0, word=None, **options):
    add(name, file(image, format="TIFF", **options), values, full, tolerance, word)


def lossy_tiff(name, image, **options):
    data = file(image, format="TIFF", **options)
    add(name, data, luminance(Image.open(io.BytesIO(data)).convert("RGB")), tolerance=2)


for packing in ["raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "lzma", "zstd"]:
    tiff(f"TIFF {packing}", grey, GREY, compression=packing)
    tiff(f"TIFF 16 bits {packing}", Image.fromarray(WIDE), WIDE, full=65535, compression=packing)
lossy_tiff("TIFF jpeg", grey, compression="jpeg", quality=95)
lossy_tiff("TIFF jpeg colour", colour, compression="jpeg", quality=95)
tiff("TIFF colour", colour, luminance(COLOUR), tolerance=0.01, compression="tiff_lzw")
palette = Image.fromarray(GREY // 4, "P")
palette.putpalette([min(255, 4 * (i // 3)) for i in range(768)])
tiff("TIFF palette", palette, 256.0 * np.minimum(255, 4 * (GREY // 4).astype(int)), full=65535)
bilevel = GREY > 128
for packing in ["raw", "group3", "group4", "tiff_ccitt"]:
    tiff(f"TIFF 1 bit {packing}", Image.fromarray(bilevel), bilevel * 1.0, full=1, compression=packing)
opaque = np.where(ALPHA < 128, 0, GREY)
tiff("TIFF grey and alpha", Image.fromarray(np.stack([GREY, ALPHA], -1), "LA"), opaque)
tiff("TIFF RGBA", Image.fromarray(np.dstack([GREY] * 3 + [ALPHA]), "RGBA"), opaque, compression="tiff_lzw")
for number, turned in enumerate(
        [GREY, GREY[:, ::-1], GREY[::-1, ::-1], GREY[::-1], GREY.T, np.rot90(GREY, -1),
         GREY[::-1, ::-1].T, np.rot90(GREY)], 1):
    tiff(f"TIFF orientation {number}", grey, turned, tiffinfo={274: number})
tiff("TIFF CMYK", colour.convert("CMYK"), None, word="CMYK")
tiff("TIFF float", Image.fromarray(GREY.astype(np.float32)), None, word="floating point")
tiff("TIFF 32 bits", Image.fromarray(WIDE.astype(np.int32)), None, word="signed")
tiff("TIFF pages", grey, None, word="3 pages", save_all=True, append_images=[grey, grey])

target = pathlib.Path(__file__).with_name("pictures.json")
target.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")
print(len(entries), "pictures,", target.stat().st_size, "bytes")
