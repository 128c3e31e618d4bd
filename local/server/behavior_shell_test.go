package server

import (
	"fmt"
	"net/http"
	"testing"

	"postern/shared/apitest"
)

// Messages that several cases share.
const (
	noProject = "The project you were looking for could not be found or you don't have permission to view it."
	noDeploy  = "This deploy key does not have write access to this project."
)

// dan has the fields of an answer for dan on acme/app.
var dan = map[string]string{
	"status": "true", "gl_repository": "project-7", "gl_project_path": "acme/app", "gl_id": "user-13",
	"gl_username": "dan", "gl_key_type": "key", "gl_key_id": "102", "gl_console_messages": "[]",
	"gitaly.address": "tcp://gitaly.internal:8075", "gitaly.token": "gtok", "gl_project_id": "7",
	"gl_root_namespace_id":            "20",
	"gitaly.repository.relative_path": "@hashed/79/02/7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451.git",
}

func shellCases() []behavior {
	ok := want{status: 200, has: map[string]string{"status": "true"}}
	denied := func(status int, message string) want { return want{status: status, message: message} }
	notFound := denied(404, noProject)
	return []behavior{
		{number: "13", name: "a developer pulls", call: shell(102, "upload-pack", "acme/app.git"), want: want{status: 200, has: dan}},
		{number: "14", name: "with a leading slash", call: shell(102, "upload-pack", "/acme/app.git"), want: want{status: 200, has: dan}},
		{number: "14", name: "without .git", call: shell(102, "upload-pack", "acme/app"), want: want{status: 200, has: dan}},
		{number: "15", name: "in other letters, without a message about a move", call: shell(102, "upload-pack", "ACME/App"), want: want{status: 200, has: dan}, then: noMessage(13, "project-7", "moved")},
		{number: "16", name: "a reporter pulls", call: shell(103, "upload-pack", "acme/app.git"), want: ok},
		{number: "17", name: "a guest pulls a private project", call: shell(104, "upload-pack", "acme/app.git"), want: denied(401, "You are not allowed to download code from this project.")},
		{number: "18", name: "a user without membership pulls a private project", call: shell(105, "upload-pack", "acme/app.git"), want: notFound},
		{number: "19", name: "a user without membership pulls a public project", call: shell(105, "upload-pack", "acme/pub"), want: ok},
		{number: "20", name: "an unknown key pulls a public project", call: shell(999, "upload-pack", "acme/pub"), want: want{status: 200, has: map[string]string{"gl_id": ""}, lacks: []string{"gl_username", "gl_key_id", "gl_key_type"}}},
		{number: "21", name: "an unknown key pulls a private project", call: shell(999, "upload-pack", "acme/app"), want: notFound},
		{number: "22", name: "an unknown key pushes to a public project", call: shell(999, "receive-pack", "acme/pub"), want: denied(401, "You are not allowed to upload code for this project.")},
		{number: "23", name: "a reporter pushes", call: shell(103, "receive-pack", "acme/app"), want: denied(401, "You are not allowed to push code to this project.")},
		{number: "24", name: "a developer pushes", call: shell(102, "receive-pack", "acme/app"), want: ok},
		{number: "25", name: "a blocked user pulls", call: shell(106, "upload-pack", "acme/app"), want: denied(401, "Your account has been blocked.")},
		{number: "26", name: "with an expired key", call: shell(107, "upload-pack", "acme/app"), want: denied(401, "Your SSH key has expired.")},
		{number: "27", name: "with a key that expires soon", call: shell(108, "upload-pack", "acme/app"), want: want{status: 200, like: `"gl_console_messages":\["INFO: Your SSH key (expires|is expiring) soon. Please generate a new key."\]`}},
		{number: "28", name: "with a key for signing only", call: shell(109, "upload-pack", "acme/app"), want: notFound},
		{number: "29", name: "an archived project is pulled", call: shell(102, "upload-pack", "acme/old"), want: ok},
		{number: "30", name: "an archived project is not pushed to", call: shell(102, "receive-pack", "acme/old"), want: denied(401, "You can't push code to an archived project.")},
		{number: "31", name: "by an old path", call: shell(102, "upload-pack", "acme/oldname"), want: want{status: 200, has: map[string]string{"gl_project_path": "acme/app"}}, then: message(13, "project-7", "moved", "Project 'acme/oldname' was moved to 'acme/app'.\n\nPlease update your Git remote:\n\n  git remote set-url origin git@gitlab.example.com:acme/app.git\n")},
		{number: "32", name: "an unknown project", call: shell(102, "upload-pack", "acme/nothing"), want: notFound},
		{number: "33", name: "a push creates a private project", given: []string{`{}`}, call: shell(102, "receive-pack", "dan/newproj.git"), want: want{status: 200, has: map[string]string{"gl_project_path": "dan/newproj"}}, then: createdPrivately},
		{number: "34", name: "a push to an invalid name", call: shell(102, "receive-pack", "dan/cannot_end_with_dot."), want: want{status: 422, prefix: "Could not create project", has: map[string]string{"status": "false"}}, then: answers(shell(102, "upload-pack", "dan/cannot_end_with_dot."), notFound)},
		{number: "35", name: "a push to an unknown snippet", call: shell(102, "receive-pack", "snippets/notexist.git"), want: want{status: 404}},
		{number: "36", name: "an unknown command", call: shell(102, "annex", "acme/app"), want: denied(401, "The command you're trying to execute is not allowed.")},
		{number: "37", name: "pull over SSH, only HTTP is enabled", given: []string{protocol("http")}, call: shell(102, "upload-pack", "acme/app"), want: denied(401, "Git access over SSH is not allowed")},
		{number: "37", name: "push over SSH, only HTTP is enabled", given: []string{protocol("http")}, call: shell(102, "receive-pack", "acme/app"), want: denied(401, "Git access over SSH is not allowed")},
		{number: "38", name: "HTTP, only SSH is enabled", given: []string{protocol("ssh")}, call: with(102, "upload-pack", "acme/app", map[string]any{"protocol": "http"}), want: denied(401, "Git access over HTTP is not allowed")},
		{number: "39", name: "web, only SSH is enabled", given: []string{protocol("ssh")}, call: with(102, "receive-pack", "acme/app", map[string]any{"protocol": "web"}), want: ok},
		{number: "40", name: "a deploy key downloads", call: shell(201, "upload-archive", "acme/app"), want: want{status: 200, has: map[string]string{"gl_key_type": "deploy_key", "gl_key_id": "201", "gl_id": "user-12"}}},
		{number: "41", name: "a deploy key without the project", call: shell(203, "upload-archive", "acme/app"), want: notFound},
		{number: "42", name: "a deploy key for reading pushes", call: shell(201, "receive-pack", "acme/app"), want: denied(401, noDeploy)},
		{number: "43", name: "a deploy key for writing pushes", call: shell(202, "receive-pack", "acme/app"), want: ok},
		{number: "44", name: "a deploy key without the project pushes to a public one", call: shell(203, "receive-pack", "acme/pub"), want: denied(401, noDeploy)},
		{number: "45", name: "a limit on the size of pushes", given: []string{`{"instance":{"receive_max_input_size":1}}`}, call: shell(102, "upload-pack", "acme/app"), want: want{status: 200, has: map[string]string{"git_config_options": "[uploadpack.allowFilter=true uploadpack.allowAnySHA1InWant=true receive.maxInputSize=1048576]"}}},
		{number: "46", name: "terms that are not accepted", given: []string{terms}, call: shell(102, "upload-pack", "acme/app"), want: want{status: 401, prefix: "You (@dan) must accept the Terms of Service in order to perform this action. To accept these terms, please access GitLab from a web browser at https://gitlab.example.com"}},
		{number: "47", name: "terms do not apply to an unknown key", given: []string{terms}, call: shell(999, "upload-pack", "acme/pub"), want: ok},
		{number: "48", name: "a deactivated user pushes", given: []string{`{"users":[{"id":13,"state":"deactivated"}]}`}, call: shell(102, "receive-pack", "acme/app"), want: denied(401, "Your account has been deactivated by your administrator. Please log back in from a web browser to reactivate your account at https://gitlab.example.com")},
		{number: "49", name: "an expired password", given: []string{`{"users":[{"id":13,"password_expires_at":"2020-01-01T00:00:00Z"}]}`}, call: shell(102, "upload-pack", "acme/app"), want: denied(401, "Your password expired. Please access GitLab from a web browser to update your password.")},
		{number: "50", name: "no repository on the storage", given: []string{`{"projects":[{"id":7,"repository_exists":false}]}`}, call: shell(102, "upload-pack", "acme/app"), want: denied(404, "A repository for this project does not exist yet.")},
		{number: "51", name: "the wiki", call: shell(102, "upload-pack", "acme/app.wiki.git"), want: want{status: 200, has: map[string]string{"gl_repository": "wiki-7", "gl_project_path": "acme/app.wiki"}}},
		{number: "52", name: "a reporter pushes to the wiki", call: shell(103, "receive-pack", "acme/app.wiki"), want: denied(401, "You are not allowed to write to this project's wiki.")},
		{number: "53", name: "the author's snippet", call: shell(102, "upload-pack", "snippets/31.git"), want: want{status: 200, has: map[string]string{"gl_repository": "snippet-31"}, lacks: []string{"gl_project_id"}}},
		{number: "54", name: "another user's snippet", call: shell(101, "upload-pack", "snippets/31.git"), want: denied(401, "You are not allowed to read this snippet.")},
		{number: "55", name: "a deploy key and a snippet", call: shell(201, "upload-pack", "acme/app/snippets/32.git"), want: denied(401, "The authentication mechanism is not supported.")},
		{number: "56", name: "designs over SSH", call: with(102, "upload-pack", "", map[string]any{"gl_repository": "design-7", "project": nil}), want: denied(401, "Designs are only accessible using the web interface")},
		{number: "57", name: "the second request within a limit of one", given: []string{`{"instance":{"gitlab_shell_operation_limit":1}}`}, call: twice(shell(102, "upload-pack", "acme/app")), want: want{status: 429, body: `{"message":{"error":"This endpoint has been requested too many times. Try again later."}}`}},
		{number: "58", name: "by user id and gl_repository", call: with(0, "upload-pack", "", map[string]any{"key_id": nil, "user_id": 13, "project": nil, "gl_repository": "project-7"}), want: want{status: 200, has: map[string]string{"gl_id": "user-13"}, lacks: []string{"gl_key_id"}}},
		{number: "59", name: "an administrator pulls", call: root("upload-pack"), want: ok},
		{number: "59", name: "an administrator pushes", call: root("receive-pack"), want: ok},
	}
}

func root(action string) func(*testing.T, *apitest.API) *apitest.Answer {
	return with(0, action, "acme/app", map[string]any{"key_id": nil, "user_id": "1"})
}

const terms = `{"instance":{"terms_version":2}}`

func protocol(p string) string {
	return fmt.Sprintf(`{"instance":{"enabled_git_access_protocol":%q}}`, p)
}

func twice(call func(*testing.T, *apitest.API) *apitest.Answer) func(*testing.T, *apitest.API) *apitest.Answer {
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		if first := call(t, api); first.Status != http.StatusOK {
			t.Errorf("first call: status %d, want 200", first.Status)
		}
		return call(t, api)
	}
}

// answers sends another call after a case and checks its answer.
func answers(call func(*testing.T, *apitest.API) *apitest.Answer, w want) func(*testing.T, *apitest.API) {
	return func(t *testing.T, api *apitest.API) { t.Helper(); w.check(t, call(t, api)) }
}

// createdPrivately checks that other users do not see a project created by push, and that its message is stored.
func createdPrivately(t *testing.T, api *apitest.API) {
	t.Helper()
	answers(shell(105, "upload-pack", "dan/newproj"), want{status: 404, message: noProject})(t, api)
	own := shell(102, "receive-pack", "dan/newproj")(t, api)
	repository, _ := own.Object()["gl_repository"].(string)
	message(13, repository, "created", "\nThe private project dan/newproj was successfully created.\n\n"+
		"To configure the remote, run:\n  git remote add origin git@gitlab.example.com:dan/newproj.git\n\n"+
		"To view the project, visit:\n  https://gitlab.example.com/dan/newproj\n\n")(t, api)
}
