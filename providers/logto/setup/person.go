package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signIn tells where the tenant's sign-in page does not ask for user name and password, which is all that the people here have.
func (p *provisioner) signIn(ctx context.Context) error {
	var experience struct {
		SignIn struct {
			Methods []struct {
				Identifier string
				Password   bool
			}
		}
		MFA struct {
			Factors []string
			Policy  string
		}
	}
	if _, err := p.call(ctx, http.MethodGet, "/sign-in-exp", nil, &experience); err != nil {
		return err
	}
	if len(experience.MFA.Factors) > 0 && strings.HasSuffix(experience.MFA.Policy, "Mandatory") {
		p.leaves("everybody must have a second factor, so nobody signs in by password alone: loosen that in the console, Multi-factor auth")
	}
	for _, method := range experience.SignIn.Methods {
		if method.Identifier == "username" && method.Password {
			p.is("sign-in by user name and password")
			return nil
		}
	}
	p.leaves("nobody can sign in by user name and password: turn that on in the console, Sign-in & account, Sign-up and sign-in")
	return nil
}

// person makes a user, or looks at the one of this name.
func (p *provisioner) person(ctx context.Context, wanted person) error {
	type account struct {
		ID, Username string
		IsSuspended  bool
	}
	all, err := list[account](ctx, p.management, "/users", url.Values{"search.username": {wanted.username}, "mode.username": {"exact"}})
	if err != nil {
		return err
	}
	var a account
	if i := slices.IndexFunc(all, func(a account) bool { return a.Username == wanted.username }); i >= 0 {
		a = all[i]
		p.is("user %s", a.Username)
		if a.IsSuspended {
			p.leaves("user %s is suspended: release it in the console", a.Username)
		}
		if err := p.password(ctx, a.ID, wanted); err != nil {
			return err
		}
	} else {
		if wanted.password == "" && !p.dry {
			return fmt.Errorf("making user %s: want its password in %s, for example: export %s=$(openssl rand -hex 12)", wanted.username, wanted.passwordEnv, wanted.passwordEnv)
		}
		if !p.makes("user %s, with the password of %s", wanted.username, wanted.passwordEnv) {
			p.makes("role %s for %s", wanted.role, wanted.username)
			return nil
		}
		body := map[string]string{"username": wanted.username, "password": wanted.password}
		if _, err := p.call(ctx, http.MethodPost, "/users", body, &a); err != nil {
			return err
		}
	}
	return p.personRoles(ctx, a.ID, wanted)
}

// password tells whether a user who was there has the password that the profile will sign in with.
func (p *provisioner) password(ctx context.Context, id string, wanted person) error {
	if wanted.password == "" {
		return nil // whoever signs in by hand needs no variable
	}
	_, err := p.call(ctx, http.MethodPost, "/users/"+url.PathEscape(id)+"/password/verify", map[string]string{"password": wanted.password}, nil)
	if unprocessable(err) { // session.invalid_credentials
		p.leaves("user %s has another password than %s says: change one of the two", wanted.username, wanted.passwordEnv)
		return nil
	}
	return err
}

// personRoles gives the role. Others may come with a user by default; of those, only Admin would be too much.
func (p *provisioner) personRoles(ctx context.Context, id string, wanted person) error {
	path := "/users/" + url.PathEscape(id) + "/roles"
	has, err := list[entity](ctx, p.management, path, nil)
	if err != nil {
		return err
	}
	holds := func(role string) bool {
		return slices.ContainsFunc(has, func(e entity) bool { return e.Name == role })
	}
	if wanted.role != admin && holds(admin) {
		p.leaves("user %s has the role %s too: take it away in the console, or the refusals of the tutorial do not happen", wanted.username, admin)
	}
	roleID, known := p.roles[wanted.role]
	if !known { // told already
		return nil
	}
	if holds(wanted.role) || !p.adds("role %s for %s", wanted.role, wanted.username) {
		return nil
	}
	_, err = p.call(ctx, http.MethodPost, path, map[string]any{"roleIds": []string{roleID}}, nil)
	return err
}
