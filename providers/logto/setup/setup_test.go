package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testlogto"
)

// outcome is what a run of the command leaves.
type outcome struct {
	status         int
	stdout, stderr string
}

// verbs are the first words of the report, with what they are about.
func (o outcome) has(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		require.Contains(t, strings.Split(o.stderr, "\n"), line)
	}
}

func environment(endpoint string) map[string]string {
	return map[string]string{
		"LOGTO_ENDPOINT": endpoint, "LOGTO_M2M_ID": testlogto.ID, "LOGTO_M2M_SECRET": testlogto.Secret,
		"LOGTO_ADMIN_PASSWORD": testlogto.Passwords[0], "LOGTO_USER_PASSWORD": testlogto.Passwords[1], "LOGTO_OTHER_USER_PASSWORD": testlogto.Passwords[2],
	}
}

// setup runs the command as main does. Nothing secret may ever be in what it says.
func setup(t *testing.T, environment map[string]string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), args, func(name string) string { return environment[name] }, &stdout, &stderr)
	said := stdout.String() + stderr.String()
	for _, secret := range append(testlogto.Passwords, testlogto.Secret, testlogto.Token, "internal:") {
		require.NotContains(t, said, secret)
	}
	return outcome{status, stdout.String(), stderr.String()}
}

// on runs the command on a recorded tenant.
func on(t *testing.T, recording string, args ...string) outcome {
	t.Helper()
	server := httptest.NewServer(testlogto.Play(t, nil, recording))
	defer server.Close()
	o := setup(t, environment(server.URL), append([]string{"--resource", testlogto.Resource}, args...)...)
	o.stdout = strings.ReplaceAll(o.stdout, server.URL, "http://logto.test")
	return o
}

const exports = `export LOGTO_ISSUER=http://logto.test/oidc
export LOGTO_RESOURCE=http://localhost:3011/mcp
export LOGTO_CLIENT_ID=app000000000000000010
`

func TestANewTenantGetsEverything(t *testing.T) {
	t.Parallel()
	o := on(t, "empty")
	require.Zero(t, o.status, o.stderr)
	require.Equal(t, exports, o.stdout)
	require.NotContains(t, o.stderr, "differs")
	o.has(t,
		"made        API resource http://localhost:3011/mcp",
		"made        role User with create:todos",
		"made        user alice, with the password of LOGTO_ADMIN_PASSWORD",
		"added       role Admin for alice",
		`made        application "MCP clients on this machine" (Native)`,
		"Go on with this in the environment; the Inspector's client ID is app000000000000000011:",
		"      go run ./cmd/todo-mcp --provider logto --listen localhost:3011",
	)
}

func TestTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	o := on(t, "ready") // has no request that changes anything, but for the questions about passwords
	require.Zero(t, o.status, o.stderr)
	require.Equal(t, exports, o.stdout)
	o.has(t, "Nothing to change.", "found       user carol")
	for _, verb := range []string{"made", "added", "differs"} {
		require.NotContains(t, o.stderr, verb)
	}
}

func TestADryRunOnlyAsks(t *testing.T) {
	t.Parallel()
	o := on(t, "dry-run", "--dry-run")
	require.Zero(t, o.status, o.stderr)
	require.Empty(t, o.stdout, "there is nothing to go on with")
	o.has(t, "would make  API resource http://localhost:3011/mcp", "would make  role Admin for alice", "A dry run: nothing was changed, 14 would be.")
}

func TestWhatIsHalfDoneIsCompletedAndWhatDiffersIsTold(t *testing.T) {
	t.Parallel()
	differs := []string{
		"differs     role User also gives delete:todos: take it away in the console, or the refusals of the tutorial do not happen",
		"differs     user bob has another password than LOGTO_USER_PASSWORD says: change one of the two",
		"differs     user bob has the role Admin too: take it away in the console, or the refusals of the tutorial do not happen",
	}
	o := on(t, "half-done")
	require.Equal(t, 1, o.status)
	o.has(t, append(differs,
		`found       API resource http://localhost:3011/mcp ("My todos")`,
		"made        scope read:todos",
		"added       read:todos delete:todos to role Admin",
		"added       role User to everybody new (a default role)",
		"added       role Admin for alice",
		`added       http://127.0.0.1:6274/oauth/callback http://127.0.0.1:6276/oauth/callback http://localhost:6274 http://127.0.0.1:6274 to application "MCP Inspector"`,
		`3 not as wanted: see the lines with "differs".`,
	)...)

	again := on(t, "half-done-again")
	require.Equal(t, 1, again.status, "what differs still does")
	again.has(t, append(differs, "Nothing to change.")...)
}

func TestOtherThingsOfTheSameNameAreLeftAlone(t *testing.T) {
	t.Parallel()
	o := on(t, "in-the-way")
	require.Equal(t, 1, o.status)
	o.has(t,
		"note        API resource http://localhost:3011/mcp/ is another one, by the slash at its end, and stays",
		"differs     role Admin is for applications (type MachineToMachine), so people cannot have it: rename it in the console, then run this again",
		"differs     nobody can sign in by user name and password: turn that on in the console, Sign-in & account, Sign-up and sign-in",
		"differs     user carol is suspended: release it in the console",
	)
}

func TestAnApplicationWithoutTheRoleIsToldWhatToAssign(t *testing.T) {
	t.Parallel()
	o := on(t, "no-rights")
	require.Equal(t, 1, o.status)
	require.Contains(t, o.stderr, `the token for the Management API has no rights; in the console, open Applications, the machine-to-machine application, Roles, and assign "Logto Management API access"`)
}

func TestAUserToMakeNeedsAPassword(t *testing.T) {
	t.Parallel()
	recording := httptest.NewServer(brief(map[string]string{
		"/api/users": `[]`, "/api/sign-in-exp": `{}`,
	}))
	defer recording.Close()
	env := environment(recording.URL)
	delete(env, "LOGTO_ADMIN_PASSWORD")
	o := setup(t, env, "--resource", testlogto.Resource)
	require.Equal(t, 1, o.status)
	require.Contains(t, o.stderr, "making user alice: want its password in LOGTO_ADMIN_PASSWORD, for example: export LOGTO_ADMIN_PASSWORD=$(openssl rand -hex 12)\nWhat was made stays")
}

func TestAMandatorySecondFactorIsTold(t *testing.T) {
	t.Parallel()
	for mfa, told := range map[string]bool{
		`{"factors":["Totp"],"policy":"Mandatory"}`:                   true,
		`{"factors":["Totp"],"policy":"PromptOnlyAtSignInMandatory"}`: true,
		`{"factors":["Totp"],"policy":"UserControlled"}`:              false,
		`{"factors":[],"policy":"Mandatory"}`:                         false,
	} {
		server := httptest.NewServer(brief(map[string]string{"/api/sign-in-exp": `{"mfa":` + mfa + `}`}))
		o := setup(t, environment(server.URL), "--resource", testlogto.Resource)
		server.Close()
		require.Equal(t, told, strings.Contains(o.stderr, "everybody must have a second factor"), mfa)
	}
}

func TestWhatAServerSaysHarmsNeitherShellNorTerminal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(brief(map[string]string{
		"/api/resources": `[{"id":"x","name":"\u001b[2J\u009b","indicator":"` + testlogto.Resource + `"}]`, "/api/sign-in-exp": `{}`,
		"/api/applications": `[{"id":"$(touch harm)'\n;","name":"MCP clients on this machine","type":"Native"}]`,
		"/api/users":        `[{"id":"x","username":"alice"},{"id":"x","username":"bob"},{"id":"x","username":"carol"}]`, "/api/users/x/password/verify": "-",
	}))
	defer server.Close()
	o := setup(t, environment(server.URL), "--resource", testlogto.Resource)
	require.Contains(t, o.stdout, `export LOGTO_CLIENT_ID='$(touch harm)'\''`+"\n"+`;'`)
	require.NotContains(t, o.stderr, "\x1b")
	require.NotContains(t, o.stderr, "\u009b")

	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"x\u001b[2J","error_description":"` + strings.Repeat("y", 5000) + `"}`))
	})
	o = setup(t, environment(server.URL), "--resource", testlogto.Resource)
	require.NotContains(t, o.stderr, "\x1b")
	require.Less(t, len(o.stderr), 1000)
}

// brief answers every question with "there is one like that", but for the paths given.
func brief(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		switch {
		case ok && r.Method == http.MethodGet || answer == "-":
		case strings.HasSuffix(r.URL.Path, "/token"):
			answer = `{"access_token":"recorded-management-token","scope":"all"}`
		case r.Method == http.MethodGet:
			answer = `[{"id":"x","name":"x","indicator":"x"}]`
		default:
			answer = `{"id":"x","name":"x"}`
		}
		_, _ = w.Write([]byte(answer))
	}
}

func TestRefusalsSayWhatToChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path   string
		status int
		answer string
		want   string
	}{
		"credentials":  {"/oidc/token", 401, `{"error":"invalid_client","error_description":"client authentication failed"}`, "invalid_client: client authentication failed; want LOGTO_M2M_ID and LOGTO_M2M_SECRET of a machine-to-machine application of this tenant"},
		"resource":     {"/oidc/token", 400, `{"error":"invalid_target","error_description":"resource indicator is missing, or unknown"}`, "this tenant has no Management API https://default.logto.app/api; set LOGTO_MANAGEMENT_API"},
		"no Logto":     {"/oidc/token", 200, `<html>`, "status 200 and not what Logto answers; want LOGTO_ENDPOINT to be a Logto"},
		"redirect":     {"/oidc/token", 302, ``, "status 302 and not what Logto answers"},
		"token":        {"/api/resources", 401, `{"code":"auth.unauthorized","message":"Unauthorized."}`, "GET /api/resources?page=1&page_size=100: status 401 auth.unauthorized: Unauthorized.; want a token that this Logto takes"},
		"forbidden":    {"/api/resources", 403, `{"code":"auth.forbidden","message":"Forbidden."}`, `assign "Logto Management API access"`},
		"conflict":     {"/api/users/x/roles", 422, `{"code":"user.role_exists","message":"The role id x is already been added to this user."}`, "somebody made it meanwhile"},
		"broken":       {"/api/roles", 200, `{`, "GET /api/roles?mode.name=exact&page=1&page_size=100&search.name=Admin: status 200, but not the JSON that Logto answers"},
		"too much":     {"/api/resources", 200, strings.Repeat(" ", maxAnswer+1), "the answer is larger than 4 MiB"},
		"server error": {"/api/applications", 500, `Internal`, "GET /api/applications?page=1&page_size=100: status 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			usual := brief(map[string]string{
				"/api/users": `[{"id":"x","username":"alice"}]`, "/api/sign-in-exp": `{}`, "/api/users/x/password/verify": "-",
			})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != c.path {
					usual(w, r)
					return
				}
				if c.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			}))
			defer server.Close()
			o := setup(t, environment(server.URL), "--resource", testlogto.Resource)
			require.Equal(t, 1, o.status)
			require.Contains(t, o.stderr, c.want)
		})
	}
}

func TestEveryPageOfAListIsRead(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Total-Number", "3")
		_, _ = w.Write([]byte(`[{"id":"` + r.URL.Query().Get("page") + `"}]`))
	}))
	defer server.Close()
	all, err := list[entity](t.Context(), &management{http: server.Client(), endpoint: server.URL}, "/things", nil)
	require.NoError(t, err)
	require.Equal(t, []entity{{ID: "1"}, {ID: "2"}, {ID: "3"}}, all)
	require.Equal(t, 3, asked)
}

func TestMistakesOfTheEnvironmentAreToldAtOnce(t *testing.T) {
	t.Parallel()
	o := setup(t, map[string]string{})
	require.Equal(t, 2, o.status)
	for _, want := range []string{"LOGTO_ENDPOINT is not set", "LOGTO_M2M_ID and LOGTO_M2M_SECRET", "--resource: want the URL of the MCP endpoint"} {
		require.Contains(t, o.stderr, want)
	}
	for endpoint, want := range map[string]string{
		"http://logto.example":       "want https, as secrets and passwords go there",
		"https://a.logto.app/oidc":   "want scheme, host and port only, without /oidc",
		"https://me:secret@logto.sh": "want scheme, host and port only",
		"localhost:3001":             "want scheme, host and port only",
	} {
		o := setup(t, environment(endpoint), "--resource", testlogto.Resource)
		require.Equal(t, 2, o.status)
		require.Contains(t, o.stderr, want, endpoint)
	}
	env := environment("https://a.logto.app")
	env["LOGTO_M2M_ISSUER"] = "http://admin.example/oidc"
	require.Contains(t, setup(t, env, "--resource", testlogto.Resource).stderr, "LOGTO_M2M_ISSUER: want an issuer by https")
}

func TestTheManagementAPIOfTheCloudIsTheTenants(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://abc.logto.app/":   "https://abc.logto.app/api",
		"http://localhost:3001":    "https://default.logto.app/api",
		"https://auth.example.com": "https://default.logto.app/api",
	} {
		env := environment(endpoint)
		s, err := readSettings(testlogto.Resource, func(name string) string { return env[name] })
		require.NoError(t, err)
		require.Equal(t, want, s.managementAPI)
	}
}

func TestTheLastLineStartsTodoMCPWhereTheResourceIs(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		"http://localhost:3001/mcp":      "",
		"http://localhost:3011/mcp":      " --listen localhost:3011",
		"http://127.0.0.1:3011/mcp":      " --listen 127.0.0.1:3011",
		"https://todo.example.com/mcp":   " --public-url https://todo.example.com/mcp",
		"https://todo.example.com/m?a=1": " --public-url 'https://todo.example.com/m?a=1'",
	} {
		require.Equal(t, want, listening(resource))
	}
}
