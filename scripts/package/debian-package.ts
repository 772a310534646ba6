import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { renderEnvironmentFile } from '../../bootstrapper/src/service/service-definition.ts';
import { renderUnit } from '../../bootstrapper/src/service/systemd-unit.ts';
import { runTool } from './archives.ts';

const root = join(import.meta.dirname, '..', '..');
const templates = join(root, 'packaging', 'deb');

/** `go-agent_<version>_<architecture>.deb`. Same content, same bytes. @throws Error if there is no dpkg-deb, or it fails */
export function makeDebianPackage(
  architecture: string,
  executable: string,
  version: string,
  folder: string,
): string {
  mkdirSync(folder, { recursive: true });
  const staging = mkdtempSync(join(folder, '.deb-'));
  const tree = join(staging, 'tree');
  try {
    const put = (path: string, content: string | { readonly file: string }, mode = 0o644) => {
      const target = join(tree, path);
      mkdirSync(dirname(target), { recursive: true });
      if (typeof content === 'string') writeFileSync(target, content);
      else copyFileSync(content.file, target);
      chmodSync(target, mode);
    };
    put('usr/bin/go-agent', { file: executable }, 0o755);
    put('usr/lib/systemd/system/go-agent.service', renderUnit(packagedService));
    put('etc/default/go-agent', renderEnvironmentFile());
    put('usr/share/doc/go-agent/copyright', { file: join(templates, 'copyright') });
    put('usr/share/doc/go-agent/install.md', { file: join(root, 'docs', 'install.md') });
    const control = readFileSync(join(templates, 'control'), 'utf8')
      .replace('@VERSION@', version)
      .replace('@ARCHITECTURE@', architecture)
      .replace('@SIZE_KIB@', String(Math.ceil(statSync(executable).size / 1024) + 64));
    put('DEBIAN/control', control);
    put('DEBIAN/conffiles', { file: join(templates, 'conffiles') });
    for (const script of ['postinst', 'prerm', 'postrm']) {
      put(`DEBIAN/${script}`, { file: join(templates, script) }, 0o755);
    }
    const file = join(folder, `go-agent_${version}_${architecture}.deb`);
    const temporary = join(staging, 'package.deb');
    const env = { ...process.env, SOURCE_DATE_EPOCH: '315532800' };
    runTool('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', tree, temporary], env);
    renameSync(temporary, file);
    return file;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

const packagedService = {
  name: 'go-agent',
  self: ['/usr/bin/go-agent'],
  home: '/var/lib/go-agent',
  user: 'go-agent',
  runArguments: [],
};
