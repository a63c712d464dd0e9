internal import CSpiderKernels

/// The wrapper of the C kernel of the beam signal.
package enum BeamKernel {
  /// Line integrals of an X-ray beam behind lengths of M materials, an image each;
  /// `attenuation` has at least M rows of as many energies as there are shares.
  package static func beamSignal(
    _ lengths: [[Float]], attenuation: [[Double]], shares: [Double]
  ) -> [Float] {
    let (count, materials, energies) = (lengths[0].count, lengths.count, shares.count)
    precondition(
      lengths.allSatisfy { $0.count == count } && attenuation.count >= materials
        && attenuation.allSatisfy { $0.count == energies }, "images and tables that do not fit")
    let all = lengths.count == 1 ? lengths[0] : lengths.flatMap { $0 }
    let mu = attenuation.prefix(materials).flatMap { $0.map(Float.init) }
    let weights = shares.map(Float.init)
    return unsafe [Float](unsafeUninitializedCapacity: count) { out, written in
      written = count
      unsafe all.withUnsafeBufferPointer { all in
        guard let from = all.baseAddress, let to = out.baseAddress else { return }
        unsafe spider_beam_signal(
          from, Int64(count), Int32(materials), mu, weights, Int32(energies), to)
      }
    }
  }
}
