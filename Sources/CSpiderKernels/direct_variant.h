// The inner loops of direct convolution, included once for each variant with
//   NAME(x)  the variant's name of x,
//   TARGET   the attribute that says which instructions it may use,
//   LANES    floats of its widest vector,
//   OUTPUTS  output channels that are doubled at once,
//   ROWS     rows of a wide kernel's output that are made at once: as many as its registers hold.

typedef float NAME(vec) __attribute__((ext_vector_type(LANES), aligned(4)));
#define VEC NAME(vec)
#define UNROLL _Pragma("clang loop unroll(full)")

// ---- Doubling ---------------------------------------------------------------------------------

// Stores what two neighbouring lanes of an axis have become: `count` pairs, an even and an odd place.
TARGET static inline void NAME(store_pairs)(VEC even, VEC odd, int32_t count, float *y) {
  if (count >= LANES) {
#if LANES == 16
    *(VEC *)y = __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22,
                                        7, 23);
    *(VEC *)(y + LANES) = __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                  13, 29, 14, 30, 15, 31);
#elif LANES == 8
    *(VEC *)y = __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
    *(VEC *)(y + LANES) = __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
#else
    *(VEC *)y = __builtin_shufflevector(even, odd, 0, 4, 1, 5);
    *(VEC *)(y + LANES) = __builtin_shufflevector(even, odd, 2, 6, 3, 7);
#endif
    return;
  }
  for (int32_t i = 0; i < count; i++) {
    y[2 * i] = even[i];
    y[2 * i + 1] = odd[i];
  }
}

// `rows` holds, for each channel, the rows (z, y), (z, y + 1), (z + 1, y), (z + 1, y + 1), `stride`
// apart. w points at the weights of the output channels `o` on, two by two.
TARGET static void NAME(double_row)(const spider_doubling *s, const float *rows, int64_t stride,
                                    const float *w, const float *bias, int32_t o, int32_t z,
                                    int32_t y, float *out) {
  const int64_t row = 2 * (int64_t)s->W, plane = 2 * s->H * row, volume = 2 * s->D * plane;
  for (int32_t x = 0; x < s->W; x += LANES) {
    // One sum a corner, and a second one for the odd corner: eight taps in a row would wait for each other.
    VEC sum[9][OUTPUTS];
    UNROLL for (int32_t p = 0; p < 9; p++) {
      UNROLL for (int32_t j = 0; j < OUTPUTS; j++) {
        sum[p][j] = (VEC)(p < 8 && bias && o + j < s->Cout ? bias[o + j] : 0);
      }
    }
    for (int32_t c = 0; c < s->Cin; c++) {
      const float *tap = w + 54 * (int64_t)c;
      // Neighbour d of a voxel reaches corner p where d <= p in each axis.
      UNROLL for (int32_t d = 0; d < 8; d++) {
        const VEC in = *(const VEC *)(rows + (4 * (int64_t)c + (d >> 1)) * stride + x + (d & 1));
        UNROLL for (int32_t p = 0; p < 8; p++) {
          if (d & ~p) continue;
          const int32_t kz = p & 4 ? (d & 4 ? 0 : 2) : 1, ky = p & 2 ? (d & 2 ? 0 : 2) : 1;
          const int32_t kx = p & 1 ? (d & 1 ? 0 : 2) : 1, k = 9 * kz + 3 * ky + kx;
          UNROLL for (int32_t j = 0; j < OUTPUTS; j++) {
            sum[p == 7 && d > 3 ? 8 : p][j] += (VEC)tap[2 * k + j] * in;
          }
        }
      }
    }
    for (int32_t j = 0; j < OUTPUTS && o + j < s->Cout; j++) {
      float *to = out + (o + j) * volume + 2 * z * plane + 2 * y * row + 2 * x;
      UNROLL for (int32_t p = 0; p < 4; p++) {
        NAME(store_pairs)(sum[2 * p][j], p == 3 ? sum[7][j] + sum[8][j] : sum[2 * p + 1][j],
                          s->W - x, to + (p >> 1) * plane + (p & 1) * row);
      }
    }
  }
}

// ---- Wide kernels -----------------------------------------------------------------------------

// ROWS rows of two vectors of the output, at y and x, from the padded planes under the kernel's taps
// along z. w is [Cin][depth][7][7]; `from` and `end` say which taps there are.
TARGET static void NAME(wide_block)(const spider_wide_kernel *s, const float *const *planes,
                                    int64_t stride, int64_t channel, const float *w, float bias,
                                    int32_t from, int32_t end, int32_t y, int32_t x,
                                    float *restrict block) {
  VEC sum[ROWS][2];
  UNROLL for (int32_t r = 0; r < ROWS; r++) sum[r][0] = sum[r][1] = (VEC)bias;
  for (int32_t c = 0; c < s->Cin; c++) {
    for (int32_t kz = from; kz < end; kz++) {
      const float *under = planes[kz] + c * channel + y * stride + x;
      const float *taps = w + 49 * ((int64_t)c * s->depth + kz);
      for (int32_t kx = 0; kx < 7; kx++, under++, taps++) {
        VEC tap[7];
        UNROLL for (int32_t ky = 0; ky < 7; ky++) tap[ky] = (VEC)taps[7 * ky];
        UNROLL for (int32_t i = 0; i < ROWS + 6; i++) {
          const VEC left = *(const VEC *)(under + i * stride);
          const VEC right = *(const VEC *)(under + i * stride + LANES);
          UNROLL for (int32_t r = 0; r < ROWS; r++) {
            if (i - r < 0 || i - r > 6) continue;
            sum[r][0] += tap[i - r] * left;
            sum[r][1] += tap[i - r] * right;
          }
        }
      }
    }
  }
  UNROLL for (int32_t r = 0; r < ROWS; r++) {
    *(VEC *)(block + 2 * LANES * r) = sum[r][0];
    *(VEC *)(block + 2 * LANES * r + LANES) = sum[r][1];
  }
}

#undef VEC
#undef UNROLL
