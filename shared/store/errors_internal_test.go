package store

import (
	"errors"
	"testing"
)

func TestConflictErrorNamesTheItem(t *testing.T) {
	err := &ConflictError{Key: userKey(1), Reason: ConflictTaken, Change: 2}
	if !errors.Is(err, ErrConflict) || err.Error() != "store: conflict: user#1/user taken" {
		t.Errorf("got %v", err)
	}
}
