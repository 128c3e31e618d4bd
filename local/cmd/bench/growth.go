package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/requestlog"
	"postern/shared/store"
	"postern/shared/store/agents"
	"postern/shared/store/limits"
)

const (
	grownBy  = 200   // members added one by one to each set
	resolved = 10    // findings that are no longer reported
	fillers  = 2     // concurrent writers
	filling  = 2_500 // members of one write
)

// printGrowth measures operations with a cost that must not grow with the data. They add a member to a set, count a set, resolve a
// few of an agent's findings, and answer an identity provider. The largest set has a million members, or the given number.
func printGrowth(ctx context.Context, client *dynamodb.Client, table string, largest int) error {
	fmt.Printf("%-32s %8s %6s %11s %12s\n", "", "p50 µs", "calls", "read units", "write units")
	for _, size := range slices.Compact([]int{10, min(10_000, largest), largest}) {
		if err := growMembers(ctx, client, table, size); err != nil {
			return fmt.Errorf("members: %w", err)
		}
	}
	for _, size := range slices.Compact([]int{resolved, min(50_000, largest)}) {
		if err := growFindings(ctx, client, table, size); err != nil {
			return fmt.Errorf("findings: %w", err)
		}
	}
	for _, size := range slices.Compact([]int{10, min(1000, largest), min(100_000, largest)}) {
		if err := growIdentities(ctx, client, table, size); err != nil {
			return fmt.Errorf("identities: %w", err)
		}
	}
	return nil
}

// spread calls do concurrently for each of n numbers and returns the first error.
func spread(n int, do func(int) error) error {
	var wg sync.WaitGroup
	numbers, errs := make(chan int), make(chan error, fillers)
	for range fillers {
		wg.Go(func() {
			var err error
			for i := range numbers {
				if err == nil {
					err = do(i)
				}
			}
			errs <- err
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	wg.Wait()
	for range fillers {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// timed prints the times of n repeated operations and the table's figures of the last one.
func timed(ctx context.Context, name string, n int, do func(ctx context.Context, i int) error) error {
	c, last := &cost{}, &requestlog.Record{}
	for i := range n {
		last = &requestlog.Record{}
		start := time.Now()
		if err := do(requestlog.With(ctx, last), i); err != nil {
			return err
		}
		c.times = append(c.times, time.Since(start))
	}
	read, written := last.Units()
	fmt.Printf("%-32s %8.0f %6d %11.1f %12.1f\n", name, c.percentile(0.5), last.Calls(), read, written)
	return nil
}

func growMembers(ctx context.Context, client *dynamodb.Client, table string, size int) error {
	set := fmt.Sprintf("of-%d", size)
	add := func(s *store.Store, ctx context.Context, from, n int) error {
		members := make([]limits.Member, n)
		for i := range members {
			members[i] = limits.Member{Set: set, ID: int64(from + i)}
		}
		return s.AddMembers(ctx, members)
	}
	filler := store.New(client, table, time.Now)
	err := spread((size+filling-1)/filling, func(i int) error {
		return add(filler, ctx, i*filling, min(filling, size-i*filling))
	})
	if err != nil {
		return err
	}
	s := store.New(client, table, time.Now) // a process with empty caches
	err = timed(ctx, fmt.Sprintf("new member of %d", size), grownBy, func(ctx context.Context, i int) error {
		return add(s, ctx, size+i, 1)
	})
	if err != nil {
		return err
	}
	month, _ := limits.Periods(time.Now())
	return timed(ctx, fmt.Sprintf("count of %d", size), 20, func(ctx context.Context, _ int) error {
		n, err := s.UniqueCount(ctx, set, month)
		if err == nil && n != int64(size+grownBy) {
			err = fmt.Errorf("%d members, want %d", n, size+grownBy)
		}
		return err
	})
}

func growFindings(ctx context.Context, client *dynamodb.Client, table string, size int) error {
	s, agent := store.New(client, table, time.Now), int64(1000+size)
	finding := func(i int) agents.Finding {
		uuid := fmt.Sprintf("00000000-0000-5000-8000-%012d", i)
		return agents.Finding{UUID: uuid, AgentID: agent, ProjectID: 7, Payload: report}
	}
	if err := spread(size, func(i int) error { return s.KeepFinding(ctx, finding(i)) }); err != nil {
		return err
	}
	listed := make(map[string]bool, size)
	for i := resolved; i < size; i++ {
		listed[finding(i).UUID] = true
	}
	return timed(ctx, fmt.Sprintf("%d of %d findings resolved", resolved, size), 1, func(ctx context.Context, _ int) error {
		return s.ResolveFindings(ctx, agent, listed)
	})
}
