package fetch_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/idp/fetch"
)

func TestFreshnessIsThatOfTheHTTPHeaders(t *testing.T) {
	t.Parallel()
	const unsaid = time.Duration(-1)
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	at := func(after time.Duration) string { return now.Add(after).Format(http.TimeFormat) }
	for _, row := range []struct {
		header http.Header
		want   time.Duration
	}{
		{http.Header{}, unsaid},
		{http.Header{"Cache-Control": {"max-age=60"}}, time.Minute},
		{http.Header{"Cache-Control": {"public, MAX-AGE=60"}}, time.Minute},
		{http.Header{"Cache-Control": {`max-age="60"`}}, time.Minute},
		{http.Header{"Cache-Control": {"public"}}, unsaid},
		{http.Header{"Cache-Control": {"max-age=60, s-maxage=10"}}, 10 * time.Second},
		{http.Header{"Cache-Control": {"max-age=60", "max-age=90"}}, time.Minute},
		{http.Header{"Cache-Control": {"max-age=60"}, "Age": {"50"}}, 10 * time.Second},
		{http.Header{"Cache-Control": {"max-age=60"}, "Age": {"70"}}, 0},
		{http.Header{"Cache-Control": {"max-age=60"}, "Age": {"-70"}}, time.Minute},
		{http.Header{"Cache-Control": {"max-age=60, no-store"}}, 0},
		{http.Header{"Cache-Control": {"no-cache"}}, 0},
		{http.Header{"Cache-Control": {"private, max-age=60"}}, 0},
		{http.Header{"Cache-Control": {"max-age=-1"}}, 0},
		{http.Header{"Cache-Control": {"max-age=soon"}}, 0},
		{http.Header{"Cache-Control": {"max-age=99999999999999999999999"}}, (1 << 31) * time.Second},
		{http.Header{"Expires": {at(time.Hour)}}, time.Hour},
		{http.Header{"Expires": {at(time.Hour)}, "Date": {at(time.Minute)}}, 59 * time.Minute},
		{http.Header{"Expires": {at(-time.Hour)}}, 0},
		{http.Header{"Expires": {"0"}}, 0},
		{http.Header{"Expires": {at(time.Hour)}, "Cache-Control": {"max-age=5"}}, 5 * time.Second},
	} {
		require.Equal(t, row.want, fetch.FreshFor(row.header, now), row.header)
	}
}

func FuzzFreshness(f *testing.F) {
	for _, seed := range []string{"max-age=60", "s-maxage=1,max-age", `no-store="`, "max-age==1", ",,=,"} {
		f.Add(seed, strconv.Itoa(len(seed)), "")
	}
	f.Fuzz(func(t *testing.T, control, age, expires string) {
		h := http.Header{"Cache-Control": {control}, "Age": {age}, "Expires": {expires}}
		require.GreaterOrEqual(t, fetch.FreshFor(h, time.Unix(0, 0)), time.Duration(-1))
	})
}
