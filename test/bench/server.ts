// The platform in a process of its own, so that the client of a benchmark does not run on the server's event loop. Started by
// server-process.ts; tells it where everything is, and stops when told to, or when whoever started it is gone.
import type { Route } from '../../functions/api/route.ts';
import { ROUTES } from '../../functions/api/routes.ts';
import { declaredTemplate } from '../../infra/local/declared.ts';
import type { TableNames } from '../../infra/cli/data-directory.ts';
import { startPlatform } from '../../infra/local/platform.ts';
import type { Template } from '../../infra/local/template.ts';

export interface ServerOptions {
  data: string;
  /** run the event source mappings; without them nothing is sequenced, projected or published */
  followers: boolean;
}

export interface ServerInfo {
  api: string;
  engine: string;
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  tables: TableNames;
  tokens: { office: string; importer: string };
}

async function serve({ data, followers }: ServerOptions): Promise<void> {
  const platform = await startPlatform({
    data,
    port: 0,
    memory: true,
    template: followers ? await declaredTemplate() : withoutMappings(await declaredTemplate()),
    note: (message) => process.stderr.write(`${message}\n`),
  });
  const stop = (): void => {
    platform.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  const rules = Object.values(ROUTES as Record<string, Route>).map((route) => [route, route.access] as const);
  process.on('message', (said) => {
    if (said === 'stop') return stop();
    // which routes are logged: all that are, or none
    for (const [route, access] of rules) {
      if (said === 'log' && access) route.access = access;
      else delete route.access;
    }
    process.send!(said);
  });
  process.once('disconnect', stop);
  const info: ServerInfo = {
    api: platform.api,
    engine: platform.engine.name,
    client: platform.engine.client,
    tables: platform.tables,
    tokens: {
      office: await platform.token({ roles: ['office'], org: 'office', post: '专班办公室', person: 'p-office-1' }),
      importer: await platform.token({ roles: ['importer'], org: 'office', post: 'import', person: 'p-import' }),
    },
  };
  process.send!(info);
}

function withoutMappings(template: Template): Template {
  const kept = Object.entries(template.Resources).filter(([, { Type }]) => Type !== 'AWS::Lambda::EventSourceMapping');
  return { ...template, Resources: Object.fromEntries(kept) };
}

await serve(JSON.parse(process.argv[2]!) as ServerOptions);
