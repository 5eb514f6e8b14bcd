package qenex

// LiveCallbacks is how many functions the library holds.
func LiveCallbacks() int64 { return liveCallbacks.Load() }

// CompatibilityOf is the check of the loaded library, for another one.
var CompatibilityOf = compatibility
