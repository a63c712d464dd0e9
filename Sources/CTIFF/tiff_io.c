#include "CTIFF.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// What libtiff hands to every call: the bytes, and what it complained of.
typedef struct {
  const uint8_t *bytes;
  size_t size;
  size_t position;
  char *message;
  int has_failed;
  // Warnings about tags are none of ours; those about samples mean that some are made up.
  int heeds_warnings;
} source;

// MARK: The library's way to the bytes

static tmsize_t take(thandle_t handle, void *out, tmsize_t count) {
  source *from = handle;
  const size_t left = from->position < from->size ? from->size - from->position : 0;
  const size_t taken = (size_t)count < left ? (size_t)count : left;
  memcpy(out, from->bytes + from->position, taken);
  from->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t refuse(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  source *from = handle;
  const size_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? from->position : from->size;
  from->position = base + (size_t)offset;
  return from->position;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_of(thandle_t handle) { return ((source *)handle)->size; }

static void complain(source *from, const char *format, va_list values) {
  // The first complaint is the cause of the others.
  if (!from->has_failed) vsnprintf(from->message, SPIDER_TIFF_MESSAGE_SIZE, format, values);
  from->has_failed = 1;
}

static int on_error(TIFF *tiff, void *handle, const char *module, const char *format,
                    va_list values) {
  (void)tiff;
  (void)module;
  complain(handle, format, values);
  return 1;
}

static int on_warning(TIFF *tiff, void *handle, const char *module, const char *format,
                      va_list values) {
  (void)tiff;
  (void)module;
  if (((source *)handle)->heeds_warnings) complain(handle, format, values);
  return 1;
}

static spider_tiff_result fail(source *from, spider_tiff_result result, const char *format, ...) {
  va_list values;
  va_start(values, format);
  complain(from, format, values);
  va_end(values);
  return result;
}

static TIFF *open_source(source *from, size_t max_memory) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, from);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, from);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)max_memory);
  // m: no memory map, whose bytes the library would not check as it reads.
  TIFF *tiff = TIFFClientOpenExt("picture", "rm", from, take, refuse, seek, close_nothing, size_of,
                                 NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

// MARK: What the tags say

// Goes through all pages and comes back to the one picture, or to the first of several.
static spider_tiff_result find_page(TIFF *tiff, source *from, spider_tiff_header *header) {
  tdir_t found = 0;
  header->pages = 0;
  do {
    uint32_t kind = 0;
    TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind);
    if (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) continue;
    if (header->pages++ == 0) found = TIFFCurrentDirectory(tiff);
  } while (TIFFReadDirectory(tiff));
  if (from->has_failed) return SPIDER_TIFF_DAMAGED;
  if (header->pages == 0) return fail(from, SPIDER_TIFF_DAMAGED, "it holds no picture");
  if (TIFFCurrentDirectory(tiff) != found && !TIFFSetDirectory(tiff, found))
    return fail(from, SPIDER_TIFF_DAMAGED, "its page %u cannot be read", (unsigned)found);
  return SPIDER_TIFF_READ;
}

static spider_tiff_result read_colours(TIFF *tiff, source *from, spider_tiff_header *header) {
  uint16_t photometric, planar;
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric))
    return fail(from, SPIDER_TIFF_DAMAGED, "it does not say what its samples mean");
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  header->planes = planar == PLANARCONFIG_SEPARATE ? header->samples : 1;
  header->is_white_low = photometric == PHOTOMETRIC_MINISWHITE;
  header->has_palette = photometric == PHOTOMETRIC_PALETTE;
  header->colours = 1;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
      break;
    case PHOTOMETRIC_RGB:
      header->colours = 3;
      break;
    case PHOTOMETRIC_YCBCR:
      // libjpeg, behind libtiff, turns these into RGB; other packings are left alone.
      if (header->compression == COMPRESSION_JPEG && header->planes == 1 &&
          TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB)) {
        header->colours = 3;
        break;
      }
      return fail(from, SPIDER_TIFF_UNSUPPORTED, "YCbCr colours that are not packed as JPEG");
    case PHOTOMETRIC_SEPARATED:
      return fail(from, SPIDER_TIFF_UNSUPPORTED, "colours for printing (CMYK)");
    default:
      return fail(from, SPIDER_TIFF_UNSUPPORTED, "colours of another kind (%d)", photometric);
  }
  if (header->samples < header->colours)
    return fail(from, SPIDER_TIFF_DAMAGED, "its pixels have %d samples", header->samples);

  header->alpha = -1;
  uint16_t count = 0, *kinds = NULL;
  if (!TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds)) return SPIDER_TIFF_READ;
  for (int i = 0; i < count && header->colours + i < header->samples && header->alpha < 0; i++) {
    if (kinds[i] != EXTRASAMPLE_ASSOCALPHA && kinds[i] != EXTRASAMPLE_UNASSALPHA) continue;
    header->alpha = header->colours + i;
    header->is_premultiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
  }
  return SPIDER_TIFF_READ;
}

static spider_tiff_result read_tags(TIFF *tiff, source *from, spider_tiff_header *header) {
  memset(header, 0, sizeof *header);
  const spider_tiff_result page = find_page(tiff, from, header);
  if (page != SPIDER_TIFF_READ) return page;
  uint16_t bits, samples, format, orientation, compression;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &header->width) ||
      !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &header->height) || header->width == 0 ||
      header->height == 0)
    return fail(from, SPIDER_TIFF_DAMAGED, "it does not say how large it is");
  header->bits = bits;
  header->samples = samples;
  header->orientation = orientation;
  header->compression = compression;
  if (format == SAMPLEFORMAT_IEEEFP)
    return fail(from, SPIDER_TIFF_UNSUPPORTED, "floating point numbers, which have no white");
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
    return fail(from, SPIDER_TIFF_UNSUPPORTED, "signed or complex numbers, which have no white");
  if (bits < 1 || bits > 16 || samples < 1)
    return fail(from, SPIDER_TIFF_UNSUPPORTED, "%d samples of %d bits a pixel", samples, bits);
  if (compression == COMPRESSION_OJPEG || !TIFFIsCODECConfigured(compression)) {
    const TIFFCodec *codec = TIFFFindCODEC(compression);
    return fail(from, SPIDER_TIFF_UNSUPPORTED, "compression %d (%s)", compression,
                codec != NULL ? codec->name : "unknown");
  }
  const spider_tiff_result colours = read_colours(tiff, from, header);
  if (colours != SPIDER_TIFF_READ) return colours;
  const uint64_t row = (uint64_t)header->width * bits * (header->planes == 1 ? samples : 1);
  header->row_bytes = (row + 7) / 8;
  header->tile_bytes = TIFFIsTiled(tiff) ? TIFFTileSize64(tiff) : 0;
  if (header->row_bytes != TIFFScanlineSize64(tiff) ||
      (TIFFIsTiled(tiff) && header->tile_bytes == 0))
    return fail(from, SPIDER_TIFF_DAMAGED, "its rows or tiles have an impossible size");
  return from->has_failed ? SPIDER_TIFF_DAMAGED : SPIDER_TIFF_READ;
}

// MARK: The samples

static int read_strips(TIFF *tiff, const spider_tiff_header *header, uint8_t *pixels) {
  uint32_t rows;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  if (rows == 0) return 0;
  for (int plane = 0; plane < header->planes; plane++) {
    for (uint64_t row = 0; row < header->height; row += rows) {
      const uint64_t left = header->height - row;
      const tmsize_t count = (tmsize_t)((left < rows ? left : rows) * header->row_bytes);
      const uint32_t strip = TIFFComputeStrip(tiff, (uint32_t)row, (uint16_t)plane);
      uint8_t *to = pixels + ((uint64_t)plane * header->height + row) * header->row_bytes;
      if (TIFFReadEncodedStrip(tiff, strip, to, count) != count) return 0;
    }
  }
  return 1;
}

static int read_tiles(TIFF *tiff, const spider_tiff_header *header, uint8_t *tile,
                      uint8_t *pixels) {
  uint32_t width, height;
  if (!TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width) ||
      !TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height) || width == 0 || height == 0)
    return 0;
  const uint64_t tile_row = TIFFTileRowSize64(tiff);
  const tmsize_t size = (tmsize_t)header->tile_bytes;
  if (tile_row == 0 || tile_row * height > header->tile_bytes) return 0;
  const int samples = header->planes == 1 ? header->samples : 1;
  // Tiles must begin at whole bytes.
  if ((uint64_t)width * samples * header->bits % 8 != 0) return 0;
  for (int plane = 0; plane < header->planes; plane++) {
    for (uint64_t y = 0; y < header->height; y += height) {
      for (uint64_t x = 0; x < header->width; x += width) {
        const uint32_t number =
            TIFFComputeTile(tiff, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane);
        if (TIFFReadEncodedTile(tiff, number, tile, size) != size) return 0;
        const uint64_t start = x * samples * header->bits / 8;
        const uint64_t left = header->row_bytes - start;
        const uint64_t count = left < tile_row ? left : tile_row;
        for (uint64_t row = 0; row < height && y + row < header->height; row++)
          memcpy(pixels + ((uint64_t)plane * header->height + y + row) * header->row_bytes + start,
                 tile + row * tile_row, count);
      }
    }
  }
  return 1;
}

static int read_palette(TIFF *tiff, const spider_tiff_header *header, uint16_t *palette) {
  uint16_t *colours[3];
  if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &colours[0], &colours[1], &colours[2])) return 0;
  const size_t count = (size_t)1 << header->bits;
  for (int c = 0; c < 3; c++) memcpy(palette + c * count, colours[c], count * sizeof(uint16_t));
  return 1;
}

static spider_tiff_result read_samples(TIFF *tiff, source *from, uint8_t *pixels, size_t capacity,
                                       uint16_t *palette) {
  spider_tiff_header header;
  const spider_tiff_result result = read_tags(tiff, from, &header);
  if (result != SPIDER_TIFF_READ) return result;
  if (header.row_bytes * header.height * header.planes != capacity)
    return fail(from, SPIDER_TIFF_DAMAGED, "the picture's header changed");
  if (header.has_palette && !read_palette(tiff, &header, palette))
    return fail(from, SPIDER_TIFF_DAMAGED, "its palette is missing");
  from->heeds_warnings = 1;
  int complete;
  if (header.tile_bytes > 0) {
    uint8_t *tile = malloc(header.tile_bytes);
    complete = tile != NULL && read_tiles(tiff, &header, tile, pixels);
    free(tile);
  } else {
    complete = read_strips(tiff, &header, pixels);
  }
  if (complete && !from->has_failed) return SPIDER_TIFF_READ;
  return fail(from, SPIDER_TIFF_DAMAGED, "some of its samples are missing");
}

spider_tiff_result spider_tiff_read_header(const uint8_t *bytes, size_t size, size_t max_memory,
                                           spider_tiff_header *header, char *message) {
  source from = {.bytes = bytes, .size = size, .message = message};
  TIFF *tiff = open_source(&from, max_memory);
  if (tiff == NULL) return fail(&from, SPIDER_TIFF_DAMAGED, "its first tags cannot be read");
  const spider_tiff_result result = read_tags(tiff, &from, header);
  TIFFClose(tiff);
  return result;
}

spider_tiff_result spider_tiff_read_pixels(const uint8_t *bytes, size_t size, size_t max_memory,
                                           uint8_t *pixels, size_t capacity, uint16_t *palette,
                                           char *message) {
  source from = {.bytes = bytes, .size = size, .message = message};
  TIFF *tiff = open_source(&from, max_memory);
  if (tiff == NULL) return fail(&from, SPIDER_TIFF_DAMAGED, "its first tags cannot be read");
  const spider_tiff_result result = read_samples(tiff, &from, pixels, capacity, palette);
  TIFFClose(tiff);
  return result;
}

const char *spider_tiff_version(void) { return TIFFGetVersion(); }
