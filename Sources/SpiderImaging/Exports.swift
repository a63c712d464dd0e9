// The generator that phantoms, noise and variation are drawn from, and the number of workers, are part
// of the interfaces of all libraries.
@_exported import enum SpiderSupport.Parallel
@_exported import struct SpiderSupport.SeededGenerator
