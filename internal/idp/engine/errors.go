package engine

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/ory/fosite"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/personality"
)

// Error is an OAuth error as the client gets it (RFC 6749 §5.2 and §4.1.2.1).
type Error struct {
	Code        string // error
	Description string // error_description: what was wrong and what to change; printable ASCII without quotes
	Status      int    // the HTTP status where the error is the body of an answer
	Cause       error  // for the log only

	Fault personality.Fault // what the personality may answer in its own words
	About string            // what the client sent or lacks, for them
	Scope string            // the member scope of an error about scopes (RFC 6750 §3), where the personality has it
	At    personality.Place // where it may have other words than elsewhere
}

func (e *Error) Error() string { return e.Code + ": " + e.Description }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// NewError returns an error of status 400, or 401 for invalid_client.
func NewError(code, description string) *Error {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return &Error{Code: code, Description: Printable(description), Status: status}
}

// NewFault is NewError for what the personality may answer in its own words, about what the client sent.
func NewFault(fault personality.Fault, about, code, description string) *Error {
	e := NewError(code, description)
	e.Fault, e.About = fault, about
	return e
}

// Reworded is an error as the personality answers it.
func (e *Engine) Reworded(said *Error) *Error {
	answer, has := e.Personality.Errors[said.Fault]
	if here, differs := e.Personality.ErrorsAt[said.At][said.Fault]; differs {
		has = true
		answer.Status, answer.Code, answer.Text = cmp.Or(here.Status, answer.Status), cmp.Or(here.Code, answer.Code), cmp.Or(here.Text, answer.Text)
		answer.Silent = answer.Silent && here.Text == ""
	}
	if !has {
		return said
	}
	own := *said
	own.Code, own.Status = cmp.Or(strings.ReplaceAll(answer.Code, "%s", Clip(own.About)), own.Code), cmp.Or(answer.Status, own.Status)
	switch {
	case answer.Silent:
		own.Description = ""
	case answer.Text != "":
		own.Description = Printable(worded(answer.Text, Clip(own.About)))
	}
	return &own
}

// Minds reports whether the personality refuses a fault that is none to the others.
func (e *Engine) Minds(fault personality.Fault) bool {
	_, has := e.Personality.Errors[fault]
	return has
}

// worded fills in what a text is about.
func worded(text, about string) string {
	words := strings.Fields(about)
	plural := ""
	if len(words) > 1 {
		plural = "s"
	}
	list := "'" + strings.Join(words, "' and '") + "'"
	if last := len(words) - 1; last > 1 {
		list = "'" + strings.Join(words[:last], "', '") + "', and '" + words[last] + "'"
	}
	return strings.NewReplacer("%s", about, "%l", list, "%p", plural).Replace(text)
}

// Printable replaces what error_description and error must not hold (RFC 6749 §5.2).
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '\\' || r < 0x20 || r > 0x7e:
			return '?'
		}
		return r
	}, s)
}

// What is presented at the token endpoint, for error texts.
const (
	artefactCode    = "authorization code"
	artefactRefresh = "refresh token"
)

// fromFosite turns what fosite answers at the token endpoint into the error of the RFC. The fault is that of a code or refresh token that is
// good, and refused.
func fromFosite(err error, artefact string, fault personality.Fault) *Error {
	again := "start a new authorization"
	description := ""
	switch {
	case errors.Is(err, store.ErrReplayed):
		description = "the " + artefact + " was used before, so everything that came from its authorization is revoked; " + again
	case errors.Is(err, store.ErrExpired):
		description = "the " + artefact + " has expired; " + again
	case errors.Is(err, store.ErrUnknown):
		description = "the " + artefact + " is unknown here: mistyped, revoked, or older than this server's last start; " + again
	case errors.Is(err, store.ErrSessionEnded):
		description = "the session of the " + artefact + " has ended: its person signed out, or it has expired; " + again
	case errors.Is(err, store.ErrClientLeft), errors.Is(err, store.ErrClientCame):
		description = "this client's part in the session of the " + artefact + " has ended: a token was revoked, or a code or refresh token was used twice; " + again
	}
	if description != "" {
		return NewFault(fault, "", "invalid_grant", description)
	}
	var known *fosite.RFC6749Error
	if errors.As(err, &known) && known.CodeField < http.StatusInternalServerError {
		description := known.HintField
		if description == "" {
			description = known.DescriptionField
		}
		if artefact == artefactCode && known.ErrorField == "invalid_grant" {
			description += " The code is used up by this; " + again + "."
		}
		return NewFault(fault, "", known.ErrorField, description)
	}
	return &Error{Code: "server_error", Description: "the server failed; its log says why", Status: http.StatusInternalServerError, Cause: err}
}

// badFault is the fault of a code or refresh token that is no good.
func badFault(err error, artefact string) personality.Fault {
	switch {
	case artefact == artefactRefresh && errors.Is(err, store.ErrReplayed):
		return personality.ReusedRefreshToken
	case artefact == artefactRefresh && errors.Is(err, store.ErrSessionEnded):
		return personality.SessionEnded
	case artefact == artefactRefresh && errors.Is(err, store.ErrClientLeft):
		return personality.ClientLeftSession
	case artefact == artefactRefresh && errors.Is(err, store.ErrClientCame):
		return personality.ClientCameToSession
	case artefact == artefactRefresh:
		return personality.BadRefreshToken
	case errors.Is(err, store.ErrClientLeft):
		return personality.CodeClientLeft
	}
	return personality.BadCode
}
