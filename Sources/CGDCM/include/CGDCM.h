// The door to GDCM: one compressed frame in, its samples out. And inflate, for deflated data sets.
//
// No C++ type and no exception crosses it. GDCM's own messages are silenced, since they may quote the file;
// of the codecs within it, some complain of damage on standard error, without quoting.
#ifndef SPIDER_CGDCM_H
#define SPIDER_CGDCM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The samples of a compressed frame, as its codestream states them.
typedef struct {
  uint32_t columns;
  uint32_t rows;
  uint16_t samples;         // 1 or 3 a pixel
  uint16_t bits_allocated;  // 8 or 16
  uint16_t bits_stored;
  uint16_t is_signed;
} spider_dicom_frame;

// Decodes one frame into `out`, which must hold exactly its samples, interleaved, in machine order.
//
// `syntax` is the UID of the transfer syntax. Returns 1, or 0 when GDCM refuses the frame.
int spider_gdcm_decode(const uint8_t *bytes, size_t size, const char *syntax,
                       const char *photometric, const spider_dicom_frame *frame, uint8_t *out,
                       size_t capacity);

// Inflates a raw deflate stream of at most `limit` bytes of content. Returns 1, 0 when the stream is
// damaged, or -1 when it holds more; the result is freed with spider_dicom_free.
int spider_dicom_inflate(const uint8_t *bytes, size_t size, size_t limit, uint8_t **out,
                         size_t *out_size);

void spider_dicom_free(uint8_t *bytes);

// The version of GDCM that runs.
const char *spider_gdcm_version(void);

#ifdef __cplusplus
}
#endif

#endif
