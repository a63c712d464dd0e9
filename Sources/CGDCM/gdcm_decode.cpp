#include "CGDCM.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <zlib.h>

#include <gdcm-3.0/gdcmDataElement.h>
#include <gdcm-3.0/gdcmImage.h>
#include <gdcm-3.0/gdcmSequenceOfFragments.h>
#include <gdcm-3.0/gdcmSmartPointer.h>
#include <gdcm-3.0/gdcmTrace.h>
#include <gdcm-3.0/gdcmVersion.h>

static int decode(const uint8_t *bytes, size_t size, const char *syntax, const char *photometric,
                  const spider_dicom_frame *frame, uint8_t *out, size_t capacity) {
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();

  gdcm::SmartPointer<gdcm::Image> image = new gdcm::Image;
  image->SetNumberOfDimensions(2);
  image->SetDimension(0, frame->columns);
  image->SetDimension(1, frame->rows);
  image->SetPixelFormat(gdcm::PixelFormat(frame->samples, frame->bits_allocated,
                                          frame->bits_stored,
                                          static_cast<unsigned short>(frame->bits_stored - 1),
                                          frame->is_signed));
  image->SetPhotometricInterpretation(
      gdcm::PhotometricInterpretation::GetPIType(photometric));
  image->SetPlanarConfiguration(0);
  image->SetTransferSyntax(gdcm::TransferSyntax::GetTSType(syntax));

  gdcm::Fragment fragment;
  fragment.SetByteValue(reinterpret_cast<const char *>(bytes), static_cast<uint32_t>(size));
  gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  fragments->AddFragment(fragment);
  gdcm::DataElement pixels(gdcm::Tag(0x7FE0, 0x0010));
  pixels.SetVR(gdcm::VR::OB);
  pixels.SetValue(*fragments);
  image->SetDataElement(pixels);

  if (image->GetBufferLength() != capacity) return 0;
  return image->GetBuffer(reinterpret_cast<char *>(out)) ? 1 : 0;
}

int spider_gdcm_decode(const uint8_t *bytes, size_t size, const char *syntax,
                       const char *photometric, const spider_dicom_frame *frame, uint8_t *out,
                       size_t capacity) {
  // A length of 2^32 - 1 means "undefined" to GDCM; fragments are even.
  if (size == 0 || size >= std::numeric_limits<uint32_t>::max() - 1) return 0;
  try {
    return decode(bytes, size, syntax, photometric, frame, out, capacity);
  } catch (...) {
    return 0;
  }
}

int spider_dicom_inflate(const uint8_t *bytes, size_t size, size_t limit, uint8_t **out,
                         size_t *out_size) {
  if (size > std::numeric_limits<uInt>::max()) return -1;
  z_stream stream;
  std::memset(&stream, 0, sizeof stream);
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return 0;
  stream.next_in = const_cast<uint8_t *>(bytes);
  stream.avail_in = static_cast<uInt>(size);
  uint8_t *content = nullptr;
  size_t held = 0, used = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (used == held) {
      if (held >= limit) {
        status = Z_BUF_ERROR;
        used = limit + 1;
        break;
      }
      const size_t wanted = held == 0 ? size_t(1) << 16 : held * 2;
      held = wanted < limit ? wanted : limit;
      uint8_t *grown = static_cast<uint8_t *>(std::realloc(content, held));
      if (grown == nullptr) {
        status = Z_MEM_ERROR;
        break;
      }
      content = grown;
    }
    const size_t room = held - used;
    const uInt part = room < (1u << 30) ? static_cast<uInt>(room) : 1u << 30;
    stream.next_out = content + used;
    stream.avail_out = part;
    status = inflate(&stream, Z_NO_FLUSH);
    used += part - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) {
    std::free(content);
    return used > limit ? -1 : 0;
  }
  *out = content;
  *out_size = used;
  return 1;
}

void spider_dicom_free(uint8_t *bytes) { std::free(bytes); }

extern "C" const char *spider_gdcm_version(void) { return gdcm::Version::GetVersion(); }
