// PNG pictures in memory, through libpng. libpng reports faults by longjmp, which must not cross
// Swift frames: every call here catches it and returns 0 with a message.
#ifndef SPIDER_CPNG_H
#define SPIDER_CPNG_H

#include <stddef.h>
#include <stdint.h>

#define SPIDER_PNG_MESSAGE_SIZE 128

typedef struct {
  uint32_t width;
  uint32_t height;
  int bit_depth;  // 8 or 16 once decoded; fewer bits are spread to 8
  int channels;   // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha once decoded
  int clears_black;  // 1 where the file calls black, and it alone, transparent; it stays black
  int clears_white;  // 1 where the file calls white, and it alone, transparent; it comes with alpha
  int has_transparency;  // 1 where a tRNS chunk of the file was sound, and is obeyed
} spider_png_header;

// Reads the header of a picture of at most max_side pixels a side. 1 on success.
int spider_png_read_header(const uint8_t *bytes, size_t size, uint32_t max_side,
                           spider_png_header *header, char *message);

// Decodes into pixels, rows without padding, 16-bit samples in the machine's byte order. capacity
// must be width * height * channels * bit_depth / 8 of the header read before. 1 on success.
int spider_png_read_pixels(const uint8_t *bytes, size_t size, uint32_t max_side, uint8_t *pixels,
                           size_t capacity, char *message);

// Encodes rows without padding, 16-bit samples in the machine's byte order. channels is 1 or 3. On
// success returns 1 and a buffer to be released with spider_png_free.
int spider_png_write(const uint8_t *pixels, uint32_t width, uint32_t height, int bit_depth,
                     int channels, uint8_t **out, size_t *out_size, char *message);

void spider_png_free(uint8_t *buffer);

// The version of libpng that runs.
const char *spider_png_version(void);

#endif
