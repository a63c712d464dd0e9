/// An optional property that JSON always has: null where there is nothing, where synthesised coding leaves the key out.
@propertyWrapper package struct NullWhenNil<Value> {
  /// The property.
  package var wrappedValue: Value?

  /// What there is.
  package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }
}

extension NullWhenNil: Equatable where Value: Equatable {}
extension NullWhenNil: Sendable where Value: Sendable {}

extension NullWhenNil: Encodable where Value: Encodable {
  /// Writes the value, or null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

extension NullWhenNil: Decodable where Value: Decodable {
  /// Reads the value, or null.
  package init(from decoder: any Decoder) throws {
    wrappedValue = try decoder.singleValueContainer().decode(Value?.self)
  }
}
