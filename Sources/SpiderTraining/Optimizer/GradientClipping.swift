import SpiderCore

/// Limits the length of a gradient, so that one bad batch cannot throw the parameters away.
public enum GradientClipping {
  /// The Euclidean norm of a gradient; NaN or infinite when any number of it is.
  public static func norm(of gradient: FloatSlice) -> Double {
    Kernels.sumOfSquares(gradient).squareRoot()
  }

  /// The factor that brings a norm down to `limit`; 1 below it.
  public static func scale(norm: Double, limit: Double) -> Double {
    norm > limit ? limit / norm : 1
  }
}
