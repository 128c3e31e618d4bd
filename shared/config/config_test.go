package config

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestLoadReadsEnvironment(t *testing.T) {
	defaults := Config{GatewayTimeout: 29 * time.Second, HandOver: 24 * time.Hour}
	with := func(change func(*Config)) Config {
		c := defaults
		change(&c)
		return c
	}
	rows := []struct {
		name string
		env  []string
		want Config
	}{
		{"defaults", nil, defaults},
		{"the table", []string{"TABLE_NAME", "postern"}, with(func(c *Config) { c.TableName = "postern" })},
		{"surrounding white space is dropped", []string{"TABLE_NAME", " postern\n"}, with(func(c *Config) { c.TableName = "postern" })},
		{"secrets", []string{"SHELL_SECRET_ID", "a", "KAS_SECRET_ID", "b", "TOKEN_SECRET_ID", "c"}, with(func(c *Config) { c.ShellSecretID, c.KASSecretID, c.TokenSecretID = "a", "b", "c" })},
		{"an event bus and a queue", []string{"EVENT_BUS", "a", "FAILURES_QUEUE_URL", "b"}, with(func(c *Config) { c.EventBus, c.FailuresQueueURL = "a", "b" })},
		{"a daemon of X-Ray", []string{"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000"}, with(func(c *Config) { c.XRayDaemon = "127.0.0.1:2000" })},
		{"a namespace", []string{"METRICS_NAMESPACE", "Postern/live-1"}, with(func(c *Config) { c.Metrics = "Postern/live-1" })},
		{"a timeout", []string{"GATEWAY_TIMEOUT", "1m30s"}, with(func(c *Config) { c.GatewayTimeout = 90 * time.Second })},
		{"a hand-over time", []string{"HAND_OVER", "72h"}, with(func(c *Config) { c.HandOver = 72 * time.Hour })},
		{"the shortest timeout", []string{"GATEWAY_TIMEOUT", "1s"}, with(func(c *Config) { c.GatewayTimeout = time.Second })},
		{"debug", []string{"LOG_LEVEL", "debug"}, with(func(c *Config) { c.LogLevel = slog.LevelDebug })},
		{"a level in capitals", []string{"LOG_LEVEL", "ERROR"}, with(func(c *Config) { c.LogLevel = slog.LevelError })},
		{"a root", []string{"URL_ROOT", "/gitlab"}, with(func(c *Config) { c.URLRoot = "/gitlab" })},
		{"a root with a slash at the end", []string{"URL_ROOT", "/a/b/"}, with(func(c *Config) { c.URLRoot = "/a/b" })},
		{"a root of one slash means no root", []string{"URL_ROOT", "/"}, defaults},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := Load(environment(row.env...))
			if err != nil || got != row.want {
				t.Errorf("Load = %+v, %v; want %+v", got, err, row.want)
			}
		})
	}
}

func TestLoadReportsProblems(t *testing.T) {
	rows := []struct {
		name string
		env  []string
		need []Variable
		want []string // one part of the error each
	}{
		{"a missing variable", nil, []Variable{TableName}, []string{"TABLE_NAME is missing"}},
		{"a blank variable", []string{"TABLE_NAME", " "}, []Variable{TableName}, []string{"TABLE_NAME is missing"}},
		{"a timeout without a unit", []string{"GATEWAY_TIMEOUT", "29"}, nil, []string{"GATEWAY_TIMEOUT must be"}},
		{"a timeout of zero", []string{"GATEWAY_TIMEOUT", "0s"}, nil, []string{"GATEWAY_TIMEOUT must be"}},
		{"a negative timeout", []string{"GATEWAY_TIMEOUT", "-29s"}, nil, []string{"GATEWAY_TIMEOUT must be"}},
		{"a timeout above Lambda's limit", []string{"GATEWAY_TIMEOUT", "16m"}, nil, []string{"GATEWAY_TIMEOUT must be"}},
		{"a hand-over time below the minimum", []string{"HAND_OVER", "15m"}, nil, []string{"HAND_OVER must be"}},
		{"an unknown level", []string{"LOG_LEVEL", "loud"}, nil, []string{"LOG_LEVEL must be"}},
		{"a namespace with a space", []string{"METRICS_NAMESPACE", "a b"}, nil, []string{"METRICS_NAMESPACE must be"}},
		{"a namespace of AWS", []string{"METRICS_NAMESPACE", "AWS/Lambda"}, nil, []string{"METRICS_NAMESPACE must be"}},
		{"a namespace that is too long", []string{"METRICS_NAMESPACE", strings.Repeat("a", 256)}, nil, []string{"METRICS_NAMESPACE must be"}},
		{"a root without a slash", []string{"URL_ROOT", "gitlab"}, nil, []string{"URL_ROOT must be"}},
		{"a whole URL as root", []string{"URL_ROOT", "https://x/gitlab"}, nil, []string{"URL_ROOT must be"}},
		{"a root with dots", []string{"URL_ROOT", "/a/../b"}, nil, []string{"URL_ROOT must be"}},
		{"a root with escapes", []string{"URL_ROOT", "/a%20b"}, nil, []string{"URL_ROOT must be"}},
		{"a root with a query", []string{"URL_ROOT", "/a?b"}, nil, []string{"URL_ROOT must be"}},
		{
			"several problems",
			[]string{"LOG_LEVEL", "loud", "URL_ROOT", "x", "GATEWAY_TIMEOUT", "x"},
			[]Variable{TableName, ShellSecretID, KASSecretID},
			[]string{"TABLE_NAME", "SHELL_SECRET_ID", "KAS_SECRET_ID", "GATEWAY_TIMEOUT", "LOG_LEVEL", "URL_ROOT"},
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := Load(environment(row.env...), row.need...)
			if err == nil || got != (Config{}) {
				t.Fatalf("Load = %+v, %v", got, err)
			}
			for _, want := range row.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if n := strings.Count(err.Error(), "\n") + 1; n != len(row.want) {
				t.Errorf("%d problems, want %d: %v", n, len(row.want), err)
			}
		})
	}
}

// A variable may contain a misplaced secret.
func TestLoadErrorsQuoteNoValue(t *testing.T) {
	const value = "s3cr3t"
	_, err := Load(environment("LOG_LEVEL", value, "URL_ROOT", value, "GATEWAY_TIMEOUT", value))
	if err == nil || strings.Contains(err.Error(), value) {
		t.Errorf("%v", err)
	}
}

func TestBuildHasVersionAndRevision(t *testing.T) {
	if GitLabVersion == "" || Revision == "" {
		t.Errorf("version %q, revision %q", GitLabVersion, Revision)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("29s", "info", "/gitlab")
	f.Add("1e9h", "info+1", "//")
	f.Add("", "\x00", "/%zz")
	f.Fuzz(func(t *testing.T, timeout, level, root string) {
		c, err := Load(environment("GATEWAY_TIMEOUT", timeout, "LOG_LEVEL", level, "URL_ROOT", root))
		switch {
		case err != nil:
		case c.GatewayTimeout < time.Second || c.GatewayTimeout > 15*time.Minute:
			t.Errorf("timeout %v", c.GatewayTimeout)
		case c.URLRoot != "" && (c.URLRoot[0] != '/' || strings.HasSuffix(c.URLRoot, "/")):
			t.Errorf("root %q", c.URLRoot)
		}
	})
}
