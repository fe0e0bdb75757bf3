// A client on the TypeScript SDK v1. Arguments: the MCP endpoint; the grant types that it registers for.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { converse, provider } from './person.mjs';

const url = new URL(process.argv[2]);
const authProvider = await provider({ grant_types: process.argv.slice(3), token_endpoint_auth_method: 'client_secret_post' });
let client, transport;

await converse({
  UnauthorizedError,
  attempt: async ({ tool, arguments: args }) => {
    if (!client) {
      transport = new StreamableHTTPClientTransport(url, { authProvider });
      const connecting = new Client({ name: 'stranger', version: '1' });
      await connecting.connect(transport);
      client = connecting;
    }
    return tool ? client.callTool({ name: tool, arguments: args }) : client.listTools();
  },
  signIn: async () => transport.finishAuth((await authProvider.callback()).get('code')),
});
