import { expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/test-server.ts';

const FOLDER = '/files/app/7/test/1/unit';
const PAGE = '<style>p { color: red }</style><p>passed</p><script>steal()</script>';

async function put(server: TestServer, name: string): Promise<string> {
  const path = `${FOLDER}/report/${name}`;
  await server.asAgent(`/remoting${path}?buildId=42`, { method: 'PUT', body: PAGE });
  return path;
}

test('a page among the artifacts is shown in a sandbox without scripts, whatever its kind and however it is addressed', async () => {
  await using server = await testServer();
  for (const name of ['index.html', 'image.svg', 'code.js', 'unknown']) {
    const path = await put(server, name);
    for (const address of [path, path.replace('/files/', '/%66iles/'), `${path}?sha1=x`]) {
      const { status, headers, body } = await server.ask(address);
      expect({ status, body }, address).toEqual({ status: 200, body: PAGE });
      const policy = String(headers['content-security-policy']);
      expect(policy, address).toMatch(/^sandbox\b/);
      expect(policy, address).not.toMatch(/allow-(scripts|same-origin|forms|top-navigation)/);
      // Reports have their styles and images in the page or beside it.
      expect(policy, address).not.toMatch(/default-src|style-src|img-src/);
      expect(headers['x-content-type-options'], address).toBe('nosniff');
    }
  }
  expect((await server.ask(`${FOLDER}/none.html`)).headers).toHaveProperty('content-security-policy');
});

test('what a page among the artifacts asks of the server is refused, but for other artifacts', async () => {
  await using server = await testServer();
  const path = await put(server, 'index.html');
  const page = server.server.url + path;
  for (const Referer of [
    page,
    page.replace('/files/', '/%66iles/'),
    'https://proxy.example.com/go/files/x',
  ]) {
    const headers = { Referer };
    for (const asked of ['/api/agents', '/api/v1/health', '/admin/agent-bundles/agent.zip', '/nothing'])
      expect(await server.asAdmin(asked, { headers }), `${asked} by ${Referer}`).toMatchObject({
        status: 400,
        body: expect.stringContaining('must not use the server'),
      });
    const pause = { method: 'POST', headers: { ...headers, 'X-GoCD-Confirm': 'true' } } as const;
    expect((await server.asAdmin('/api/pipelines/app/pause', pause)).status).toBe(400);
    expect((await server.ask(path, { headers })).status).toBe(200);
  }
  for (const Referer of [`${server.server.url}/api/agents`, 'none', 'http://x/%E0%A4%A'])
    expect((await server.asAdmin('/api/agents', { headers: { Referer } })).status).toBe(200);
});
