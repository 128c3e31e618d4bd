package lambdahttp

import (
	"os"
	"runtime/debug"
	"strconv"
)

// memoryVariable is where Lambda tells how many MB a function has.
const memoryVariable = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"

// garbage is how much may be allocated until the collector runs, in percent of what is in use. A family keeps some four MB:
// at Go's usual hundred percent the collector runs every few dozen requests, which take a tenth more processor time for it.
const garbage = 400

// SpareCollector makes the garbage collector run less often in a process of so much memory, given in MB, and as often as it
// must when three quarters of that are in use. Where GOGC or GOMEMLIMIT is set, whoever set it knows better.
func SpareCollector(memory int64) {
	if memory <= 0 || os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(garbage)
	debug.SetMemoryLimit(memory << 20 / 4 * 3)
}

// functionMemory returns the function's memory in MB, 0 outside Lambda.
func functionMemory(getenv func(string) string) int64 {
	memory, err := strconv.ParseInt(getenv(memoryVariable), 10, 32)
	if err != nil {
		return 0
	}
	return memory
}
