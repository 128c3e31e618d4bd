package infra_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/functions/postreceive"
	"postern/functions/sshkeys"
	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/config"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/metrics"
	"postern/shared/metrics/metricstest"
	"postern/shared/secrets"
	"postern/shared/store"
	"postern/shared/storetest"
)

// awsMetrics are the metrics of AWS that the templates may use, by namespace and dimensions.
var awsMetrics = map[string][]string{
	"AWS/Lambda FunctionName": {
		"Invocations", "Duration", "Errors", "Throttles", "ConcurrentExecutions", "IteratorAge", "DestinationDeliveryFailures",
	},
	"AWS/ApiGateway ApiName, Stage": {"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"},
	"AWS/ApiGateway ApiId":          {"Count", "4xx", "5xx", "Latency", "IntegrationLatency"},
	"AWS/DynamoDB TableName": {
		"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents",
	},
	"AWS/SQS QueueName": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
}

// own replaces the namespace of the functions' own metrics.
const own = "own"

// known returns every existing metric, as "namespace name by dimensions".
func known() map[string]bool {
	all := map[string]bool{}
	for key, names := range awsMetrics {
		namespace, dimensions, _ := strings.Cut(key, " ")
		for _, name := range names {
			all[namespace+" "+name+" by "+dimensions] = true
		}
	}
	for _, g := range metrics.All() {
		for _, set := range g.By {
			for _, m := range g.Metrics {
				all[own+" "+m.Name+" by "+strings.Join(slices.Sorted(slices.Values(set)), ", ")] = true
			}
		}
	}
	return all
}

// search matches the dashboard's only form of search.
var search = regexp.MustCompile(`^SEARCH\('\{"\$\{MetricsNamespace\}",("[a-z_]+"(?:,"[a-z_]+")*)\} MetricName="([a-z_]+)"', '[A-Za-z0-9]+', 300\)$`)

// shown returns the metrics on the dashboard, in the form of known.
func shown(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	widgets := dashboard(t)
	for i := range widgets {
		for _, metric := range widgets[i].Properties.Metrics {
			if expression, computed := metric[0].(map[string]any); computed {
				parts := search.FindStringSubmatch(fmt.Sprint(expression["expression"]))
				if parts == nil {
					t.Fatalf("cannot read %v", expression)
				}
				by := strings.Split(strings.ReplaceAll(parts[1], `"`, ""), ",")
				found[own+" "+parts[2]+" by "+strings.Join(slices.Sorted(slices.Values(by)), ", ")] = true
				continue
			}
			var by []string
			for j := 2; j+1 < len(metric); j += 2 {
				by = append(by, metric[j].(string))
			}
			namespace := strings.Replace(metric[0].(string), "${MetricsNamespace}", own, 1)
			found[fmt.Sprint(namespace, " ", metric[1], " by ", strings.Join(by, ", "))] = true
		}
	}
	return found
}

// alarmed returns the metrics with an alarm, in the form of known.
func alarmed(t *testing.T) map[string]bool {
	t.Helper()
	tpl, found := read(t, nested), map[string]bool{}
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		alarm := tpl.resource(id)
		var by []string
		for _, dimension := range list(alarm, "Dimensions") {
			by = append(by, text(dimension, "Name"))
		}
		slices.Sort(by)
		namespace := text(alarm, "Namespace")
		if text(alarm, "Namespace", "Ref") == "MetricsNamespace" {
			namespace = own
		}
		found[namespace+" "+text(alarm, "MetricName")+" by "+strings.Join(by, ", ")] = true
	}
	return found
}

func TestTemplatesUseExistingMetricsOnly(t *testing.T) {
	all := known()
	for _, where := range []map[string]bool{shown(t), alarmed(t)} {
		for metric := range where {
			if !all[metric] {
				t.Errorf("%s does not exist", metric)
			}
		}
	}
}

func TestEveryMetricIsWatched(t *testing.T) {
	watched := shown(t)
	maps.Copy(watched, alarmed(t))
	for metric := range known() {
		if strings.HasPrefix(metric, own) && !watched[metric] {
			t.Errorf("%s is neither shown nor alarmed", metric)
		}
	}
}

func TestFunctionsAndDashboardUseOneNamespace(t *testing.T) {
	tpl := read(t, "template.yaml")
	written := list(tpl.root, "Globals", "Function", "Environment", "Variables", "METRICS_NAMESPACE", "Fn::If")
	looked := text(tpl.resource("Observability"), "Parameters", "MetricsNamespace", "Fn::Sub")
	if len(written) != 3 || written[0] != "WritesMetrics" || written[2] != "" || text(written[1], "Fn::Sub") != looked {
		t.Errorf("functions write to %v, the dashboard reads %q", written, looked)
	}
	for _, name := range []string{"", strings.ReplaceAll(looked, "${AWS::StackName}", "live-1")} {
		c, err := config.Load(func(variable string) string { return map[string]string{"METRICS_NAMESPACE": name}[variable] })
		if err != nil || string(c.Metrics) != name {
			t.Errorf("namespace %q: %q, %v", name, c.Metrics, err)
		}
	}
}

// TestEveryMetricIsWritten causes every metric and parses the log as CloudWatch does.
func TestEveryMetricIsWritten(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	apitest.Apply(t, s, apitest.Fixture())
	ask(t, s, logger)
	work(t, s, logger)
	refresh(t, logger)
	schedule(t, logger)
	got := map[string]bool{}
	for line := range strings.Lines(log.String()) {
		for _, d := range metricstest.Read(t, []byte(line)) {
			got[own+" "+d.Names()] = true
		}
	}
	for metric := range known() {
		if strings.HasPrefix(metric, own) && !got[metric] {
			t.Errorf("nothing has written %s", metric)
		}
	}
}

// ask sends an accepted request, a rejected one, and one without a table.
func ask(t *testing.T, s *store.Store, logger *slog.Logger) {
	t.Helper()
	client, _ := storetest.Open(t)
	for _, tt := range []struct {
		store  *store.Store
		token  string
		status int
	}{
		{s, apitest.Token(t), http.StatusOK},
		{s, "", http.StatusUnauthorized},
		{store.New(client, "missing", time.Now), apitest.Token(t), http.StatusServiceUnavailable},
	} {
		family := sshkeys.New(sshkeys.Deps{
			Store: tt.store, Shell: auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now),
			HTTP: httpapi.Options{Logger: logger, Metrics: "Postern/live"},
		})
		r, w := query("discover", "key_id", "102"), httptest.NewRecorder()
		r.Header.Set("Gitlab-Shell-Api-Request", tt.token)
		if family.ServeHTTP(w, r); w.Code != tt.status {
			t.Errorf("status %d, want %d: %s", w.Code, tt.status, w.Body)
		}
	}
}

// work lets the worker finish a push.
func work(t *testing.T, s *store.Store, logger *slog.Logger) {
	t.Helper()
	folder, sent := t.TempDir(), &outside{}
	repository := gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1)
	storage := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "").Storage()
	apitest.Apply(t, s, given(t, storage, repository))
	asks := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = asks.Close() })
	worker := postreceive.New(postreceive.Deps{
		Store: s, Gitaly: asks, Events: sent, Bus: "bus", Failures: sent, Queue: "queue",
		Logger: logger, Metrics: "Postern/live", Now: time.Now,
	})
	if _, err := worker.Invoke(t.Context(), []byte(`{"Records":[`+deliveries(repository)[0]+`]}`)); err != nil || len(sent.sources) != 1 {
		t.Errorf("%d events: %v", len(sent.sources), err)
	}
}

// schedule runs the rotation function's schedule while a secret is in rotation.
func schedule(t *testing.T, logger *slog.Logger) {
	t.Helper()
	r := newRotation(t, logger)
	r.step(t, "createSecret", version)
	if _, err := r.invoke(t, `{"source":"aws.events"}`); err != nil {
		t.Error(err)
	}
}

// refresh fetches a secret again.
func refresh(t *testing.T, logger *slog.Logger) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"SecretString": "the same at every stage"})
	}))
	t.Cleanup(server.Close)
	sm := secretsmanager.New(secretsmanager.Options{BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: aws.AnonymousCredentials{}})
	source, err := secrets.New(t.Context(), sm, "shell", auth.Shell.Key, secrets.Options{Logger: logger, Metrics: "Postern/live"})
	if err != nil {
		t.Fatal(err)
	}
	if _, changed, err := source.Refetch(t.Context()); err != nil || changed {
		t.Errorf("changed: %v, %v", changed, err)
	}
}
