package statefile

// Parse is fuzzed without a disk.
var Parse = parse
