extension AttenuatingMaterial {
  /// Tungsten, the anode. L edges 10.21, 11.54 and 12.10 keV, K edge 69.53 keV.
  static let tungsten = AttenuatingMaterial(
    "tungsten", density: 19.3,
    table: [
      (10, 96.91), (10.2068, 92.01), (10.2068, 233.4), (10.8548, 198.3), (11.544, 168.9),
      (11.544, 231.2), (11.8186, 226.8), (12.0998, 206.5), (12.0998, 238.2), (15, 138.9),
      (20, 65.73), (30, 22.73), (40, 10.67), (50, 5.949), (60, 3.713), (69.525, 2.552),
      (69.525, 11.23), (80, 7.810), (100, 4.438), (150, 1.581), (200, 0.7844),
    ])

  /// Caesium iodide, the scintillator of flat detectors, from its elements. K edges 33.17 keV
  /// (iodine) and 35.98 keV (caesium).
  static let caesiumIodide = AttenuatingMaterial(
    "caesium iodide", density: 4.51, mixing: [(0.4884, iodine), (0.5116, caesium)])

  private static let iodine = AttenuatingMaterial(
    "iodine", density: 4.93,
    table: [
      (10, 162.6), (15, 55.12), (20, 25.43), (30, 8.561), (33.1694, 6.553), (33.1694, 35.82),
      (40, 22.10), (50, 12.32), (60, 7.579), (80, 3.510), (100, 1.942), (150, 0.6978),
      (200, 0.3663),
    ])

  private static let caesium = AttenuatingMaterial(
    "caesium", density: 1.873,
    table: [
      (10, 179.3), (15, 61.04), (20, 28.22), (30, 9.507), (35.9846, 5.863), (35.9846, 31.43),
      (40, 23.81), (50, 13.40), (60, 8.248), (80, 3.836), (100, 2.124), (150, 0.7589),
      (200, 0.3941),
    ])
}
