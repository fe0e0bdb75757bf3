// What the TypeScript scripts share: the part of a program that an SDK leaves to its user.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

// provider is an OAuthClientProvider that keeps everything in memory and opens the browser.
// callback() waits for the browser's return and gives the query that it brought.
export async function provider(metadata) {
  let state, returned, arrived;
  const listener = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    const ours = pathname === '/callback' && searchParams.get('state') === state;
    response.writeHead(ours ? 200 : 404).end();
    if (ours) arrived(searchParams);
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const redirectUrl = `http://127.0.0.1:${listener.address().port}/callback`;
  const kept = {};
  return {
    redirectUrl,
    clientMetadata: { client_name: 'A stranger', redirect_uris: [redirectUrl], ...metadata },
    state: () => (state = randomUUID()),
    clientInformation: () => kept.client,
    saveClientInformation: (client) => { kept.client = client; },
    tokens: () => kept.tokens,
    saveTokens: (tokens) => { kept.tokens = tokens; },
    discoveryState: () => kept.discovery,
    saveDiscoveryState: (discovery) => { kept.discovery = discovery; },
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
    redirectToAuthorization: (url) => {
      returned = new Promise((resolve) => { arrived = resolve; });
      spawn('xdg-open', [url.href], { stdio: ['ignore', 'ignore', 'inherit'] });
    },
    callback: () => returned,
  };
}

// converse answers each line of stdin. attempt(question) asks the server, and runs once more after signIn() if it was not authorized.
export async function converse({ attempt, signIn, UnauthorizedError }) {
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    let answer;
    try {
      answer = { result: await attempt(question) };
    } catch (error) {
      answer = { refusal: String(error) };
      if (error instanceof UnauthorizedError) {
        try {
          await signIn();
          answer = { result: await attempt(question) };
        } catch (again) {
          answer = { refusal: String(again) };
        }
      }
    }
    console.log(JSON.stringify(answer));
  }
  process.exit(0);
}
