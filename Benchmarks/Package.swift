// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever depends on Spider never builds or resolves what is here.
let package = Package(
  name: "SpiderBenchmarks",
  dependencies: [
    .package(name: "Spider", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "engine",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderEngineWorks", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "compare",
      dependencies: [
        .product(name: "SpiderEvaluation", package: "Spider"),
        .product(name: "SpiderTraining", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "published",
      dependencies: [
        .product(name: "SpiderBaselines", package: "Spider"),
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "gallery",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderAnatomy", package: "Spider"),
        .product(name: "SpiderReport", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "projection",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
      ]),
    .executableTarget(
      name: "population",
      dependencies: [
        .product(name: "SpiderAnatomy", package: "Spider"),
        .product(name: "SpiderDataSet", package: "Spider"),
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderTraining", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "RadiographLooks",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
      ],
      path: "Sources/looks"),
    .executableTarget(
      name: "autogeometry",
      dependencies: [
        "RadiographLooks",
        .product(name: "SpiderAnatomy", package: "Spider"),
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderEvaluation", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "inspection",
      dependencies: [
        "RadiographLooks",
        .product(name: "SpiderAnatomy", package: "Spider"),
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        .product(name: "SpiderAnatomy", package: "Spider"),
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDICOM", package: "Spider"),
        .product(name: "SpiderDataSet", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderTraining", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "nifti-values",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
      ]),
    .executableTarget(
      name: "labelling",
      dependencies: [
        .product(name: "SpiderAnatomy", package: "Spider"),
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "joint",
      dependencies: [
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDRR", package: "Spider"),
        .product(name: "SpiderEvaluation", package: "Spider"),
        .product(name: "SpiderIO", package: "Spider"),
        .product(name: "SpiderPhantom", package: "Spider"),
        .product(name: "SpiderPretrained", package: "Spider"),
        .product(name: "SpiderReport", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
