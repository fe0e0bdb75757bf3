// Package pages renders the pages that a person sees at the authorization server: login, consent, logout,
// problem and home.
//
// The pages carry no script at all, but for the one that sends a form post response. Whatever comes from a client is untrusted: html/template
// escapes it, text.go makes invisible characters visible, and <bdi> keeps right-to-left text from
// reordering its surroundings.
package pages

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed templates page.css
var files embed.FS

var (
	stylesheet = mustReadStylesheet()

	loginPage   = parse("login.html")
	formPage    = parse("loginform.html")
	consentPage = parse("consent.html")
	problemPage = parse("problem.html")
	homePage    = parse("home.html")
)

func mustReadStylesheet() string {
	css, err := files.ReadFile("page.css")
	if err != nil {
		panic(err) // embedded: cannot be missing in a binary that was built
	}
	return string(css)
}

func parse(page string) *template.Template {
	return template.Must(template.New("shell.html").Funcs(functions).
		ParseFS(files, "templates/shell.html", "templates/parts.html", "templates/"+page))
}

// write renders into memory first, so that a failure is a clean 500 and never half a page.
// net/http drops the body for HEAD and keeps the length.
func write(w http.ResponseWriter, status int, page *template.Template, view any, formAction string) {
	var body bytes.Buffer
	if err := page.Execute(&body, view); err != nil {
		http.Error(w, "rendering the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	setSecurityHeaders(h, formAction)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // fails only when the browser has gone
}
