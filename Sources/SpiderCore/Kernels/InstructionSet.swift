internal import CSpiderKernels

/// The variants a C kernel is compiled in. `best` is what runs in use; the others are for tests.
package enum InstructionSet: Int32, CaseIterable, Sendable {
  /// The widest that this machine has.
  case best = 0
  /// What every machine of the architecture has.
  case baseline = 1
  /// AVX2 with fused multiply-add.
  case avx2 = 2
  /// AVX-512.
  case avx512 = 3

  /// Whether this machine has it.
  package var isAvailable: Bool { self == .best || spider_decoder_can_run(rawValue) != 0 }
}
