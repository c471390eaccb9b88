import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerfileParser } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const deploy = join(root, 'examples/deploy');
const read = (name: string): string => readFileSync(join(deploy, name), 'utf8');
const has = (command: string): boolean => spawnSync('which', [command]).status === 0;

describe('the Dockerfile, which no engine has built here', () => {
  const file = DockerfileParser.parse(read('Dockerfile'));
  const said = (keyword: string): string[] =>
    file
      .getInstructions()
      .filter((one) => one.getKeyword() === keyword)
      .map((one) => one.getArgumentsContent() ?? '');

  it('has two stages, another user than root, a health check and SIGTERM', () => {
    expect(said('FROM')).toHaveLength(2);
    expect(said('USER')).toEqual(['node']);
    expect(said('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(said('HEALTHCHECK')[0]).toContain('/ping');
    expect(file.getComments().length).toBeGreaterThan(0);
  });

  it('copies what there is, and starts a deployment that there is', () => {
    const own = said('COPY').flatMap((line) => line.split(' ').slice(0, -1));
    // What the first stage makes is there after `npm run prepack`.
    const made = ['.', 'dist', 'node_modules'];
    const paths = own.filter((one) => !one.startsWith('--')).map((one) => one.replace('/src/', ''));
    for (const path of paths.filter((one) => !made.includes(one)))
      expect(existsSync(join(root, path)), path).toBe(true);
    for (const part of said('ENTRYPOINT').concat(said('CMD'))) {
      const files = (JSON.parse(part) as string[]).filter((one) => /[/.]/.test(one) && !one.startsWith('-'));
      for (const path of files) expect(existsSync(join(root, path)), path).toBe(true);
    }
  });

  it('asks for its health by a program that runs', () => {
    const [, program] = /CMD (\[.*\])$/s.exec(said('HEALTHCHECK')[0] ?? '') ?? [];
    const [, ...args] = JSON.parse(program ?? '[]') as string[];
    const env = { ...process.env, WHATSAPP_API_PORT: '9' };
    expect(spawnSync(process.execPath, args, { env }).status).toBe(1);
  });
});

describe('the other files of examples/deploy', () => {
  it('are YAML and JSON where they say so, and name each other', () => {
    for (const name of ['compose.yaml', 'compose.monitoring.yaml', 'prometheus.yml', 'alerts.yml']) {
      expect(parse(read(name)), name).toBeTypeOf('object');
    }
    expect(parse(read('compose.yaml')).services.waha).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    for (const [, mounted] of read('compose.yaml').matchAll(/"\.\/([\w.]+):/g)) {
      expect(existsSync(join(deploy, mounted ?? ''))).toBe(true);
    }
    expect(JSON.parse(read('grafana-dashboard.json')).panels.length).toBeGreaterThan(5);
  });

  it('plot and watch figures that the server has', () => {
    const sources = execFileSync('grep', ['-rhoE', 'waha_[a-z_]+|`waha_webhook_\\$|waha_files_', 'core', 'plugins'], {
      cwd: root,
      encoding: 'utf8',
    });
    const webhook = readFileSync(join(root, 'plugins/webhook/metrics.ts'), 'utf8');
    const used = `${read('alerts.yml')}${read('grafana-dashboard.json')}`.match(/waha_[a-z_]+/g) ?? [];
    for (const name of new Set(used)) {
      const own = name.replace(/_bucket$/, '');
      const isThere = sources.includes(own) || webhook.includes(`'${own.replace('waha_webhook_', '')}'`);
      expect(isThere, name).toBe(true);
    }
  });

  it.skipIf(!has('systemd-analyze'))('have a unit that systemd takes', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(deploy, 'waha.service')], {
      encoding: 'utf8',
    });
    const about = stderr.split('\n').filter((line) => line.includes('waha.service'));
    expect({ status, about }).toEqual({ status: 0, about: [] });
  });

  it.skipIf(!has('promtool'))('have alert rules and a config that promtool takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'waha-promtool-'));
    for (const name of ['prometheus.yml', 'alerts.yml']) writeFileSync(join(folder, name), read(name));
    writeFileSync(join(folder, 'waha.key'), 'key');
    const checked = spawnSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
  });
});

describe('the manifests for Kubernetes', () => {
  const all = parseAllDocuments(read('kubernetes.yaml')).map((document) => document.toJS());
  const set = all.find(({ kind }) => kind === 'StatefulSet');
  const [container] = set.spec.template.spec.containers;

  it('start a deployment that there is, with variables that it reads', () => {
    const config = container.args.at(-1);
    const text = readFileSync(join(root, config), 'utf8');
    const names = container.env.map(({ name }: { name: string }) => name).filter((name: string) => name !== 'POD_NAME');
    for (const name of names) expect(text).toContain(`\${${name}`);
    expect(text).toContain('use: cluster');
  });

  it('ask the probes that there are, and leave more time for a hand-over than the deployment takes', () => {
    const routes = readFileSync(join(root, 'plugins/express/probes.ts'), 'utf8');
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(routes).toContain(`path: '${container[probe].httpGet.path}'`);
    }
    const { worker } = parse(readFileSync(join(root, 'configs/cluster.yaml'), 'utf8'));
    expect(set.spec.template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(worker.stopGrace);
  });

  it('give each process a name by which the others reach it', () => {
    const url = container.env.find(({ name }: { name: string }) => name === 'WAHA_CLUSTER_URL').value;
    const headless = all.find(({ kind, spec }) => kind === 'Service' && spec.clusterIP === 'None');
    expect(url).toBe(`http://$(POD_NAME).${headless.metadata.name}:3000`);
    expect(set.spec.serviceName).toBe(headless.metadata.name);
  });
});
