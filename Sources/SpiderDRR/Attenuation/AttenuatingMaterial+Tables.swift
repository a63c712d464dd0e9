extension AttenuatingMaterial {
  /// Water, liquid.
  package static let water = AttenuatingMaterial(
    "water", density: 1,
    table: [
      (10, 5.329), (15, 1.673), (20, 0.8096), (30, 0.3756), (40, 0.2683), (50, 0.2269),
      (60, 0.2059), (80, 0.1837), (100, 0.1707), (150, 0.1505), (200, 0.1370),
    ])

  /// Cortical bone of ICRU report 44.
  package static let corticalBone = AttenuatingMaterial(
    "cortical bone", density: 1.92,
    table: [
      (10, 28.51), (15, 9.032), (20, 4.001), (30, 1.331), (40, 0.6655), (50, 0.4242),
      (60, 0.3148), (80, 0.2229), (100, 0.1855), (150, 0.1480), (200, 0.1309),
    ])

  /// Dry air near sea level.
  package static let air = AttenuatingMaterial(
    "air", density: 1.205e-3,
    table: [
      (10, 5.120), (15, 1.614), (20, 0.7779), (30, 0.3538), (40, 0.2485), (50, 0.2080),
      (60, 0.1875), (80, 0.1662), (100, 0.1541), (150, 0.1356), (200, 0.1233),
    ])
}

extension AttenuatingMaterial {
  /// Aluminium, the usual filter of a tube.
  package static let aluminium = AttenuatingMaterial(
    "aluminium", density: 2.699,
    table: [
      (10, 26.23), (15, 7.955), (20, 3.441), (30, 1.128), (40, 0.5685), (50, 0.3681),
      (60, 0.2778), (80, 0.2018), (100, 0.1704), (150, 0.1378), (200, 0.1223),
    ])

  /// Copper, the filter for harder beams. Its entry above the K edge lies below the energies that are
  /// asked for; without it the curve's bend between 10 and 15 keV would be 1 % off.
  package static let copper = AttenuatingMaterial(
    "copper", density: 8.96,
    table: [
      (8.9789, 278.4), (10, 215.9), (15, 74.05), (20, 33.79), (30, 10.92), (40, 4.862), (50, 2.613),
      (60, 1.593), (80, 0.7630), (100, 0.4584), (150, 0.2217), (200, 0.1559),
    ])

  /// Titanium, for implants, plates and screws.
  package static let titanium = AttenuatingMaterial(
    "titanium", density: 4.54,
    table: [
      (10, 110.7), (15, 35.87), (20, 15.85), (30, 4.972), (40, 2.214), (50, 1.213),
      (60, 0.7661), (80, 0.4052), (100, 0.2721), (150, 0.1649), (200, 0.1314),
    ])

  /// Iron, which stands for steel as well: chromium and nickel are its neighbours.
  package static let iron = AttenuatingMaterial(
    "iron", density: 7.874,
    table: [
      (10, 170.6), (15, 57.08), (20, 25.68), (30, 8.176), (40, 3.629), (50, 1.958),
      (60, 1.205), (80, 0.5952), (100, 0.3717), (150, 0.1964), (200, 0.1460),
    ])

  /// Gold, for crowns and inlays. L edges 11.92, 13.73 and 14.35 keV, K edge 80.72 keV.
  package static let gold = AttenuatingMaterial(
    "gold", density: 19.32,
    table: [
      (10, 118.1), (11.9187, 75.82), (11.9187, 187.0), (12.794, 154.6), (13.7336, 128.3),
      (13.7336, 176.4), (14.0398, 176.6), (14.3528, 158.8), (14.3528, 183.0), (15, 163.7),
      (20, 78.83), (30, 27.52), (40, 12.98), (50, 7.256), (60, 4.528), (80, 2.185),
      (80.7249, 2.137), (80.7249, 8.904), (100, 5.158), (150, 1.860), (200, 0.9214),
    ])

  /// Dental amalgam, taken as half mercury, 35 % silver and 15 % tin by mass: the order of a set
  /// high-silver alloy without its copper.
  package static let amalgam = AttenuatingMaterial(
    "amalgam", density: 11.6, mixing: [(0.5, mercury), (0.35, silver), (0.15, tin)])

  /// L edges 12.28, 14.21 and 14.84 keV, K edge 83.10 keV.
  private static let mercury = AttenuatingMaterial(
    "mercury", density: 13.55,
    table: [
      (10, 122.1), (12.2839, 72.66), (12.2839, 178.0), (13.2113, 146.4), (14.2087, 120.9),
      (14.2087, 166.3), (14.5206, 167.4), (14.8393, 150.1), (14.8393, 172.8), (15, 168.1),
      (20, 81.23), (30, 28.41), (40, 13.42), (50, 7.504), (60, 4.683), (80, 2.259),
      (83.1023, 2.055), (83.1023, 8.464), (100, 5.279), (150, 1.909), (200, 0.9456),
    ])

  /// K edge 25.51 keV.
  private static let silver = AttenuatingMaterial(
    "silver", density: 10.5,
    table: [
      (10, 119.3), (15, 39.98), (20, 18.36), (25.514, 9.527), (25.514, 55.39), (30, 36.68),
      (40, 17.20), (50, 9.444), (60, 5.766), (80, 2.651), (100, 1.470), (150, 0.5426),
      (200, 0.2972),
    ])

  /// K edge 29.20 keV.
  private static let tin = AttenuatingMaterial(
    "tin", density: 7.31,
    table: [
      (10, 138.4), (15, 46.64), (20, 21.46), (29.2001, 7.760), (29.2001, 43.60), (30, 41.21),
      (40, 19.42), (50, 10.70), (60, 6.564), (80, 3.029), (100, 1.676), (150, 0.6091),
      (200, 0.3260),
    ])
}

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
