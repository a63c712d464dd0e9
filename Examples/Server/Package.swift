// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the other examples need no network library.
let package = Package(
  name: "SpiderServer",
  dependencies: [
    .package(name: "Spider", path: "../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .executableTarget(
      name: "Server",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "SpiderReport", package: "Spider"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ])
  ]
)
