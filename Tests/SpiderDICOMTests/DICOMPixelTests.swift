import SpiderCore
import SpiderDICOM
import SpiderIO
import SpiderTestSupport
import Testing

/// Stored pixels of every kind become the numbers that the script put into them.
@Suite struct DICOMPixelTests {
  @Test(arguments: [
    "implicit", "explicit", "big_endian", "deflated", "rle", "jpeg_lossless", "jpeg_ls",
    "jpeg_2000_lossless", "eight_bits", "smooth", "jpeg_baseline", "jpeg_ls_near",
    "jpeg_2000_lossy", "rgb", "rgb_rle", "rgb_planar",
  ])
  func everyTransferSyntaxGivesTheSamePicture(_ name: String) throws {
    let truth = try Truth("syntax/\(name).dcm")
    let radiograph = try Truth.xray(truth.name).radiograph
    expectClose(
      radiograph.values, try truth.numbers("values"), atol: try truth.number("tolerance"), name)
    #expect(radiograph.intensity == .relative)
  }

  @Test func lossyCompressionIsSaid() throws {
    for (name, isLossy) in [("jpeg_baseline", true), ("jpeg_lossless", false)] {
      let notes = try Truth.xray("syntax/\(name).dcm").notes
      #expect(notes.contains { $0.contains("with losses") } == isLossy)
    }
  }

  @Test(arguments: [
    "monochrome1", "signed", "high_bit", "window_and_rescale", "modality_table", "logarithm",
    "logarithm_of_attenuation",
  ])
  func boneIsBrightWhateverTheStoredNumbersMean(_ name: String) throws {
    let truth = try Truth("numbers/\(name).dcm")
    expectClose(
      try Truth.xray(truth.name).radiograph.values, try truth.numbers("values"),
      atol: try truth.number("tolerance"), name)
  }

  @Test func detectorCountsBecomeLineIntegralsAgainstTheOpenField() throws {
    let truth = try Truth("numbers/counts.dcm")
    let loaded = try Truth.xray(truth.name)
    expectClose(
      loaded.radiograph.values, try truth.numbers("values"), atol: try truth.number("tolerance"))
    // The open field is measured, not stated: nobody vouches for the scale.
    #expect(loaded.radiograph.intensity == .relative)
    #expect(loaded.notes.contains { $0.contains("counts") })
  }

  @Test(arguments: ["rectangle", "circle", "triangle", "shutter_and_collimator", "padding"])
  func whatBladesCoverIsMasked(_ name: String) throws {
    let truth = try Truth("field/\(name).dcm")
    let radiograph = try Truth.xray(truth.name).radiograph
    #expect(try radiograph.mask == truth.flags("open"))
  }
}
