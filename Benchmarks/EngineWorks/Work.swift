/// A piece of work that can be timed: it has its inputs, and running it twice does the same thing twice.
struct Work: Sendable {
  /// How it is asked for, such as `conv2d 64x128 forward`.
  let name: String
  /// Floating-point operations of its direct definition; 0 where counting them says nothing.
  let operations: Double
  /// Makes the inputs and returns the work itself. Called when the work is first asked for.
  let prepare: @Sendable () throws -> () -> Void
}
