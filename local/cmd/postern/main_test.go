package main_test

import "testing"

func TestUsage(t *testing.T) {
	program := program(t)
	for _, arguments := range [][]string{nil, {"help"}, {"token", "KIND"}, {"exec"}, {"exec", "true"}, {"exec", "--"}, {"containers"}, {"rehearse"}, {"call", "PORT=1"}} {
		out, progress, status := do(t, program, arguments...)
		if status != 1 || out != "" || progress == "" {
			t.Errorf("postern %v: status %d, %q, %q", arguments, status, out, progress)
		}
	}
}
