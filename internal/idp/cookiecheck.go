package idp

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
)

// cookieCheckScript tells the page around that there are no cookies here to rely on, as browsers without third-party cookies have it
// told by Keycloak. keycloak-js then leaves the session iframe out, which this server does not have, and goes on; without an answer it
// gives up.
const cookieCheckScript = `parent.postMessage("unsupported", "*")`

var cookieCheckPolicy = func() string {
	sum := sha256.Sum256([]byte(cookieCheckScript))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

// cookieCheck is the page that keycloak-js opens in an iframe before all else.
func (s *Server) cookieCheck(w http.ResponseWriter, _ *http.Request) {
	noStore(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", cookieCheckPolicy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, "<!doctype html><title>Cookies</title><script>"+cookieCheckScript+"</script>\n") // the client has gone
}
