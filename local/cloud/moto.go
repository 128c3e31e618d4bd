package cloud

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"postern/shared/storetest/process"
)

// ErrNotSetUp means that moto is not installed.
var ErrNotSetUp = errors.New("moto's server is not installed: run `make setup`")

func (c *Cloud) startMoto(ctx context.Context, o Options) error {
	python := filepath.Join(o.Root, ".cache", "python", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return ErrNotSetUp
	}
	port, err := process.Port(ctx, o.SecretsPort)
	if err != nil {
		return fmt.Errorf("moto's server: %w", err)
	}
	child, err := process.Start(process.Command{
		Name: "moto's server",
		Args: []string{python, "-m", "moto.server", "--host", "127.0.0.1", "--port", strconv.Itoa(port)},
		Env:  []string{"PYTHONDONTWRITEBYTECODE=1", "PYTHONNOUSERSITE=1"},
		Log:  filepath.Join(c.logs, "moto.log"),
	})
	if err != nil {
		return err
	}
	c.moto, c.Secrets = child, "http://127.0.0.1:"+strconv.Itoa(port)
	return process.Ready(ctx, child, c.Secrets+"/moto-api/", startTime)
}
