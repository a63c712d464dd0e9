internal import CSpiderKernels

/// The instruction sets that kernels with a choice of their own are compiled for.
///
/// Results of different sets differ in rounding, never between runs on one machine.
package enum InstructionSet: Int32, CaseIterable, Comparable, Sendable {
  /// What every processor of the architecture has: SSE2 on x86-64.
  case baseline
  /// x86-64-v3: 256-bit vectors and fused multiply-add.
  case avx2
  /// x86-64-v4: 512-bit vectors.
  case avx512

  /// The best one of this processor.
  package static let best = InstructionSet(rawValue: spider_instruction_level()) ?? .baseline

  /// Whether this processor multiplies numbers of 16 bits (bfloat16, AVX512-BF16).
  package static let hasBfloat16 = spider_has_bfloat16() != 0

  /// All that this processor has.
  package static var available: [InstructionSet] { allCases.filter { $0 <= best } }

  package static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rawValue < b.rawValue }
}
