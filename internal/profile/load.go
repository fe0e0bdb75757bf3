package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"mcpharness/internal/guard"
	"mcpharness/internal/strictyaml"
	"mcpharness/providers"
)

// Load reads a profile by the name of an embedded one ("mock") or by path; a path has a slash or ends in .yaml or .yml. Every string value may
// hold environment variables, ${NAME} or ${NAME:-default}, which getenv resolves; an empty one counts as unset, and without a default it is a
// fault. The faults of the file come as strictyaml.Faults, all at once.
func Load(nameOrPath string, getenv func(string) string) (*Profile, error) {
	file, data, err := read(nameOrPath)
	if err != nil {
		return nil, err
	}
	p := new(Profile)
	expand := func(text string) (string, error) { return expandVariables(text, getenv) }
	if err := strictyaml.DecodeExpanded(file, data, p, expand); err != nil {
		return nil, err
	}
	if err := p.readSecret(file, getenv); err != nil {
		return nil, err
	}
	return p, nil
}

// readSecret gets the secret for introspection where tokens are judged by it.
func (p *Profile) readSecret(file string, getenv func(string) string) error {
	if p.Verify != guard.VerifyIntrospection && p.Verify != guard.VerifyEither {
		return nil
	}
	secret := getenv(p.Introspection.SecretEnv)
	if secret == "" {
		return fmt.Errorf("%s: introspection.secret_env: the environment variable %s is not set; set it to the secret of the client %q",
			file, p.Introspection.SecretEnv, p.Introspection.ClientID)
	}
	p.Introspection.secret = guard.Secret(secret)
	return nil
}

func read(nameOrPath string) (file string, data []byte, err error) {
	if isPath(nameOrPath) {
		data, err = strictyaml.ReadFile(nameOrPath)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("reading the profile: %w; embedded profiles, chosen by name: %s", err, embedded())
		}
		return nameOrPath, data, err
	}
	data, err = providers.Read(nameOrPath)
	if err != nil {
		err = fmt.Errorf("no profile is called %q; embedded profiles: %s; for a file give its path, such as ./my.yaml", nameOrPath, embedded())
	}
	return "providers/" + nameOrPath + ".yaml", data, err
}

func isPath(s string) bool {
	return strings.ContainsAny(s, `/\`) || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml")
}

func embedded() string { return strings.Join(providers.Names(), ", ") }
