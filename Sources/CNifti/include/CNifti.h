#ifndef SPIDER_CNIFTI_H
#define SPIDER_CNIFTI_H
#include <nifti/nifti2_io.h>
// The bytes of a file are read through zlib itself: libznz hides whether a gzip stream was cut short.
#include <zlib.h>
#endif
