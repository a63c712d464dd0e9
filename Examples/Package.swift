// swift-tools-version: 6.2
import PackageDescription

// A package of its own that uses Spider as a stranger's would. One folder a program.
let package = Package(
  name: "SpiderExamples",
  dependencies: [.package(name: "Spider", path: "..")],
  targets: [
    .executableTarget(
      name: "ReconstructHead",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderEvaluation", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "SpiderReport", package: "Spider"),
      ], path: "ReconstructHead", exclude: ["README.md"]),
    .executableTarget(
      name: "MakeTrainingPairs",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
      ], path: "MakeTrainingPairs", exclude: ["README.md"]),
    .executableTarget(
      name: "TenThings",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderEvaluation", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "SpiderReport", package: "Spider"),
      ], path: "TenThings", exclude: ["README.md"]),
    .executableTarget(
      name: "ZoomIntoAJoint",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "SpiderReport", package: "Spider"),
      ], path: "ZoomIntoAJoint", exclude: ["README.md", "joint.png"]),
  ]
)
