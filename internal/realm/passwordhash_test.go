package realm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Keycloak 26.7.4 exported of the password "correct horse", by its default and by the password policies hashAlgorithm(NAME) and hashIterations(1000).
var exported = map[string]struct{ secret, how string }{
	"argon2": {
		`{"value":"dlf3+6BbbLLA6kPLInBwzJW4J6USJOrYPsiZjAXAcYk=","salt":"CDIUxuBP+WOU148cqtyHhw==","additionalParameters":{}}`,
		`{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}`,
	},
	"pbkdf2": {
		`{"value":"pbJ9fXuwOoKsxdBYokWlQA42TDUl6xVwACO4AzuPpS7pFlbob2VzNJrQ4vmvvxfF/BA+Hu4+YweTEpddtLFsdQ==","salt":"CTUC515jo+ZGirUKC/dpWQ==","additionalParameters":{}}`,
		`{"hashIterations":1000,"algorithm":"pbkdf2","additionalParameters":{}}`,
	},
	"pbkdf2-sha256": {
		`{"value":"hK3v12iKGUG/w3Ok9AUDdPnfRE0zDUFkl18Eyak/C4c=","salt":"AvliJW1FsvD5eRJWCaxHXQ==","additionalParameters":{}}`,
		`{"hashIterations":1000,"algorithm":"pbkdf2-sha256","additionalParameters":{}}`,
	},
	"pbkdf2-sha512": {
		`{"value":"jKQRzMWn6LuWur7scUp5987JsR1kZyUqg0arDD2QWO+m+VBtHJlJNrvaJh+F1TaDrFi32nmkKzljqrjDLXRy4A==","salt":"6nZsu/ypWRX7weBO3AVs3A==","additionalParameters":{}}`,
		`{"hashIterations":1000,"algorithm":"pbkdf2-sha512","additionalParameters":{}}`,
	},
}

// hashed is a realm with one person whose password is as an export has it.
func hashed(t *testing.T, secret, how string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"realm": "r", "enabled": true, "users": []any{map[string]any{
		"username": "dora", "enabled": true, "credentials": []any{map[string]any{"type": "password", "secretData": secret, "credentialData": how}},
	}}})
	require.NoError(t, err)
	return string(text)
}

func TestPasswordsThatKeycloakHashedAreChecked(t *testing.T) {
	t.Parallel()
	for name, e := range exported {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := read(t, hashed(t, e.secret, e.how))
			dora := person(t, r, "dora")
			require.True(t, dora.PasswordIs("correct horse"))
			require.False(t, dora.PasswordIs("correct horse "))
			require.False(t, dora.PasswordIs("dora"))
			require.False(t, dora.PasswordIs(""))
			require.NotContains(t, strings.Join(r.Remarks, "\n"), "hashed")
		})
	}
}

// TestAHashThatCostsTooMuchIsNotChecked keeps a file from stopping the server at a sign-in.
func TestAHashThatCostsTooMuchIsNotChecked(t *testing.T) {
	t.Parallel()
	argon, rounds := exported["argon2"], exported["pbkdf2"]
	for name, text := range map[string]string{
		"memory":      hashed(t, argon.secret, strings.Replace(argon.how, `"7168"`, `"4294967295"`, 1)),
		"passes":      hashed(t, argon.secret, strings.Replace(argon.how, `:5,`, `:4294967295,`, 1)),
		"no threads":  hashed(t, argon.secret, strings.Replace(argon.how, `"parallelism":["1"]`, `"parallelism":["0"]`, 1)),
		"rounds":      hashed(t, rounds.secret, strings.Replace(rounds.how, "1000", "1000000000", 1)),
		"no rounds":   hashed(t, rounds.secret, strings.Replace(rounds.how, "1000", "0", 1)),
		"empty hash":  hashed(t, `{"value":"","salt":"CTUC515jo+ZGirUKC/dpWQ=="}`, rounds.how),
		"other kind":  hashed(t, rounds.secret, strings.Replace(rounds.how, "pbkdf2", "bcrypt", 1)),
		"old version": hashed(t, argon.secret, strings.Replace(argon.how, "1.3", "1.0", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := read(t, text)
			require.Contains(t, strings.Join(r.Remarks, "\n"), "dora: the password in the file is hashed in a way that mock-idp cannot check")
			require.True(t, person(t, r, "dora").PasswordIs("dora"))
		})
	}
}

func TestTheUserNameIsThePasswordWhereAHashCannotBeChecked(t *testing.T) {
	t.Parallel()
	r := read(t, `[{"realm": "r", "enabled": true, "users": [{"id": "1", "username": "dora", "enabled": true, "email": "d@example.com", "totp": false,
		"credentials": [{"id": "2", "type": "password", "userLabel": "My password", "secretData": "{\"value\":\"x\"}", "credentialData": "{\"algorithm\":\"argon2\"}"},
			{"type": "otp", "secretData": "{}"}], "requiredActions": ["UPDATE_PASSWORD"]}]}]`)
	require.True(t, person(t, r, "dora").PasswordIs("dora"))
	remarks := strings.Join(r.Remarks, "\n")
	require.Contains(t, remarks, "dora: the password in the file is hashed in a way that mock-idp cannot check (argon2 and PBKDF2 are known): the user name is the password")
	require.Contains(t, remarks, "dora: no email address, or no first or last name")
	require.Equal(t, "no second factor: users[dora].credentials[1]\nno required actions: Keycloak asks after the sign-in for what is named here (a new password, a profile), and before that there is no code: users[dora].requiredActions", lines(r))
}
