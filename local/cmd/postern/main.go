// Command postern is the local system: it runs all functions on this machine and is their client. The Makefile calls it. Its commands
// take variables as NAME=value arguments or from the environment.
//
//	postern run                       the whole system, until Ctrl-C
//	postern apply DOC= [DRY_RUN=1]    loads a directory document into a running system, or previews it
//	postern export [FILE=]            prints the whole directory of a running system as a document
//	postern import GITLAB= FILE=      builds a directory document from a running GitLab
//	postern token [KIND=] [TTL=]      prints a fresh JWT
//	postern call ROUTE=               signs a request, sends it and prints the answer
//	postern restore FROM=folder       puts an export of DynamoDB into a table
//	postern exec -- command...        runs a command beside a DynamoDB Local and a Secrets Manager of its own
//	postern containers -- command...  runs a command whose containers reach a running system
//	postern rehearse -- command...    runs a command beside the functions in containers, on a cloud of their own
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"postern/local/settings"
	"postern/shared/storetest/definition"
)

func main() {
	os.Exit(status(untilEnded(), os.Stderr))
}

// untilEnded runs the command of the arguments until a signal such as Ctrl-C ends it.
func untilEnded() error {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	ctx, cancel := withParent(ctx)
	defer cancel()
	return command(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

var errUsage = errors.New(
	"usage: postern run|apply|export|import|token|call|restore [NAME=value]... or postern exec|containers|rehearse -- command")

// command runs the command of the arguments.
func command(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	if do, known := map[string]lineCommand{"exec": execute, "containers": containers, "rehearse": rehearse}[args[0]]; known {
		if len(args) < 3 || args[1] != "--" {
			return errNoCommand
		}
		return do(ctx, root, args[2:])
	}
	commands := map[string]func(context.Context, invocation) error{
		"run": run, "apply": apply, "export": exported, "import": imported, "token": token, "call": call, "restore": restoreTable,
	}
	do, known := commands[args[0]]
	if !known {
		return errUsage
	}
	variables, err := settings.Parse(args[1:], os.Getenv)
	if err != nil {
		return err
	}
	return do(ctx, invocation{root: root, variables: variables, out: out, progress: progress})
}

// lineCommand runs a non-empty command line below the module's directory.
type lineCommand func(ctx context.Context, root string, line []string) error

// invocation is the input of a command: variables, and writers for its result and for its progress.
type invocation struct {
	root      string
	variables settings.Variables
	out       io.Writer
	progress  io.Writer
}

// reportf prints progress.
func (i invocation) reportf(format string, args ...any) {
	_, _ = fmt.Fprintf(i.progress, "postern: "+format+"\n", args...)
}

// moduleRoot searches above the program in .cache/bin, so the program works from any directory. For `go run` it searches above the
// working directory.
func moduleRoot() (string, error) {
	if program, err := os.Executable(); err == nil {
		if root, err := definition.Root(filepath.Dir(program)); err == nil {
			return root, nil
		}
	}
	return definition.Here()
}

// status prints an error and returns the exit status: that of the command that ran, or 1.
func status(err error, w io.Writer) int {
	var exited *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exited) && exited.ExitCode() > 0:
		return exited.ExitCode()
	}
	_, _ = fmt.Fprintf(w, "postern: %v\n", err)
	return 1
}
