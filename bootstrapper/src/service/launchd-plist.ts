import { join } from 'node:path';
import { type ServiceDefinition, STOP_SECONDS, serviceCommand } from './service-definition.ts';

/** Where launchd looks for services of the machine. */
export const LAUNCH_DAEMONS = '/Library/LaunchDaemons';

type PlistValue = string | number | boolean | readonly string[] | { readonly [key: string]: PlistValue };

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;

/** A launchd daemon: started with the machine, and again whenever it fails. */
export function renderPlist(service: ServiceDefinition): string {
  const { name, home, user } = service;
  const output = join(home, 'go-agent-bootstrapper.out');
  const definition = {
    Label: name,
    ProgramArguments: serviceCommand(service),
    UserName: user,
    WorkingDirectory: home,
    RunAtLoad: true,
    // Exit code 0 means that someone asked it to stop.
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: 10,
    ExitTimeOut: STOP_SECONDS,
    Umask: 0o022,
    StandardOutPath: output,
    StandardErrorPath: output,
  };
  return `${head}${element(definition, '')}\n</plist>\n`;
}

// A library for this is larger than the whole of the bootstrapper; only what is needed here is written.
function element(value: PlistValue, indent: string): string {
  const inner = `${indent}  `;
  if (typeof value === 'boolean') return `${indent}<${value}/>`;
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>`;
  if (typeof value === 'string') return `${indent}<string>${escapeXml(value)}</string>`;
  if (isList(value)) {
    return [`${indent}<array>`, ...value.map((item) => element(item, inner)), `${indent}</array>`].join('\n');
  }
  const entries = Object.entries(value).flatMap(([key, item]) => [
    `${inner}<key>${escapeXml(key)}</key>`,
    element(item, inner),
  ]);
  return [`${indent}<dict>`, ...entries, `${indent}</dict>`].join('\n');
}

function isList(value: PlistValue): value is readonly string[] {
  return Array.isArray(value);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
