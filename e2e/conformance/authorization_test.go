//go:build unix

package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/e2e/binary"
	"mcpharness/internal/useragent"
)

// authorizationLeg has mock-idp judged as an authorization server.
func authorizationLeg(t *testing.T, s suite) score {
	var idp struct{ Issuer, Metadata string }
	binary.Start(t, binary.Build(t, "mock-idp"), &idp, "--listen", "localhost:0")
	read, watch := io.Pipe()
	signedIn := make(chan error, 1)
	go func() { signedIn <- signInAt(t.Context(), read, idp.Issuer) }()

	checks, status := s.run(t, watch, "authorization", "--url", idp.Issuer, "--client-id", "mcp-client",
		"--resource", "http://localhost:3001/mcp", "--port", strconv.Itoa(freePort(t)))
	_ = watch.Close()
	require.NoError(t, <-signedIn)
	require.Zero(t, status)

	scenarios := []string{"authorization-server-metadata-endpoint", "authorization-code-grant"}
	for _, scenario := range scenarios {
		require.NotEmpty(t, checks.with(scenario, "SUCCESS"), scenario)
		require.Empty(t, checks.with(scenario, "FAILURE"), scenario)
		require.Empty(t, checks.with(scenario, "SKIPPED"), scenario)
		if knowsClientDocuments(t, idp.Metadata) {
			require.Empty(t, checks.with(scenario, "WARNING"), scenario)
		}
	}
	sum := scoreOf(checks, scenarios)
	sum.leg, sum.revision, sum.what = "authorization", "all", "`mock-idp`, with bob in a browser"
	return sum
}

// signInAt reads what the suite prints up to an authorization URL of the issuer, signs bob in there and follows the redirect to the
// suite. It reads on to the end, or the suite would block.
func signInAt(ctx context.Context, printed io.Reader, issuer string) error {
	defer func() { _, _ = io.Copy(io.Discard, printed) }()
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		at := strings.Index(lines.Text(), issuer+"/authorize?")
		if at < 0 {
			continue
		}
		browser := useragent.New(nil)
		callback, err := browser.SignIn(ctx, strings.Fields(lines.Text()[at:])[0], useragent.Person{Username: "bob"})
		if err != nil {
			return err
		}
		_, err = browser.Open(ctx, callback.String())
		for errors.Is(err, syscall.ECONNREFUSED) && ctx.Err() == nil { // the suite listens only after it has printed the URL
			time.Sleep(20 * time.Millisecond)
			_, err = browser.Open(ctx, callback.String())
		}
		return err
	}
	return io.ErrUnexpectedEOF
}

func knowsClientDocuments(t *testing.T, metadataURL string) bool {
	t.Helper()
	response, err := (&http.Client{Timeout: 10 * time.Second}).Get(metadataURL)
	require.NoError(t, err)
	defer response.Body.Close()
	var metadata struct {
		Supported bool `json:"client_id_metadata_document_supported"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&metadata))
	return metadata.Supported
}
