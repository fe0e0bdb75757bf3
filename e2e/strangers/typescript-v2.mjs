// A client on the TypeScript SDK v2. Arguments: the MCP endpoint; how it agrees on the protocol's version (legacy, auto).
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { converse, provider } from './person.mjs';

const url = new URL(process.argv[2]);
const mode = process.argv[3];
const authProvider = await provider({ grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none' });
let client, transport;

await converse({
  UnauthorizedError,
  attempt: async ({ tool, arguments: args }) => {
    if (!client) {
      transport = new StreamableHTTPClientTransport(url, { authProvider });
      const connecting = new Client({ name: 'stranger', version: '1' }, { versionNegotiation: { mode } });
      await connecting.connect(transport);
      client = connecting;
    }
    return tool ? client.callTool({ name: tool, arguments: args }) : client.listTools();
  },
  signIn: async () => transport.finishAuth(await authProvider.callback()),
});
