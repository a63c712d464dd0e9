/// Which Spider this is.
public enum SpiderRelease {
  /// The release, as `CHANGELOG.md` numbers it.
  public static let version = "0.2.0"
}
