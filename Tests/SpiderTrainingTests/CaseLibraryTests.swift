import Foundation
import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// Patients are read when they are needed and forgotten when memory is short; training sees no
/// difference.
@Suite struct CaseLibraryTests {
  private static let patients = [UInt64(1), 2, 3].map { seed in
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 16))
    return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
  }

  /// A library that counts what it reads, with memory for so many patients.
  private func library(keeping count: Int, reads: ReadCount) -> CaseLibrary {
    let most = Self.patients.map(\.bytes).max() ?? 0
    return CaseLibrary(CaseLibrary(Self.patients).cards, memoryLimit: count * most) { number in
      reads.add(number)
      return Self.patients[number]
    }
  }

  private final class ReadCount: Sendable {
    private let counts = Mutex<[Int]>([])
    func add(_ number: Int) { counts.withLock { $0.append(number) } }
    var all: [Int] { counts.withLock { $0 } }
  }

  @Test func theOneNotUsedForLongestGoes() throws {
    let reads = ReadCount()
    let library = library(keeping: 2, reads: reads)
    for number in [0, 1, 0, 2, 0, 1] {
      #expect(try library.patient(number).id == Self.patients[number].id)
    }
    // 2 takes the place of 1, not of 0, which was used since.
    #expect(reads.all == [0, 1, 2, 1])
    #expect(library.bytesKept <= library.memoryLimit && library.bytesKept > 0)
  }

  /// Even with memory for none, a batch is made: and it is the same batch.
  @Test func memoryChangesNothingButReads() throws {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 64
    configuration.patientsPerStep = 4
    let expected = BatchMaker(Self.patients, configuration)
    for keeping in [0, 1, 3] {
      let reads = ReadCount()
      let maker = BatchMaker(library(keeping: keeping, reads: reads), configuration)
      #expect(reads.all.isEmpty, "patients are read before they are needed")
      for step in 0..<6 {
        let (a, b) = (try maker.batch(step: step), try expected.batch(step: step))
        #expect(a.images.values == b.images.values && a.points.values == b.points.values)
      }
      if keeping == 3 { #expect(reads.all.sorted() == [0, 1, 2]) }
      if keeping == 0 { #expect(reads.all.count > 6) }
    }
  }

  /// A patient that cannot be read ends the run at the step that needs it, with the same error.
  @Test func aPatientThatCannotBeReadIsNamed() throws {
    struct Gone: Error, Equatable {}
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 64
    configuration.patientsPerStep = 4
    let library = CaseLibrary(CaseLibrary(Self.patients).cards, memoryLimit: 1) { number in
      if number == 1 { throw Gone() }
      return Self.patients[number]
    }
    let maker = BatchMaker(library, configuration)
    #expect(throws: Gone()) { for step in 0..<20 { _ = try maker.batch(step: step) } }
  }
}
