package main

import (
	"context"
	"os"
	"time"
)

// parentPause is the interval between checks for make.
const parentPause = 500 * time.Millisecond

// withParent returns a context that ends with the given one. If make started this program, the context also ends with make, because a
// killed make sends no signal. A program without make may outlive its parent.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if os.Getenv("MAKELEVEL") == "" {
		return ctx, cancel
	}
	parent := os.Getppid()
	go func() {
		ticker := time.NewTicker(parentPause)
		defer ticker.Stop()
		for os.Getppid() == parent {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
		cancel()
	}()
	return ctx, cancel
}
