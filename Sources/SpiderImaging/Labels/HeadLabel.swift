/// The values of the head scheme, for code that makes or reads its labels.
public enum HeadLabel {
  /// Outside the patient.
  public static let background: UInt8 = 0
  /// Skin, fat, muscle, eyes and whatever soft part is not inside the cranium.
  public static let softTissue: UInt8 = 1
  /// Everything inside the cranial cavity.
  public static let intracranial: UInt8 = 2
  /// Cranium, mid-face and upper teeth.
  public static let skull: UInt8 = 3
  /// Lower jaw with the lower teeth.
  public static let mandible: UInt8 = 4
  /// Vertebrae of the neck.
  public static let cervicalSpine: UInt8 = 5
  /// Airway, sinuses and mastoid cells.
  public static let airCavities: UInt8 = 6
}
