"""A DICOM X-ray (DX, explicit little endian) of the line integrals that `spider drr` writes.

    dicom_xray.py FROM.nii.gz TO.dcm VIEW        VIEW: PA, or LL (left side at the detector)

Its header states what Docs/DICOM.md asks for: distances, pixels at the detector, View Position. SAD 1000 mm,
SID 1500 mm, as `spider drr` has them unless told otherwise. Standard library only.
"""

import gzip
import struct
import sys
import zlib


def element(tag, kind, value):
    value += (b" " if kind not in ("OW", "UI") else b"\0") * (len(value) % 2)
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, kind.encode())
    return head + (struct.pack("<HI", 0, len(value)) if kind == "OW" else struct.pack("<H", len(value))) + value


def short(value):
    return struct.pack("<H", value)


def main(source, target, view):
    data = gzip.open(source).read()
    columns, rows = struct.unpack_from("<2h", data, 42)
    pitch = struct.unpack_from("<2f", data, 80)
    offset = int(struct.unpack_from("<f", data, 108)[0])
    values = struct.unpack_from(f"<{columns * rows}f", data, offset)
    scale = 4095 / max(values)
    pixels = [min(max(round(value * scale), 0), 4095) for value in values]
    uid = "1.2.840.10008.5.1.4.1.1.1.1"  # Digital X-Ray Image Storage, For Presentation.
    own = f"2.25.{zlib.crc32(data)}"
    meta = element(0x00020002, "UI", uid.encode()) + element(0x00020003, "UI", own.encode())
    meta += element(0x00020010, "UI", b"1.2.840.10008.1.2.1")
    body = element(0x00080008, "CS", b"ORIGINAL\\PRIMARY") + element(0x00080016, "UI", uid.encode())
    body += element(0x00080018, "UI", own.encode()) + element(0x00080060, "CS", b"DX")
    body += element(0x00080068, "CS", b"FOR PRESENTATION")
    body += element(0x00181110, "DS", b"1500") + element(0x00181111, "DS", b"1000")
    body += element(0x00181164, "DS", f"{pitch[1]:.6g}\\{pitch[0]:.6g}".encode())
    body += element(0x00185101, "CS", view.encode())
    body += element(0x00280002, "US", short(1)) + element(0x00280004, "CS", b"MONOCHROME2")
    body += element(0x00280010, "US", short(rows)) + element(0x00280011, "US", short(columns))
    body += element(0x00280100, "US", short(16)) + element(0x00280101, "US", short(12))
    body += element(0x00280102, "US", short(11)) + element(0x00280103, "US", short(0))
    body += element(0x7FE00010, "OW", struct.pack(f"<{len(pixels)}H", *pixels))
    with open(target, "wb") as file:
        file.write(b"\0" * 128 + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(meta))) + meta + body)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
