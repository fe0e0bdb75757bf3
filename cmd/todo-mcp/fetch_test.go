package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"mcpharness/internal/command"
)

// fetch is a program of the scripts: it sends one request and prints the status line, the headers and the body.
//
//	fetch [-X METHOD] [-H 'Name: value']... [-d BODY] [-until STATUS] URL
//
// With -until it asks again until the status is this one, as long as patience lasts.
func fetch() {
	var headers command.Strings
	flags := flag.NewFlagSet("fetch", flag.ExitOnError)
	method := flags.String("X", "", "")
	body := flags.String("d", "", "")
	until := flags.Int("until", 0, "")
	flags.Var(&headers, "H", "")
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	if *method == "" {
		*method = http.MethodGet
		if *body != "" {
			*method = http.MethodPost
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		status, text, err := send(ctx, *method, flags.Arg(0), headers, *body)
		if *until == 0 && err == nil || err == nil && status == *until {
			fmt.Print(text)
			os.Exit(0)
		}
		if *until == 0 {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			fmt.Fprintf(os.Stderr, "no status %d within %s; the last answer: %v\n%s", *until, patience, err, text)
			os.Exit(1)
		}
	}
}

func send(ctx context.Context, method, url string, headers []string, body string) (status int, text string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json, text/event-stream")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			request.Host = value
		} else {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultTransport.RoundTrip(request) // redirects are answers
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d\n", response.StatusCode)
	_ = response.Header.Write(&b) // a Builder cannot fail
	b.WriteString("\n")
	_, err = io.Copy(&b, io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, b.String() + "\n", err
}
