/// What `spider drr --json` prints. Of one CT, its isocentre stands at the top; of several, that is null and
/// `cases` has each.
struct DRRRecord: Encodable {
  let isocenter: [Double]?
  let isocenterNote: String?
  let views: [RadiographMaking.Outcome.View]
  let warnings: [String]
  let cases: [RadiographMaking.Outcome]

  init(_ outcomes: [RadiographMaking.Outcome]) {
    let only = outcomes.count == 1 ? outcomes.first : nil
    isocenter = only?.isocenter
    isocenterNote = only?.isocenterNote
    views = outcomes.flatMap(\.views)
    warnings = outcomes.flatMap(\.warnings)
    cases = outcomes
  }

  enum CodingKeys: String, CodingKey {
    case isocenter = "isocenter_mm"
    case isocenterNote = "isocenter_note"
    case views, warnings, cases
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(isocenter, forKey: .isocenter)
    try container.encode(isocenterNote, forKey: .isocenterNote)
    try container.encode(views, forKey: .views)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(cases, forKey: .cases)
  }
}
