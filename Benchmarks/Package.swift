// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever depends on Spider never builds or resolves what is here.
let package = Package(
  name: "SpiderBenchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [.package(name: "Spider", path: "..")],
  targets: [
    .executableTarget(
      name: "engine", dependencies: [.product(name: "SpiderCore", package: "Spider")]),
    .executableTarget(
      name: "projection",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
      ]),
  ]
)
