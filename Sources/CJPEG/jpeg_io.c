#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

// No encoder makes more passes over the picture; small files could ask for thousands.
#define MOST_SCANS 128

// What libjpeg hands to every call, with the place to go to when it fails.
typedef struct {
  struct jpeg_error_mgr library;
  jmp_buf fault;
  char *message;
  spider_jpeg_result result;
} failure;

static _Noreturn void fail(j_common_ptr jpeg, spider_jpeg_result result, const char *text) {
  failure *to = (failure *)jpeg->err;
  to->result = result;
  snprintf(to->message, SPIDER_JPEG_MESSAGE_SIZE, "%s", text);
  longjmp(to->fault, 1);
}

static _Noreturn void on_error(j_common_ptr jpeg) {
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  switch (jpeg->err->msg_code) {
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
      fail(jpeg, SPIDER_JPEG_UNSUPPORTED, text);
    default:
      fail(jpeg, SPIDER_JPEG_DAMAGED, text);
  }
}

// Levels below 0 are warnings, the others chatter.
static void on_message(j_common_ptr jpeg, int level) {
  if (level < 0) on_error(jpeg);
}

static void on_progress(j_common_ptr jpeg) {
  if (((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS)
    fail(jpeg, SPIDER_JPEG_DAMAGED, "it has more scans than any picture needs");
}

// Starts reading and asks for grey or RGB. Called under setjmp.
static void start_reading(j_decompress_ptr jpeg, const uint8_t *bytes, size_t size,
                          spider_jpeg_header *header) {
  jpeg_mem_src(jpeg, bytes, size);
  jpeg_read_header(jpeg, TRUE);
  j_common_ptr common = (j_common_ptr)jpeg;
  // Its sizes could not be held against the file's: a block may take next to nothing.
  if (jpeg->arith_code) fail(common, SPIDER_JPEG_UNSUPPORTED, "arithmetic coding");
  switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
      jpeg->out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_YCbCr:
    case JCS_RGB:
      jpeg->out_color_space = JCS_RGB;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      fail(common, SPIDER_JPEG_UNSUPPORTED, "colours for printing (CMYK)");
    default:
      fail(common, SPIDER_JPEG_UNSUPPORTED, "colours of unknown meaning");
  }
  header->width = jpeg->image_width;
  header->height = jpeg->image_height;
  header->channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
}

// A file may end properly and yet lack scans: then parts of the picture would be made up.
static void require_all_scans(j_decompress_ptr jpeg) {
  int complete = 1;
  for (int c = 0; c < jpeg->num_components; c++) {
    // libjpeg keeps a component's table when its first scan begins.
    if (jpeg->comp_info[c].quant_table == NULL) complete = 0;
    if (jpeg->coef_bits == NULL) continue;
    for (int k = 0; k < DCTSIZE2; k++)
      if (jpeg->coef_bits[c][k] != 0) complete = 0;
  }
  if (!complete) fail((j_common_ptr)jpeg, SPIDER_JPEG_DAMAGED, "some of its scans are missing");
}

static void decode(j_decompress_ptr jpeg, uint8_t *pixels, size_t capacity,
                   const spider_jpeg_header *header) {
  const size_t stride = (size_t)header->width * header->channels;
  if (stride * header->height != capacity)
    fail((j_common_ptr)jpeg, SPIDER_JPEG_DAMAGED, "the picture's header changed");
  jpeg_start_decompress(jpeg);
  require_all_scans(jpeg);
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = pixels + jpeg->output_scanline * stride;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  // Looks for the end of the picture, too.
  jpeg_finish_decompress(jpeg);
}

// Reads the header and, unless there is no place for them, the pixels.
static spider_jpeg_result read_picture(const uint8_t *bytes, size_t size,
                                       spider_jpeg_header *header, uint8_t *pixels,
                                       size_t capacity, char *message) {
  struct jpeg_decompress_struct jpeg = {0};
  struct jpeg_progress_mgr progress = {.progress_monitor = on_progress};
  failure failure = {.message = message, .result = SPIDER_JPEG_READ};
  jpeg.err = jpeg_std_error(&failure.library);
  failure.library.error_exit = on_error;
  failure.library.emit_message = on_message;
  if (setjmp(failure.fault) == 0) {
    jpeg_create_decompress(&jpeg);
    jpeg.progress = &progress;
    start_reading(&jpeg, bytes, size, header);
    if (pixels != NULL) decode(&jpeg, pixels, capacity, header);
  }
  jpeg_destroy_decompress(&jpeg);
  return failure.result;
}

spider_jpeg_result spider_jpeg_read_header(const uint8_t *bytes, size_t size,
                                           spider_jpeg_header *header, char *message) {
  return read_picture(bytes, size, header, NULL, 0, message);
}

spider_jpeg_result spider_jpeg_read_pixels(const uint8_t *bytes, size_t size, uint8_t *pixels,
                                           size_t capacity, char *message) {
  spider_jpeg_header header;
  return read_picture(bytes, size, &header, pixels, capacity, message);
}

#define WORDS(text) #text
#define VERSION(number) WORDS(number)

const char *spider_jpeg_version(void) {
#ifdef LIBJPEG_TURBO_VERSION
  return "turbo " VERSION(LIBJPEG_TURBO_VERSION);
#else
  return VERSION(JPEG_LIB_VERSION);
#endif
}
