package todo

import (
	"errors"
	"slices"
)

// The scopes of the todo API.
const (
	ScopeCreate = "create:todos" // create todos
	ScopeRead   = "read:todos"   // list everybody's todos, not only one's own
	ScopeDelete = "delete:todos" // delete anybody's todos, not only one's own
)

// Scopes returns the scopes of the todo API, in the order in which they are shown to people.
func Scopes() []string { return []string{ScopeCreate, ScopeRead, ScopeDelete} }

// Principal is the person for whom an operation runs, with the scopes granted for it.
type Principal struct {
	Issuer  string
	Subject string
	Scopes  []string
}

// Owner returns the principal as the owner of todos.
func (p Principal) Owner() Owner { return Owner{Issuer: p.Issuer, Subject: p.Subject} }

func (p Principal) has(scope string) bool { return slices.Contains(p.Scopes, scope) }

// errNobody means that a caller of the service failed to say who asks. It is a fault of the program, not of the
// user: with an empty issuer or subject, strangers would share their todos.
var errNobody = errors.New("principal without issuer or subject")

func (p Principal) check() error {
	if p.Issuer == "" || p.Subject == "" {
		return errNobody
	}
	return nil
}

// Reach is the set of todos that an operation of a principal may see or touch. Stores put it into their SQL, so that
// nothing slips between the check and the act.
type Reach struct {
	Owner       Owner
	WholeIssuer bool // everybody's of Owner.Issuer; false: only Owner's own
}

// Includes reports whether the owner's todos are within reach. It never crosses issuers.
func (r Reach) Includes(o Owner) bool {
	return o.Issuer == r.Owner.Issuer && (r.WholeIssuer || o.Subject == r.Owner.Subject)
}

// ReadReach says which todos the principal may list: everybody's of the same issuer with read:todos, else the own.
func ReadReach(p Principal) Reach { return Reach{Owner: p.Owner(), WholeIssuer: p.has(ScopeRead)} }

// DeleteReach says which todos the principal may delete: anybody's of the same issuer with delete:todos, else the own.
func DeleteReach(p Principal) Reach { return Reach{Owner: p.Owner(), WholeIssuer: p.has(ScopeDelete)} }

// Refusal is an expected no: the operation needs scopes that the principal lacks.
type Refusal struct {
	Scopes []string // every scope that the operation needs
	Reason string   // for people; the same whether or not the thing asked for exists
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// MayCreate returns nil if the principal may create todos, else the refusal.
func MayCreate(p Principal) *Refusal {
	if p.has(ScopeCreate) {
		return nil
	}
	return &Refusal{Scopes: []string{ScopeCreate}, Reason: "creating a todo needs create:todos"}
}

// refuseForeignDelete is one answer for an id of somebody else and for an id of nobody, so that asking tells no one
// which ids exist.
func refuseForeignDelete() *Refusal {
	return &Refusal{
		Scopes: []string{ScopeDelete},
		Reason: "no todo of yours has this id; deleting others' needs delete:todos",
	}
}
