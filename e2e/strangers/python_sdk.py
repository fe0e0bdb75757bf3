"""A client on the Python SDK. Argument: the MCP endpoint. Answers each line of stdin with a line."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata


class Memory:
    """A TokenStorage that forgets at the end."""

    tokens = client_info = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


class Callback:
    """The loopback listener that the browser returns to."""

    async def listen(self):
        self.returned = asyncio.Queue()
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"

    async def answer(self, reader, writer):
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await self.returned.put(AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss")))


async def open_browser(url):
    await asyncio.create_subprocess_exec("xdg-open", url)


async def main(url):
    callback = Callback()
    auth = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(client_name="A stranger", redirect_uris=[await callback.listen()]),
        storage=Memory(),
        redirect_handler=open_browser,
        callback_handler=callback.returned.get,
    )
    async with httpx2.AsyncClient(auth=auth, timeout=60) as http, Client(streamable_http_client(url, http_client=http)) as client:
        while line := await asyncio.to_thread(sys.stdin.readline):
            question = json.loads(line)
            try:
                if "tool" in question:
                    result = await client.call_tool(question["tool"], question["arguments"])
                else:
                    result = await client.list_tools()
                answer = {"result": result.model_dump(mode="json", by_alias=True)}
            except Exception as refusal:
                answer = {"refusal": f"{type(refusal).__name__}: {refusal}"}
            print(json.dumps(answer), flush=True)


asyncio.run(main(sys.argv[1]))
