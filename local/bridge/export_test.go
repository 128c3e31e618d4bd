package bridge

// Only is exported because a test cannot send requests from other addresses.
var Only = only
