package bridge

// Only is tested with callers that no test can be.
var Only = only
