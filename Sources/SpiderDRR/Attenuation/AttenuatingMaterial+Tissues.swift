extension AttenuatingMaterial {
  /// Water, liquid.
  public static let water = AttenuatingMaterial(
    "water", density: 1,
    table: [
      (10, 5.329), (15, 1.673), (20, 0.8096), (30, 0.3756), (40, 0.2683), (50, 0.2269),
      (60, 0.2059), (80, 0.1837), (100, 0.1707), (150, 0.1505), (200, 0.1370),
    ])

  /// Cortical bone of ICRU report 44.
  public static let corticalBone = AttenuatingMaterial(
    "cortical bone", density: 1.92,
    table: [
      (10, 28.51), (15, 9.032), (20, 4.001), (30, 1.331), (40, 0.6655), (50, 0.4242),
      (60, 0.3148), (80, 0.2229), (100, 0.1855), (150, 0.1480), (200, 0.1309),
    ])

  /// Dry air near sea level.
  public static let air = AttenuatingMaterial(
    "air", density: 1.205e-3,
    table: [
      (10, 5.120), (15, 1.614), (20, 0.7779), (30, 0.3538), (40, 0.2485), (50, 0.2080),
      (60, 0.1875), (80, 0.1662), (100, 0.1541), (150, 0.1356), (200, 0.1233),
    ])
}
