// TIFF pictures in memory, through libtiff: what the tags say, and the samples as they are stored, only
// decompressed and in the machine's byte order. What they mean is left to the caller.
#ifndef SPIDER_CTIFF_H
#define SPIDER_CTIFF_H

#include <stddef.h>
#include <stdint.h>

#define SPIDER_TIFF_MESSAGE_SIZE 200

typedef enum {
  SPIDER_TIFF_READ = 0,
  SPIDER_TIFF_DAMAGED = 1,      // the file contradicts itself or breaks off
  SPIDER_TIFF_UNSUPPORTED = 2,  // a sound file, as far as one can see, of a kind that is not read
} spider_tiff_result;

typedef struct {
  uint32_t width;
  uint32_t height;
  uint32_t pages;  // pictures in the file, smaller versions and masks of others aside
  int bits;        // of a sample
  int samples;     // of a pixel
  int colours;     // of these, before any other: 1 (grey, palette) or 3
  int alpha;       // the place of the opacity among the samples, -1 if there is none
  int is_premultiplied;
  int is_white_low;  // grey counts from white
  int has_palette;
  int orientation;  // tag 274, 1 to 8
  int compression;
  int planes;          // 1, or one for every sample
  uint64_t row_bytes;  // of a row of a plane
  uint64_t tile_bytes;  // of a tile, 0 without tiles
} spider_tiff_header;

// Reads the tags. No single piece of memory is larger than max_memory.
spider_tiff_result spider_tiff_read_header(const uint8_t *bytes, size_t size, size_t max_memory,
                                           spider_tiff_header *header, char *message);

// Reads the samples: planes, in them rows of row_bytes each. Samples of 8 and 16 bits are numbers of the
// machine, others are packed from the highest bit of a byte. capacity must be planes * height * row_bytes
// of the header read before. With a palette, its red, green and blue go to palette, 1 << bits of each.
spider_tiff_result spider_tiff_read_pixels(const uint8_t *bytes, size_t size, size_t max_memory,
                                           uint8_t *pixels, size_t capacity, uint16_t *palette,
                                           char *message);

// The version of libtiff that runs, in its own words: the first line has it.
const char *spider_tiff_version(void);

#endif
