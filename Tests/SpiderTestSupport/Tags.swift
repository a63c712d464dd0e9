import Testing

extension Tag {
  /// Takes more than five seconds on two cores: what to leave out between two edits.
  @Tag public static var slow: Self
}
