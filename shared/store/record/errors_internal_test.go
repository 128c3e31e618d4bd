package record

import (
	"errors"
	"testing"

	"postern/shared/store/layout"
	"postern/shared/table"
)

func TestConflictErrorNamesTheItem(t *testing.T) {
	err := &ConflictError{Key: layout.UserKey(1), Reason: ConflictTaken, Change: 2}
	if !errors.Is(err, table.ErrConflict) || err.Error() != "store: conflict: user#1/user taken" {
		t.Errorf("got %v", err)
	}
}
