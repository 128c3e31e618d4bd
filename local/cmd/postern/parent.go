package main

import (
	"context"
	"os"
	"time"
)

// parentPause is how often a program that make started looks for make.
const parentPause = 500 * time.Millisecond

// withParent returns a context that ends with the one given, and when make, which started this program, is gone: a make
// that is killed passes nothing on. Started by anybody else, a program may outlive who started it.
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
