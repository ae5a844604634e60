// The web console: a function of its own on the same HTTP API. Its routes have no token authorizer, since a browser carries a session
// cookie instead: the function itself sees who is signed in, and asks the API's handlers under the API's permissions.

import { Duration, Validations } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { VARIABLES } from '../../../functions/runtime/variables.ts';
import type { Configuration } from '../configuration.ts';
import type { Alarms } from './alarms.ts';
import { signIn } from './api.ts';
import { bindDossiers } from './escalating.ts';
import { bindEvidence } from './evidence.ts';
import { DaochaFunction } from './function.ts';
import { type Tables, VIEW_INDEXES } from './tables.ts';

export class Console extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      configuration: Configuration;
      tables: Tables;
      alarms: Alarms;
      http: HttpApi;
      dossiers: Bucket;
      evidence: Bucket;
    },
  ) {
    super(scope, id);
    const { configuration, tables, alarms, http, dossiers, evidence } = props;
    const fn = new DaochaFunction(this, 'Console', {
      name: 'console',
      description: 'The pages that people of the town work with',
      configuration,
      eventsAreImmutable: tables.eventsAreImmutable,
      // Charts and spreadsheets are made here; the processor comes with the memory.
      memoryMegabytes: 1769,
      timeout: Duration.seconds(29),
    });
    // It carries out the same commands and queries as the api function.
    fn.bindTable(VARIABLES.eventsTable, tables.events, { actions: ['BatchGetItem', 'Query', 'PutItem'] });
    fn.bindTable(
      VARIABLES.logTable,
      tables.log,
      { actions: ['BatchGetItem', 'GetItem', 'Query'] },
      // what units are called
      { actions: ['PutItem'], partitions: [`${configuration.tenant}#unit-name`] },
    );
    fn.bindTable(VARIABLES.viewsTable, tables.views, {
      actions: ['BatchGetItem', 'GetItem', 'Query'],
      indexes: VIEW_INDEXES.map((index) => index.name),
    });
    fn.bindTable(
      VARIABLES.accessTable,
      tables.access,
      { actions: ['PutItem'] },
      // whether a session was signed out
      { actions: ['GetItem'], partitions: [`${configuration.tenant}#session`] },
    );
    fn.bindTable(VARIABLES.directoryTable, tables.directory, { actions: ['BatchGetItem'] });
    bindDossiers(fn, 'GetObject', dossiers, configuration);
    signIn(fn.bindSecrets(configuration.tenant, { names: ['console-session'] }), configuration)
      .setVariable(VARIABLES.witnesses, configuration.witnesses)
      .setVariable(VARIABLES.consoleClient, configuration.console.client)
      .setVariable(VARIABLES.consoleScope, configuration.console.scope)
      .setVariable(VARIABLES.consoleSite, configuration.console.site);
    bindEvidence(fn, evidence, configuration);
    alarms.watchFunction(fn, 'console', { retried: false });

    const integration = new HttpLambdaIntegration('Console', fn.lambda);
    const methods = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST];
    const routes = [
      ...http.addRoutes({ path: '/', methods: [HttpMethod.GET, HttpMethod.HEAD], integration }),
      ...['/console', '/console/{proxy+}'].flatMap((path) => http.addRoutes({ path, methods, integration })),
    ];
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'A browser carries a session cookie and no token: the console function checks who is signed in.',
      });
    }
  }
}
