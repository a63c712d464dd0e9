#include "CSpiderKernels.h"
