// The micro-kernel: a panel of a layer's outputs for all points of a block, with the decoder's ReLU.
// Included once for each width of panel with
//   PANEL    the function's name,
//   VEC      the vector type,
//   VECTORS  how many of them the panel is wide,
//   ROWS     points of a tile, as many as the registers hold.

// A tile: `rows` points times the panel. The constant `rows` lets the sums live in registers.
TARGET __attribute__((always_inline)) static inline void TILE_OF(PANEL)(
    const int rows, const float *x, int64_t ldx, const float *w, int64_t ldw, int32_t K,
    const float *init, int64_t ldi, int32_t relu, float *out, int64_t ldo) {
  const int lanes = sizeof(VEC) / sizeof(float);
  VEC sum[ROWS][VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) sum[r][v] = *(const VEC *)(init + r * ldi + v * lanes);
  for (int32_t k = 0; k < K; k++, w += ldw) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
      for (int v = 0; v < VECTORS; v++)
        sum[r][v] = sum[r][v] + x[r * ldx + k] * *(const VEC *)(w + v * lanes);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < VECTORS; v++) {
      VEC s = sum[r][v];
      if (relu) s = s < 0 ? (VEC){0} : s;  // NaN passes through
      *(VEC *)(out + r * ldo + v * lanes) = s;
    }
}

TARGET static void PANEL(const float *x, int64_t ldx, int32_t points, const float *w, int64_t ldw,
                         int32_t K, const float *init, int64_t ldi, int32_t relu, float *out,
                         int64_t ldo) {
  int32_t p = 0;
  for (; p + ROWS <= points; p += ROWS)
    TILE_OF(PANEL)(ROWS, x + p * ldx, ldx, w, ldw, K, init + p * ldi, ldi, relu, out + p * ldo, ldo);
  for (; p + 4 <= points; p += 4)
    TILE_OF(PANEL)(4, x + p * ldx, ldx, w, ldw, K, init + p * ldi, ldi, relu, out + p * ldo, ldo);
  for (; p < points; p++)
    TILE_OF(PANEL)(1, x + p * ldx, ldx, w, ldw, K, init + p * ldi, ldi, relu, out + p * ldo, ldo);
}

#undef PANEL
#undef VEC
#undef VECTORS
