import Foundation

/// The content of a `.safetensors` file: tensors by name and text metadata.
///
/// The format is 8 bytes with the length of a JSON header, the header, and the numbers of all tensors
/// one behind the other (huggingface.co/docs/safetensors). Reading trusts nothing in it; writing is
/// deterministic: equal content gives equal bytes.
public struct SafetensorsFile: Sendable, Equatable {
  /// Free text by key.
  public var metadata: [String: String]
  /// The tensors, sorted by name when they come from a file.
  public var tensors: [NamedTensor]
  /// Names of tensors that were left out on reading because their type is none of F32, F16, BF16.
  public internal(set) var skipped: [String] = []

  /// Gathers content for a file; the names must differ.
  public init(metadata: [String: String] = [:], tensors: [NamedTensor]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The tensor of a name.
  public subscript(name: String) -> NamedTensor? { tensors.first { $0.name == name } }
}
