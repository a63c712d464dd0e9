"""Gives the values of a label map others, as another program would have named them.

    relabel.py FROM.nii.gz TO.nii.gz OLD=NEW ...       values that are not named become 0

Reads maps of one byte a voxel, as Spider writes them. Standard library only.
"""

import gzip
import struct
import sys


def main(source, target, pairs):
    data = gzip.open(source).read()
    start, (kind,) = int(struct.unpack_from("<f", data, 108)[0]), struct.unpack_from("<h", data, 70)
    if kind != 2:
        sys.exit(f"{source}: not of one byte a voxel")
    table = bytearray(256)
    for old, _, new in (pair.partition("=") for pair in pairs):
        table[int(old)] = int(new)
    with gzip.open(target, "wb", 1) as file:
        file.write(data[:start] + data[start:].translate(bytes(table)))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
