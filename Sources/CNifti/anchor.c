#include "CNifti.h"  // SwiftPM builds a C target only when it has a source
