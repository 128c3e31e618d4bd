package store

import (
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/table"
)

// Store reads and writes the table. It is safe for concurrent use; one serves a whole process, and what it
// remembers between requests are hints only.
type Store struct {
	db    *table.Table
	now   func() time.Time
	copy  int // which of the instance's copies this process reads
	hints *hints
	rates *rateWindows
	ids   *idRanges
}

// Open returns a store on the named table for a function: with the SDK's configuration and the machine's clock.
func Open(cfg aws.Config, name string) *Store {
	return New(dynamodb.NewFromConfig(cfg), name, time.Now)
}

// New returns a store on the named table. The clock decides what is due, expired or in this minute.
func New(api API, name string, now func() time.Time) *Store {
	return &Store{
		db:  table.New(api, name, now),
		now: now,
		//nolint:gosec // spreads load over copies; nothing secret depends on it
		copy:  rand.IntN(Copies),
		hints: newHints(),
		rates: newRateWindows(),
		ids:   newIDRanges(),
	}
}
