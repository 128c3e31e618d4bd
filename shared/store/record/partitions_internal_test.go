package record

import (
	"strconv"
	"testing"

	"postern/shared/table"
)

func TestWholePartitions(t *testing.T) {
	rows := []struct {
		name       string
		partitions []int // how many operations lie in each
		want       int
	}{
		{"all that there are", []int{3, 4}, 7},
		{"as many as fit, whole partitions only", []int{60, 30, 30}, 90},
		{"a partition that ends where the transaction does", []int{60, 40, 1}, 100},
		{"one partition that is too large alone", []int{250}, 100},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var ops []operation
			for p, n := range row.partitions {
				for range n {
					ops = append(ops, operation{key: table.Key{PK: strconv.Itoa(p)}})
				}
			}
			if got := wholePartitions(ops); got != row.want {
				t.Errorf("%d operations, want %d", got, row.want)
			}
		})
	}
}
