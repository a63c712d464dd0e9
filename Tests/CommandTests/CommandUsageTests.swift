import Testing

/// Bad usage has exit status 64 and says what is wrong with the words that were typed.
@Suite struct CommandUsageTests {
  @Test(
    arguments: [
      (["drr", "ct.nii.gz", "--view", "sideways"], "sideways"),
      (["drr", "ct.nii.gz", "--view", "pa", "--view", "pa"], "twice"),
      (["drr", "ct.nii.gz", "--sad", "1500", "--sid", "1000"], "--sid"),
      (["drr", "ct.nii.gz", "--sad", "nan"], "--sad"),
      (["drr", "ct.nii.gz", "--size", "0x5"], "0 is not 1 to 8192"),
      (
        ["evaluate", "--model", "head", "--data", "d", "--size", "12.5"],
        "one whole number of voxels"
      ),
      (["prepare", "ct.nii.gz", "--out", "d", "--size", "64x64"], "the field of view is a cube"),
      (["phantom", "--out", "d", "--size", "-5"], "--size is -5; it must be 8 to 1024"),
      (["drr", "ct.nii.gz", "--pixel", "-1"], "--pixel"),
      (["drr", "ct.nii.gz", "--isocenter", "1,2"], "three numbers in mm"),
      (["drr"], "ct"),
      (["reconstruct", "--nonsense"], "--out"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--nonsense"], "--nonsense"),
      (["reconstruct", "--out", "ct.nii.gz"], "--view"),
      (["reconstruct", "--view", "pa=a.png", "--out", "ct.txt"], ".nii.gz"),
      (["reconstruct", "--view", "pa=", "--out", "ct.nii"], "pa="),
      (
        ["reconstruct", "--view", "frontal=a.png", "--out", "a.nii"], "'frontal' is no view; use pa"
      ),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--refine", "-1"], "--refine is -1"),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--refine", "1.5"],
        "give a whole number of steps, 0 to "
      ),
      (["phantom", "--out", "d", "--spacing", "2x2"], "give one length in mm, as 2 or 0.5"),
      (["phantom", "--out", "d", "--count", "some"], "give a whole number"),
      (["train", "--data", "d", "--out", "r", "--minutes", "5min"], "give a number"),
      (["drr", "a.nii", "--tilt", "x"], "give degrees, as 15"),
      (["drr", "a.nii", "--view", "top"], "a view is pa, ap, left, right or an angle"),
      (["drr", "a.nii", "--max-voxels", "many"], "give a whole number"),
      (["drr", "a.nii", "--max-memory", "2X"], "with K, M, G or T, as 512M"),
      (["drr", "a.nii", "--assume-orientation", "RRR"], "three letters"),
      (["drr", "a.nii", "--heel", "200"], "--heel is 200.0; it must be -90 to 90 percent"),
      (["drr", "a.nii", "--gain-spread", "30"], "must be 0 to 20 percent"),
      (["drr", "a.nii", "--bits", "12", "--open-field", "0.5"], "must be 1 to 10000 percent"),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--pose-tolerance", "1"],
        "give mm and degrees, as 2,1"
      ),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--pose-tolerance", "1,200"],
        "more than half a turn"
      ),
      (["prepare", "a.nii", "--out", "d", "--fov", "x"], "give a length in mm"),
      (["prepare", "a.nii", "--out", "d", "--fov", "9"], "--fov is 9.0; it must be 32 to 1024"),
      (["compare", "--data", "d", "--pictures", "x"], "give a whole number"),
      (["compare", "--data", "d", "--model", "="], "a name and a file, as mine="),
      (["geometry", "a.xml", "--projection", "-1"], "they are counted from 0"),
      (["evaluate", "--model", "m", "--data", "d", "--data-views", "pa,top"], "a view is pa, ap"),
      (
        [
          "uncertainty", "--model", "head", "--data", "d", "--out", "m.safetensors", "--steps",
          "1.5",
        ],
        "give a whole number"
      ),
      (["phantom", "--out", "d", "--edentulous", "--missing-teeth", "0.2"], "leaves no tooth"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--tilt", "91"], "--tilt"),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--tilt", "1", "--tilt", "2"],
        "--tilt is given 2 times for 1 view"
      ),
      (["drr", "a.nii", "--offset", "1,2", "--principal-point", "3,4"], "not both"),
      (
        ["drr", "a.nii", "--offset", "1,2", "--offset", "1,2", "--offset", "1,2"], "given 3 times"
      ),
      (
        [
          "reconstruct", "a.png", "--out", "a.nii", "--geometry", "auto", "--scale",
          "1,1,9,9,1e300",
        ],
        "the line is 1e+300 mm long, the last number; it must be 1 to 2000 mm"
      ),
      (
        [
          "reconstruct", "a.png", "--out", "a.nii", "--geometry", "auto", "--scale",
          "1,1,9,1e300,9",
        ],
        "pixels of the picture"
      ),
      (["drr", "a.nii", "--sad", "1e300", "--sid", "2e300"], "--sad is 1e+300; it must be 1 to"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--first-row", "left"], "left"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--mesh", "m.vtk"], ".stl"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--uncertainty", "u.png"], ".nii.gz"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--size", "9x9"], "128 or 128x128x96"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--spacing", "0"], "--spacing"),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--region", "5,0,0,-5,9,9"],
        "x0 is 5.0 and x1 is -5.0"
      ),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--region", "1,2,3"],
        "give six numbers in mm"
      ),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--region", "nan,0,0,1,1,1"],
        "give six numbers in mm"
      ),
      (["drr", "a.nii", "--kvp", "80", "--collimate", "60,40,0,0"], "95 percent together"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--max-voxels", "0"], "--max-voxels"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--max-memory", "0"], "--max-memory"),
      (
        ["reconstruct", "--view", "a.png", "--out", "a.nii", "--max-memory", "-1G"], "--max-memory"
      ),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--max-memory", "lots"], "lots"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--max-memory", "nan"], "nan"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--max-memory", "1e40G"], "1e40G"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--threads", "0"], "1 to 1024"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--threads", "1025"], "1 to 1024"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--threads", "two"], "two"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--pose-tolerance", "1"], "tolerance"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--pose-tolerance=-1,0"], "-1,0"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--pose-tolerance", "1,nan"], "1,nan"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--no-culling=5"], "--no-culling"),
      (["reconstruct", "--view", "a.png", "--out", "a.nii", "--no-hoisting=no"], "--no-hoisting"),
      (["train", "--data", "d", "--out", "r", "--threads", "-2"], "--threads"),
      (["evaluate"], "--reference"),
      (["evaluate", "--reference", "a.nii"], "--candidate"),
      (["evaluate", "--model", "mean-volume"], "--data"),
      (["evaluate", "--reference", "a.nii", "--candidate", "b.nii", "--model", "m"], "--model"),
      (["evaluate", "--model", "m", "--data", "d", "--split", "exam"], "exam"),
      (["demo", "--out", "demo", "--size", "4"], "--size"),
      (["demo"], "--out"),
      (["info"], "file"),
      (["info", "ct.nii.gz", "--assume-orientation", "RRR"], "RRR"),
      (["info", "ct.nii.gz", "--threads", "0"], "--threads"),
      (["phantom", "--out", "x", "--size", "9", "--spacing", "2"], "--spacing"),
      (["train", "--data", "d", "--out", "r", "--steps", "0"], "--steps"),
      (["train", "--data", "d", "--out", "r", "--model", "x2ct"], "x2ct-gan"),
      (["train", "--data", "d"], "--out"),
      (["compare"], "--data"),
      (["compare", "--data", "d", "--models", "a,b"], "--models"),
      (["compare", "--data", "d", "--size", "4"], "--size"),
      (["compare", "--data", "d", "--model", "=a"], "--model"),
      (["doctor", "--json=yes"], "--json"),
      (["wash"], "wash"),
    ] as [([String], String)]) func badUsage(arguments: [String], word: String) throws
  {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 64, "\(arguments): \(run.errors)")
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(word), "\(run.errors)")
  }

  @Test(
    arguments: [
      "calibrate", "compare", "demo", "doctor", "drr", "evaluate", "export", "geometry", "info",
      "mesh",
      "phantom", "prepare",
      "reconstruct", "train",
    ])
  func helpEverywhere(command: String) throws {
    let run = try SpiderProgram.run(command, "--help")
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: spider \(command)"))
    #expect(run.output.contains("--threads") && run.output.contains("--json"))
  }
}
