// The engine of Logto, npm oidc-provider, in the configuration that Logto gives it, with the people and clients of mock-idp's built-in
// configuration. It is asked the same questions as the mock. Its sign-in is an API of the same shape as Logto's, reduced to the good path.
//
// It listens on a free loopback port, prints one line of JSON with the issuer, and ends with its standard input.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { Provider, errors } from 'oidc-provider';

const api = ['create:todos', 'read:todos', 'delete:todos'];
const resources = ['http://localhost:3001/mcp', 'https://todo.mcp-server.app'];
const people = {
  alice: { name: 'Alice', email: 'alice@example.com', scopes: api },
  bob: { name: 'Bob', email: 'bob@example.com', scopes: ['create:todos'] },
  carol: { name: 'Carol', email: 'carol@example.com', scopes: ['create:todos'] },
};
const machines = { 'todo-batch': ['create:todos', 'read:todos'] };

const code = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] };
const native = { ...code, token_endpoint_auth_method: 'none', application_type: 'native' };
const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], token_endpoint_auth_method: 'client_secret_basic' };
const clients = [
  { client_id: 'mcp-client', ...native, redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback', 'http://[::1]/callback'] },
  {
    client_id: 'mcp-inspector', ...code, token_endpoint_auth_method: 'none', application_type: 'web',
    redirect_uris: ['http://localhost:6274/oauth/callback', 'http://127.0.0.1:6274/oauth/callback', 'http://127.0.0.1:6276/oauth/callback'],
  },
  {
    client_id: 'todo-web', client_secret: 'todo-web-secret', ...code, token_endpoint_auth_method: 'client_secret_basic', application_type: 'web',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  },
  { client_id: 'todo-batch', client_secret: 'todo-batch-secret', ...machine },
  { client_id: 'todo-mcp', client_secret: 'todo-mcp-secret', ...machine, grant_types: [] },
];

const cookie = { sameSite: 'lax', path: '/', signed: true, overwrite: true };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const originOf = (uri) => { try { return new URL(uri).origin; } catch { return 'null'; } };

// page is where a person goes for a prompt.
function page(prompt, { client_id, login_hint }) {
  const query = new URLSearchParams({ app_id: client_id });
  if (prompt === 'login' && login_hint) query.set('login_hint', login_hint);
  return `/${prompt === 'login' ? 'sign-in' : 'consent'}?${query}`;
}

function configuration() {
  return {
    clients,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES384', use: 'sig', kid: 'only' }] },
    clientDefaults: { id_token_signed_response_alg: 'ES384' },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'ES384', 'ES512'] },
    cookies: { keys: ['for-tests-only'], long: cookie, short: cookie },
    conformIdTokenClaims: false,
    claims: { profile: ['name', 'picture', 'username', 'updated_at', 'created_at', 'preferred_username'], email: ['email', 'email_verified'] },
    renderError: (ctx, out) => { ctx.body = out; },
    features: {
      userinfo: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        logoutSource: (ctx, form) => { ctx.body = `<!doctype html>${form}`; },
        postLogoutSuccessSource: (ctx) => { ctx.body = 'You have successfully signed out.'; },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => false,
        getResourceServerInfo: (ctx, indicator) => {
          if (!resources.includes(indicator)) throw new errors.InvalidTarget();
          const { session, entities, client } = ctx.oidc;
          const person = session?.accountId ?? entities.Account?.accountId;
          const scopes = person ? people[person].scopes : ctx.oidc.params.grant_type === 'client_credentials' ? machines[client.clientId] ?? [] : [];
          return { accessTokenFormat: 'jwt', accessTokenTTL: 3600, jwt: { sign: { alg: 'ES384' } }, scope: scopes.join(' ') };
        },
      },
    },
    issueRefreshToken: (_, client, granted) => client.grantTypeAllowed('refresh_token') && granted.scopes.has('offline_access'),
    interactions: { url: (_, { prompt, params }) => page(prompt.name, params) },
    clientBasedCORS: (_, origin, client) => (client.redirectUris ?? []).some((uri) => originOf(uri) === origin),
    findAccount: (_, sub) => people[sub] && {
      accountId: sub,
      claims: () => ({
        sub, name: people[sub].name, username: sub, picture: null, preferred_username: sub, created_at: Date.now(), updated_at: Date.now(),
        email: people[sub].email, email_verified: true,
      }),
    },
    ttl: { AccessToken: 3600, IdToken: 3600, RefreshToken: 1209600, Session: 1209600, Grant: 15552000, Interaction: 3600 },
    pkce: { required: (_, client) => client.clientAuthMethod !== 'client_secret_basic' },
  };
}

const read = async (req) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text ? JSON.parse(text) : {};
};

// consent allows all that is missing, as Logto does for applications of the tenant's own.
async function consent(provider, details) {
  const { grantId, params, session, prompt } = details;
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) grant.addResourceScope(resource, scopes.join(' '));
  return { consent: { grantId: await grant.save() } };
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(`${origin}/oidc`, configuration());
  const engine = provider.callback();
  const proved = new Map(); // who has given the right password, by interaction

  const steps = {
    'GET /sign-in': (_, res) => res.setHeader('content-type', 'text/html').end('<!doctype html>'),
    'PUT /api/experience': (_, res) => res.writeHead(204).end(),
    'POST /api/experience/verification/password': async (req, res) => {
      const { identifier, password } = await read(req);
      const known = people[identifier.value] && password === identifier.value;
      if (known) proved.set((await provider.interactionDetails(req, res)).uid, identifier.value);
      res.writeHead(known ? 200 : 422, { 'content-type': 'application/json' }).end(JSON.stringify(known ? { verificationId: 'one' } : { code: 'session.invalid_credentials' }));
    },
    'POST /api/experience/identification': (_, res) => res.writeHead(204).end(),
    'POST /api/experience/submit': async (req, res) => {
      const { uid } = await provider.interactionDetails(req, res);
      const redirectTo = await provider.interactionResult(req, res, { login: { accountId: proved.get(uid) } });
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ redirectTo }));
    },
    'GET /consent': async (req, res) => {
      const redirectTo = await provider.interactionResult(req, res, await consent(provider, await provider.interactionDetails(req, res)));
      res.writeHead(302, { location: redirectTo }).end();
    },
  };

  server.on('request', (req, res) => {
    const { pathname } = new URL(req.url, origin);
    const step = steps[`${req.method} ${pathname}`];
    if (pathname.startsWith('/oidc/')) {
      req.originalUrl = req.url; // how the engine learns that it is mounted below the host
      req.url = req.url.slice('/oidc'.length);
      engine(req, res);
    } else if (step) {
      Promise.resolve(step(req, res)).catch((error) => res.writeHead(400).end(String(error)));
    } else {
      res.writeHead(404).end('Not Found');
    }
  });
  console.log(JSON.stringify({ issuer: `${origin}/oidc` }));
});
process.stdin.resume().on('end', () => process.exit(0));
