#include "morphology.h"

#include <math.h>

#include "clones.h"

void spider_row_squares(const bool *set, int64_t rows, int64_t count, float square,
                        float *squares) {
  for (int64_t row = 0; row < rows; row++, set += count, squares += count) {
    float steps = INFINITY;
    for (int64_t i = 0; i < count; i++) {
      steps = set[i] ? 0 : steps + 1;
      squares[i] = steps;
    }
    steps = INFINITY;
    for (int64_t i = count - 1; i >= 0; i--) {
      steps = set[i] ? 0 : steps + 1;
      float least = steps < squares[i] ? steps : squares[i];
      squares[i] = square * least * least;
    }
  }
}

CLONES void spider_take_minimum(float *restrict values, int64_t start,
                                const float *restrict others, int64_t from, float added,
                                int64_t count) {
  values += start;
  others += from;
  for (int64_t i = 0; i < count; i++) {
    float value = others[i] + added;
    values[i] = value < values[i] ? value : values[i];
  }
}
