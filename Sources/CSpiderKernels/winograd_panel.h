#ifndef SPIDER_WINOGRAD_PANEL_H
#define SPIDER_WINOGRAD_PANEL_H

// Where the 32 tiles of a panel lie in the images, see winograd_tile.h, and how their pixels get into
// vectors and back.

#include "winograd_vector.h"

// Tiles side by side in one row of tiles: lanes lane ... lane + tiles - 1 of the panel, whose first
// output pixel is (y, x) of image `image`.
typedef struct {
  int32_t lane, tiles, image, y, x;
} winograd_run;

// Where the 32 tiles of a panel lie. Offsets are into one channel's planes, -1 for outside.
typedef struct {
  int32_t H, W;
  int64_t channel_stride;  // from a channel's plane to the next channel's
  int32_t runs;
  // Whether every four tiles from a multiple of four on are sixteen pixels in a row: W % 16 == 0.
  // Then rows are read and written in place, else through a copy.
  int32_t direct;
  winograd_run run[PANEL];
  int64_t start[8][6];  // direct: sixteen pixels under tiles 4q ... 4q + 3, rows y - 1 ... y + 4
  int64_t left[6], right[6];  // the pixels beside the first and the last lane, same rows
  v16i keep_left[2], keep_right[2];  // 0 where the neighbour lane is no neighbour tile, else -1
} winograd_panel;

// How many tiles cover `images` planes of H x W, and how many panels.
WINOGRAD_INLINE int64_t winograd_tile_count(int32_t images, int32_t H, int32_t W) {
  return (int64_t)images * ((H + 3) / 4) * ((W + 3) / 4);
}
WINOGRAD_INLINE int64_t winograd_panel_count(int32_t images, int32_t H, int32_t W) {
  return (winograd_tile_count(images, H, W) + PANEL - 1) / PANEL;
}

// Finds the tiles of panel `index` of `images` planes of H x W. The plane of a channel in the next
// image lies `image_stride` floats on. That of the next channel follows at once: in volumes, whose
// channels lie further apart, the caller sets `channel_stride`.
WINOGRAD_INLINE void winograd_find_panel(int64_t index, int32_t images, int32_t H, int32_t W,
                                         int64_t image_stride, winograd_panel *p) {
  int32_t columns = (W + 3) / 4, rows = (H + 3) / 4;
  int64_t first = index * PANEL, tiles = winograd_tile_count(images, H, W);
  int32_t lanes = tiles - first < PANEL ? (int32_t)(tiles - first) : PANEL;
  p->H = H;
  p->W = W;
  p->channel_stride = (int64_t)H * W;
  p->runs = 0;
  p->direct = W % 16 == 0;
  int32_t keep_left[PANEL], keep_right[PANEL];
  for (int32_t lane = 0; lane < PANEL; lane++)
    keep_left[lane] = keep_right[lane] = lane < lanes ? -1 : 0;
  for (int32_t lane = 0; lane < lanes;) {
    int64_t tile = first + lane;
    int32_t column = (int32_t)(tile % columns), count = columns - column;
    if (count > lanes - lane) count = lanes - lane;
    int64_t row = tile / columns;
    p->run[p->runs++] = (winograd_run){lane, count, (int32_t)(row / rows),
                                       (int32_t)(row % rows) * 4, column * 4};
    if (column == 0) keep_left[lane] = 0;
    if (column + count == columns) keep_right[lane + count - 1] = 0;
    lane += count;
  }
  memcpy(p->keep_left, keep_left, sizeof keep_left);
  memcpy(p->keep_right, keep_right, sizeof keep_right);
  for (int32_t q = 0; q < 8; q++)
    for (int32_t e = 0; e < 6; e++) p->start[q][e] = -1;
  for (int32_t i = 0; i < p->runs; i++) {
    winograd_run run = p->run[i];
    int32_t last = i == p->runs - 1 && run.lane + run.tiles == PANEL;
    for (int32_t e = 0; e < 6; e++) {
      int32_t y = run.y + e - 1, inside = y >= 0 && y < H;
      int64_t at = run.image * image_stride + (int64_t)y * W + run.x;
      if (i == 0) p->left[e] = inside && run.x > 0 ? at - 1 : -1;
      if (i == p->runs - 1)
        p->right[e] = inside && last && run.x + 4 * run.tiles < W ? at + 4 * run.tiles : -1;
      for (int32_t t = 0; p->direct && inside && t < run.tiles; t += 4)
        p->start[(run.lane + t) / 4][e] = at + 4 * t;
    }
  }
}

// Copies `count` rows of a channel's planes under the panel, from `above` rows over the tiles on,
// into stage[row][4 * PANEL], zero outside.
WINOGRAD_INLINE void winograd_stage_rows(const float *x, int64_t image_stride,
                                         const winograd_panel *p, int32_t above, int32_t count,
                                         float *stage) {
  memset(stage, 0, sizeof(float) * 4 * PANEL * count);
  for (int32_t i = 0; i < p->runs; i++) {
    winograd_run run = p->run[i];
    int32_t width = p->W - run.x < 4 * run.tiles ? p->W - run.x : 4 * run.tiles;
    for (int32_t e = 0; e < count; e++) {
      int32_t y = run.y + e - above;
      if (y < 0 || y >= p->H) continue;
      memcpy(stage + 4 * (PANEL * e + run.lane),
             x + run.image * image_stride + (int64_t)y * p->W + run.x, sizeof(float) * width);
    }
  }
}

// Fetches the same pixels of the next channel. A panel touches few pixels of each plane, too few
// for the processor to see the pattern: without this the input transform takes twice as long.
WINOGRAD_INLINE void winograd_prefetch_next(const float *pixels, const winograd_panel *p) {
  __builtin_prefetch((const void *)((uintptr_t)pixels + 4 * (uintptr_t)p->channel_stride));
}

// Sixteen tiles' pixels, four a tile in a row, to four vectors across tiles.
WINOGRAD_INLINE void winograd_split(const v16 q[4], v16 phase[4]) {
  v16 a = shuffle16(q[0], q[1], LANES_PHASES_01);
  v16 b = shuffle16(q[2], q[3], LANES_PHASES_01);
  v16 c = shuffle16(q[0], q[1], LANES_PHASES_23);
  v16 d = shuffle16(q[2], q[3], LANES_PHASES_23);
  phase[0] = shuffle16(a, b, LANES_LOWER_HALVES);
  phase[1] = shuffle16(a, b, LANES_UPPER_HALVES);
  phase[2] = shuffle16(c, d, LANES_LOWER_HALVES);
  phase[3] = shuffle16(c, d, LANES_UPPER_HALVES);
}

// Its inverse: four vectors across sixteen tiles to their pixels in rows.
WINOGRAD_INLINE void winograd_join(const v16 phase[4], v16 q[4]) {
  v16 a = shuffle16(phase[0], phase[1], LANES_ZIP_LOWER);
  v16 b = shuffle16(phase[2], phase[3], LANES_ZIP_LOWER);
  v16 c = shuffle16(phase[0], phase[1], LANES_ZIP_UPPER);
  v16 d = shuffle16(phase[2], phase[3], LANES_ZIP_UPPER);
  q[0] = shuffle16(a, b, LANES_ZIP_PAIRS_LOWER);
  q[1] = shuffle16(a, b, LANES_ZIP_PAIRS_UPPER);
  q[2] = shuffle16(c, d, LANES_ZIP_PAIRS_LOWER);
  q[3] = shuffle16(c, d, LANES_ZIP_PAIRS_UPPER);
}

#endif
