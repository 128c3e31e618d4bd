package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"postern/shared/metrics"
)

// Variable is the name of an environment variable.
type Variable string

// The environment variables. A function passes its required ones to Load.
const (
	TableName        Variable = "TABLE_NAME"         // name of the DynamoDB table
	ShellSecretID    Variable = "SHELL_SECRET_ID"    // name or ARN of gitlab-shell's secret
	KASSecretID      Variable = "KAS_SECRET_ID"      // name or ARN of kas's secret
	TokenSecretID    Variable = "TOKEN_SECRET_ID"    // name or ARN of the secret that signs credentials
	handOver         Variable = "HAND_OVER"          // Go duration between the announcement and the activation of a new secret
	gatewayTimeout   Variable = "GATEWAY_TIMEOUT"    // Go duration, the gateway's timeout
	logLevel         Variable = "LOG_LEVEL"          // debug, info, warn or error
	urlRoot          Variable = "URL_ROOT"           // relative URL root, such as /gitlab
	EventBus         Variable = "EVENT_BUS"          // name or ARN of the event bus for pushes
	FailuresQueueURL Variable = "FAILURES_QUEUE_URL" // URL of the dead-letter queue
	metricsNamespace Variable = "METRICS_NAMESPACE"  // CloudWatch namespace of this deployment's metrics

	xrayDaemon Variable = "AWS_XRAY_DAEMON_ADDRESS" // set by Lambda
)

const (
	defaultGatewayTimeout = 29 * time.Second
	shortestTimeout       = time.Second
	longestTimeout        = 15 * time.Minute // Lambda's limit
	defaultHandOver       = 24 * time.Hour
	shortestHandOver      = time.Hour // until all functions know a new secret, with a margin
	longestHandOver       = 90 * 24 * time.Hour
	longestNamespace      = 255 // bytes, CloudWatch's limit
)

// GitLabVersion and Revision describe this build. The linker can set both (-X). Values in the loaded directory take
// precedence.
var (
	GitLabVersion = "18.0.0"
	Revision      = "unknown"
)

// Config is the configuration. Fields of unset variables are empty or have their default.
type Config struct {
	TableName        string
	ShellSecretID    string
	KASSecretID      string
	TokenSecretID    string
	HandOver         time.Duration // default 24 h
	GatewayTimeout   time.Duration // default 29 s
	LogLevel         slog.Level    // default info
	URLRoot          string        // empty, or with a leading and no trailing slash
	EventBus         string
	FailuresQueueURL string
	Metrics          metrics.Namespace // empty for none
	XRayDaemon       string            // empty for none
}

// Load reads the configuration through getenv, usually os.Getenv. Its error joins one error for each missing or invalid
// variable and names the variables.
func Load(getenv func(string) string, need ...Variable) (Config, error) {
	l := loader{getenv: getenv, need: need}
	c := Config{
		TableName:        l.text(TableName),
		ShellSecretID:    l.text(ShellSecretID),
		KASSecretID:      l.text(KASSecretID),
		TokenSecretID:    l.text(TokenSecretID),
		HandOver:         l.duration(handOver, defaultHandOver, shortestHandOver, longestHandOver, `from "1h" to "2160h"`),
		GatewayTimeout:   l.duration(gatewayTimeout, defaultGatewayTimeout, shortestTimeout, longestTimeout, `from "1s" to "15m"`),
		LogLevel:         l.level(),
		URLRoot:          l.root(),
		EventBus:         l.text(EventBus),
		FailuresQueueURL: l.text(FailuresQueueURL),
		Metrics:          l.namespace(),
		XRayDaemon:       l.text(xrayDaemon),
	}
	if len(l.problems) > 0 {
		return Config{}, fmt.Errorf("config: %w", errors.Join(l.problems...))
	}
	return c, nil
}

// loader reads variables and collects their problems.
type loader struct {
	getenv   func(string) string
	need     []Variable
	problems []error
}

// problem records a problem of a variable. It quotes no value, because the value may be a misplaced secret.
func (l *loader) problem(v Variable, rule string) {
	l.problems = append(l.problems, fmt.Errorf("%s %s", v, rule))
}

// text returns a variable without surrounding white space.
func (l *loader) text(v Variable) string {
	value := strings.TrimSpace(l.getenv(string(v)))
	if value == "" && slices.Contains(l.need, v) {
		l.problem(v, "is missing")
	}
	return value
}

// duration reads a duration within bounds.
func (l *loader) duration(v Variable, otherwise, shortest, longest time.Duration, bounds string) time.Duration {
	value := l.text(v)
	if value == "" {
		return otherwise
	}
	duration, err := time.ParseDuration(value)
	if err != nil || duration < shortest || duration > longest {
		l.problem(v, "must be a duration "+bounds)
	}
	return duration
}

func (l *loader) level() slog.Level {
	level := slog.LevelInfo
	if value := l.text(logLevel); value != "" && level.UnmarshalText([]byte(value)) != nil {
		l.problem(logLevel, "must be debug, info, warn or error")
	}
	return level
}

// namespace reads the namespace of metrics. AWS reserves the namespaces that begin with AWS/.
func (l *loader) namespace() metrics.Namespace {
	value := l.text(metricsNamespace)
	odd := strings.IndexFunc(value, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("./-_#:", c))
	})
	if odd >= 0 || len(value) > longestNamespace || strings.HasPrefix(value, "AWS/") {
		l.problem(metricsNamespace, `must be letters, digits and ./-_#: such as "Postern/live", and no namespace of AWS`)
	}
	return metrics.Namespace(value)
}

// root reads the relative URL root. It must be a plain path, because request paths are compared with it unchanged.
func (l *loader) root() string {
	value := strings.TrimRight(l.text(urlRoot), "/")
	if value == "" {
		return ""
	}
	if parsed, err := url.Parse(value); err != nil || parsed.Path != value || path.Clean(value) != value || value[0] != '/' {
		l.problem(urlRoot, `must be a path such as "/gitlab"`)
	}
	return value
}
