// JPEG pictures in memory, through libjpeg-turbo. The library reports faults by longjmp, which must
// not cross Swift frames: every call here catches it and says so by its result, with a message.
// What the library only warns of (data that break off, markers that are not where they belong) is a
// fault here.
#ifndef SPIDER_CJPEG_H
#define SPIDER_CJPEG_H

#include <stddef.h>
#include <stdint.h>

// As long as libjpeg's own limit.
#define SPIDER_JPEG_MESSAGE_SIZE 200

typedef enum {
  SPIDER_JPEG_READ = 0,
  SPIDER_JPEG_DAMAGED = 1,      // the file contradicts itself or breaks off
  SPIDER_JPEG_UNSUPPORTED = 2,  // a sound file, as far as one can see, of a kind that is not read
} spider_jpeg_result;

typedef struct {
  uint32_t width;
  uint32_t height;
  int channels;  // 1 grey, 3 RGB once decoded
} spider_jpeg_header;

// Reads the header.
spider_jpeg_result spider_jpeg_read_header(const uint8_t *bytes, size_t size,
                                           spider_jpeg_header *header, char *message);

// Decodes into pixels, 8-bit samples, rows without padding. capacity must be width * height *
// channels of the header read before.
spider_jpeg_result spider_jpeg_read_pixels(const uint8_t *bytes, size_t size, uint8_t *pixels,
                                           size_t capacity, char *message);

// The version of libjpeg that this was built with.
const char *spider_jpeg_version(void);

#endif
