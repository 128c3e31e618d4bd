package infra_test

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// costs returns the rows of a table in cost.md by their first cell. The argument is the table's head.
func costs(t *testing.T, head string) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile("../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(raw), head+"\n")
	if !found {
		t.Fatalf("cost.md has no table %q", head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string][]string{}
	for line := range strings.SplitSeq(table, "\n") {
		line = strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(line, "*", ""), "|"), "|")
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		name, _, _ := strings.Cut(cells[0], " (")
		rows[name] = cells[1:]
	}
	return rows
}

// cents parses an amount of dollars. An empty cell counts as 0.
func cents(t *testing.T, cell string) int {
	t.Helper()
	if cell == "" {
		return 0
	}
	amount, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(math.Round(amount * 100))
}

func TestCostsOfAPushAddUp(t *testing.T) {
	rows := costs(t, "| | authorized_keys | allowed, shell | allowed, Gitaly | pre_receive | post_receive | worker | together |")
	const columns = 7
	units := rows["R, W"]
	down := make([]int, columns)
	for name, cells := range rows {
		if strings.HasPrefix(name, "-") || name == "R, W" || name == "sum" {
			continue
		}
		across := 0
		for i := range columns - 1 {
			across += cents(t, cells[i])
			down[i] += cents(t, cells[i])
		}
		down[columns-1] += across
		if across != cents(t, cells[columns-1]) {
			t.Errorf("%s: together %s, and the parts make %d cents", name, cells[columns-1], across)
		}
	}
	for i := range columns {
		if down[i] != cents(t, rows["sum"][i]) {
			t.Errorf("column %d: the sum is %s, and the parts make %d cents", i+1, rows["sum"][i], down[i])
		}
	}
	for i := range columns - 1 {
		var r, w float64
		if _, err := fmt.Sscanf(units[i], "%f, %f", &r, &w); err != nil {
			t.Fatalf("%q: %v", units[i], err)
		}
		for name, price := range map[string]float64{"DynamoDB reads": 0.125 * r, "DynamoDB writes": 0.625 * w} {
			if got := cents(t, rows[name][i]); got != int(math.Round(price*100)) {
				t.Errorf("column %d, %s: %d cents, want %.2f dollars", i+1, name, got, price)
			}
		}
	}
}

func TestCostsCountTheAlarms(t *testing.T) {
	raw, err := os.ReadFile("../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	secrets, alarms := len(read(t, "template.yaml").ofType("AWS::SecretsManager::Secret")), len(read(t, nested).ofType("AWS::CloudWatch::Alarm"))
	want := fmt.Sprintf("%d secrets × 0.40 + %d alarms × 0.10 = %.2f a month", secrets, alarms, 0.4*float64(secrets)+0.1*float64(alarms))
	if !strings.Contains(string(raw), want) {
		t.Errorf("cost.md lacks %q", want)
	}
}
