extension ViewerPayload {
  /// The mark of the scripts that the page lets run; text that found its way into the page has none.
  static let nonce = "spider"

  /// The element that the scripts fill; until then, and without them, it says what is missing.
  var frame: String {
    let missing = HTML.text(
      "p",
      "JavaScript is off: planes to scroll, windows, overlays and the turning surface are missing. The still "
        + "pictures are below.", attributes: "class=\"missing\"")
    return HTML.element("div", HTML.element("noscript", missing), attributes: "id=\"viewer\"")
  }

  /// The numbers, the manifest and the scripts.
  var scripts: String {
    let data = blocks.map { id, base64 in
      HTML.element("script", base64, attributes: "type=\"text/plain\" id=\"\(id)\"")
    }
    let description = HTML.element(
      "script", manifest, attributes: "type=\"application/json\" id=\"manifest\"")
    let program = HTML.element(
      "script", "\n" + ViewerResources.script + "\n", attributes: "nonce=\"\(Self.nonce)\"")
    return (data + [description, program]).joined(separator: "\n")
  }
}
