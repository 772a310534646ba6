// Requests of a v5 plugin to the server (reference: server-agents-jobs-elastic 3.9).

import { DecodeError, parseJson } from '@go-agent/protocol';
import {
  decodeV5AgentIds,
  decodeV5ConsoleAppend1,
  decodeV5ConsoleAppend2,
  decodeV5HealthMessages,
  decodeV5ServerRequest,
  type V5Response,
  V5ServerMethod,
} from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { PluginDesk } from '../plugin-host/plugin-desk.ts';
import { v5Agent } from './v5-shapes.ts';

/** Versions that GoCD 26.2 knows. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  [V5ServerMethod.listAgents]: ['1.0'],
  [V5ServerMethod.disableAgents]: ['1.0'],
  [V5ServerMethod.deleteAgents]: ['1.0'],
  [V5ServerMethod.pluginSettings]: ['1.0'],
  [V5ServerMethod.serverInfo]: ['1.0', '2.0'],
  [V5ServerMethod.addHealthMessages]: ['1.0'],
  [V5ServerMethod.appendConsole]: ['1.0', '2.0'],
};

/** Never rejects: what is wrong is said in the answer. */
export async function serveV5Request(desk: PluginDesk, method: string, params: unknown): Promise<V5Response> {
  try {
    const { apiVersion, requestBody = '' } = decodeV5ServerRequest(params);
    const versions = VERSIONS[method];
    if (versions === undefined) return failed(404, `This server has no API '${method}'`);
    if (!versions.includes(apiVersion))
      return failed(
        404,
        `This server has no version ${apiVersion} of '${method}'; it has ${versions.join(', ')}`,
      );
    return await serve(desk, method, apiVersion, requestBody);
  } catch (error) {
    return failed(error instanceof DecodeError ? 400 : 500, describeError(error));
  }
}

async function serve(desk: PluginDesk, method: string, version: string, body: string): Promise<V5Response> {
  switch (method) {
    case V5ServerMethod.listAgents:
      return done(JSON.stringify(desk.listAgents().map(v5Agent)));
    case V5ServerMethod.disableAgents:
      await desk.disableAgents(idsOf(body));
      return done();
    case V5ServerMethod.deleteAgents:
      await desk.deleteSilentAgents(idsOf(body));
      return done();
    case V5ServerMethod.pluginSettings:
      // Plugins of version 5 have cluster profiles instead.
      return done('null');
    case V5ServerMethod.serverInfo:
      return done(JSON.stringify(infoOf(desk, version)));
    case V5ServerMethod.addHealthMessages:
      desk.setHealth(parseJson(body, decodeV5HealthMessages));
      return done();
    default: {
      const decode = version === '1.0' ? decodeV5ConsoleAppend1 : decodeV5ConsoleAppend2;
      await desk.appendConsoleAt(parseJson(body, decode));
      return done();
    }
  }
}

function idsOf(body: string): string[] {
  return parseJson(body, decodeV5AgentIds).map(({ agent_id }) => agent_id);
}

function infoOf(desk: PluginDesk, version: string) {
  const { serverId, serverUrl, serverVersion } = desk.serverInfo();
  const info = { server_id: serverId, site_url: serverUrl, secure_site_url: serverUrl };
  return version === '1.0'
    ? info
    : { ...info, go_version: serverVersion, dist_version: serverVersion, git_revision: '' };
}

function done(responseBody?: string): V5Response {
  return { responseCode: 200, responseHeaders: {}, ...(responseBody === undefined ? {} : { responseBody }) };
}

function failed(responseCode: number, message: string): V5Response {
  return { responseCode, responseHeaders: {}, responseBody: JSON.stringify({ message }) };
}
