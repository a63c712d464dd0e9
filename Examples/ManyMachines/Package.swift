// swift-tools-version: 6.2
import PackageDescription

// A package of its own: only who trains on several machines needs MPI.
let package = Package(
  name: "SpiderManyMachines",
  dependencies: [
    .package(name: "Spider", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .executableTarget(
      name: "spider-mpi",
      dependencies: [
        "CMPI",
        .product(name: "SpiderCore", package: "Spider"),
        .product(name: "SpiderDataSet", package: "Spider"),
        .product(name: "SpiderTraining", package: "Spider"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: [.strictMemorySafety()]),
  ]
)
