@_exported import SpiderImaging

// Volumes, views and geometry come with SpiderCore: whoever imports it needs no second import.
