package store

import "fmt"

// Person is somebody who can sign in.
type Person struct {
	Username string
	Name     string // for display, and the name claim
	Email    string // the email claim; empty leaves it out
	Subject  string // the sub claim, stable over restarts
	Roles    []string
	Scopes   []string // what the roles allow, where clients are not given scopes one by one
	Password Password // for pages that ask for one; nil: none is right

	// What mappers can write (see Mapper).
	ClientRoles           []Role // Roles are those of the whole server
	Groups                []string
	GivenName, FamilyName string
	EmailVerified         bool
	Attributes            map[string][]string

	Disabled  bool   // cannot sign in, and says so
	AccountOf string // the client that this account is of: nobody signs in to it; empty: a person's
}

// accountOf is the account of a client that registered itself. It is in no list, and goes with the client.
func accountOf(c Client) Person {
	of := HashSecret("account of " + c.ID)
	subject := fmt.Sprintf("%x-%x-%x-%x-%x", of[:4], of[4:6], of[6:8], of[8:10], of[10:16])
	return Person{Username: c.Account, Subject: subject, AccountOf: c.ID}
}

// Password knows somebody's password. Hash is the one of test secrets.
type Password interface {
	// Is compares in constant time.
	Is(typed string) bool
}

// PasswordIs compares in constant time.
func (p Person) PasswordIs(password string) bool { return p.Password != nil && p.Password.Is(password) }

// AddPerson adds or replaces somebody.
func (s *Store) AddPerson(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.people[p.Username]; !known {
		s.order = append(s.order, p.Username)
	}
	s.people[p.Username] = p
}

// Person finds somebody by user name.
func (s *Store) Person(username string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.people[username]
	return p, ok
}

// PersonBySubject finds somebody by the sub claim.
func (s *Store) PersonBySubject(subject string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.people {
		if p.Subject == subject {
			return p, true
		}
	}
	return Person{}, false
}

// People returns everybody who can sign in, in the order in which they were added.
func (s *Store) People() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Person, 0, len(s.order))
	for _, name := range s.order {
		if p := s.people[name]; p.AccountOf == "" {
			all = append(all, p)
		}
	}
	return all
}
