#ifndef SPIDER_CNIFTI_H
#define SPIDER_CNIFTI_H
#include <nifti/nifti2_io.h>
#endif
