"""Makes the numbers of MetricsGoldenTests.swift: scikit-image and scipy on arrays that the test makes
by the same integer recipe. Run it with scikit-image 0.26 and scipy, and copy what it prints."""
import numpy as np
from scipy import ndimage
from skimage.metrics import structural_similarity

nx, ny, nz = 13, 11, 9
n = np.arange(nx * ny * nz, dtype=np.int64)
a = ((n * 7919) % 3001 - 1000).astype(np.float64).reshape(nz, ny, nx)
b = np.clip(a + ((n * 104729) % 401 - 200).reshape(nz, ny, nx), -1000, 2000)
print("ssim", repr(structural_similarity(a, b, win_size=7, data_range=3000)))
print("psnr", repr(10 * np.log10(3000.0**2 / np.mean((a - b) ** 2))))
print("mae", repr(np.mean(np.abs(a - b))))
xa, xb = (np.clip(v + 1024, 0, 2500) for v in (a + 0.7, b + 0.2))
print("cosine", repr((xa * xb).sum() / np.sqrt((xa**2).sum() * (xb**2).sum())))
ia, ib = (v.astype(np.int32).astype(np.float64) for v in (xa, xb))
print("psnr_x2ct", repr(10 * np.log10(4095.0**2 / np.mean((ia - ib) ** 2))))

# Surfaces: two ellipsoids on a grid of 1.5 x 1 x 2 mm.
k, j, i = np.mgrid[0:20, 0:24, 0:22]
p = ((i - 10) / 7) ** 2 + ((j - 12) / 8) ** 2 + ((k - 9) / 6) ** 2 <= 1
q = ((i - 11) / 6) ** 2 + ((j - 11) / 9) ** 2 + ((k - 10) / 6) ** 2 <= 1
cross = ndimage.generate_binary_structure(3, 1)
surface = lambda m: m & ~ndimage.binary_erosion(m, cross)
sp, sq = surface(p), surface(q)
spacing = (2.0, 1.0, 1.5)
dp = ndimage.distance_transform_edt(~sq, sampling=spacing)[sp]
dq = ndimage.distance_transform_edt(~sp, sampling=spacing)[sq]
print("hd95", repr(max(np.percentile(dp, 95), np.percentile(dq, 95))))
print("assd", repr((dp.sum() + dq.sum()) / (dp.size + dq.size)))
print("dice", repr(2 * (p & q).sum() / (p.sum() + q.sum())))
