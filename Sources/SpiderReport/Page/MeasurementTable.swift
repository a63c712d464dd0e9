import SpiderEvaluation

extension ReportPage.Table {
  /// The figures derived from an answer's labels, with their intervals.
  package init(_ figures: [MeasuredFigure]) {
    self.init(
      title: "Measurements (90 % intervals)", columns: ["figure", "value", "low", "high", ""],
      rows: figures.map { item in
        func text(_ value: Double?) -> String {
          // A number and its unit stay on one line.
          value.map { "\(MeasuredFigure.text($0))\u{a0}\(item.figure.unit)" } ?? ""
        }
        return [
          item.figure.words, text(item.value), text(item.interval?.lowerBound),
          text(item.interval?.upperBound), item.note ?? "",
        ]
      },
      note:
        "Measured in the labels. An interval holds the true figure of nine in ten patients like those of its "
        + "calibration; neck and soft tissue are those within the field of view.")
  }
}
