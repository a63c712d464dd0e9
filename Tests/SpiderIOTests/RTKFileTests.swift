import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// The XML around RTK's numbers, sound and hostile.
@Suite struct RTKFileTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func read(_ bytes: [UInt8]) throws -> [RTKProjection] {
    try RTKGeometryFile.read(folder.file("g.xml", bytes))
  }

  private func read(_ text: String) throws -> [RTKProjection] { try read(Array(text.utf8)) }

  private func document(_ content: String, head: String = "", tail: String = "") -> String {
    "\(head)<RTKThreeDCircularGeometry version=\"3\">\(content)</RTKThreeDCircularGeometry>\(tail)"
  }

  private let one = "<Projection><GantryAngle>30</GantryAngle></Projection>"

  @Test func whatXMLAllows() throws {
    let expected = [RTKProjection(gantryAngle: 30, sourceToIsocenter: 0, sourceToDetector: 0)]
    let texts = [
      document(one),
      document(one, head: "\u{FEFF}<?xml version='1.0' encoding=\"UTF-8\"?>\n<!-- a -- > b -->\n"),
      document(
        one, head: "<!DOCTYPE RTKGEOMETRY SYSTEM 'rtk.dtd'>\r\n", tail: "\n<!-- end --><?a b?>\n"),
      document(
        "<Projection ><GantryAngle\t>&#51;&#x30;<!-- degrees --></GantryAngle ></Projection\n>"),
      document(
        "<Projection note='&lt;&amp;&quot;&apos;&gt; \u{E9}'><GantryAngle> 30 \n</GantryAngle></Projection>"
      ),
      one.replacingOccurrences(
        of: "<Projection>",
        with: "<RTKThreeDCircularGeometry a=\"b\" version = '2' ><CollimationUInf/><Projection>")
        + "</RTKThreeDCircularGeometry>",
    ]
    for text in texts { #expect(try read(text) == expected, "\(text)") }
  }

  @Test(
    arguments: [
      // Files that crashed or hung readers of XML.
      ("<!DOCTYPE a [<!NOTATION n SYSTEM \"x\">]><a/>", "declarations of its own"),
      ("<!DOCTYPE a [<!ENTITY b \"1\">]>", "declarations of its own"),
      ("<!DOCTYPE a", "no valid XML"), ("<!ELEMENT a>", "declaration"),
      ("<a", "no valid XML"), ("<a b", "no valid XML"), ("<a b=", "no valid XML"),
      ("<a b='", "no valid XML"), ("<a b=c>", "without quotes"), ("<a b>", "without value"),
      ("<a b='<'>", "inside of an attribute"), ("<a b='1'b='2'>", "not closed"),
      ("<a b='1' b='2'/>", "attribute twice"), ("< a/>", "no name"), ("<1/>", "no name"),
      ("text", "no valid XML"), ("<!-- ", "no valid XML"), ("<?xml", "no valid XML"),
      ("</a>", "not open"), ("<a/>", "another kind"), ("\u{1}", "control character"),
      ("<", "no valid XML"),
    ])
  func faultsBeforeTheRoot(_ text: String, _ word: String) throws {
    #expect {
      try read("<!-- -->\n" + text)
    } throws: {
      "\($0)".contains(word)
    }
  }

  @Test(
    arguments: [
      ("<GantryAngle>&b;</GantryAngle>", "&b;"), ("<GantryAngle>&#0;</GantryAngle>", "&#0;"),
      ("<GantryAngle>&#xD800;</GantryAngle>", "&#xD800;"),
      ("<GantryAngle>& 5</GantryAngle>", "ampersand"),
      ("<GantryAngle><![CDATA[30]]></GantryAngle>", "CDATA"),
      ("<GantryAngle>30</InPlaneAngle>", "not open"),
      ("<GantryAngle>30<InPlaneAngle>1</InPlaneAngle></GantryAngle>", "InPlaneAngle"),
      ("<GantryAngle>30</GantryAngle><GantryAngle>30</GantryAngle>", "twice"),
      ("<Projection><Projection/></Projection>", "Projection"),
      (
        "<SourceToDetectorDistance>-1e-10</SourceToDetectorDistance>", "SourceToDetectorDistance"
      ),
      ("<!DOCTYPE a>", "inside the document"),
      ("</RTKThreeDCircularGeometry><a/>", "second root"),
      ("</RTKThreeDCircularGeometry>5", "outside"),
      (String(repeating: "<CollimationUInf>", count: 2), "CollimationUInf"),
    ])
  func faultsInside(_ content: String, _ word: String) throws {
    #expect {
      try read(document(one + content))
    } throws: {
      "\($0)".contains(word)
    }
  }

  @Test func onlyUTF8IsRead() throws {
    for bytes: [UInt8] in [
      Array("<a ".utf8) + [0xFF] + Array("='1'/>".utf8), [0xFE, 0xFF, 0, 0x3C],
      [0x3C, 0, 0x61, 0], Array("<a>".utf8) + [0xC0, 0x80],
    ] {
      #expect {
        try read(bytes)
      } throws: {
        "\($0)".contains("UTF-8") || "\($0)".contains("control character")
      }
    }
  }

  @Test func mutatedFilesGiveProjectionsOrAnError() throws {
    let seeds = [
      document(one, head: "<?xml version=\"1.0\"?>\n<!DOCTYPE RTKGEOMETRY>\n"),
      RTKGeometryFile.text([
        RTKProjection(
          gantryAngle: 12, outOfPlaneAngle: 3, sourceToIsocenter: 1000, sourceToDetector: 1536)
      ]),
      document(
        "<!-- a --><SourceToDetectorDistance>&#49;5</SourceToDetectorDistance><Projection a='b'/>"),
    ].map { Array($0.utf8) }
    var mutations = Mutations(seed: 9)
    let count = Mutations.count(otherwise: 1500)
    var refused = 0
    for number in 0..<count {
      let bytes = mutations.variant(of: seeds[number % seeds.count])
      switch Result(catching: { try read(bytes) }) {
      case .success(let found): if found.isEmpty { Issue.record("variant \(number)") }
      case .failure(let error):
        refused += 1
        if !(error is FileError) { Issue.record("variant \(number): \(error)") }
      }
    }
    #expect(refused > count / 10 && refused < count)
  }
}
