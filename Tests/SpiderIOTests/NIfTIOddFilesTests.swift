import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// The difficult files outside the repository, against nibabel's reading of them.
@Suite(.enabled(if: TestData.realCT != nil || TestData.isRequired, "SPIDER_REAL_CT is not set"))
struct NIfTIOddFilesTests {
  /// One file as nibabel reads it: Resources/make_nibabel_answers.py.
  struct Answer: Decodable {
    let file: String
    let shape: [Int]
    let affine: [[Double]]
    let orientation: String
    let mean: Double
    let min: Double
    let max: Double
    let nonFinite: Int
    let voxels: [[Int]]
    let values: [Double?]
  }

  private func answers() throws -> [Answer] {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/nibabel_answers", withExtension: "json"))
    return try JSONDecoder().decode([Answer].self, from: Data(contentsOf: url))
  }

  @Test func goodFilesAreReadAsNibabelReadsThem() throws {
    let answers = try answers()
    #expect(answers.count == 29)
    for answer in answers {
      let name = answer.file
      let loaded = try NIfTI.load(TestData.odd(name))
      let volume = loaded.volume
      let grid = volume.grid
      #expect([grid.nx, grid.ny, grid.nz] == answer.shape, "\(name)")
      // nibabel leaves the file's unit; we give mm.
      let unit = name.contains("metres") ? 1000.0 : name.contains("microns") ? 0.001 : 1
      let rows = answer.affine.prefix(3).map { $0.map { $0 * unit } }
      // Quaternions in single precision: 1e-7 of positions of some hundred mm.
      expectClose(
        grid.affine.rows.prefix(3).flatMap { $0 }, rows.flatMap { $0 }, rtol: 1e-6, atol: 2e-5,
        "affine of \(name)")
      #expect(grid.orientation.description == answer.orientation, "\(name)")
      #expect(loaded.nonFiniteCount == answer.nonFinite, "\(name)")
      for (voxel, value) in zip(answer.voxels, answer.values) {
        let ours = volume[voxel[0], voxel[1], voxel[2]]
        expectClose(ours, Float(value ?? -1000), rtol: 1e-6, atol: 1e-6, "\(name) at \(voxel)")
      }
      let summary = try NIfTI.summary(of: TestData.odd(name))
      #expect(summary.nonFiniteCount == answer.nonFinite)
      expectClose(
        [summary.mean ?? .nan, summary.minimum ?? .nan, summary.maximum ?? .nan],
        [answer.mean, answer.min, answer.max], rtol: 1e-6, atol: 1e-5, "statistics of \(name)")
    }
  }

  /// The same head in other clothes is the same head.
  @Test(arguments: [
    "syn_orient_RAS.nii", "syn_orient_ASL.nii", "syn_orient_PIR.nii", "syn_orient_SPR.nii",
    "syn_pair.hdr", "syn_pair.img", "syn_nifti2.nii.gz", "syn_bigendian.nii",
    "syn_float64.nii.gz", "syn_4d_singleton.nii.gz", "syn_uint16_slope1_inter-1024.nii",
    "syn_units_metres.nii.gz", "syn_units_microns.nii.gz", "syn_gzip_without_gz_suffix.nii",
    "syn_uncompressed_with_gz_suffix.nii.gz", "syn_slope_zero_means_unscaled.nii",
  ])
  func clothesDoNotMatter(_ name: String) throws {
    let base = try NIfTI.readVolume(TestData.odd("syn_base_LPI_int16.nii.gz"))
      .reoriented(to: .ras)
    let other = try NIfTI.readVolume(TestData.odd(name)).reoriented(to: .ras)
    #expect(other.values == base.values)
    expectClose(
      other.grid.affine.rows.flatMap { $0 }, base.grid.affine.rows.flatMap { $0 }, atol: 2e-4)
  }

  @Test func badFilesAreRefusedByTheirFault() throws {
    func kind(_ name: String) throws -> String {
      let url = try TestData.odd(name)
      do {
        _ = try NIfTI.readVolume(url)
        return "read"
      } catch {
        #expect(error.url == url && error.description.contains(name))
        if name != "syn_single_slice.nii.gz", name != "syn_no_qform_sform.nii.gz" {
          #expect(throws: error) { try NIfTI.summary(of: url) }
        }
        switch error {
        case .badHeader(_, let field, _): return field
        case .truncated: return "truncated"
        case .corrupt: return "corrupt"
        case .unsupported: return "unsupported"
        case .unknownFormat: return "unknown"
        case .notAVolume: return "not a volume"
        case .noOrientation: return "no orientation"
        case .incomplete: return "incomplete"
        default: return "\(error)"
        }
      }
    }
    let expected = [
      "bad_corrupt_gzip.nii.gz": "corrupt", "bad_truncated_gzip.nii.gz": "corrupt",
      "bad_datatype_float128.nii": "unsupported", "bad_empty.nii": "truncated",
      "bad_huge_dims.nii": "truncated", "bad_magic.nii": "magic",
      "bad_nan_pixdim.nii": "pixdim[1]", "bad_zero_pixdim.nii": "pixdim[1]",
      "bad_negative_dim.nii": "dim[1]", "bad_truncated_data.nii": "truncated",
      "bad_truncated_header.nii": "truncated", "bad_vox_offset.nii": "truncated",
      "syn_single_slice.nii.gz": "not a volume", "syn_4d_two_vols.nii.gz": "not a volume",
      "example4d.nii.gz": "not a volume", "example_nifti2.nii.gz": "not a volume",
      "functional.nii": "not a volume", "row_major.dconn.nii": "not a volume",
      "d2n_rgb24.nii.gz": "unsupported", "test.mgz": "unknown", "analyze.hdr": "unsupported",
      "nifti1.hdr": "incomplete", "nifti2.hdr": "incomplete",
      "syn_no_qform_sform.nii.gz": "no orientation",
    ]
    for (name, fault) in expected { #expect(try kind(name) == fault, "\(name)") }
    #expect(try NIfTI.summary(of: TestData.odd("syn_single_slice.nii.gz")).shape == [64, 64, 1])
    let unknown = try NIfTI.summary(of: TestData.odd("syn_no_qform_sform.nii.gz"))
    #expect(unknown.orientation == nil && unknown.affine == nil)
  }

  @Test func notesSayWhatWasDecided() throws {
    func notes(_ name: String) throws -> String {
      try NIfTI.summary(of: TestData.odd(name)).notes.joined(separator: "; ")
    }
    #expect(try notes("syn_base_LPI_int16.nii.gz").contains("not stated: read as mm"))
    #expect(try notes("syn_qform_sform_mismatch.nii.gz").contains("sform is used"))
    #expect(try notes("syn_sheared_sform_only.nii.gz").contains("sheared"))
    #expect(try notes("syn_float32_nan_inf.nii.gz").contains("not finite"))
    #expect(try notes("syn_gzip_without_gz_suffix.nii").contains("by content"))
    #expect(try notes("syn_uncompressed_with_gz_suffix.nii.gz").contains("by content"))
  }
}
