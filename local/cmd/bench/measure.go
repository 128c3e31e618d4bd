package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// blocks is the number of turns of a measurement. A turn has requests of the route and as many of its floor, so other load on the
// machine affects both alike.
const blocks = 20

// cost is the cost of the requests of one kind.
type cost struct {
	times  []time.Duration // wall-clock time of each request
	cpu    time.Duration   // of the whole process during the requests
	allocs uint64
	bytes  uint64
}

func (c *cost) perRequest() (cpu float64, allocs float64) {
	n := float64(len(c.times))
	return float64(c.cpu.Microseconds()) / n, float64(c.allocs) / n
}

// percentile returns the percentile of the times, in microseconds.
func (c *cost) percentile(share float64) float64 {
	slices.Sort(c.times)
	i := int(share * float64(len(c.times)-1))
	return float64(c.times[i].Nanoseconds()) / 1000
}

// compare measures a route and its floor in turn.
func compare(r route, requests int) (of, under *cost, err error) {
	of, under = &cost{}, &cost{}
	each := max(1, requests/blocks)
	for range blocks {
		if err := under.block(r.floor, r.event, each); err != nil {
			return nil, nil, fmt.Errorf("floor: %w", err)
		}
		if err := of.block(r.entry, r.event, each); err != nil {
			return nil, nil, err
		}
	}
	return of, under, nil
}

func (c *cost) block(h lambda.Handler, event []byte, n int) error {
	ctx := context.Background()
	runtime.GC() // neither side pays for the other's garbage
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, err := cpuTime()
	if err != nil {
		return err
	}
	for range n {
		start := time.Now()
		if _, err := h.Invoke(ctx, event); err != nil {
			return fmt.Errorf("invoke: %w", err)
		}
		c.times = append(c.times, time.Since(start))
	}
	now, err := cpuTime()
	if err != nil {
		return err
	}
	runtime.ReadMemStats(&after)
	c.cpu += now - cpu
	c.allocs += after.Mallocs - before.Mallocs
	c.bytes += after.TotalAlloc - before.TotalAlloc
	return nil
}

// cpuTime returns the processor time of this process.
func cpuTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// Each figure is followed by its ratio to the floor's.
func printHeader() {
	fmt.Printf("%-22s %17s %17s %17s %17s   %s\n",
		"route", "p50 µs (× floor)", "p99 µs (× floor)", "CPU µs (× floor)", "allocs (× floor)", "goal, CPU and allocs")
}

func printRow(r route, c, floor *cost) {
	cpu, allocs := c.perRequest()
	floorCPU, floorAllocs := floor.perRequest()
	goal := "none"
	if r.goal > 0 {
		goal = fmt.Sprintf("≤ %.1f", r.goal)
	}
	fmt.Printf("%-22s %s %s %s %s   %s\n", r.name,
		figure(c.percentile(0.5), floor.percentile(0.5)), figure(c.percentile(0.99), floor.percentile(0.99)),
		figure(cpu, floorCPU), figure(allocs, floorAllocs), goal)
}

func figure(of, floor float64) string { return fmt.Sprintf("%9.0f (%5.2f)", of, of/floor) }
