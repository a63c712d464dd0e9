extension VoxelGrid {
  /// The world position (mm) of the voxel at a place in memory.
  package func worldPoint(of index: Int) -> Vector3 {
    let voxel = voxel(at: index)
    return worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
  }
}
