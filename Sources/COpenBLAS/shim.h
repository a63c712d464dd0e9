#ifndef SPIDER_COPENBLAS_SHIM_H
#define SPIDER_COPENBLAS_SHIM_H
#include <cblas.h>
#include <lapacke.h>
#endif
