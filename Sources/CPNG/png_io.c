#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

static void on_error(png_structp png, png_const_charp text) {
  char *message = png_get_error_ptr(png);
  if (message != NULL) snprintf(message, SPIDER_PNG_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

// MARK: Reading

typedef struct {
  const uint8_t *bytes;
  size_t left;
} source;

static void take(png_structp png, png_bytep out, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->left) png_error(png, "the picture is cut short");
  memcpy(out, from->bytes, count);
  from->bytes += count;
  from->left -= count;
}

// Whether tRNS calls black, or white, and it alone, transparent.
static int clears(png_structp png, png_infop info, int is_white) {
  png_color_16p colour = NULL;
  if (png_get_tRNS(png, info, NULL, NULL, &colour) != PNG_INFO_tRNS || colour == NULL) return 0;
  // Of a sample of fewer bits than 16 only these count (PNG 1.2, 4.2.1.1).
  const unsigned bits = (1u << png_get_bit_depth(png, info)) - 1;
  const unsigned level = is_white ? bits : 0;
  switch (png_get_color_type(png, info)) {
    case PNG_COLOR_TYPE_GRAY: return (colour->gray & bits) == level;
    case PNG_COLOR_TYPE_RGB:
      return (colour->red & bits) == level && (colour->green & bits) == level &&
             (colour->blue & bits) == level;
    default: return 0;
  }
}

// Starts reading and asks for 8- or 16-bit grey or RGB, with alpha where anything may be transparent: but for black
// that tRNS clears, since the open field of a radiograph is black. Called under setjmp.
static void start_reading(png_structp png, png_infop info, source *from, uint32_t max_side,
                          spider_png_header *header) {
  png_set_read_fn(png, from, take);
  png_set_user_limits(png, max_side, max_side);
  png_set_chunk_malloc_max(png, 8u << 20);
  png_read_info(png, info);
  const int type = png_get_color_type(png, info);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  header->clears_black = clears(png, info, 0);
  header->clears_white = clears(png, info, 1);
  header->has_transparency = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  if (header->has_transparency && !header->clears_black) {
    png_set_tRNS_to_alpha(png);
  }
  if (png_get_bit_depth(png, info) == 16 && is_little_endian()) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->bit_depth = png_get_bit_depth(png, info);
  header->channels = png_get_channels(png, info);
}

int spider_png_read_header(const uint8_t *bytes, size_t size, uint32_t max_side,
                           spider_png_header *header, char *message) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, on_error, on_warning);
  if (png == NULL) return 0;
  png_infop info = png_create_info_struct(png);
  source from = {bytes, size};
  if (info == NULL || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  start_reading(png, info, &from, max_side, header);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

int spider_png_read_pixels(const uint8_t *bytes, size_t size, uint32_t max_side, uint8_t *pixels,
                           size_t capacity, char *message) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, on_error, on_warning);
  if (png == NULL) return 0;
  png_infop info = png_create_info_struct(png);
  source from = {bytes, size};
  spider_png_header header;
  // Volatile: assigned after setjmp and read after a longjmp.
  png_bytep *volatile rows = NULL;
  if (info == NULL || setjmp(png_jmpbuf(png))) {
    free(rows);
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  start_reading(png, info, &from, max_side, &header);
  const size_t stride = png_get_rowbytes(png, info);
  if (stride * header.height != capacity) png_error(png, "the picture's header changed");
  rows = malloc(header.height * sizeof(png_bytep));
  if (rows == NULL) png_error(png, "out of memory");
  for (uint32_t row = 0; row < header.height; row++) rows[row] = pixels + row * stride;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  free(rows);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

// MARK: Writing

typedef struct {
  uint8_t *bytes;
  size_t size;
  size_t capacity;
} sink;

static void give(png_structp png, png_bytep bytes, size_t count) {
  sink *to = png_get_io_ptr(png);
  if (to->size + count > to->capacity) {
    size_t capacity = (to->size + count) * 2;
    uint8_t *larger = realloc(to->bytes, capacity);
    if (larger == NULL) png_error(png, "out of memory");
    to->bytes = larger;
    to->capacity = capacity;
  }
  memcpy(to->bytes + to->size, bytes, count);
  to->size += count;
}

static void flush(png_structp png) { (void)png; }

int spider_png_write(const uint8_t *pixels, uint32_t width, uint32_t height, int bit_depth,
                     int channels, uint8_t **out, size_t *out_size, char *message) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, on_error, on_warning);
  if (png == NULL) return 0;
  png_infop info = png_create_info_struct(png);
  // On the heap, so that its content is defined after a longjmp.
  sink *to = calloc(1, sizeof(sink));
  if (info == NULL || to == NULL || setjmp(png_jmpbuf(png))) {
    if (to != NULL) free(to->bytes);
    free(to);
    png_destroy_write_struct(&png, &info);
    return 0;
  }
  png_set_write_fn(png, to, give, flush);
  png_set_IHDR(png, info, width, height, bit_depth,
               channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  // No gAMA or sRGB chunk: with one, readers would change the numbers.
  png_write_info(png, info);
  if (bit_depth == 16 && is_little_endian()) png_set_swap(png);
  const size_t stride = (size_t)width * channels * (bit_depth / 8);
  for (uint32_t row = 0; row < height; row++) png_write_row(png, pixels + row * stride);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  *out = to->bytes;
  *out_size = to->size;
  free(to);
  return 1;
}

void spider_png_free(uint8_t *buffer) { free(buffer); }

const char *spider_png_version(void) { return png_get_libpng_ver(NULL); }
